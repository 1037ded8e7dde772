// Writes an accepted submission into the tables; runs inside store.write only.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { InPhrases } from '../../metadata/fragment.js'
import type { RegistryObjectValue } from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { type Commit, objectsOf } from '../store/commit.js'
import { firstKeyOf, lastKeyOf } from '../tables/keys.js'
import { changesIn } from './changes.js'
import type { Codes } from './codes.js'
import { objectRowsIn } from './object-rows.js'
import type { Patients } from './patients.js'
import { type Routed, routesIn } from './routes.js'

/** Synchronous, inside store.write, in the same step as facts and judgement (docs/decisions/0030). @throws Error where the rules have let through what they must not. */
export function commitIn(
  store: Store,
  codes: Codes,
  patients: Patients,
  hides: AffinityDomain['hides'],
): (commit: Commit, answer: RegistryResponse) => void {
  const highestKey = store.prepare('SELECT max(object) AS highest FROM fragments WHERE object BETWEEN ? AND ?')
  const insertSubmission = store.prepare('INSERT INTO registered_submissions VALUES (?, ?, ?, ?, ?, ?)')
  const routeOf = routesIn(store)
  const addObject = objectRowsIn(store, codes, hides)
  const change = changesIn(store, routeTo)

  return (commit, answer) => {
    for (const id of commit.newPatients) patients.add(id)
    const [submissionSet] = commit.submission.submissionSets
    const added = commit.effects.associations
    const objects = [...objectsOf(commit.submission), ...added.map(({ association }) => association)]
    const fragments = [...commit.fragments, ...added.map(({ fragment }) => fragment)]
    const keys = giveKeys(submissionSet?.patientId ?? '', objects)
    const keyOf = (entryUUID: string) => keys.get(entryUUID) ?? routeTo(entryUUID).object
    objects.forEach((object, index) => {
      addObject(object, fragments[index] as InPhrases, keyOf, commit.now)
    })
    change(commit)
    const { partner, digest, messageID, committedMs } = commit.record
    const key = keyOf(submissionSet?.entryUUID ?? '')
    insertSubmission.run(key, partner, digest, messageID ?? null, committedMs, JSON.stringify(answer))
  }

  /** All objects of a submission belong to one patient; their keys follow upon those the patient has. */
  function giveKeys(patientId: string, objects: readonly RegistryObjectValue[]): ReadonlyMap<string, number> {
    const known = patients.find(patientId)
    if (known === undefined) throw new Error('a submission for a patient who is not known was to be committed')
    const range = [firstKeyOf(known.patient), lastKeyOf(known.patient)] as const
    const { highest } = highestKey.get<{ highest: number | null }>(...range) ?? { highest: null }
    const next = highest === null ? range[0] : highest + 1
    if (next + objects.length > range[1]) throw new Error(`patient ${known.patient} has no room for more objects`)
    return new Map(objects.map((object, index) => [object.entryUUID, next + index]))
  }

  function routeTo(entryUUID: string): Routed {
    const route = routeOf(entryUUID)
    if (route === undefined) throw new Error(`an accepted submission refers to ${entryUUID}, which is not there`)
    return route
  }
}
