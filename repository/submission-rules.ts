// What the repository itself checks of an ITI-41: that documents and entries belong together, and what is said of the bytes.
// Everything else in the metadata is the registry's to judge. [ITI TF-2:3.41.4.1.3]
import { foundByRepository } from '../metadata/errors.js'
import type { DocumentEntry, Finding } from '../metadata/model.js'
import { isoOf } from '../ports/clock.js'
import type { Spooled } from '../soap/message.js'
import type { KeptDocument } from './document-store.js'
import { pairs, type ReceivedDocument, type ReceivedSubmission } from './received-documents.js'

type Rule = (received: ReceivedSubmission) => Finding[]

export function brokenRules(received: ReceivedSubmission): Finding[] {
  return submissionRules.flatMap(rule => rule(received))
}

/** Metadata that cannot be read without loss is not handed on as if it had been sound. */
const metadataIsReadable: Rule = ({ submission }) =>
  foundByRepository(submission.findings.filter(({ severity }) => severity !== 'Warning'))

const documentIdsAreDistinct: Rule = ({ documents }) =>
  repeated(documents.map(document => document.id)).map(id => ({
    code: 'XDSRepositoryMetadataError',
    object: `Document ${id}`,
    attribute: 'id',
    rule: 'ITI TF-2:3.41.4.1.2',
    expected: 'one Document for each DocumentEntry',
    found: 'more than one Document with this id',
  }))

/** Two entries with the same bytes send them twice: each Document has a part of its own. */
const partsAreNotShared: Rule = ({ documents }) => {
  const users = new Map<Spooled, string>()
  return documents.flatMap(({ id, content }) => {
    const user = users.get(content) ?? id
    users.set(content, user)
    return user === id ? [] : [sharedPart(id, user)]
  })
}

const sharedPart = (id: string, user: string): Finding => ({
  code: 'XDSRepositoryMetadataError',
  object: `Document ${id}`,
  rule: 'ITI TF-2:3.41.4.1.2',
  expected: 'a MIME part of its own for each Document',
  found: `the part that Document ${user} refers to as well`,
})

const everyEntryHasItsDocument: Rule = ({ submission, documents }) => {
  const ids = new Set(documents.map(document => document.id))
  return submission.documentEntries
    .filter(entry => !ids.has(entry.entryUUID))
    .map(entry => ({
      code: 'XDSMissingDocument',
      object: nameOf(entry),
      rule: 'ITI TF-2:3.41.4.1.3',
      expected: `a Document with id "${entry.entryUUID}"`,
      found: ids.size === 0 ? 'no Document at all' : 'Documents with other ids only',
    }))
}

const everyDocumentHasItsEntry: Rule = ({ submission, documents }) => {
  const ids = new Set(submission.documentEntries.map(entry => entry.entryUUID))
  return [...new Set(documents.map(document => document.id))]
    .filter(id => !ids.has(id))
    .map(id => ({
      code: 'XDSMissingDocumentMetadata',
      object: `Document ${id}`,
      rule: 'ITI TF-2:3.41.4.1.3',
      expected: `a DocumentEntry with id "${id}"`,
      found: ids.size === 0 ? 'no DocumentEntry at all' : 'DocumentEntries with other ids only',
    }))
}

/** Without them a document can be neither told from others nor handed out. */
const neededAttributes = [
  ['entryUUID', 'ITI TF-3:4.2.3.2.6'],
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

/** [ITI TF-2:3.41.4.1.3] Hex digits of either case are the same hash. */
const sentHashIsRight: Rule = received =>
  pairs(received).flatMap(([entry, { content }]) =>
    entry.hash === undefined || entry.hash.toLowerCase() === content.sha1
      ? []
      : [
          contradicts(
            entry,
            'hash',
            `${content.sha1}, the SHA-1 of the ${content.sizeBytes} bytes received`,
            entry.hash,
          ),
        ],
  )

const sentSizeIsRight: Rule = received =>
  pairs(received).flatMap(([entry, { content }]) =>
    entry.size === undefined || (/^\d{1,15}$/.test(entry.size) && Number(entry.size) === content.sizeBytes)
      ? []
      : [contradicts(entry, 'size', `${content.sizeBytes}, the number of bytes received`, entry.size)],
  )

const submissionRules: readonly Rule[] = [
  metadataIsReadable,
  documentIdsAreDistinct,
  partsAreNotShared,
  everyEntryHasItsDocument,
  everyDocumentHasItsEntry,
  neededAttributesAreThere,
  uniqueIdsAreDistinct,
  sentHashIsRight,
  sentSizeIsRight,
]

/** One uniqueId, one content, for ever: what a document must have in common with one that is registered. [ITI TF-2:3.41.4.1.3.2] */
export function contentDiffers(entry: DocumentEntry, { content }: ReceivedDocument, kept: KeptDocument): Finding[] {
  const since = `registered under uniqueId ${kept.uniqueId} with the submission of ${isoOf(kept.receivedMs)}`
  const about = { object: nameOf(entry), rule: 'ITI TF-2:3.41.4.1.3.2' }
  const findings: Finding[] = []
  if (content.sha1 !== kept.sha1) {
    findings.push({
      ...about,
      code: 'XDSNonIdenticalHash',
      attribute: 'hash',
      expected: `${kept.sha1}, ${since}`,
      found: content.sha1,
    })
  }
  if (content.sizeBytes !== kept.sizeBytes) {
    findings.push({
      ...about,
      code: 'XDSNonIdenticalSize',
      attribute: 'size',
      expected: `${kept.sizeBytes}, ${since}`,
      found: String(content.sizeBytes),
    })
  }
  if (findings.length === 0 && content.sha256 !== kept.sha256) {
    findings.push({
      ...about,
      code: 'XDSNonIdenticalHash',
      attribute: 'hash',
      expected: `SHA-256 ${kept.sha256}, ${since}`,
      found: `SHA-256 ${content.sha256}`,
    })
  }
  return findings
}

function contradicts(entry: DocumentEntry, attribute: 'hash' | 'size', expected: string, found: string): Finding {
  return {
    code: 'XDSRepositoryMetadataError',
    object: nameOf(entry),
    attribute,
    rule: 'ITI TF-2:3.41.4.1.3',
    expected,
    found,
  }
}

const nameOf = (entry: DocumentEntry) => `DocumentEntry ${entry.entryUUID}`

function repeated(values: string[]): string[] {
  const seen = new Set<string>()
  return [...new Set(values.filter(value => seen.size === seen.add(value).size))]
}
