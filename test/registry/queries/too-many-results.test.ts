// The bound on answers: each query keeps to it, and none answers with a part. ITI TF-2 §3.18.4.1.2.6.
import { expect } from 'chai'
import type { Submission } from '../../../metadata/model.js'
import { multiPatientQueries } from '../../../registry/queries/multi-patient-queries.js'
import { storedQueries } from '../../../registry/queries/stored-queries.js'
import {
  aCode,
  aDocumentEntry,
  aFolder,
  anAssociation,
  aSubmission,
  samplePatientId,
} from '../../samples/submission.js'
import { anyStatus, aRegistry, codesOf, type QueryParameters, quote, type TestRegistry } from '../a-registry.js'
import { heldBySet, replacing } from '../submissions.js'
import { anUpdate } from '../updates.js'

const patient = quote(samplePatientId)
const documents = { $XDSDocumentEntryPatientId: patient, $XDSDocumentEntryStatus: anyStatus }
const reference = 'r1^^^&2.999.4&ISO^urn:x'
const list = (...texts: string[]) => `(${texts.map(quote).join(',')})`

/** Parameters by which each query finds more than one object. */
function asked({ documentEntries, folders, submissionSets }: Submission): Record<string, QueryParameters> {
  const entries = documentEntries.map(({ entryUUID }) => entryUUID)
  const [entry = ''] = entries
  const [folder = ''] = folders.map(({ entryUUID }) => entryUUID)
  const [set = ''] = submissionSets.map(({ entryUUID }) => entryUUID)
  const oneDocument = { $XDSDocumentEntryEntryUUID: quote(entry) }
  const ofMany = { $XDSDocumentEntryPatientId: `(${patient})`, $XDSDocumentEntryStatus: anyStatus }
  return {
    FindDocuments: documents,
    FindDocumentsByReferenceId: { ...documents, $XDSDocumentEntryReferenceIdList: list(reference) },
    FindDocumentsExclude: { ...documents, $XDSDocumentEntryClassCodeExclude: list('x^^2.999') },
    FindSubmissionSets: { $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: anyStatus },
    FindFolders: { $XDSFolderPatientId: patient, $XDSFolderStatus: anyStatus },
    GetAll: {
      $patientId: patient,
      $XDSDocumentEntryStatus: anyStatus,
      $XDSSubmissionSetStatus: anyStatus,
      $XDSFolderStatus: anyStatus,
    },
    GetDocuments: { $XDSDocumentEntryEntryUUID: list(...entries) },
    GetFolders: { $XDSFolderEntryUUID: list(...folders.map(({ entryUUID }) => entryUUID)) },
    GetAssociations: { $uuid: list(entry) },
    GetDocumentsAndAssociations: { $XDSDocumentEntryEntryUUID: list(...entries) },
    GetSubmissionSets: { $uuid: list(entry) },
    GetSubmissionSetAndContents: { $XDSSubmissionSetEntryUUID: quote(set) },
    GetFolderAndContents: { $XDSFolderEntryUUID: quote(folder) },
    GetFoldersForDocument: oneDocument,
    GetRelatedDocuments: { ...oneDocument, $AssociationTypes: list('urn:ihe:iti:2007:AssociationType:APND') },
    FindDocumentsForMultiplePatients: ofMany,
    FindDocumentsByReferenceIdForMultiplePatients: {
      $XDSDocumentEntryReferenceIdList: list(reference),
      $XDSDocumentEntryStatus: anyStatus,
    },
    FindFoldersForMultiplePatients: { $XDSFolderCodeList: list('c^^2.999'), $XDSFolderStatus: anyStatus },
  }
}

describe('an answer that would be too long', () => {
  let registry: TestRegistry
  let parameters: Record<string, QueryParameters>

  before(async () => {
    registry = await aRegistry({ multiPatientQueries: true })
    const first = filed()
    expect(codesOf(await registry.register(first))).to.deep.equal([])
    const [entry] = first.documentEntries
    expect(codesOf(await registry.register(replacing(entry?.entryUUID ?? '', 'APND')))).to.deep.equal([])
    parameters = asked(first)
  })
  after(() => registry.close())

  const queries = [...storedQueries.values(), ...multiPatientQueries.values()]
  const send = (id: string, of: QueryParameters) =>
    multiPatientQueries.has(id) ? registry.queryMany(id, of) : registry.query(id, of)

  for (const { name, id } of queries) {
    it(`is refused as a whole by ${name} [ITI TF-2:3.18.4.1.2.6]`, async () => {
      const of = parameters[name]
      if (of === undefined) throw new Error(`this test has no parameters for ${name}`)
      registry.context.config = { ...registry.context.config, maxResults: 100 }
      const whole = await send(id, of)
      expect(whole.errors).to.deep.equal([])
      registry.context.config = { ...registry.context.config, maxResults: 1 }
      const response = await send(id, of)
      expect(response.status).to.equal('Failure')
      expect(codesOf(response)).to.deep.equal(['XDSTooManyResults'])
      expect(response.errors[0]?.codeContext).to.contain('at most 1 objects in an answer')
      expect(response.registryObjects).to.deep.equal([])
    })
  }
})

describe('what only leads to an answer', () => {
  let registry: TestRegistry

  beforeEach(async () => {
    registry = await aRegistry({ maxResults: 3 })
  })
  afterEach(() => registry.close())

  it('is not counted where a Folder holds former versions [ITI TF-2:3.18.4.1.2.3.7.11]', async () => {
    const [entry] = [aDocumentEntry()]
    const [folder] = [aFolder()]
    const first = aSubmission({ documentEntries: [entry], folders: [folder] })
    const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry.entryUUID })
    first.associations.push(holds, heldBySet(first, holds.entryUUID))
    expect(codesOf(await registry.register(first))).to.deep.equal([])
    for (const previousVersion of ['1', '2', '3', '4']) {
      const update = anUpdate({ ...entry, logicalID: entry.entryUUID }, {}, { previousVersion })
      expect(codesOf(await registry.update(update))).to.deep.equal([])
    }
    const whole = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) })
    expect(whole.documentEntries.map(({ version }) => version)).to.deep.equal([5])
    expect(whole.associations).to.have.length(1)
  })

  it('is not counted where it is not asked for [ITI TF-2:3.18.4.1.2.3.7.10]', async () => {
    const wanted = aDocumentEntry({ formatCode: aCode('wanted', 'wanted', '2.999') })
    const submission = aSubmission({ documentEntries: [wanted, ...[1, 2, 3, 4].map(() => aDocumentEntry())] })
    expect(codesOf(await registry.register(submission))).to.deep.equal([])
    const whole = await registry.found('GetSubmissionSetAndContents', {
      $XDSSubmissionSetEntryUUID: quote(submission.submissionSets[0]?.entryUUID ?? ''),
      $XDSDocumentEntryFormatCode: list('wanted^^2.999'),
    })
    expect(whole.documentEntries.map(({ entryUUID }) => entryUUID)).to.deep.equal([wanted.entryUUID])
    expect(whole.associations).to.have.length(1)
  })
})

/** Two entries, each in both of two Folders. */
function filed(): Submission {
  const codeList = [aCode('c', 'c', '2.999')]
  const documentEntries = [1, 2].map(() => aDocumentEntry({ referenceIdList: [reference] }))
  const submission = aSubmission({ documentEntries, folders: [aFolder({ codeList }), aFolder({ codeList })] })
  for (const folder of submission.folders) {
    for (const { entryUUID } of documentEntries) {
      const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entryUUID })
      submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
    }
  }
  return submission
}
