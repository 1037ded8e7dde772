// What the repository itself checks of an ITI-41: that documents and entries belong together, and what is said of the bytes.
// Everything else in the metadata is the registry's to judge. [ITI TF-2:3.41.4.1.3]
import { foundByRepository } from '../metadata/errors.js'
import type { DocumentEntry, Finding, Folder, SubmissionSet } from '../metadata/model.js'
import type { Clock } from '../ports/clock.js'
import { documentsWithoutId } from '../transactions/document-faults.js'
import { contentRules } from './content-rules.js'
import type { ReceivedSubmission, Rule } from './received-documents.js'
import { survivesForwarding } from './registration/forwarded-submission.js'

/**
 * What keeps the registry from being asked. Faults of the metadata that reach it as they came are its own to judge, for
 * it can tell them with all others; where it is not asked, they are told here. [ITI TF-2:3.41.4.1.3.2]
 */
export async function brokenRules(
  received: ReceivedSubmission,
  clock: Pick<Clock, 'endOfTurn' | 'monotonicMs'>,
): Promise<Finding[]> {
  const broken = submissionRules.flatMap(rule => rule(received))
  if (broken.length === 0 && (await survivesForwarding(received.submission, clock))) return []
  const unread = received.submission.findings.filter(({ severity }) => severity !== 'Warning')
  return [...foundByRepository(unread), ...broken]
}

const documentsNameTheirEntry: Rule = ({ faultyDocuments }) => documentsWithoutId(faultyDocuments)

const documentIdsAreDistinct: Rule = received =>
  repeated(documentIds(received)).map(id => ({
    code: 'XDSRepositoryMetadataError',
    object: `Document ${id}`,
    attribute: 'id',
    rule: 'ITI TF-2:3.41.4.1.2',
    expected: 'one Document for each DocumentEntry',
    found: 'more than one Document with this id',
  }))

const everyEntryHasItsDocument: Rule = received => {
  const ids = new Set(documentIds(received))
  return received.submission.documentEntries
    .filter(entry => !ids.has(entry.entryUUID))
    .map(entry => ({
      code: 'XDSMissingDocument',
      object: nameOf(entry),
      rule: 'ITI TF-2:3.41.4.1.3',
      expected: `a Document with id "${entry.entryUUID}"`,
      found: ids.size === 0 ? 'no Document with an id' : 'Documents with other ids only',
    }))
}

const everyDocumentHasItsEntry: Rule = received => {
  const ids = new Set(received.submission.documentEntries.map(entry => entry.entryUUID))
  return [...new Set(documentIds(received))]
    .filter(id => !ids.has(id))
    .map(id => ({
      code: 'XDSMissingDocumentMetadata',
      object: `Document ${id}`,
      rule: 'ITI TF-2:3.41.4.1.3',
      expected: `a DocumentEntry with id "${id}"`,
      found: ids.size === 0 ? 'no DocumentEntry at all' : 'DocumentEntries with other ids only',
    }))
}

const everyDocumentHasOneEntry: Rule = ({ submission }) =>
  repeated(submission.documentEntries.flatMap(({ entryUUID }) => (entryUUID === '' ? [] : [entryUUID]))).map(id => ({
    code: 'XDSRepositoryMetadataError',
    object: `Document ${id}`,
    attribute: 'id',
    rule: 'ITI TF-2:3.41.4.1.2',
    expected: 'one DocumentEntry for each Document',
    found: 'more than one DocumentEntry with this id',
  }))

/** Of all Documents that have one, whatever is the matter with them besides. */
function documentIds({ documents, faultyDocuments }: ReceivedSubmission): string[] {
  return [...documents, ...faultyDocuments].flatMap(({ id }) => (id === '' ? [] : [id]))
}

/** Without them a document can be neither told from others nor handed out. */
const neededAttributes = [
  ['entryUUID', 'ITI TF-3:4.2.3.2.7'],
  ['uniqueId', 'ITI TF-3:4.2.3.2.26'],
  ['mimeType', 'ITI TF-3:4.2.3.2.15'],
] as const

const neededAttributesAreThere: Rule = ({ submission }) =>
  submission.documentEntries.flatMap(entry =>
    neededAttributes
      .filter(([attribute]) => (entry[attribute] ?? '') === '')
      .map(([attribute, rule]) => ({
        code: 'XDSRepositoryMetadataError',
        object: nameOf(entry),
        attribute,
        rule,
        expected: `a value, without which the document cannot be kept`,
        found: 'nothing',
      })),
  )

/** On its way out an object without an id would get one. */
const packagesHaveIds: Rule = ({ submission: { submissionSets, folders } }) =>
  [...submissionSets, ...folders]
    .filter(({ entryUUID }) => entryUUID === '')
    .map(({ kind, uniqueId }) => ({
      code: 'XDSRepositoryMetadataError',
      object: `${kind} with uniqueId ${uniqueId ?? '(none)'}`,
      attribute: 'entryUUID',
      rule: packageIdClauses[kind],
      expected: 'an id, by which others can name it',
      found: 'nothing',
    }))

const packageIdClauses: Readonly<Record<(SubmissionSet | Folder)['kind'], string>> = {
  SubmissionSet: 'ITI TF-3:4.2.3.3.5',
  Folder: 'ITI TF-3:4.2.3.4.4',
}

const uniqueIdsAreDistinct: Rule = ({ submission }) => {
  const objects = [...submission.submissionSets, ...submission.documentEntries, ...submission.folders]
  return repeated(objects.flatMap(({ uniqueId }) => (uniqueId ? [uniqueId] : []))).map(uniqueId => ({
    code: 'XDSRepositoryDuplicateUniqueIdInMessage',
    object: `uniqueId ${uniqueId}`,
    attribute: 'uniqueId',
    rule: 'ITI TF-2:3.41.4.1.3.2',
    expected: 'a uniqueId of its own for each DocumentEntry, SubmissionSet and Folder',
    found: `${uniqueId} more than once`,
  }))
}

/** That documents and entries belong together; for these the bytes need not be at hand. */
export const documentRules: readonly Rule[] = [
  documentsNameTheirEntry,
  documentIdsAreDistinct,
  everyEntryHasItsDocument,
  everyDocumentHasItsEntry,
  everyDocumentHasOneEntry,
]

const submissionRules: readonly Rule[] = [
  ...documentRules,
  neededAttributesAreThere,
  packagesHaveIds,
  uniqueIdsAreDistinct,
  ...contentRules,
]

const nameOf = (entry: DocumentEntry) => `DocumentEntry ${entry.entryUUID}`

function repeated(values: string[]): string[] {
  const seen = new Set<string>()
  return [...new Set(values.filter(value => seen.size === seen.add(value).size))]
}
