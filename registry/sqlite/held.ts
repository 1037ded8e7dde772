// Which objects are under a legal hold: those of its patient, under whatever id a merge has brought them, and those of its uniqueIds.
import type { Store } from '../../store/store.js'
import { patientOf } from '../tables/keys.js'

/** A look, which holds within one step: by the key of an object the hold that it is under. */
export function heldIn(store: Store): () => (key: number) => string | undefined {
  const isAny = store.prepare('SELECT 1 AS any FROM hold LIMIT 1')
  const ofPatient = store.prepare(
    `SELECT h.id FROM patients own CROSS JOIN patients merged ON merged.survivor = own.survivor
     CROSS JOIN hold h ON h.kind = 'patient' AND h.value = merged.id WHERE own.patient = ? LIMIT 1`,
  )
  const ofDocuments = store.prepare(
    `SELECT u.object, h.id FROM hold h CROSS JOIN unique_ids u ON u.unique_id = h.value WHERE h.kind = 'document'`,
  )

  return () => {
    if (isAny.get() === undefined) return () => undefined
    const documents = new Map(ofDocuments.all<{ object: number; id: string }>().map(({ object, id }) => [object, id]))
    const patients = new Map<number, string | undefined>()

    function patientHold(patient: number): string | undefined {
      if (!patients.has(patient)) patients.set(patient, ofPatient.get<{ id: string }>(patient)?.id)
      return patients.get(patient)
    }

    return key => documents.get(key) ?? patientHold(patientOf(key))
  }
}
