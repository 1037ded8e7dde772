// Gathers what the rules need to know to judge one submission.
import type { Submission } from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import { relationOf } from '../store/commit.js'
import type { Facts, FactsWanted, Reapproved } from '../store/facts.js'
import type { Dependent, RegisteredObject } from '../store/registered-object.js'
import { kindNumbers, kindOf, statusOf, typeOf } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import { idsOf, logicalIDsOf, patientIdsOf, uniqueIdsOf } from '../tables/named.js'
import { earlierIn } from './earlier.js'
import { latestVersionsIn } from './latest-versions.js'
import type { Patients } from './patients.js'
import { removedIn } from './removal.js'

/** There are never more than one but for what older versions let through. */
const alikeShown = 10

/** For people who read an error; a domain has one or two. */
const authoritiesShown = 5

interface Routed {
  object: number
  kind: number
}

/** Columns of an object's own table; which of them there are depends on its kind. */
interface ObjectRow {
  entry_uuid: string
  status: number
  lid: string
  version: number
  latest: number
  type: number | string
  hash: string | null
  size: string | null
  source: number
  target: number
}

export function factsIn(store: Store, patients: Patients): (submission: Submission, wanted: FactsWanted) => Facts {
  const byEntryUUID = store.prepare('SELECT object, kind FROM entry_uuids WHERE entry_uuid = ?')
  const byUniqueId = store.prepare('SELECT object, kind FROM unique_ids WHERE unique_id = ?')
  const kindOfKey = store.prepare(
    `SELECT CASE
       WHEN EXISTS (SELECT 1 FROM document_entries WHERE object = ?1) THEN ${kindNumbers.DocumentEntry}
       WHEN EXISTS (SELECT 1 FROM submission_sets WHERE object = ?1) THEN ${kindNumbers.SubmissionSet}
       WHEN EXISTS (SELECT 1 FROM folders WHERE object = ?1) THEN ${kindNumbers.Folder}
       ELSE ${kindNumbers.Association} END AS kind`,
  )
  const rowOf: Readonly<Record<number, ReturnType<Store['prepare']>>> = {
    [kindNumbers.DocumentEntry]: store.prepare(
      'SELECT entry_uuid, lid, version, latest, status, type, hash, size FROM document_entries WHERE object = ?',
    ),
    [kindNumbers.SubmissionSet]: store.prepare('SELECT entry_uuid, status FROM submission_sets WHERE object = ?'),
    [kindNumbers.Folder]: store.prepare(
      'SELECT entry_uuid, lid, version, latest, status FROM folders WHERE object = ?',
    ),
    [kindNumbers.Association]: store.prepare(
      'SELECT entry_uuid, status, type, source, target FROM associations WHERE object = ?',
    ),
  }
  const isTransformation = store.prepare(
    `SELECT 1 FROM associations WHERE source = ? AND type = 'XFRM' AND status = 1 LIMIT 1`,
  )
  const dependents = store.prepare(
    `SELECT DISTINCT e.entry_uuid, e.object FROM associations a JOIN document_entries e ON e.object = a.source
     WHERE a.target = ? AND a.type IN ('XFRM', 'APND') AND a.status = 1 AND e.status = 1`,
  )
  const folders = store.prepare(
    `SELECT DISTINCT f.entry_uuid, f.object FROM associations a JOIN folders f ON f.object = a.source
     WHERE a.target = ? AND a.type = 'HasMember' AND a.status = 1 AND f.status = 1`,
  )
  // A Folder may hold thousands, an entry is in a few; what an entry is related to is few, what is related to it may be many. `+`
  // keeps SQLite from the other index.
  const approvedAlike = (ends: string) =>
    store.prepare(
      `SELECT entry_uuid FROM associations WHERE ${ends} AND type = ?3 AND status = 1 AND object <> ?4 LIMIT ${alikeShown}`,
    )
  const alikeByTarget = approvedAlike('target = ?2 AND +source = ?1')
  const alikeBySource = approvedAlike('source = ?1 AND +target = ?2')
  const approvedBetween = (source: number, target: number, type: string, except = 0): string[] =>
    (type === 'HasMember' ? alikeByTarget : alikeBySource)
      .all<{ entry_uuid: string }>(source, target, type, except)
      .map(row => row.entry_uuid)
  const endAt = store.prepare(
    `SELECT entry_uuid FROM document_entries WHERE object = ?1 UNION ALL SELECT entry_uuid FROM folders WHERE object = ?1`,
  )
  const earlierOf = earlierIn(store)
  const removedOf = removedIn(store)
  const latestVersions = latestVersionsIn(store, patients)

  function leaningOn(object: number, entryUUID: string): Dependent[] {
    const found: Dependent[] = []
    const asked = new Map([[object, entryUUID]])
    for (const [target, of] of asked) {
      for (const { entry_uuid, object: source } of dependents.all<{ entry_uuid: string; object: number }>(target)) {
        found.push({ entryUUID: entry_uuid, of })
        asked.set(source, entry_uuid)
      }
    }
    return found
  }

  function registered(object: number, kind: number): RegisteredObject {
    const row = rowOf[kind]?.get<ObjectRow>(object)
    if (row === undefined) throw new Error(`the database routes to object ${object}, which is not there`)
    const described: RegisteredObject = {
      entryUUID: row.entry_uuid,
      kind: kindOf(kind),
      patientId: patients.survivingIdOf(patientOf(object)),
      availabilityStatus: statusOf(row.status),
    }
    if (kind === kindNumbers.DocumentEntry || kind === kindNumbers.Folder) {
      described.version = { logicalID: row.lid, number: row.version, isLatest: row.latest === 1 }
    }
    if (kind === kindNumbers.DocumentEntry) {
      described.document = {
        objectType: typeOf(Number(row.type)),
        hash: row.hash ?? undefined,
        size: row.size ?? undefined,
        isTransformation: isTransformation.get(object) !== undefined,
        dependents: leaningOn(object, row.entry_uuid),
        folders: folders.all<{ entry_uuid: string; object: number }>(object).map(folder => ({
          entryUUID: folder.entry_uuid,
          patientId: patients.survivingIdOf(patientOf(folder.object)),
        })),
      }
    }
    if (kind === kindNumbers.Association) {
      described.association = {
        associationType: String(row.type),
        source: kindAt(row.source),
        target: kindAt(row.target),
      }
    }
    return described
  }

  return (submission, wanted) => {
    const objects = new Map<string, RegisteredObject>()
    const keys = new Map<string, number>()
    for (const id of idsOf(submission)) {
      const route = byEntryUUID.get<Routed>(id)
      if (route === undefined) continue
      objects.set(id, registered(route.object, route.kind))
      keys.set(id, route.object)
    }
    const uniqueIds = new Map<string, RegisteredObject[]>()
    for (const id of uniqueIdsOf(submission)) {
      const routes = byUniqueId.all<Routed>(comparable(id))
      if (routes.length > 0)
        uniqueIds.set(
          id,
          routes.map(route => registered(route.object, route.kind)),
        )
    }
    return {
      assigningAuthorities: () => patients.assigningAuthorities(authoritiesShown),
      objects,
      uniqueIds,
      latestVersions: wanted.latestVersions
        ? latestVersions(logicalIDsOf(submission, uniqueIds), registered)
        : new Map(),
      relations: relationsAmong(submission, keys),
      reapproved: wanted.latestVersions ? reapprovedIn(submission, objects, keys) : new Map(),
      earlier: earlierOf(submission.submissionSets[0]?.uniqueId),
      removed: removedOf(submission.submissionSets[0]?.uniqueId),
      ...patientsNamedIn(submission),
    }
  }

  function relationsAmong({ associations }: Submission, keys: ReadonlyMap<string, number>): Set<string> {
    const known = associations.filter(({ associationType, sourceObject, targetObject }) => {
      const [source, target] = [keys.get(sourceObject), keys.get(targetObject)]
      if (source === undefined || target === undefined) return false
      return approvedBetween(source, target, associationType).length > 0
    })
    return new Set(known.map(relationOf))
  }

  function reapprovedIn(
    { associations }: Submission,
    objects: ReadonlyMap<string, RegisteredObject>,
    keys: ReadonlyMap<string, number>,
  ): Map<string, Reapproved> {
    const found = new Map<string, Reapproved>()
    for (const { associationType, targetObject } of associations) {
      const object = keys.get(targetObject)
      const { availabilityStatus, association } = objects.get(targetObject) ?? {}
      if (associationType !== 'UpdateAvailabilityStatus' || object === undefined) continue
      if (association === undefined || availabilityStatus !== 'Deprecated') continue
      const row = rowOf[kindNumbers.Association]?.get<ObjectRow>(object) as ObjectRow
      const type = String(row.type)
      const [from, to] = [row.source, row.target].map(end => endAt.get<{ entry_uuid: string }>(end)?.entry_uuid ?? '')
      found.set(targetObject, {
        relation: relationOf({ associationType: type, sourceObject: from ?? '', targetObject: to ?? '' }),
        alike: approvedBetween(row.source, row.target, type, object),
      })
    }
    return found
  }

  function kindAt(object: number): RegisteredObject['kind'] {
    const row = kindOfKey.get<{ kind: number }>(object)
    if (row === undefined) throw new Error(`the database has an Association with ${object}, which is not there`)
    return kindOf(row.kind)
  }

  function patientsNamedIn(submission: Submission): Pick<Facts, 'patients' | 'endedPatients'> {
    const usable = new Map<string, string>()
    const ended = new Set<string>()
    for (const patientId of patientIdsOf(submission)) {
      const known = patients.row(patientId)
      if (known === undefined) continue
      if (known.survivor === known.patient) usable.set(patientId, known.id)
      else ended.add(patientId)
    }
    return { patients: usable, endedPatients: ended }
  }
}
