// Which patient a national id stands for: in the Swiss EPR the EPR-SPID, which tokens name, beside the XAD-PID, which metadata names.
import type { Store } from '../../store/store.js'
import { canonicalPatientId } from '../patient-id.js'
import type { NationalId } from '../patient-store.js'
import type { Patients } from './patients.js'

export interface NationalIds {
  /** Inside store.write only. What a later message says of a national id takes the place of what an earlier one said. */
  link(link: NationalId): void
  patientIdOf(nationalId: string): string | undefined
  ofPatient(patientId: string): string[]
}

/** One patient for each national id, the last that the feed has named; at most a hundred ids of one patient are told. */
export function nationalIdsIn(store: Store, patients: Patients): NationalIds {
  const insert = store.prepare(
    'INSERT INTO national_ids VALUES (?, ?) ON CONFLICT (national_id) DO UPDATE SET patient = excluded.patient',
  )
  const patientOf = store.prepare('SELECT patient FROM national_ids WHERE national_id = ?')
  const ofPatient = store.prepare(
    `SELECT n.national_id FROM patients p JOIN national_ids n ON n.patient = p.patient
     WHERE p.survivor = (SELECT survivor FROM patients WHERE id = ?) ORDER BY n.national_id LIMIT 100`,
  )
  return {
    link({ nationalId, patientId }) {
      const patient = patients.find(patientId)
      if (patient === undefined) throw new Error('a national id of a patient who is not known was to be kept')
      insert.run(canonicalPatientId(nationalId) ?? nationalId, patient.patient)
    },
    patientIdOf(nationalId) {
      const row = patientOf.get<{ patient: number }>(canonicalPatientId(nationalId) ?? nationalId)
      return row === undefined ? undefined : patients.survivingIdOf(row.patient)
    },
    ofPatient: patientId =>
      ofPatient.all<{ national_id: string }>(canonicalPatientId(patientId) ?? '').map(row => row.national_id),
  }
}
