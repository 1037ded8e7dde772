// Patients in SQLite: each call is one synchronous step.
import type { Store } from '../../store/store.js'
import type { KnownPatient, ListedPatient, PatientChange, PatientStore } from '../patient-store.js'
import { firstKeyOf, lastKeyOf } from '../tables/keys.js'
import { mergesIn } from './merges.js'
import { nationalIdsIn } from './national-ids.js'
import type { Patients } from './patients.js'

/** `decide` is called once, within the commit. */
export function openPatientStore(store: Store, patients: Patients): PatientStore {
  const merges = mergesIn(store, patients)
  const nationalIds = nationalIdsIn(store, patients)
  const listed = store.prepare(
    `SELECT p.id, p.patient = p.survivor AS active, s.id AS surviving
     FROM patients p JOIN patients s ON s.patient = p.survivor WHERE p.id > ? ORDER BY p.id LIMIT ?`,
  )
  const count = store.prepare(
    `SELECT (SELECT count(*) FROM document_entries WHERE object BETWEEN ?1 AND ?2)
      + (SELECT count(*) FROM submission_sets WHERE object BETWEEN ?1 AND ?2)
      + (SELECT count(*) FROM folders WHERE object BETWEEN ?1 AND ?2) AS objects`,
  )

  function make({
    announced = [],
    merges: made = [],
    separated = [],
    nationalIds: links = [],
    ...change
  }: PatientChange) {
    for (const id of announced) patients.add(id)
    for (const merge of made) merges.merge(merge, change.nowMs)
    for (const id of separated) merges.separate(id)
    for (const link of links) nationalIds.link(link)
    change.alongside()
  }

  function show(patientId: string): KnownPatient | undefined {
    const row = patients.row(patientId)
    if (row === undefined) return undefined
    const survivor = patients.mergedIdOf(row.patient)
    const into = merges.intoOf(row.patient)
    return {
      patientId: row.id,
      ...(survivor === undefined ? {} : { survivor }),
      ...(into === undefined ? {} : { mergedInto: into.id, mergedMs: into.merged_ms }),
      subsumed: merges.subsumedOf(row.patient),
      nationalIds: nationalIds.ofPatient(row.id),
      objects: count.get<{ objects: number }>(firstKeyOf(row.patient), lastKeyOf(row.patient))?.objects ?? 0,
    }
  }

  return {
    change: (_, decide) =>
      store.write(() => {
        const { answer, change } = decide(patients)
        if (change !== undefined) make(change)
        return answer
      }),
    show: async patientId => show(patientId),
    list: async (after, atMost) =>
      listed
        .all<{ id: string; active: number; surviving: string }>(after, atMost)
        .map(({ id, active, surviving }): ListedPatient => {
          return active === 1 ? { patientId: id } : { patientId: id, survivor: surviving }
        }),
    patientIdOf: async nationalId => nationalIds.patientIdOf(nationalId),
    nationalIdsOf: async patientId => nationalIds.ofPatient(patientId),
  }
}
