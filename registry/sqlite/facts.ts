// Gathers what the rules need to know to judge one submission.
import type { Submission } from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { Facts, FactsWanted } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'
import { idsOf, logicalIDsOf, patientIdsOf, replacementEndsOf, uniqueIdsAsked } from '../tables/named.js'
import { earlierIn } from './earlier.js'
import { latestVersionsIn } from './latest-versions.js'
import type { Patients } from './patients.js'
import { registeredIn } from './registered.js'
import { relationsIn } from './relations.js'
import { removedIn } from './removal.js'
import { type Routed, routesIn } from './routes.js'

/** For people who read an error; a domain has one or two. */
const authoritiesShown = 5

/** True for as long as nobody awaits: gathered, judged and committed in one turn (docs/decisions/0030). */
export function factsIn(store: Store, patients: Patients): (submission: Submission, wanted: FactsWanted) => Facts {
  const byEntryUUID = routesIn(store)
  const byUniqueId = store.prepare(
    `SELECT u.object, u.kind FROM unique_ids u WHERE u.unique_id = ?
     AND NOT EXISTS (SELECT 1 FROM document_entries e WHERE e.object = u.object AND e.latest = 0)
     AND NOT EXISTS (SELECT 1 FROM folders f WHERE f.object = u.object AND f.latest = 0)`,
  )
  const registered = registeredIn(store, patients)
  const relations = relationsIn(store)
  const earlierOf = earlierIn(store)
  const removedOf = removedIn(store)
  const latestVersions = latestVersionsIn(store, patients)

  return (submission, wanted) => {
    const objects = new Map<string, RegisteredObject>()
    const keys = new Map<string, number>()
    const replaced = replacementEndsOf(submission)
    for (const id of idsOf(submission)) {
      const route = byEntryUUID(id)
      if (route === undefined) continue
      objects.set(id, registered(route.object, route.kind, replaced.has(id)))
      keys.set(id, route.object)
    }
    const uniqueIds = new Map<string, RegisteredObject[]>()
    for (const id of uniqueIdsAsked(submission, wanted)) {
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
      relations: relations.among(submission, keys),
      reapproved: wanted.latestVersions ? relations.reapproved(submission, objects, keys) : new Map(),
      earlier: earlierOf(submission.submissionSets[0]?.uniqueId),
      removed: removedOf(submission.submissionSets[0]?.uniqueId),
      ...patientsNamedIn(submission),
    }
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
