import { expect } from 'chai'
import type { Looks } from '../../../cli/administration.js'
import { planRemoval, type RemovalPlan } from '../../../cli/removal/plan.js'
import type { Submission } from '../../../metadata/model.js'
import { anyStatus, aRegistry, quote, type TestRegistry } from '../../registry/a-registry.js'
import { heldBySet, replacing } from '../../registry/submissions.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmission } from '../../samples/submission.js'

describe('the plan of a removal', () => {
  let registry: TestRegistry
  beforeEach(async () => {
    registry = await aRegistry()
  })
  afterEach(() => registry.close())

  async function registered(submission: Submission): Promise<Submission> {
    expect((await registry.register(submission)).errors).to.deep.equal([])
    return submission
  }

  /** Objects by kind and reason, without Associations. */
  const told = ({ objects }: RemovalPlan) =>
    objects.filter(({ kind }) => kind !== 'Association').map(({ kind, why }) => `${kind} ${why}`)

  async function carriedOut(plan: RemovalPlan): Promise<void> {
    const response = await registry.remove(...plan.objects.map(({ entryUUID }) => entryUUID))
    expect(response.errors).to.deep.equal([])
  }

  it('takes a document with its Associations and the submission set that it would leave empty', async () => {
    const submission = await registered(aSubmission())
    const plan = await planRemoval([entryOf(submission)], looksAt(registry))
    expect(told(plan)).to.deep.equal(['DocumentEntry asked', 'SubmissionSet empty'])
    const { uniqueId, repositoryUniqueId } = submission.documentEntries[0] ?? {}
    expect(plan.documents).to.deep.equal([{ uniqueId, repositoryUniqueId }])
    await carriedOut(plan)
  })

  it('leaves a submission set that keeps a member', async () => {
    const submission = await registered(aSubmission({ documentEntries: [aDocumentEntry(), aDocumentEntry()] }))
    const plan = await planRemoval([entryOf(submission)], looksAt(registry))
    expect(told(plan)).to.deep.equal(['DocumentEntry asked'])
    await carriedOut(plan)
  })

  it('takes all that a submission set brought, and leaves what it holds by reference', async () => {
    const other = await registered(aSubmission())
    const submission = aSubmission({ folders: [aFolder()] })
    submission.associations.push({ ...heldBySet(submission, entryOf(other)), submissionSetStatus: 'Reference' })
    await registered(submission)
    const plan = await planRemoval([submission.submissionSets[0]?.entryUUID ?? ''], looksAt(registry))
    expect(told(plan)).to.have.members(['SubmissionSet asked', 'DocumentEntry member', 'Folder member'])
    await carriedOut(plan)
  })

  it('takes what was made from a document, and says so', async () => {
    const original = await registered(aSubmission())
    await registered(replacing(entryOf(original), 'XFRM'))
    const plan = await planRemoval([entryOf(original)], looksAt(registry))
    expect(told(plan)).to.include('DocumentEntry dependent')
    await carriedOut(plan)
  })

  it('takes a deprecated document with the relation to what replaced it, which stays', async () => {
    const original = await registered(aSubmission())
    const replacement = await registered(replacing(entryOf(original)))
    const plan = await planRemoval([entryOf(original)], looksAt(registry))
    expect(told(plan)).to.deep.equal(['DocumentEntry asked', 'SubmissionSet empty'])
    await carriedOut(plan)
    const [left] = await looksAt(registry).documentEntries({ entryUUIDs: [entryOf(replacement)] })
    expect(left?.availabilityStatus).to.equal('Approved')
  })

  it('keeps the bytes of a document that another entry describes, and says which', async () => {
    const first = await registered(aSubmission())
    const { uniqueId } = first.documentEntries[0] ?? {}
    const second = await registered(aSubmission({ documentEntry: { uniqueId } }))
    const plan = await planRemoval([entryOf(first)], looksAt(registry))
    expect(plan.documents).to.deep.equal([])
    expect(plan.staying[0]).to.contain(uniqueId).and.to.contain(entryOf(second))
    const both = await planRemoval([entryOf(first), entryOf(second)], looksAt(registry))
    expect(both.documents).to.have.length(1)
  })

  it('is always one that the registry lets go, whatever is registered', async () => {
    const pick = seeded(4_711)
    const entries: string[] = []
    const folders: string[] = []
    for (let count = 0; count < 40; count++) {
      const submission = aSubmission({ folders: pick(3) === 0 ? [aFolder()] : [] })
      const own = entryOf(submission)
      const approved = await approvedAmong(entries, registry)
      const target = approved[pick(approved.length || 1)]
      const type = ['RPLC', 'XFRM', 'signs', 'XFRM_RPLC'][pick(4)] ?? 'RPLC'
      if (target !== undefined && pick(3) > 0) {
        submission.associations.push(anAssociation({ associationType: type, sourceObject: own, targetObject: target }))
      }
      const folder = folders[pick(folders.length || 1)]
      if (folder !== undefined && pick(2) === 0) {
        const holds = anAssociation({ sourceObject: folder, targetObject: own })
        submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
      }
      await registered(submission)
      entries.push(own)
      folders.push(...submission.folders.map(({ entryUUID }) => entryUUID))
    }
    let removals = 0
    for (let left = entries; left.length > 0; removals++) {
      await carriedOut(await planRemoval([left[pick(left.length)] ?? ''], looksAt(registry)))
      const there = await looksAt(registry).documentEntries({ entryUUIDs: left })
      expect(there.length).to.be.lessThan(left.length)
      left = there.map(({ entryUUID }) => entryUUID)
    }
    expect(removals).to.be.greaterThan(10)
    // What no document was in: Folders by themselves.
    for (const folder of folders) {
      if ((await looksAt(registry).folders([folder])).length === 0) continue
      await carriedOut(await planRemoval([folder], looksAt(registry)))
    }
    expect((await registry.contents()).fragments).to.deep.equal([])
  }).timeout(60_000)
})

const entryOf = ({ documentEntries }: Submission) => documentEntries[0]?.entryUUID ?? ''

async function approvedAmong(ids: string[], registry: TestRegistry): Promise<string[]> {
  const entries = await looksAt(registry).documentEntries({ entryUUIDs: ids })
  return entries.filter(entry => entry.availabilityStatus === 'Approved').map(({ entryUUID }) => entryUUID)
}

/** As a command asks, without the network between. */
function looksAt(registry: TestRegistry): Looks {
  const list = (ids: string[]) => `(${ids.map(quote).join(',')})`
  const $MetadataLevel = '2'
  return {
    async documentEntries(by) {
      if ('patientId' in by) throw new Error('not asked here')
      const parameters =
        'uniqueId' in by
          ? { $XDSDocumentEntryUniqueId: list([by.uniqueId]) }
          : { $XDSDocumentEntryEntryUUID: list(by.entryUUIDs) }
      if ('entryUUIDs' in by && by.entryUUIDs.length === 0) return []
      return (await registry.found('GetDocuments', { ...parameters, $MetadataLevel })).documentEntries
    },
    async folders(ids) {
      if (ids.length === 0) return []
      return (await registry.found('GetFolders', { $XDSFolderEntryUUID: list(ids), $MetadataLevel })).folders
    },
    async submissionSet(by) {
      const parameters: Record<string, string> =
        'uniqueId' in by
          ? { $XDSSubmissionSetUniqueId: quote(by.uniqueId) }
          : { $XDSSubmissionSetEntryUUID: quote(by.entryUUID) }
      return (await registry.found('GetSubmissionSetAndContents', parameters)).submissionSets[0]
    },
    async associations(ids) {
      if (ids.length === 0) return []
      const parameters = { $uuid: list(ids), $XDSAssociationStatus: anyStatus, $MetadataLevel }
      return (await registry.found('GetAssociations', parameters)).associations
    },
  }
}

function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
