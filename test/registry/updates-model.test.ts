// Random registrations and updates against a naive model of the rules: the same is refused, and versions, statuses and
// Associations are the same after each step. CARNET_SEED, CARNET_SEQUENCES and
// CARNET_STEPS make other runs, longer ones too.
import { expect } from 'chai'
import type { DocumentEntry, Folder, Submission } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, aRegistry, codesOf, quote, type TestRegistry } from './a-registry.js'
import { patience } from './engines.js'
import { heldBySet } from './submissions.js'
import { addAssociation, addStatusOrder, addUpdate, aRequest } from './updates.js'

const steps = Number(process.env.CARNET_STEPS ?? 120)
/** Sequences from other seeds, each on a registry of its own: one that is too long has mostly old objects. */
const sequences = Number(process.env.CARNET_SEQUENCES ?? 1)
const moreSeeds = Array.from({ length: sequences }, (_, at) => Number(process.env.CARNET_SEED ?? 4_711) + at)
const patients = [samplePatientId, 'other^^^&2.999.1.2.3&ISO'] as const

type Status = 'Approved' | 'Deprecated'

interface Thing {
  value: DocumentEntry | Folder
  id: string
  lid: string
  version: number
  status: Status
  latest: boolean
  patient: string
}

interface Join {
  id: string
  type: string
  source: string
  target: string
  status: Status
}

interface Model {
  things: Thing[]
  /** Without those of SubmissionSets. */
  joins: Join[]
  /** HasMember Associations of all SubmissionSets. */
  held: number
  setMemberships: string[]
}

type Operation =
  | { does: 'update'; lid: string; id: string; patient: string; previous: number; propagates: boolean }
  | { does: 'status'; target: string; from: Status; to: Status }
  | { does: 'join'; id: string; type: string; source: string; target: string }

interface Request {
  by: 'register' | 'update' | 'restrictedUpdate'
  submission: Submission
  patient: string
  operations: Operation[]
}

describe('registrations and updates in any order', () => {
  for (const seed of [3, 20_261_125, ...moreSeeds]) {
    it(`agree with the naive model (seed ${seed}) [ITI TF-2:3.57.4.1.3, 3.92.4.1.3]`, async () => {
      const registry = await aRegistry()
      await registry.addPatient(patients[1])
      const pick = seeded(seed)
      const outcomes = { accepted: 0, refused: 0 }
      try {
        let model: Model = { things: [], joins: [], held: 0, setMemberships: [] }
        for (let step = 0; step < steps; step++) {
          const request = aRandomRequest(model, pick)
          const after = request.by === 'register' ? registered(request, model) : updated(request, model)
          const response = await registry[request.by](request.submission)
          const at = `step ${step}: ${JSON.stringify([request.by, request.operations, response.errors])}`
          expect(codesOf(response).length > 0, at).to.equal(after === undefined)
          outcomes[after === undefined ? 'refused' : 'accepted'] += 1
          model = after ?? model
          const found = await inRegistry(registry)
          expect(found.things, at).to.deep.equal(model.things.map(inWords).sort())
          expect(found.joins.map(joinInWords).sort(), at).to.deep.equal(model.joins.map(joinInWords).sort())
          expect(found.setMemberships.length, at).to.equal(model.held)
          // The registry gave ids to what it added.
          model = { ...model, joins: found.joins, setMemberships: found.setMemberships }
          if (step % 20 === 19) await queriesAgree(registry, model)
        }
        expect(outcomes.accepted).to.be.greaterThan(steps / 5)
        expect(outcomes.refused).to.be.greaterThan(steps / 10)
      } finally {
        await registry.close()
      }
    }).timeout((60_000 + steps * 500) * patience)
  }
})

// ---- the rules once more, as plainly as can be said

function registered({ submission, patient }: Request, model: Model): Model | undefined {
  const next = structuredClone(model)
  const things = [...submission.documentEntries, ...submission.folders]
  for (const value of things) next.things.push(firstVersion(value, patient))
  for (const {
    associationType: type,
    entryUUID: id,
    sourceObject: source,
    targetObject: target,
  } of submission.associations) {
    if (source === submission.submissionSets[0]?.entryUUID) {
      next.held += 1
      continue
    }
    const [from, to] = [thingOf(next, source), thingOf(next, target)]
    if (from === undefined || to === undefined || from.patient !== to.patient) return undefined
    if (from.status === 'Deprecated' || to.status === 'Deprecated') return undefined
    if (type === 'APND' && isTransformation(next, target)) return undefined
    next.joins.push({ id, type, source, target, status: 'Approved' })
    if (type === 'RPLC') replace(next, source, target, { before: model.joins, said: [...next.joins] })
  }
  return next
}

/** `before`: what was there before the request; `said`: with what it says itself. */
function replace(
  model: Model,
  source: string,
  target: string,
  { before, said }: Record<'before' | 'said', Join[]>,
): void {
  const approved = said.filter(({ status }) => status === 'Approved')
  const leaning = before.filter(({ status, type }) => status === 'Approved' && ['XFRM', 'APND'].includes(type))
  const wasInForce = new Set(model.things.filter(({ status }) => status === 'Approved').map(({ id }) => id))
  const ended = new Set([target])
  for (const id of ended) {
    for (const join of leaning)
      if (join.target === id && join.source !== source && wasInForce.has(join.source)) ended.add(join.source)
  }
  for (const id of ended) {
    const thing = thingOf(model, id)
    if (thing !== undefined) thing.status = 'Deprecated'
  }
  const folders = approved.filter(join => join.type === 'HasMember' && join.target === target).map(join => join.source)
  for (const folder of new Set(folders)) {
    if (thingOf(model, folder)?.status !== 'Approved') continue
    const isThere = ({ type, status, ...join }: Join) =>
      type === 'HasMember' && status === 'Approved' && join.source === folder && join.target === source
    if (model.joins.some(isThere)) continue
    model.joins.push({ id: '', type: 'HasMember', source: folder, target: source, status: 'Approved' })
    model.held += 1
  }
}

function updated({ by, operations, patient }: Request, model: Model): Model | undefined {
  const next = structuredClone(model)
  const restricted = by === 'restrictedUpdate'
  const updates = operations.filter(each => each.does === 'update')
  if (operations.length === 0) return undefined
  if (new Set(updates.map(({ lid }) => lid)).size < updates.length) return undefined
  if (restricted && operations.some(({ does }) => does !== 'update')) return undefined

  // New versions.
  const successors = new Map<string, { thing: Thing; propagates: boolean }>()
  for (const { lid, id, previous, propagates } of updates) {
    const former = next.things.find(thing => thing.lid === lid && thing.latest)
    if (former === undefined || former.version !== previous) return undefined
    if (restricted) {
      if (!propagates || former.value.kind === 'Folder' || former.patient !== patient) return undefined
    } else if (former.status === 'Deprecated') return undefined
    const thing = {
      ...former,
      id,
      version: former.version + 1,
      patient,
      value: { ...former.value, patientId: patient },
    }
    successors.set(former.id, { thing, propagates })
  }
  const taken = new Map<string, Join>()
  for (const join of next.joins.filter(({ status }) => status === 'Approved')) {
    const ends = [join.source, join.target].map(id => {
      const successor = successors.get(id)
      if (successor !== undefined) return successor.propagates ? successor.thing : undefined
      const thing = thingOf(next, id)
      const inForce = thing?.status === 'Approved' || join.type !== 'HasMember'
      return thing?.latest === true && inForce ? thing : undefined
    })
    const [source, target] = ends
    if (!successors.has(join.source) && !successors.has(join.target)) continue
    if (source === undefined || target === undefined) continue
    if (source.patient !== target.patient) return undefined
    taken.set(`${join.type} ${source.id} ${target.id}`, { ...join, id: '', source: source.id, target: target.id })
  }
  for (const [former, { thing }] of successors) {
    const old = thingOf(next, former)
    if (old === undefined) return undefined
    Object.assign(old, { status: 'Deprecated', latest: false })
    next.things.push(thing)
    next.held += 1
  }
  // What the orders of the same request are held against is the status before.
  const inRequest = new Set([...successors.values()].map(({ thing }) => thing.id))

  // New Associations.
  const joined: Join[] = []
  for (const { id, type, source, target } of operations.filter(each => each.does === 'join')) {
    const [from, to] = [thingOf(next, source), thingOf(next, target)]
    if (from === undefined || to === undefined || source === target) return undefined
    if (from.value.kind !== (type === 'HasMember' ? 'Folder' : 'DocumentEntry')) return undefined
    if (to.value.kind !== 'DocumentEntry') return undefined
    if ([from, to].some(end => end.status === 'Deprecated' || end.patient !== patient)) return undefined
    const propagating = [...successors.values()].some(
      successor => successor.propagates && [source, target].includes(successor.thing.id),
    )
    if (propagating) return undefined
    if (type === 'RPLC' && (inRequest.has(target) || reached(model, target).some(id => successors.has(id))))
      return undefined
    if (type === 'APND' && isTransformation(next, target)) return undefined
    const same = (join: Join) => join.type === type && join.source === source && join.target === target
    if ([...next.joins.filter(({ status }) => status === 'Approved'), ...joined].some(same)) return undefined
    joined.push({ id, type, source, target, status: 'Approved' })
    if (type === 'HasMember') next.held += 1
  }
  next.joins.push(...joined)
  const said = [...next.joins]
  for (const { type, source, target } of joined)
    if (type === 'RPLC') replace(next, source, target, { before: model.joins, said })
  for (const join of taken.values()) {
    next.joins.push(join)
    if (join.type === 'HasMember') next.held += 1
  }

  // Statuses.
  const ordered = new Set<string>()
  for (const { target, from, to } of operations.filter(each => each.does === 'status')) {
    if (model.setMemberships.includes(target)) return undefined
    const id = successors.get(target)?.thing.id ?? target
    if (ordered.has(id)) return undefined
    ordered.add(id)
    const object = thingOf(next, id) ?? next.joins.find(join => join.id === id)
    if (object === undefined || ('latest' in object && !object.latest)) return undefined
    const before = thingOf(model, id)?.status ?? model.joins.find(join => join.id === id)?.status ?? object.status
    if (before !== from || from === to) return undefined
    object.status = to
  }
  // Of those alike one is in force.
  for (const again of next.joins.filter(({ id, status }) => ordered.has(id) && status === 'Approved')) {
    const alike = next.joins.filter(each => each.status === 'Approved' && sameRelation(each, again))
    if (alike.length > 1) return undefined
  }
  return next
}

function sameRelation(one: Join, other: Join): boolean {
  return one.type === other.type && one.source === other.source && one.target === other.target
}

/** Approved Folders, transformations and addenda of what is replaced. */
function reached(model: Model, target: string): string[] {
  return model.joins
    .filter(join => join.target === target && ['HasMember', 'XFRM', 'APND'].includes(join.type))
    .filter(join => join.status === 'Approved' && thingOf(model, join.source)?.status === 'Approved')
    .map(({ source }) => source)
}

function isTransformation({ joins }: Model, id: string): boolean {
  return joins.some(join => join.type === 'XFRM' && join.source === id && join.status === 'Approved')
}

function firstVersion(value: DocumentEntry | Folder, patient: string): Thing {
  const { entryUUID: id } = value
  return { value, id, lid: id, version: 1, status: 'Approved', latest: true, patient }
}

function thingOf({ things }: Model, id: string): Thing | undefined {
  return things.find(thing => thing.id === id)
}

// ---- requests that are right more often than not

type Pick = (below: number) => number

function aRandomRequest(model: Model, pick: Pick): Request {
  const by =
    (['register', 'update', 'update', 'restrictedUpdate'] as const)[model.things.length < 6 ? 0 : pick(4)] ?? 'update'
  const patient = patients[pick(6) === 0 ? 1 : 0]
  if (by === 'register') return aRegistration(model, patient, pick)
  const operations: Operation[] = []
  const submission = aRequest({ patientId: patient })
  const request: Request = { by, submission, patient, operations }
  const count = 1 + pick(3)
  for (let index = 0; index < count; index++) {
    const kind = by === 'restrictedUpdate' && pick(12) > 0 ? 0 : pick(3)
    if (kind === 0) addRandomUpdate(request, model, pick)
    else if (kind === 1) addRandomStatus(request, model, pick)
    else addRandomJoin(request, model, pick)
  }
  return request
}

function aRegistration(model: Model, patientId: string, pick: Pick): Request {
  const submission = aSubmission({
    patientId,
    documentEntries: [aDocumentEntry({ patientId })],
    folders: pick(3) === 0 ? [aFolder({ patientId })] : [],
  })
  const own = submission.documentEntries[0]?.entryUUID ?? ''
  const folders = likely(model, pick, 'Folder', patientId)
  const folder = submission.folders[0]?.entryUUID ?? folders[pick(folders.length || 1)]?.id
  if (folder !== undefined && pick(2) === 0) {
    const holds = anAssociation({ sourceObject: folder, targetObject: own })
    submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
  }
  const targets = likely(model, pick, 'DocumentEntry', patientId)
  const target = targets[pick(targets.length || 1)]
  if (target !== undefined && pick(2) === 0) {
    const associationType = (['RPLC', 'XFRM', 'APND', 'signs'] as const)[pick(4)] ?? 'RPLC'
    submission.associations.push(anAssociation({ associationType, sourceObject: own, targetObject: target.id }))
  }
  return { by: 'register', submission, patient: patientId, operations: [] }
}

function addRandomUpdate({ submission, patient, operations }: Request, model: Model, pick: Pick): void {
  const kind = pick(3) === 0 ? 'Folder' : 'DocumentEntry'
  const things = likely(model, pick, kind, pick(4) === 0 ? undefined : patient)
  const thing = things[pick(things.length || 1)]
  if (thing === undefined) return
  const { version = 1 } = model.things.find(({ lid, latest }) => lid === thing.lid && latest) ?? {}
  const previous = pick(12) === 0 ? version + 1 - pick(3) : version
  const propagates = pick(3) > 0
  const { entryUUID: id } = addUpdate(
    submission,
    thing.value,
    { logicalID: thing.lid, patientId: patient },
    { previousVersion: String(previous), associationPropagation: propagates ? undefined : 'no' },
  )
  operations.push({ does: 'update', lid: thing.lid, id, patient, previous, propagates })
}

function addRandomStatus({ submission, operations }: Request, model: Model, pick: Pick): void {
  const joins = pick(8) === 0 ? model.setMemberships.map(id => ({ id, status: 'Approved' as Status })) : model.joins
  const among = pick(3) === 0 ? joins : model.things.filter(({ latest }) => latest || pick(10) === 0)
  const object = among[pick(among.length || 1)]
  if (object === undefined) return
  const from: Status = pick(10) === 0 ? 'Deprecated' : object.status
  const to: Status = from === 'Approved' ? 'Deprecated' : 'Approved'
  addStatusOrder(submission, object.id, { originalStatus: statusTypes[from], newStatus: statusTypes[to] })
  operations.push({ does: 'status', target: object.id, from, to })
}

function addRandomJoin({ submission, patient, operations }: Request, model: Model, pick: Pick): void {
  const types = ['HasMember', 'APND', 'XFRM', 'signs', 'RPLC']
  const type = types[pick(types.length)] ?? 'signs'
  const sources = likely(model, pick, type === 'HasMember' ? 'Folder' : 'DocumentEntry', patient)
  const targets = likely(model, pick, 'DocumentEntry', patient)
  const versions = submission.documentEntries.map(({ entryUUID }) => entryUUID)
  const source = sources[pick(sources.length || 1)]?.id
  const target = versions.length > 0 && pick(3) === 0 ? versions[0] : targets[pick(targets.length || 1)]?.id
  if (source === undefined || target === undefined) return
  const { entryUUID: id } = addAssociation(submission, {
    ...{ associationType: type, sourceObject: source, targetObject: target },
  })
  operations.push({ does: 'join', id, type, source, target })
}

/** Mostly what is in force and of the patient. */
function likely({ things }: Model, pick: Pick, kind: string, patient: string | undefined): Thing[] {
  const strict = pick(12) > 0
  return things.filter(
    thing =>
      thing.value.kind === kind &&
      (!strict ||
        (thing.latest && thing.status === 'Approved' && (patient === undefined || thing.patient === patient))),
  )
}

// ---- what is there

async function inRegistry({
  sql,
}: TestRegistry): Promise<{ things: string[]; joins: Join[]; setMemberships: string[] }> {
  const statuses: Record<number, Status> = { 1: 'Approved', 2: 'Deprecated' }
  const things = await sql<{ entry_uuid: string; lid: string; version: number; latest: number; status: number }>(
    `SELECT entry_uuid, lid, version, latest, status FROM document_entries
     UNION ALL SELECT entry_uuid, lid, version, latest, status FROM folders`,
  )
  const routes = await sql<{ object: number; entry_uuid: string }>('SELECT object, entry_uuid FROM entry_uuids')
  const ids = new Map(routes.map(row => [row.object, row.entry_uuid]))
  const sets = new Set(
    (await sql<{ object: number }>('SELECT object FROM submission_sets')).map(({ object }) => object),
  )
  const rows = await sql<{ object: number; type: string; source: number; target: number; status: number }>(
    'SELECT object, type, source, target, status FROM associations ORDER BY object',
  )
  const idOf = (object: number) => ids.get(object) ?? ''
  return {
    things: things
      .map(row => `${row.entry_uuid} ${row.lid} ${row.version} ${statuses[row.status]} ${row.latest === 1}`)
      .sort(),
    joins: rows
      .filter(({ source }) => !sets.has(source))
      .map(({ object, type, source, target, status }) => ({
        ...{ id: idOf(object), type, source: idOf(source), target: idOf(target) },
        status: statuses[status] ?? 'Approved',
      })),
    setMemberships: rows.filter(({ source }) => sets.has(source)).map(({ object }) => idOf(object)),
  }
}

async function queriesAgree(registry: TestRegistry, { things }: Model): Promise<void> {
  for (const patient of patients) {
    for (const level of ['1', '2']) {
      const ofPatient = things.filter(thing => thing.patient === patient)
      const entries = await registry.found('FindDocuments', {
        ...{ $XDSDocumentEntryPatientId: quote(patient), $XDSDocumentEntryStatus: anyStatus, $MetadataLevel: level },
      })
      const shown = ofPatient.filter(({ value, latest }) => value.kind === 'DocumentEntry' && (latest || level === '2'))
      expect(entries.documentEntries.map(({ entryUUID }) => entryUUID).sort()).to.deep.equal(
        shown.map(each => each.id).sort(),
      )
      const found = await registry.found('FindFolders', {
        ...{ $XDSFolderPatientId: quote(patient), $XDSFolderStatus: anyStatus, $MetadataLevel: level },
      })
      const folders = ofPatient.filter(
        ({ value, latest, status }) => value.kind === 'Folder' && ((latest && status === 'Approved') || level === '2'),
      )
      expect(found.folders.map(({ entryUUID }) => entryUUID).sort()).to.deep.equal(folders.map(each => each.id).sort())
    }
  }
}

const inWords = ({ id, lid, version, status, latest }: Thing) => `${id} ${lid} ${version} ${status} ${latest}`
const joinInWords = ({ type, source, target, status }: Join) => `${type} ${source} ${target} ${status}`

function seeded(seed: number): Pick {
  let state = seed
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
