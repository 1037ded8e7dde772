import { expect } from 'chai'
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import { documentEntryTypes } from '../../metadata/uuids.js'
import { onDemandRules } from '../../registry/rules/submission-rules.js'
import {
  aDocumentEntry,
  aFolder,
  anAssociation,
  anOnDemandEntry,
  aSubmission,
  samplePatientId,
} from '../samples/submission.js'
import { anyStatus, approved, aRegistry, codesOf, idsOf, quote, type TestRegistry } from './a-registry.js'
import { heldBySet } from './submissions.js'

const [stable, onDemand] = [documentEntryTypes.stable, documentEntryTypes['on-demand']].map(quote)

describe('ITI-61 Register On-Demand Document Entry', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  const documents = async (type?: string, status = approved) => {
    const parameters = {
      $XDSDocumentEntryPatientId: quote(samplePatientId),
      $XDSDocumentEntryStatus: status,
      $XDSDocumentEntryType: type,
    }
    return (await registry.found('FindDocuments', parameters)).documentEntries
  }

  it('registers an on-demand entry, and its audit record with it [ITI TF-2:3.61.4.1.3]', async () => {
    const submission = anOnDemandSubmission()
    expect(await registry.registerOnDemand(submission)).to.deep.equal({ status: 'Success', errors: [] })
    const [entry] = await documents(`(${onDemand})`)
    expect(entry).to.deep.include({
      objectType: 'on-demand',
      entryUUID: submission.documentEntries[0]?.entryUUID,
      uniqueId: submission.documentEntries[0]?.uniqueId,
      availabilityStatus: 'Approved',
      version: 1,
    })
    expect(entry).to.not.have.any.keys('creationTime', 'hash', 'size')
    expect(await registry.audited()).to.equal(1)
  })

  it('shows stable entries alone unless on-demand ones are asked for [ITI TF-2:3.18.4.1.2.3.6.2]', async () => {
    const made = aSubmission()
    const toMake = anOnDemandSubmission()
    await registry.register(made)
    await registry.registerOnDemand(toMake)
    expect(idsOf(await documents())).to.deep.equal(idsOf(made.documentEntries))
    expect(idsOf(await documents(`(${stable})`))).to.deep.equal(idsOf(made.documentEntries))
    expect(idsOf(await documents(`(${onDemand})`))).to.deep.equal(idsOf(toMake.documentEntries))
    const both = [...made.documentEntries, ...toMake.documentEntries]
    expect(idsOf(await documents(`(${stable},${onDemand})`))).to.deep.equal(idsOf(both))
  })

  it('is found with its submission, in its Folder and beside its snapshots when it is asked for [ITI TF-2:3.18.4.1.2.3.6.2]', async () => {
    const folder = aFolder()
    const submission = anOnDemandSubmission({}, { folders: [folder] })
    const [entry] = submission.documentEntries
    const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry?.entryUUID ?? '' })
    submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
    expect((await registry.registerOnDemand(submission)).errors).to.deep.equal([])
    const snapshot = related('IsSnapshotOf', entry?.entryUUID ?? '')
    expect((await registry.register(snapshot)).errors).to.deep.equal([])

    const queries = [
      ['GetSubmissionSetAndContents', { $XDSSubmissionSetEntryUUID: quote(submission.submissionSets[0]!.entryUUID) }],
      ['GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder.entryUUID) }],
      ['GetAll', { $patientId: quote(samplePatientId), ...everyStatus }],
      [
        'GetRelatedDocuments',
        {
          $XDSDocumentEntryEntryUUID: quote(snapshot.documentEntries[0]!.entryUUID),
          $AssociationTypes: "('urn:ihe:iti:2010:AssociationType:IsSnapshotOf')",
        },
      ],
    ] as const
    for (const [name, parameters] of queries) {
      const found = async (type?: string) =>
        (await registry.found(name, { ...parameters, $XDSDocumentEntryType: type })).documentEntries
          .filter(each => each.objectType === 'on-demand')
          .map(each => each.entryUUID)
      expect(await found(), name).to.deep.equal([])
      expect(await found(`(${stable},${onDemand})`), name).to.deep.equal([entry?.entryUUID])
    }
    const byId = await registry.found('GetDocuments', {
      $XDSDocumentEntryUniqueId: `(${quote(entry?.uniqueId ?? '')})`,
    })
    expect(idsOf(byId.documentEntries)).to.deep.equal([entry?.entryUUID])
  })

  for (const attribute of ['creationTime', 'hash', 'size'] as const) {
    it(`refuses an entry with ${attribute} [ITI TF-2:3.61.4.2.2]`, async () => {
      const response = await registry.registerOnDemand(
        anOnDemandSubmission({ [attribute]: aDocumentEntry()[attribute] }),
      )
      expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
      expect(response.errors[0]?.codeContext).to.contain(`${attribute}: expected nothing, forbidden on ITI-61`)
    })
  }

  it('refuses an entry that names no source to ask [ITI TF-3: Table 4.3.1-3]', async () => {
    const response = await registry.registerOnDemand(anOnDemandSubmission({ repositoryUniqueId: undefined }))
    expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(response.errors[0]?.codeContext).to.contain('repositoryUniqueId')
  })

  it('refuses a stable entry [ITI TF-2:3.61.4.1.2]', async () => {
    const response = await registry.registerOnDemand(anOnDemandSubmission({ objectType: 'stable' }))
    expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(response.errors[0]?.codeContext).to.contain('expected on-demand on ITI-61, found "stable"')
  })

  it('refuses a submission without an entry [ITI TF-2:3.61.4.1.2]', async () => {
    const response = await registry.registerOnDemand(aSubmission({ documentEntries: [], folders: [aFolder()] }))
    expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(response.errors[0]?.codeContext).to.contain('an on-demand DocumentEntry at the least')
  })

  it('refuses the uniqueId of a stable entry, whatever became of that [ITI TF-2:3.61.4.1.3]', async () => {
    const made = aSubmission()
    await registry.register(made)
    const taken = anOnDemandSubmission({ uniqueId: made.documentEntries[0]?.uniqueId })
    expect(codesOf(await registry.registerOnDemand(taken))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
    await registry.register(related('RPLC', made.documentEntries[0]?.entryUUID ?? ''))
    expect(codesOf(await registry.registerOnDemand(taken))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
  })

  it('accepts the uniqueId of an on-demand entry for another one [ITI TF-2:3.61.4.1.3]', async () => {
    const first = anOnDemandSubmission()
    await registry.registerOnDemand(first)
    const again = anOnDemandSubmission({ uniqueId: first.documentEntries[0]?.uniqueId })
    expect((await registry.registerOnDemand(again)).status).to.equal('Success')
    expect(await documents(`(${onDemand})`)).to.have.length(2)
  })

  for (const kind of ['stable', 'on-demand'] as const) {
    it(`lets an on-demand entry take the place of a ${kind} one [ITI TF-2:3.61.4.1.2]`, async () => {
      const old = kind === 'stable' ? aSubmission() : anOnDemandSubmission()
      await (kind === 'stable' ? registry.register(old) : registry.registerOnDemand(old))
      const submission = anOnDemandSubmission()
      const [sourceObject, targetObject] = [submission, old].map(each => each.documentEntries[0]?.entryUUID ?? '')
      submission.associations.push(anAssociation({ associationType: 'RPLC', sourceObject, targetObject }))
      expect((await registry.registerOnDemand(submission)).errors).to.deep.equal([])
      const all = await documents(`(${stable},${onDemand})`, anyStatus)
      expect(all.map(entry => entry.availabilityStatus)).to.deep.equal(['Deprecated', 'Approved'])
    })
  }

  it('refuses an on-demand entry as a snapshot [ITI TF-3:4.2.2.2.6]', async () => {
    const first = anOnDemandSubmission()
    await registry.registerOnDemand(first)
    const submission = anOnDemandSubmission()
    const [sourceObject, targetObject] = [submission, first].map(each => each.documentEntries[0]?.entryUUID ?? '')
    submission.associations.push(anAssociation({ associationType: 'IsSnapshotOf', sourceObject, targetObject }))
    const response = await registry.registerOnDemand(submission)
    expect(codesOf(response)).to.deep.equal(['XDSRegistryMetadataError'])
    expect(response.errors[0]?.codeContext).to.contain('sourceObject: expected a stable DocumentEntry')
  })

  it('refuses a patient it does not know [ITI TF-2:3.42.4.1.3.3.2]', async () => {
    const nobody = 'nobody^^^&2.999.1.2.3&ISO'
    const submission = anOnDemandSubmission({ patientId: nobody }, { patientId: nobody })
    expect(codesOf(await registry.registerOnDemand(submission))).to.deep.equal(['XDSUnknownPatientId'])
  })

  it('gives the first answer to the same message again, and refuses the same under another [ITI TF-2:3.42.4.1.3.3.7]', async () => {
    const submission = anOnDemandSubmission()
    const sending = { messageID: 'urn:uuid:1' }
    const first = await registry.registerOnDemand(submission, sending)
    expect(await registry.registerOnDemand(submission, sending)).to.deep.equal(first)
    const again = await registry.registerOnDemand(submission, { messageID: 'urn:uuid:2' })
    expect(codesOf(again)).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
  })

  it('answers a submission sent again as before where the domain wants that [docs/decisions/0032]', async () => {
    await registry.close()
    registry = await aRegistry({ resubmission: 'replay' })
    const submission = anOnDemandSubmission()
    await registry.registerOnDemand(submission, { messageID: 'urn:uuid:1' })
    expect((await registry.registerOnDemand(submission, { messageID: 'urn:uuid:2' })).status).to.equal('Success')
    expect(await documents(`(${onDemand})`)).to.have.length(1)
  })

  it('names a clause for every rule', () => {
    for (const { clause } of onDemandRules) expect(clause).to.match(/^ITI TF-[23]:( Table)? ?\d+(\.\d+)+(-\d+)?$/)
  })
})

const everyStatus = {
  $XDSDocumentEntryStatus: anyStatus,
  $XDSSubmissionSetStatus: anyStatus,
  $XDSFolderStatus: anyStatus,
}

function anOnDemandSubmission(
  entry: Partial<DocumentEntry> = {},
  changes: Parameters<typeof aSubmission>[0] = {},
): Submission {
  return aSubmission({ ...changes, documentEntries: [anOnDemandEntry(entry)] })
}

function related(associationType: string, targetObject: string): Submission {
  const submission = aSubmission()
  const sourceObject = submission.documentEntries[0]?.entryUUID ?? ''
  submission.associations.push(anAssociation({ associationType, sourceObject, targetObject }))
  return submission
}
