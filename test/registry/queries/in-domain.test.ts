// What the affinity domain hides is found by no stored query, from the update that hides it to the one that takes that back,
// and by whoever removes documents all the same.
import { expect } from 'chai'
import type { DocumentEntry, Slot, Submission } from '../../../metadata/model.js'
import { domainFindings } from '../../../registry/queries/in-domain.js'
import { multiPatientQueries } from '../../../registry/queries/multi-patient-queries.js'
import { storedQueries } from '../../../registry/queries/stored-queries.js'
import { showingHidden } from '../../../transactions/hidden-entries.js'
import type { AdhocQueryResponse } from '../../../transactions/xds-messages.js'
import { aDomainOf } from '../../affinity/a-domain-folder.js'
import { aDocumentEntry, aFolder, anAssociation, aUuid, samplePatientId } from '../../samples/submission.js'
import { aSwissSubmission, deletionStatus } from '../../samples/swiss.js'
import {
  anyStatus,
  aRegistry,
  codesOf,
  decodedList,
  idsOf,
  type QueryParameters,
  quote,
  swiss,
  type TestRegistry,
} from '../a-registry.js'
import { heldBySet } from '../submissions.js'

const patient = quote(samplePatientId)
const list = (...texts: string[]) => `(${texts.map(quote).join(',')})`
const reference = 'r1^^^&2.999.4&ISO^urn:x'
const documents = { $XDSDocumentEntryPatientId: patient, $XDSDocumentEntryStatus: anyStatus }
const hiddenShown = { $CarnetHidden: "'shown'" }

/** A document in a Folder, with an appendix that is never hidden; and each version of the document so far. */
interface Case {
  submission: Submission
  versions: DocumentEntry[]
  /** What the versions were submitted with, and nothing else. */
  setUUIDs: string[]
  appendix: DocumentEntry
  folderUUID: string
}

/** How each query is led to the document. */
function asked({ submission, versions, appendix, folderUUID }: Case): Record<string, QueryParameters> {
  const ids = list(...versions.map(({ entryUUID }) => entryUUID))
  const uniqueId = versions[0]?.uniqueId ?? ''
  const allOfPatient = {
    $patientId: patient,
    $XDSDocumentEntryStatus: anyStatus,
    $XDSSubmissionSetStatus: anyStatus,
    $XDSFolderStatus: anyStatus,
  }
  return {
    FindDocuments: documents,
    FindDocumentsByReferenceId: { ...documents, $XDSDocumentEntryReferenceIdList: list(reference) },
    FindDocumentsExclude: { ...documents, $XDSDocumentEntryClassCodeExclude: list('x^^2.999') },
    FindSubmissionSets: { $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: anyStatus },
    GetAll: allOfPatient,
    GetDocuments: { $XDSDocumentEntryEntryUUID: ids },
    'GetDocuments by uniqueId': { $XDSDocumentEntryUniqueId: list(uniqueId) },
    'GetDocuments by logicalID': { $XDSDocumentEntryLogicalID: list(versions[0]?.entryUUID ?? '') },
    GetAssociations: { $uuid: ids },
    GetDocumentsAndAssociations: { $XDSDocumentEntryUniqueId: list(uniqueId) },
    GetSubmissionSets: { $uuid: ids },
    GetSubmissionSetAndContents: { $XDSSubmissionSetUniqueId: quote(submission.submissionSets[0]?.uniqueId ?? '') },
    GetFolderAndContents: { $XDSFolderEntryUUID: quote(folderUUID) },
    GetFoldersForDocument: { $XDSDocumentEntryUniqueId: quote(uniqueId) },
    GetRelatedDocuments: {
      $XDSDocumentEntryEntryUUID: quote(appendix.entryUUID),
      $AssociationTypes: list('urn:ihe:iti:2007:AssociationType:APND'),
    },
    FindDocumentsForMultiplePatients: {
      $XDSDocumentEntryPatientId: list(samplePatientId),
      $XDSDocumentEntryStatus: anyStatus,
      $XDSDocumentEntryClassCode: list('422735006^^2.16.840.1.113883.6.96'),
    },
    FindDocumentsByReferenceIdForMultiplePatients: {
      $XDSDocumentEntryReferenceIdList: list(reference),
      $XDSDocumentEntryStatus: anyStatus,
    },
  }
}

/** A Folder is there whatever becomes of the documents in it. */
const findNoDocuments = ['FindFolders', 'GetFolders', 'FindFoldersForMultiplePatients']

const stages = ['before', 'hidden', 'taken back'] as const
type Stage = (typeof stages)[number]

describe('what the affinity domain hides', () => {
  for (const update of ['update', 'restrictedUpdate'] as const) {
    const transaction = update === 'update' ? 'ITI-57' : 'ITI-92'

    describe(`by ${transaction}`, () => {
      let registry: TestRegistry
      let one: Case
      const answers = new Map<string, AdhocQueryResponse>()

      const send = (name: string, of: QueryParameters) => {
        const [query = ''] = name.split(' ')
        return [...multiPatientQueries.values()].some(each => each.name === query)
          ? registry.queryMany(query, of)
          : registry.query(query, of)
      }

      before(async () => {
        registry = await withFolders()
        one = await registered(registry)
        await look('before')
        await next('deletionRequested')
        await look('hidden')
        await next('deletionNotRequested')
        await look('taken back')
      })
      after(() => registry.close())

      async function next(word: string): Promise<void> {
        const version = newVersion(one, word)
        expect(codesOf(await registry[update](version))).to.deep.equal([])
        one.versions.push(...version.documentEntries)
        one.setUUIDs.push(...version.submissionSets.map(({ entryUUID }) => entryUUID))
      }

      async function look(stage: Stage): Promise<void> {
        for (const [name, of] of Object.entries(asked(one))) answers.set(`${stage} ${name}`, await send(name, of))
      }

      /** Whether the answer shows an Association or entry of the document, or what was submitted for it alone. */
      function shows(stage: Stage, name: string): boolean {
        const { status, errors, registryObjects = [] } = answers.get(`${stage} ${name}`) ?? {}
        expect([status, errors], name).to.deep.equal(['Success', []])
        const xml = registryObjects.map(String).join('')
        const mine = [...one.versions.map(({ entryUUID }) => entryUUID), ...one.setUUIDs]
        const folder = name === 'GetFoldersForDocument' ? [one.folderUUID] : []
        return [...mine, ...folder].some(id => xml.includes(id))
      }

      it('has every query of the registry tried', () => {
        const queries = [...storedQueries.values(), ...multiPatientQueries.values()].map(({ name }) => name)
        const tried = new Set(Object.keys(asked(one)).map(name => name.split(' ')[0]))
        expect(queries.filter(name => !tried.has(name)).sort()).to.deep.equal([...findNoDocuments].sort())
      })

      for (const name of Object.keys(
        asked({ submission: aSwissSubmission(), versions: [], setUUIDs: [], ...nothing() }),
      )) {
        it(`is hidden from ${name} at once, and shown again [CH-EPR deletionStatus]`, () => {
          expect(stages.map(stage => shows(stage, name))).to.deep.equal([true, false, true])
        })
      }
    })
  }

  it('is told to whoever removes, all versions of it, and to nobody else [CH-EPR deletionStatus]', async () => {
    const registry = await aRegistry({}, 'ch-epr')
    const submission = aSwissSubmission()
    await registry.register(submission)
    const versions = [...submission.documentEntries]
    const version = newVersion({ versions }, 'deletionRequested')
    expect(codesOf(await registry.update(version))).to.deep.equal([])
    const wanted = {
      $XDSDocumentEntryUniqueId: list(versions[0]?.uniqueId ?? ''),
      $MetadataLevel: '2',
      ...hiddenShown,
    }
    for (const role of ['document-administrator', 'admin'] as const) {
      const { errors, registryObjects } = await registry.query('GetDocuments', wanted, { roles: [role] })
      expect(errors).to.deep.equal([])
      const found = idsOf(decodedList(registryObjects).documentEntries)
      expect(found).to.deep.equal(idsOf([...versions, ...version.documentEntries]))
    }
    const refused = await registry.query('GetDocuments', wanted, { roles: ['consumer'] })
    expect(codesOf(refused)).to.deep.equal(['XDSRegistryError'])
    expect(refused.errors[0]?.codeContext).to.contain('$CarnetHidden').and.contain('document-administrator or admin')
    const odd = { ...wanted, $CarnetHidden: "'maybe'" }
    expect(codesOf(await registry.query('GetDocuments', odd, { roles: ['admin'] }))).to.deep.equal(['XDSRegistryError'])
    await registry.close()
  })

  it('is told by queries for several patients likewise [CH-EPR deletionStatus]', async () => {
    const registry = await aRegistry({ multiPatientQueries: true }, 'ch-epr')
    const { documentEntries } = aSwissSubmission()
    await registry.register(aSwissSubmission({ documentEntries }))
    expect(codesOf(await registry.update(newVersion({ versions: documentEntries }, 'deletionRequested')))).to.be.empty
    const wanted = {
      $XDSDocumentEntryPatientId: list(samplePatientId),
      $XDSDocumentEntryStatus: anyStatus,
      $XDSDocumentEntryClassCode: list('422735006^^2.16.840.1.113883.6.96'),
    }
    const of = async (parameters: QueryParameters, role: 'admin' | 'multi-patient') => {
      const answer = await registry.queryMany('FindDocumentsForMultiplePatients', parameters, { roles: [role] })
      return [codesOf(answer), answer.registryObjects.length > 0]
    }
    expect(await of(wanted, 'admin')).to.deep.equal([[], false])
    expect(await of({ ...wanted, ...hiddenShown }, 'admin')).to.deep.equal([[], true])
    expect(await of({ ...wanted, ...hiddenShown }, 'multi-patient')).to.deep.equal([['XDSRegistryError'], false])
    await registry.close()
  })

  it('may be asked for at every level, so that offline nothing is said against it [Gazelle CH-XDS-001]', () => {
    const level = { name: '$MetadataLevel', values: ['2'] }
    const first = (written: string) => ({ name: '$MetadataLevel', values: [written] })
    const of = (...slots: Slot[]) => domainFindings({ id: '', returnType: 'LeafClass', slots }, undefined, swiss)
    expect(of(level)).to.have.length(1)
    expect(['1', "'1'", '(1)'].flatMap(written => of(first(written)))).to.deep.equal([])
    expect(of(level, showingHidden)).to.deep.equal([])
  })

  it('does not count towards the bound on answers [ITI TF-2:3.18.4.1.2.6]', async () => {
    const registry = await aRegistry({ maxResults: 2 }, 'ch-epr')
    const submissions = Array.from({ length: 5 }, () => aSwissSubmission())
    for (const submission of submissions) await registry.register(submission)
    for (const { documentEntries } of submissions.slice(0, 4)) {
      expect(codesOf(await registry.update(newVersion({ versions: documentEntries }, 'deletionRequested')))).to.be.empty
    }
    const [shown] = submissions.slice(4)
    const { documentEntries } = await registry.found('FindDocuments', documents)
    expect(idsOf(documentEntries)).to.deep.equal(idsOf(shown?.documentEntries ?? []))
    const { submissionSets } = await registry.found('FindSubmissionSets', {
      $XDSSubmissionSetPatientId: patient,
      $XDSSubmissionSetStatus: anyStatus,
    })
    expect(idsOf(submissionSets)).to.deep.equal(idsOf(shown?.submissionSets ?? []))
    await registry.close()
  })

  it('leaves a SubmissionSet with many members within the bound [ITI TF-2:3.18.4.1.2.6]', async () => {
    const registry = await aRegistry({ maxResults: 2 }, 'ch-epr')
    const [one] = aSwissSubmission().documentEntries
    const many = Array.from({ length: 5 }, () => ({ ...aDocumentEntry(), ...one, ...newIds() }))
    expect(codesOf(await registry.register(aSwissSubmission({ documentEntries: many })))).to.deep.equal([])
    const asked = { $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: anyStatus }
    expect((await registry.found('FindSubmissionSets', asked)).submissionSets).to.have.length(1)
    await registry.close()
  })

  it('is no Folder under ch-epr: queries for Folders find none and succeed [Gazelle CH-XDS-003]', async () => {
    const registry = await aRegistry({}, 'ch-epr')
    const submission = aSwissSubmission()
    await registry.register(submission)
    const [entry] = submission.documentEntries
    const someFolder = 'urn:uuid:00000000-0000-4000-8000-000000000404'
    const folders: Record<string, QueryParameters> = {
      FindFolders: { $XDSFolderPatientId: patient, $XDSFolderStatus: anyStatus },
      GetFolders: { $XDSFolderEntryUUID: list(someFolder) },
      GetFolderAndContents: { $XDSFolderEntryUUID: quote(someFolder) },
      GetFoldersForDocument: { $XDSDocumentEntryEntryUUID: quote(entry?.entryUUID ?? '') },
    }
    for (const [name, of] of Object.entries(folders)) {
      const { status, errors, registryObjects } = await registry.query(name, of)
      expect([status, errors, registryObjects], name).to.deep.equal(['Success', [], []])
    }
    await registry.close()
  })
})

/** The Swiss domain, were there Folders in it: so that queries through a Folder are seen to hide, too. */
async function withFolders(): Promise<TestRegistry> {
  const file = { name: 'with-folders', extends: 'ch-epr', rules: { 'no-folders': 'off' } }
  return aRegistry({ multiPatientQueries: true }, await aDomainOf({ 'domain.json': file }))
}

async function registered(registry: TestRegistry): Promise<Case> {
  const folder = aFolder()
  const submission = aSwissSubmission({ documentEntry: { referenceIdList: [reference] } })
  const [entry] = submission.documentEntries
  expect(codesOf(await registry.register(submission))).to.deep.equal([])
  const later = aSwissSubmission({ folders: [folder] })
  const [appendix] = later.documentEntries
  if (entry === undefined || appendix === undefined) throw new Error('the sample has no entry')
  const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry.entryUUID })
  const appends = { sourceObject: appendix.entryUUID, targetObject: entry.entryUUID }
  later.associations.push(holds, heldBySet(later, holds.entryUUID))
  later.associations.push(anAssociation({ associationType: 'APND', ...appends }))
  expect(codesOf(await registry.register(later))).to.deep.equal([])
  const setUUIDs = submission.submissionSets.map(({ entryUUID }) => entryUUID)
  return { submission, versions: [entry], setUUIDs, appendix, folderUUID: folder.entryUUID }
}

function newVersion({ versions }: Pick<Case, 'versions'>, word: string): Submission {
  const [first] = versions
  const kept = first?.extraMetadata.filter(({ name }) => name !== deletionStatus) ?? []
  const submission = aSwissSubmission({
    documentEntry: {
      ...first,
      ...{ entryUUID: aUuid(), logicalID: first?.entryUUID },
      extraMetadata: [...kept, { name: deletionStatus, values: [`${deletionStatus}:${word}`] }],
    },
  })
  for (const association of submission.associations) association.previousVersion = String(versions.length)
  return submission
}

function newIds(): Pick<DocumentEntry, 'entryUUID' | 'uniqueId'> {
  const entryUUID = aUuid()
  return { entryUUID, uniqueId: `2.25.${BigInt(`0x${entryUUID.slice(9).replaceAll('-', '')}`)}` }
}

function nothing(): Pick<Case, 'appendix' | 'folderUUID'> {
  return { appendix: aDocumentEntry(), folderUUID: '' }
}
