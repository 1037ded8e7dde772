// Which objects are under a legal hold: those of its patient, under whatever id a merge has brought them, and those of its uniqueIds.
import { holdOn } from '../../server/holds.js'
import type { Store } from '../../store/store.js'
import { kindNumbers } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import type { Routed } from './routes.js'
import { uniqueIdsIn } from './unique-ids.js'

/** A look, which holds within one step: by key and kind of an object the hold that it is under. What it costs does not depend on how many holds there are. */
export function heldIn(store: Store): () => (route: Routed) => string | undefined {
  const isAny = store.prepare('SELECT 1 AS any FROM hold LIMIT 1')
  const ofPatient = store.prepare(
    `SELECT h.id FROM patients own CROSS JOIN patients merged ON merged.survivor = own.survivor
     CROSS JOIN hold h ON h.kind = 'patient' AND h.value = merged.id WHERE own.patient = ? LIMIT 1`,
  )
  const ofDocument = holdOn(store)
  const uniqueIdOf = uniqueIdsIn(store)

  return () => {
    if (isAny.get() === undefined) return () => undefined
    const patients = new Map<number, string | undefined>()

    function patientHold(patient: number): string | undefined {
      if (!patients.has(patient)) patients.set(patient, ofPatient.get<{ id: string }>(patient)?.id)
      return patients.get(patient)
    }

    return ({ object, kind }) => {
      const own = kind === kindNumbers.Association ? undefined : ofDocument('document', uniqueIdOf(object))
      return own ?? patientHold(patientOf(object))
    }
  }
}
