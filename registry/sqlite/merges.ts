// Merges of patient ids: which id was merged into which, and what stands for what in consequence. ITI TF-2 §3.44.4.2.4.
import type { Store } from '../../store/store.js'
import type { Merge } from '../patient-store.js'
import type { PatientRow, Patients } from './patients.js'

export interface Merges {
  /** Inside store.write only, as the next. All that stood behind the subsumed id stands behind the survivor. [ITI TF-2:3.44.4.2.4] */
  merge(merge: Merge, nowMs: number): void
  /** What was merged into the id before it was merged itself comes back with it. */
  separate(patientId: string): void
  intoOf(patient: number): { id: string; merged_ms: number } | undefined
  subsumedOf(patient: number): string[]
}

/** Changes inside store.write only. A chain of merges has one end, which every patient on it points to, so that a query needs one step. */
export function mergesIn(store: Store, patients: Patients): Merges {
  const insert = store.prepare('INSERT INTO merges VALUES (?, ?, ?)')
  const remove = store.prepare('DELETE FROM merges WHERE subsumed = ?')
  const pointAll = store.prepare('UPDATE patients SET survivor = ? WHERE survivor = ?')
  const pointBehind = store.prepare(
    `WITH RECURSIVE behind (patient) AS (
       VALUES (?1) UNION SELECT m.subsumed FROM merges m JOIN behind b ON m.survivor = b.patient)
     UPDATE patients SET survivor = ?1 WHERE patient IN behind`,
  )
  const into = store.prepare(
    'SELECT s.id, m.merged_ms FROM merges m JOIN patients s ON s.patient = m.survivor WHERE m.subsumed = ?',
  )
  const subsumed = store.prepare(
    'SELECT p.id FROM merges m JOIN patients p ON p.patient = m.subsumed WHERE m.survivor = ? ORDER BY p.id LIMIT 1000',
  )

  return {
    merge(merge, nowMs) {
      const [old, stays] = [standing(patients.row(merge.subsumed)), standing(patients.row(merge.survivor))]
      insert.run(old.patient, stays.patient, nowMs)
      pointAll.run(stays.patient, old.patient)
    },
    separate(patientId) {
      const row = patients.row(patientId)
      if (row === undefined || remove.run(row.patient).changes === 0) {
        throw new Error(`${patientId} was not merged, so its merge cannot be undone`)
      }
      pointBehind.run(row.patient)
    },
    intoOf: patient => into.get<{ id: string; merged_ms: number }>(patient),
    subsumedOf: patient => subsumed.all<{ id: string }>(patient).map(({ id }) => id),
  }
}

function standing(row: PatientRow | undefined): PatientRow {
  if (row === undefined || row.survivor !== row.patient) throw new Error('a merge of an id that is not in use')
  return row
}
