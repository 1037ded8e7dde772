import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { objectsOf } from '../../registry/store/commit.js'
import { removeMetadata } from '../../transactions/remove.js'
import type { RemoveMetadataRequest } from '../../transactions/xds-messages.js'
import { decodeText, xopXml } from '../samples/encoded.js'
import { aDocumentEntry, aFolder, anAssociation, anOnDemandEntry, aSubmission } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, quote, type TestRegistry } from './a-registry.js'
import { heldBySet, replacing } from './submissions.js'

describe('ITI-62 at the registry', () => {
  let registry: TestRegistry

  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  /** The submission as it stands in the registry, with final ids. */
  async function registered(submission: Submission): Promise<Submission> {
    const response = await registry.register(submission)
    expect(response.errors).to.deep.equal([])
    return submission
  }

  async function refused(ids: readonly string[], ...codes: string[]): Promise<string[]> {
    const before = await registry.contents()
    const response = await registry.remove(...ids)
    expect(response.status).to.equal('Failure')
    expect(codesOf(response)).to.deep.equal(codes)
    expect(await registry.contents()).to.deep.equal(before)
    return response.errors.map(error => error.codeContext)
  }

  async function removed(ids: readonly string[]): Promise<void> {
    expect(await registry.remove(...ids)).to.deep.include({ status: 'Success', errors: [] })
  }

  async function documents(...uniqueIds: string[]): Promise<string[]> {
    const parameters = { $XDSDocumentEntryUniqueId: `(${uniqueIds.map(quote).join(',')})` }
    const { documentEntries } = await registry.found('GetDocuments', parameters)
    return documentEntries.map(({ uniqueId, availabilityStatus }) => `${uniqueId} ${availabilityStatus}`)
  }

  it('removes a submission with all that it brought, and leaves no row of it [ITI TF-2:3.62.4.1.3]', async () => {
    const submission = aSubmission({
      documentEntry: { referenceIdList: ['STUDY-1^^^&2.999.7&ISO^urn:ihe:iti:xds:2013:uniqueId'] },
      folders: [aFolder()],
    })
    const folder = submission.folders[0]?.entryUUID ?? ''
    const holds = anAssociation({ sourceObject: folder, targetObject: submission.documentEntries[0]?.entryUUID ?? '' })
    submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
    const before = await rowsIn(registry)
    await registered(submission)
    expect(await rowsIn(registry)).to.not.deep.equal(before)
    await removed(idsIn(submission))
    // The vocabulary stays, and so does a digest that tells whether the submission comes again.
    expect(await rowsIn(registry)).to.deep.equal({ ...before, removed_submissions: 1, test_outbox: 2 })
  })

  it('finds the row of a uniqueId that XML has to write otherwise [ITI TF-2:3.62.4.1.3]', async () => {
    const submission = aSubmission({ documentEntry: { uniqueId: '2.999.4.7^A&"B"' } })
    const before = await rowsIn(registry)
    await registered(submission)
    await removed(idsIn(submission))
    expect(await rowsIn(registry)).to.deep.equal({ ...before, removed_submissions: 1, test_outbox: 2 })
  })

  it('keeps in no table an object that it has removed [ITI TF-2:3.62.4.1.3]', async () => {
    const submission = await registered(aSubmission({ documentEntry: { eventCodeList: [sampleCode] } }))
    const columns = await registry.engine.keyColumns()
    const filled = async () => {
      const counts = columns.map(({ name, column }) =>
        registry.sql<{ n: number }>(`SELECT count(${column}) AS n FROM ${name}`),
      )
      return (await Promise.all(counts)).filter(([row]) => row?.n !== 0)
    }
    expect(await filled()).to.have.length.greaterThan(6)
    await removed(idsIn(submission))
    expect(await filled()).to.deep.equal([])
  })

  it('writes the audit of it in the same commit, with the patients whose objects they were [ITI TF-2:3.62.5]', async () => {
    const submission = await registered(aSubmission())
    const response = await registry.remove(...idsIn(submission))
    expect(response.found?.map(({ entryUUID }) => entryUUID)).to.have.members(idsIn(submission))
    expect(new Set(response.found?.map(({ patientId }) => patientId))).to.deep.equal(
      new Set([submission.submissionSets[0]?.patientId]),
    )
    expect(await registry.audited()).to.equal(2)
  })

  describe('refuses', () => {
    it('an id that nobody has, and names it [ITI TF-2:3.62.4.1.3]', async () => {
      const submission = await registered(aSubmission())
      const unknown = 'urn:uuid:00000000-0000-4000-8000-000000000001'
      const [context] = await refused([...idsIn(submission), unknown], 'UnresolvedReferenceException')
      expect(context).to.contain(unknown).and.to.contain('ITI TF-2:3.62.4.1.3')
    })

    it('an id that is no UUID [ITI TF-2:3.62.4.1.3]', async () => {
      await refused(['Document01'], 'UnresolvedReferenceException')
    })

    it('a SubmissionSet whose HasMember stays [ITI TF-2:3.62.4.1.3]', async () => {
      const submission = await registered(aSubmission())
      const [context] = await refused([setOf(submission)], 'ReferencesExistException')
      expect(context).to.contain(submission.associations[0]?.entryUUID)
    })

    it('an entry whose Association stays, a Folder too [ITI TF-2:3.62.4.1.3]', async () => {
      const submission = await registered(aSubmission({ folders: [aFolder()] }))
      await refused([entryOf(submission)], 'ReferencesExistException')
      await refused([submission.folders[0]?.entryUUID ?? ''], 'ReferencesExistException')
    })

    it('an Association that a SubmissionSet holds, without that HasMember [ITI TF-2:3.62.4.1.3]', async () => {
      const { holds } = await entryInFolder()
      await refused([holds.entryUUID], 'ReferencesExistException')
    })

    it('what would leave a SubmissionSet without a member: an entry, a Folder, both [ITI TF-2:3.62.4.1.3]', async () => {
      const withEntry = await registered(aSubmission())
      await refused([entryOf(withEntry), ...membershipsOf(withEntry)], 'XDSUnreferencedObjectException')
      const withFolder = await registered(aSubmission({ documentEntries: [], folders: [aFolder()] }))
      const folder = withFolder.folders[0]?.entryUUID ?? ''
      await refused([folder, ...membershipsOf(withFolder)], 'XDSUnreferencedObjectException')
      const { submission } = await entryInFolder()
      const allButTheSet = idsIn(submission).filter(id => id !== setOf(submission))
      await refused(allButTheSet, 'XDSUnreferencedObjectException')
    })

    it('a HasMember of a SubmissionSet whose target stays [ITI TF-2:3.62.4.1.3]', async () => {
      const two = await registered(aSubmission({ documentEntries: [aDocumentEntry(), aDocumentEntry()] }))
      const [first] = membershipsOf(two)
      await refused([first ?? ''], 'XDSUnreferencedObjectException')
    })

    for (const type of ['XFRM', 'signs', 'IsSnapshotOf']) {
      it(`${type} without its source [ITI TF-2:3.62.4.1.3]`, async () => {
        const [, derived] = await related(type)
        const [context] = await refused([relationIn(derived)], 'XDSUnreferencedObjectException')
        expect(context).to.contain(entryOf(derived))
      })

      it(`the target of ${type} without the source [ITI TF-2:3.62.4.1.3]`, async () => {
        const [original, derived] = await related(type)
        await refused([...idsIn(original), relationIn(derived)], 'XDSUnreferencedObjectException')
        await refused(idsIn(original), 'ReferencesExistException')
      })
    }

    it('with all that is wrong at once [ITI TF-2:3.62.4.1.3]', async () => {
      const [original, derived] = await related('XFRM')
      const contexts = await refused(
        [
          'urn:uuid:00000000-0000-4000-8000-000000000001',
          entryOf(original),
          ...membershipsOf(original),
          relationIn(derived),
        ],
        'UnresolvedReferenceException',
        'XDSUnreferencedObjectException',
        'XDSUnreferencedObjectException',
      )
      for (const context of contexts) expect(context).to.contain('expected').and.to.contain('trace')
    })

    const misshapen: [string, Partial<RemoveMetadataRequest>, string][] = [
      ['nothing named', { entryUUIDs: [] }, 'ObjectRefList'],
      ['a query for what to remove', { hasQuery: true }, 'AdhocQuery'],
      [
        'a deletionScope',
        { deletionScope: 'urn:oasis:names:tc:ebxml-regrep:DeletionScopeType:DeleteAll' },
        'deletionScope',
      ],
      ['more than 5000 references', { entryUUIDs: Array.from({ length: 5_001 }, () => 'urn:uuid:1') }, 'ObjectRefList'],
    ]
    for (const [what, change, attribute] of misshapen) {
      it(`${what} [ITI TF-2:3.62.4.1.2]`, async () => {
        const submission = await registered(aSubmission())
        const before = await registry.contents()
        const response = await registry.removing({ entryUUIDs: idsIn(submission), ...change })
        expect(codesOf(response)).to.deep.equal(['XDSRegistryError'])
        expect(response.errors[0]?.codeContext).to.contain(attribute)
        expect(await registry.contents()).to.deep.equal(before)
      })
    }
  })

  describe('accepts', () => {
    it('an id that is named twice [ITI TF-2:3.62.4.1.3]', async () => {
      const submission = await registered(aSubmission())
      await removed([...idsIn(submission), entryOf(submission)])
    })

    it('capital digits in a UUID [ITI TF-3:4.2.3.1.5]', async () => {
      const submission = await registered(aSubmission())
      const capital = idsIn(submission).map(id => `urn:uuid:${id.slice(9).toUpperCase()}`)
      const sent = xopXml(removeMetadata.request.encode({ entryUUIDs: capital }))
      const { entryUUIDs } = decodeText(removeMetadata.request, sent)
      await removed(entryUUIDs)
    })

    it('a membership in a Folder, whose lastUpdateTime tells [ITI TF-2:3.62.4.1.3, TF-3:4.2.3.4.6]', async () => {
      const { submission, folder, holds, heldBy } = await entryInFolder()
      registry.clock.nowMs += 3_600_000
      await removed([holds.entryUUID, heldBy.entryUUID])
      const contents = await registry.found('GetSubmissionSetAndContents', {
        $XDSSubmissionSetEntryUUID: quote(setOf(submission)),
      })
      expect(contents.associations).to.have.length(2)
      expect(contents.documentEntries).to.have.length(1)
      const held = await registry.found('GetFolderAndContents', { $XDSFolderEntryUUID: quote(folder) })
      expect(held.documentEntries).to.deep.equal([])
      expect(held.folders[0]?.lastUpdateTime).to.equal('20261123070000')
    })

    for (const type of ['RPLC', 'XFRM_RPLC']) {
      it(`${type} with its target, the replacement stays as it is [ITI TF-2:3.62.4.1.3]`, async () => {
        const [original, replacement] = await related(type)
        await refused(idsIn(original), 'ReferencesExistException')
        await removed([...idsIn(original), relationIn(replacement)])
        expect(await documents(uniqueIdOf(original), uniqueIdOf(replacement))).to.deep.equal([
          `${uniqueIdOf(replacement)} Approved`,
        ])
      })
    }

    it('a replacement with RPLC, and restores no status [ITI TF-2:3.62.4.1.3]', async () => {
      const [original, replacement] = await related('RPLC')
      const withoutRelation = idsIn(replacement).filter(id => id !== relationIn(replacement))
      await refused(withoutRelation, 'ReferencesExistException')
      await removed(idsIn(replacement))
      expect(await documents(uniqueIdOf(original))).to.deep.equal([`${uniqueIdOf(original)} Deprecated`])
    })

    it('APND alone, then the original, then the addendum [ITI TF-2:3.62.4.1.3]', async () => {
      const [original, addendum] = await related('APND')
      await refused(idsIn(original), 'ReferencesExistException')
      await removed([relationIn(addendum)])
      await removed(idsIn(original))
      await removed(idsIn(addendum).filter(id => id !== relationIn(addendum)))
      expect(await documents(uniqueIdOf(original), uniqueIdOf(addendum))).to.deep.equal([])
    })

    it('an original, its addendum and the replacement of that at once [ITI TF-2:3.62.4.1.3]', async () => {
      const [original, addendum] = await related('APND')
      const replacement = await registered(replacing(entryOf(addendum), 'XFRM_RPLC'))
      await removed([original, addendum, replacement].flatMap(idsIn))
      const ids = [original, addendum, replacement].map(entryOf).map(quote).join(',')
      const found = await registry.found('GetDocumentsAndAssociations', { $XDSDocumentEntryEntryUUID: `(${ids})` })
      expect([...found.documentEntries, ...found.associations]).to.deep.equal([])
    })

    it('a SubmissionSet that holds another by reference, whose entry stays [ITI TF-2:3.62.4.1.3]', async () => {
      const original = await registered(aSubmission())
      const referring = aSubmission()
      const reference = { ...heldBySet(referring, entryOf(original)), submissionSetStatus: 'Reference' }
      referring.associations.push(reference)
      await registered(referring)
      await refused(idsIn(original), 'ReferencesExistException')
      await removed(idsIn(referring))
      expect(await documents(uniqueIdOf(original))).to.have.length(1)
    })

    it('one of two entries under one uniqueId: the other is still found by it [ITI TF-2:3.62.4.1.3]', async () => {
      const first = await registered(aSubmission())
      const second = await registered(aSubmission({ documentEntry: { uniqueId: uniqueIdOf(first) } }))
      await removed(idsIn(first))
      const parameters = { $XDSDocumentEntryUniqueId: `(${quote(uniqueIdOf(first))})` }
      const { documentEntries } = await registry.found('GetDocuments', parameters)
      expect(documentEntries.map(({ entryUUID }) => entryUUID)).to.deep.equal([entryOf(second)])
    })
  })

  it('makes ids free: what was removed can be submitted anew [ITI TF-2:3.42.4.1.3.3.7]', async () => {
    const submission = await registered(aSubmission())
    await removed(idsIn(submission))
    await registered(structuredClone(submission))
    const { documentEntries } = await registry.found('FindDocuments', {
      $XDSDocumentEntryPatientId: quote(submission.documentEntries[0]?.patientId ?? ''),
      $XDSDocumentEntryStatus: anyStatus,
    })
    expect(documentEntries).to.have.length(1)
  })

  it('is safe to send again: the second says that there is nothing left [ITI TF-2:3.62.4.1.3]', async () => {
    const submission = await registered(aSubmission())
    await removed(idsIn(submission))
    const ids = idsIn(submission)
    await refused(ids, ...ids.map(() => 'UnresolvedReferenceException'))
  })

  // ---- samples of this test

  async function entryInFolder() {
    const submission = aSubmission({ folders: [aFolder()] })
    const folder = submission.folders[0]?.entryUUID ?? ''
    const holds = anAssociation({ sourceObject: folder, targetObject: entryOf(submission) })
    const heldBy = heldBySet(submission, holds.entryUUID)
    submission.associations.push(holds, heldBy)
    await registered(submission)
    return { submission, folder, holds, heldBy }
  }

  /** An entry, and another submission whose entry is related to it. */
  async function related(type: string): Promise<[Submission, Submission]> {
    const onDemand = type === 'IsSnapshotOf'
    const original = onDemand ? onDemandSubmission() : aSubmission()
    const response = onDemand ? await registry.registerOnDemand(original) : await registry.register(original)
    expect(response.errors).to.deep.equal([])
    return [original, await registered(replacing(entryOf(original), type))]
  }
})

const sampleCode = { code: 'E1', codingScheme: '2.999.8', displayName: [{ value: 'Event' }] }

const onDemandSubmission = () => aSubmission({ documentEntries: [anOnDemandEntry()] })

const idsIn = (submission: Submission) => objectsOf(submission).map(({ entryUUID }) => entryUUID)
const setOf = ({ submissionSets }: Submission) => submissionSets[0]?.entryUUID ?? ''
const entryOf = ({ documentEntries }: Submission) => documentEntries[0]?.entryUUID ?? ''
const uniqueIdOf = ({ documentEntries }: Submission) => documentEntries[0]?.uniqueId ?? ''
const membershipsOf = ({ associations }: Submission) =>
  associations.filter(each => each.associationType === 'HasMember').map(({ entryUUID }) => entryUUID)
const relationIn = ({ associations }: Submission) =>
  associations.find(each => each.associationType !== 'HasMember')?.entryUUID ?? ''

async function rowsIn(registry: TestRegistry): Promise<Record<string, number>> {
  const counts = Object.entries(await registry.contents()).map(([table, rows]) => [table, rows.length] as const)
  return Object.fromEntries(counts.filter(([table]) => table !== 'codes'))
}
