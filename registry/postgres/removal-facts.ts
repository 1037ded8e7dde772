// Gathers what the rules need to know to judge a removal.
import { mayBeReference } from '../../metadata/fragment.js'
import type { Session } from '../../store/postgres/session.js'
import { keptObjects } from '../kept-objects.js'
import type { ObjectKind } from '../store/registered-object.js'
import type { RemovableAssociation, RemovableObject, RemovalFacts } from '../store/removal.js'
import { kindNumbers, kindOf } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import { type FragmentRow, fragmentIn } from './fragments.js'
import { heldAmong } from './holds.js'
import { holdOf, survivingIds } from './patients.js'
import { associationsAt, at, placesOf, sqlPatientOf, touching } from './places.js'
import type { Routed } from './registered.js'

export interface RemovalGathered {
  facts: RemovalFacts
  routes: ReadonlyMap<string, Routed>
  /** What has to be held for the facts to stay true until the commit. */
  holds: ReadonlySet<string>
}

interface AssociationRow extends FragmentRow {
  object: number
  entry_uuid: string
  type: string
  source: number
  source_kind: number
  source_id: string
  target: number
  target_kind: number
  target_id: string
  /** Which of the objects asked about it touches. */
  touched: number
}

/** entryUUID of an end, in the table of its kind. */
const idAt = (end: 'source' | 'target') =>
  `CASE a.${end}_kind ${Object.entries({
    [kindNumbers.DocumentEntry]: 'document_entries',
    [kindNumbers.SubmissionSet]: 'submission_sets',
    [kindNumbers.Folder]: 'folders',
    [kindNumbers.Association]: 'associations',
  })
    .map(
      ([kind, table]) => `WHEN ${kind} THEN (SELECT x.entry_uuid FROM ${table} x
        WHERE x.patient = ${sqlPatientOf(`a.${end}`)} AND x.object = a.${end})`,
    )
    .join(' ')} END AS ${end}_id`

const columns = `a.object, a.entry_uuid, a.type, a.source, a.source_kind, ${idAt('source')}, a.target, a.target_kind,
  ${idAt('target')}, a.head, a.body`
const own = `SELECT ${columns}, a.object AS touched FROM ${at('associations', 'a')}`
const touchingEither = `SELECT ${columns}, given.object AS touched FROM ${touching('source')}
  UNION SELECT ${columns}, given.object FROM ${touching('target')} ORDER BY object`

/** Within the transaction that will remove, as `gatherFacts`. Ids that nobody has are absent. */
export async function gatherRemovalFacts(session: Session, entryUUIDs: readonly string[]): Promise<RemovalGathered> {
  const found = await session.query<Routed & { entry_uuid: string }>(
    'SELECT entry_uuid, object, kind FROM entry_uuids WHERE entry_uuid = ANY (?::text[])',
    [...new Set(entryUUIDs)],
  )
  const routes = new Map(found.map(({ entry_uuid, object, kind }) => [entry_uuid, { object, kind }]))
  const place = placesOf(found.map(({ object }) => object))
  const [surviving, holds, ownRows, touchingRows] = await Promise.all([
    survivingIds(session, place[0]),
    heldAmong(session, place[1]),
    session.query<AssociationRow>(own, ...place),
    session.query<AssociationRow>(touchingEither, ...place, ...place),
  ])
  const ownOf = new Map(ownRows.map(row => [row.object, described(row)]))
  const objects = new Map<string, RemovableObject>()
  const touchingOf = new Map<string, RemovableAssociation[]>()
  const idOf = new Map<number, string>()
  const underHold = new Map<string, string>()
  // In the order in which they are named.
  for (const entryUUID of new Set(entryUUIDs)) {
    const route = routes.get(entryUUID)
    if (route === undefined) continue
    const association = ownOf.get(route.object)
    const patientId = surviving.get(patientOf(route.object))?.id ?? ''
    objects.set(entryUUID, { entryUUID, kind: kindOf(route.kind), patientId, ...(association && { association }) })
    touchingOf.set(entryUUID, [])
    const hold = holds.get(route.object)
    if (hold !== undefined) underHold.set(entryUUID, hold)
    idOf.set(route.object, entryUUID)
  }
  for (const row of touchingRows) touchingOf.get(idOf.get(row.touched) ?? '')?.push(described(row))
  return {
    routes,
    holds: new Set([...surviving.values()].map(({ id }) => holdOf(id))),
    facts: {
      objects,
      touching: touchingOf,
      membersLeft: await membersLeftAfter(session, ownRows, routes),
      held: underHold,
    },
  }
}

async function membersLeftAfter(
  session: Session,
  rows: readonly AssociationRow[],
  routes: ReadonlyMap<string, Routed>,
): Promise<Map<string, number>> {
  const losses = new Map<number, { id: string; lost: number }>()
  for (const { type, source, source_kind, source_id } of rows) {
    if (type !== 'HasMember' || source_kind !== kindNumbers.SubmissionSet || routes.has(source_id)) continue
    losses.set(source, { id: source_id, lost: (losses.get(source)?.lost ?? 0) + 1 })
  }
  if (losses.size === 0) return new Map()
  // Whether any is left, no more: of each as many are counted as are lost, and one.
  const counts = await session.query<{ object: number; count: number }>(
    `SELECT given.object, (SELECT count(*) FROM (SELECT 1 FROM (${associationsAt('source', 'given.patient', 'given.object')}) a
       WHERE a.type = 'HasMember' LIMIT given.lost + 1) held) AS count
     FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) given(patient, object, lost)`,
    ...placesOf(losses.keys()),
    [...losses.values()].map(({ lost }) => lost),
  )
  const countOf = new Map(counts.map(({ object, count }) => [object, count]))
  return new Map([...losses].map(([object, { id, lost }]) => [id, (countOf.get(object) ?? 0) - lost]))
}

function described(row: AssociationRow): RemovableAssociation {
  const source = end(row.source_id, kindOf(row.source_kind))
  const isMembership = row.type === 'HasMember' && source.kind === 'SubmissionSet'
  return {
    entryUUID: row.entry_uuid,
    associationType: row.type,
    source,
    target: end(row.target_id, kindOf(row.target_kind)),
    byReference: isMembership && statusIn(row) === 'Reference',
  }
}

function end(entryUUID: string | null, kind: ObjectKind): RemovableAssociation['source'] {
  if (entryUUID === null) throw new Error('the database has an Association with an object that is not there')
  return { entryUUID, kind }
}

/** SubmissionSetStatus stands in the fragment alone. */
function statusIn(row: FragmentRow): string | undefined {
  const fragment = fragmentIn(row)
  if (!mayBeReference(fragment)) return undefined
  return keptObjects([fragment]).associations[0]?.submissionSetStatus
}
