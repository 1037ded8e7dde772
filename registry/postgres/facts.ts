// Gathers what the rules need to know to judge one submission: in one look where it is new to the registry, in a few where it
// speaks of what is there.
import type { Submission } from '../../metadata/model.js'
import type { Session } from '../../store/postgres/session.js'
import { comparable } from '../comparable.js'
import { canonicalPatientId } from '../patient-id.js'
import { relationOf } from '../store/commit.js'
import type { Facts, FactsWanted, Reapproved } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'
import { kindNumbers } from '../tables/columns.js'
import { idsOf, logicalIDsOf, patientIdsOf, uniqueIdsOf } from '../tables/named.js'
import { earlierOf } from './earlier.js'
import { latestVersionsOf } from './latest-versions.js'
import { canonicalIds, holdOf, type PatientRow } from './patients.js'
import { associationsAt, at, placesOf, sqlPatientOf, touching } from './places.js'
import { described, type Routed } from './registered.js'
import { removedName } from './removal.js'

/** What is known, and where it was found: whoever commits needs it again. */
export interface Gathered {
  facts: Facts
  /** Keys of registered objects that may be changed, by entryUUID. */
  keys: ReadonlyMap<string, Routed>
  /** Rows of the patients named, by id in the one spelling. */
  patients: ReadonlyMap<string, PatientRow>
  /** What has to be held for the facts to stay true until the commit. */
  holds: ReadonlySet<string>
}

/** For people who read an error; a domain has one or two. */
const authoritiesShown = 5

interface FirstLook {
  patients: PatientRow[]
  entry_uuids: (Routed & { entry_uuid: string })[]
  unique_ids: (Routed & { unique_id: string })[]
  removed: { partner: string; digest: string; removed_ms: number } | null
  authorities: string[]
}

const firstLook = `SELECT
  (SELECT coalesce(json_agg(p), '[]') FROM (SELECT patient, id, survivor, objects FROM patients WHERE id = ANY (?::text[])) p) AS patients,
  (SELECT coalesce(json_agg(u), '[]') FROM (SELECT entry_uuid, object, kind FROM entry_uuids WHERE entry_uuid = ANY (?::text[])) u) AS entry_uuids,
  (SELECT coalesce(json_agg(u), '[]') FROM
    (SELECT unique_id, object, kind FROM unique_ids WHERE unique_id = ANY (?::text[]) ORDER BY object) u) AS unique_ids,
  (SELECT row_to_json(r) FROM (SELECT partner, digest, removed_ms FROM removed_submissions WHERE name = ?) r) AS removed,
  (SELECT coalesce(json_agg(oid), '[]') FROM (SELECT oid FROM assigning_authorities ORDER BY oid LIMIT ${authoritiesShown}) a) AS authorities`

/** The names that a submission holds from the start; what it leads to is added as it is found. */
export function namesIn(submission: Submission): Set<string> {
  return new Set([
    ...[...patientIdsOf(submission)].map(holdOf),
    ...[...idsOf(submission)].map(id => `entry ${id}`),
    ...[...uniqueIdsOf(submission)].map(id => `unique ${comparable(id)}`),
    ...[...submission.documentEntries, ...submission.folders].flatMap(({ logicalID }) =>
      logicalID === undefined ? [] : [`entry ${logicalID}`],
    ),
  ])
}

/** Within the transaction that will commit, after what the submission names is held: what is found stays true until then. docs/decisions/0220 */
export async function gatherFacts(session: Session, submission: Submission, wanted: FactsWanted): Promise<Gathered> {
  const setUniqueId = comparable(submission.submissionSets[0]?.uniqueId ?? '')
  const uniqueIds = uniqueIdsOf(submission)
  const [look] = await session.query<FirstLook>(
    firstLook,
    canonicalIds(patientIdsOf(submission)),
    [...idsOf(submission)],
    [...new Set([...uniqueIds].map(comparable))],
    removedName(setUniqueId),
  )
  if (look === undefined) throw new Error('the database answers nothing')
  const patients = new Map(look.patients.map(row => [row.id, row]))
  const known = await described(session, [...look.entry_uuids, ...look.unique_ids])
  const objects = new Map<string, RegisteredObject>()
  for (const { entry_uuid, object } of look.entry_uuids) objects.set(entry_uuid, known.at(object))
  const byUniqueId = new Map<string, RegisteredObject[]>()
  for (const id of uniqueIds) {
    const found = look.unique_ids.filter(({ unique_id }) => unique_id === comparable(id))
    if (found.length > 0)
      byUniqueId.set(
        id,
        found.map(({ object }) => known.at(object)),
      )
  }
  const routes = new Map(look.entry_uuids.map(route => [route.entry_uuid, route]))
  const set = look.unique_ids.find(
    ({ unique_id, kind }) => unique_id === setUniqueId && kind === kindNumbers.SubmissionSet,
  )
  const latest = await latestVersionsOf(session, wanted.latestVersions ? logicalIDsOf(submission, byUniqueId) : [])
  return {
    patients,
    keys: new Map([...routes, ...known.keys, ...latest.keys]),
    holds: new Set([...[...known.survivors, ...latest.survivors].map(holdOf)]),
    facts: {
      ...patientsNamedIn(submission, patients),
      assigningAuthorities: () => look.authorities,
      objects,
      uniqueIds: byUniqueId,
      latestVersions: latest.versions,
      relations: await relationsAmong(session, submission, routes),
      reapproved: wanted.latestVersions ? await reapprovedBy(session, submission, objects, routes) : new Map(),
      earlier: set === undefined ? undefined : await earlierOf(session, set.object),
      removed:
        look.removed === null
          ? undefined
          : { partner: look.removed.partner, digest: look.removed.digest, removedMs: look.removed.removed_ms },
    },
  }
}

function patientsNamedIn(
  submission: Submission,
  rows: ReadonlyMap<string, PatientRow>,
): Pick<Facts, 'patients' | 'endedPatients'> {
  const usable = new Map<string, string>()
  const ended = new Set<string>()
  for (const patientId of patientIdsOf(submission)) {
    const row = rows.get(canonicalPatientId(patientId) ?? '')
    if (row === undefined) continue
    if (row.survivor === row.patient) usable.set(patientId, row.id)
    else ended.add(patientId)
  }
  return { patients: usable, endedPatients: ended }
}

/** Which Associations of the submission say what an Approved one says already; by the target, for a Folder may hold thousands. */
async function relationsAmong(
  session: Session,
  { associations }: Submission,
  routes: ReadonlyMap<string, Routed>,
): Promise<Set<string>> {
  const registered = associations.flatMap(association => {
    const [source, target] = [routes.get(association.sourceObject), routes.get(association.targetObject)]
    return source === undefined || target === undefined
      ? []
      : [{ association, source: source.object, target: target.object }]
  })
  if (registered.length === 0) return new Set()
  const rows = await session.query<{ type: string; source: number; target: number }>(
    `SELECT DISTINCT a.type, a.source, a.target FROM ${touching('target')}
     WHERE a.status = 1 AND a.source = ANY (?::bigint[])`,
    ...placesOf(registered.map(({ target }) => target)),
    [...new Set(registered.map(({ source }) => source))],
  )
  const there = new Set(rows.map(({ type, source, target }) => `${type} ${source} ${target}`))
  return new Set(
    registered
      .filter(({ association, source, target }) => there.has(`${association.associationType} ${source} ${target}`))
      .map(({ association }) => relationOf(association)),
  )
}

interface ReapprovedRow {
  entry_uuid: string
  type: string
  source_id: string
  target_id: string
  alike: string[]
}

/** There are never more than one but for what older versions let through. */
const alikeShown = 10

const versionedAt = (end: 'source' | 'target') => `coalesce(
  (SELECT x.entry_uuid FROM document_entries x WHERE x.patient = ${sqlPatientOf(`e.${end}`)} AND x.object = e.${end}),
  (SELECT x.entry_uuid FROM folders x WHERE x.patient = ${sqlPatientOf(`e.${end}`)} AND x.object = e.${end}), '') AS ${end}_id`

const reapproved = `SELECT e.entry_uuid, e.type, ${versionedAt('source')}, ${versionedAt('target')},
  (SELECT coalesce(json_agg(a.entry_uuid), '[]') FROM (
    SELECT o.entry_uuid FROM (${associationsAt('source', sqlPatientOf('e.source'), 'e.source')}) o
    WHERE o.target = e.target AND o.type = e.type AND o.status = 1 AND o.object <> e.object LIMIT ${alikeShown}) a) AS alike
  FROM ${at('associations')} WHERE e.status <> 1`

async function reapprovedBy(
  session: Session,
  { associations }: Submission,
  objects: ReadonlyMap<string, RegisteredObject>,
  routes: ReadonlyMap<string, Routed>,
): Promise<Map<string, Reapproved>> {
  const keys = associations
    .filter(({ associationType }) => associationType === 'UpdateAvailabilityStatus')
    .filter(({ targetObject }) => objects.get(targetObject)?.association !== undefined)
    .flatMap(({ targetObject }) => routes.get(targetObject)?.object ?? [])
  if (keys.length === 0) return new Map()
  const rows = await session.query<ReapprovedRow>(reapproved, ...placesOf(keys))
  return new Map(
    rows.map(({ entry_uuid, type, source_id, target_id, alike }) => [
      entry_uuid,
      { relation: relationOf({ associationType: type, sourceObject: source_id, targetObject: target_id }), alike },
    ]),
  )
}
