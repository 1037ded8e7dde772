// Random submissions and removals against a naive model of the rules: the same is refused, the same stays, and in the end no
// table has more rows than before.
import { expect } from 'chai'
import type { Association, Submission } from '../../metadata/model.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, quote, type TestRegistry } from './a-registry.js'
import { patience } from './engines.js'
import { heldBySet } from './submissions.js'

const steps = Number(process.env.CARNET_STEPS ?? 100)
/** Sequences from other seeds, each on a registry of its own: one that is too long has mostly old objects. */
const sequences = Number(process.env.CARNET_SEQUENCES ?? 1)
const moreSeeds = Array.from({ length: sequences }, (_, at) => Number(process.env.CARNET_SEED ?? 77) + at)

interface Known {
  id: string
  kind: 'DocumentEntry' | 'SubmissionSet' | 'Folder' | 'Association'
  approved: boolean
  association?: Association
}

describe('submissions and removals in any order', () => {
  for (const seed of [1, 20_261_123, ...moreSeeds]) {
    it(`agree with the naive model (seed ${seed}) [ITI TF-2:3.62.4.1.3]`, async () => {
      const registry = await aRegistry()
      const pick = seeded(seed)
      const before = await rowsIn(registry)
      const outcomes = { removed: 0, refused: 0 }
      try {
        let known: Known[] = []
        for (let step = 0; step < steps; step++) {
          if (known.length < 12 || pick(3) === 0) {
            expect((await registry.register(aRandomSubmission(known, pick))).errors).to.deep.equal([])
            known = await all(registry)
            continue
          }
          const named = someOf(known, pick)
          const expected = codesFor(named, known)
          const response = await registry.remove(...named)
          expect([...new Set(codesOf(response))].sort(), `step ${step}`).to.deep.equal(expected)
          outcomes[expected.length === 0 ? 'removed' : 'refused'] += 1
          if (expected.length === 0) known = known.filter(({ id }) => !named.includes(id))
          expect(idsOf(await all(registry)), `step ${step}`).to.deep.equal(idsOf(known))
        }
        expect(outcomes.removed).to.be.greaterThan(5)
        expect(outcomes.refused).to.be.greaterThan(5)
        expect((await registry.remove(...known.map(({ id }) => id))).errors).to.deep.equal([])
        expect(await rowsIn(registry)).to.deep.equal(before)
      } finally {
        await registry.close()
      }
    }).timeout((60_000 + steps * 500) * patience)
  }
})

type Pick = (below: number) => number

/** The rules once more, as plainly as can be said. */
function codesFor(named: readonly string[], known: readonly Known[]): string[] {
  const codes = new Set<string>()
  const byId = new Map(known.map(each => [each.id, each]))
  const goes = (id: string) => named.includes(id)
  const associations = known.flatMap(({ association }) => association ?? [])
  for (const id of named) {
    const object = byId.get(id)
    if (object === undefined) {
      codes.add('UnresolvedReferenceException')
      continue
    }
    const touched = associations.some(
      each => !goes(each.entryUUID) && [each.sourceObject, each.targetObject].includes(id),
    )
    if (touched) codes.add('ReferencesExistException')
    const { association } = object
    if (association === undefined) continue
    const ofSet =
      association.associationType === 'HasMember' && byId.get(association.sourceObject)?.kind === 'SubmissionSet'
    if (ofSet && association.submissionSetStatus !== 'Reference' && !goes(association.targetObject)) {
      codes.add('XDSUnreferencedObjectException')
    }
    if (ofSet && !goes(association.sourceObject)) {
      const others = associations.filter(
        each => each.associationType === 'HasMember' && each.sourceObject === association.sourceObject,
      )
      if (others.every(each => goes(each.entryUUID))) codes.add('XDSUnreferencedObjectException')
    }
    if (['XFRM', 'signs', 'IsSnapshotOf'].includes(association.associationType) && !goes(association.sourceObject)) {
      codes.add('XDSUnreferencedObjectException')
    }
  }
  return [...codes].sort()
}

function aRandomSubmission(known: readonly Known[], pick: Pick): Submission {
  const entries = known.filter(({ kind, approved }) => kind === 'DocumentEntry' && approved)
  const folders = known.filter(({ kind, approved }) => kind === 'Folder' && approved)
  const submission = aSubmission({
    documentEntries: Array.from({ length: 1 + pick(2) }, () => aDocumentEntry()),
    folders: Array.from({ length: pick(2) }, () => aFolder()),
  })
  const own = submission.documentEntries[0]?.entryUUID ?? ''
  const folder = submission.folders[0]?.entryUUID ?? folders[pick(folders.length || 1)]?.id
  if (folder !== undefined && pick(2) === 0) {
    const holds = anAssociation({ sourceObject: folder, targetObject: own })
    submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
  }
  const other = entries[pick(entries.length || 1)]
  if (other !== undefined && pick(4) === 0) {
    submission.associations.push({ ...heldBySet(submission, other.id), submissionSetStatus: 'Reference' })
  }
  const target = entries[pick(entries.length || 1)]
  if (target !== undefined && pick(3) > 0) {
    const associationType = (['RPLC', 'XFRM', 'signs', 'XFRM_RPLC'] as const)[pick(4)] ?? 'RPLC'
    submission.associations.push(anAssociation({ associationType, sourceObject: own, targetObject: target.id }))
  }
  return submission
}

/** Anything; or what a sensible administrator would name: an object, and what has to go with it, more or less of that. */
function someOf(known: readonly Known[], pick: Pick): string[] {
  const ids = new Set<string>([known[pick(known.length)]?.id ?? ''])
  if (pick(12) === 0) ids.add('urn:uuid:00000000-0000-4000-8000-000000000000')
  const rounds = pick(6)
  for (let round = 0; round < rounds; round++) {
    for (const { id, association } of known) {
      if (association !== undefined && (ids.has(association.sourceObject) || ids.has(association.targetObject)))
        ids.add(id)
    }
    for (const { association } of known.filter(({ id }) => ids.has(id))) {
      if (association === undefined) continue
      if (pick(8) > 0) ids.add(association.targetObject)
      if (['XFRM', 'signs'].includes(association.associationType)) ids.add(association.sourceObject)
      const siblings = known.filter(each => each.association?.sourceObject === association.sourceObject)
      if (siblings.every(({ id }) => ids.has(id)) && pick(8) > 0) ids.add(association.sourceObject)
    }
  }
  if (ids.size > 1 && pick(6) === 0) ids.delete([...ids][pick(ids.size)] ?? '')
  return [...ids]
}

async function all(registry: TestRegistry): Promise<Known[]> {
  const found = await registry.found('GetAll', {
    $patientId: quote(samplePatientId),
    $XDSDocumentEntryStatus: anyStatus,
    $XDSSubmissionSetStatus: anyStatus,
    $XDSFolderStatus: anyStatus,
    $XDSAssociationStatus: anyStatus,
  })
  const objects = [...found.documentEntries, ...found.submissionSets, ...found.folders, ...found.associations]
  return objects.map(object => ({
    id: object.entryUUID,
    kind: object.kind,
    approved: object.availabilityStatus === 'Approved',
    ...(object.kind === 'Association' ? { association: object } : {}),
  }))
}

function idsOf(known: readonly Known[]): string[] {
  return known.map(({ id }) => id).sort()
}

/** What stays on purpose: the vocabulary, digests of what was removed, the audit. */
const staying = ['codes', 'removed_submissions', 'test_outbox']

async function rowsIn(registry: TestRegistry): Promise<Record<string, number>> {
  const counts = Object.entries(await registry.contents()).map(([table, rows]) => [table, rows.length] as const)
  return Object.fromEntries(counts.filter(([table]) => !staying.includes(table)))
}

function seeded(seed: number): Pick {
  let state = seed
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
