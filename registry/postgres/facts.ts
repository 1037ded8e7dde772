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
import { patientOf } from '../tables/keys.js'
import { idsOf, logicalIDsOf, patientIdsOf, replacementEndsOf, uniqueIdsAsked, uniqueIdsOf } from '../tables/named.js'
import { earlierOf } from './earlier.js'
import { isFormerAt, latestVersionsOf } from './latest-versions.js'
import { canonicalIds, holdOf, type PatientRow } from './patients.js'
import { associationsAt, at, ends, placesOf, sqlPatientOf } from './places.js'
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
    (SELECT i.unique_id, i.object, i.kind FROM unique_ids i WHERE i.unique_id = ANY (?::text[])
      AND NOT ${isFormerAt('i.object')} ORDER BY i.object) u) AS unique_ids,
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
  const uniqueIds = uniqueIdsAsked(submission, wanted)
  const [look] = await session.query<FirstLook>(
    firstLook,
    canonicalIds(patientIdsOf(submission)),
    [...idsOf(submission)],
    [...new Set([...uniqueIds].map(comparable))],
    removedName(setUniqueId),
  )
  if (look === undefined) throw new Error('the database answers nothing')
  const patients = new Map(look.patients.map(row => [row.id, row]))
  const replacing = replacementEndsOf(submission)
  const replaced = new Set(
    look.entry_uuids.filter(({ entry_uuid }) => replacing.has(entry_uuid)).map(({ object }) => object),
  )
  const known = await described(session, [...look.entry_uuids, ...look.unique_ids], replaced)
  const objects = new Map<string, RegisteredObject>()
  for (const { entry_uuid, object } of look.entry_uuids) objects.set(entry_uuid, known.at(object))
  const byUniqueId = new Map<string, RegisteredObject[]>()
  const objectsById = new Map<string, RegisteredObject[]>()
  for (const { unique_id, object } of look.unique_ids) {
    const objects = objectsById.get(unique_id)
    if (objects === undefined) objectsById.set(unique_id, [known.at(object)])
    else objects.push(known.at(object))
  }
  for (const id of uniqueIds) {
    const found = objectsById.get(comparable(id))
    if (found !== undefined) byUniqueId.set(id, found)
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

/**
 * An Association lies with its target's patient, or its end there is among the foreign ones; found by both ends, for a Folder may hold
 * thousands, and an entry be in as many. A range keeps the planner from the index of targets alone.
 */
const between = `SELECT DISTINCT a.type, a.source, a.target
  FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]) given(patient, source, target)
  JOIN LATERAL (
    SELECT own.type, own.status, own.source, own.target FROM associations own
      WHERE own.patient = given.patient AND own.source = given.source AND own.target BETWEEN given.target AND given.target
    UNION ALL SELECT theirs.type, theirs.status, theirs.source, theirs.target FROM foreign_ends f JOIN associations theirs
      ON theirs.patient = ${sqlPatientOf('f.association')} AND theirs.object = f.association
      WHERE f.patient = given.patient AND f.object = given.target AND f.which = ${ends.target} AND theirs.source = given.source
  ) a ON a.status = 1`

/** Which Associations of the submission say what an Approved one says already. */
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
    between,
    registered.map(({ target }) => patientOf(target)),
    registered.map(({ source }) => source),
    registered.map(({ target }) => target),
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
