// Patient ids: who is known, and under which id after merges.
import type { Store } from '../../store/store.js'
import { assigningAuthorityOf, canonicalPatientId } from '../patient-id.js'
import type { Standing } from '../patient-store.js'

export interface PatientRow {
  patient: number
  id: string
  survivor: number
}

export interface Patients {
  /** Inside store.write only. An id that is already known, or that a merge has ended, stays as it is. */
  add(patientId: string): void
  /** The one spelling and the number of a patient whose id may be used. */
  find(patientId: string): { patient: number; id: string } | undefined
  standingOf(patientId: string): Standing
  /** Whatever became of the id. */
  row(patientId: string): PatientRow | undefined
  /** The id under which a patient is known now. */
  survivingIdOf(patient: number): string
  /** The same where it is another than that of the patient itself. */
  mergedIdOf(patient: number): string | undefined
  assigningAuthorities(atMost: number): string[]
}

/** Ids are found by their canonical form (patient-id.ts), whatever spelling was sent. */
export function patientsIn(store: Store): Patients {
  const insert = store.prepare(
    'INSERT INTO patients (id, survivor) VALUES (?, (SELECT coalesce(max(patient), 0) + 1 FROM patients)) ON CONFLICT (id) DO NOTHING',
  )
  const insertAuthority = store.prepare('INSERT INTO assigning_authorities VALUES (?) ON CONFLICT DO NOTHING')
  const select = store.prepare('SELECT patient, id, survivor FROM patients WHERE id = ?')
  const surviving = store.prepare(
    'SELECT s.id, p.survivor FROM patients p JOIN patients s ON s.patient = p.survivor WHERE p.patient = ?',
  )
  const mergedInto = store.prepare(
    'SELECT s.id FROM merges m JOIN patients s ON s.patient = m.survivor WHERE m.subsumed = ?',
  )
  const authorities = store.prepare('SELECT oid FROM assigning_authorities ORDER BY oid LIMIT ?')

  function row(patientId: string): PatientRow | undefined {
    const id = canonicalPatientId(patientId)
    return id === undefined ? undefined : select.get<PatientRow>(id)
  }

  function survivorOf(patient: number): { id: string; survivor: number } {
    const found = surviving.get<{ id: string; survivor: number }>(patient)
    if (found === undefined) throw new Error(`the database has objects of patient ${patient}, who is not there`)
    return found
  }

  return {
    add(patientId) {
      const id = canonicalPatientId(patientId)
      const authority = assigningAuthorityOf(patientId)
      if (id === undefined || authority === undefined) throw new Error(`not a patient id: ${patientId}`)
      if (insert.run(id).changes > 0) insertAuthority.run(authority)
    },
    row,
    find(patientId) {
      const known = row(patientId)
      return known?.survivor === known?.patient ? known : undefined
    },
    standingOf(patientId) {
      const known = row(patientId)
      if (known === undefined) return { is: 'unknown' }
      if (known.survivor === known.patient) return { is: 'active' }
      const survivor = survivorOf(known.patient).id
      return { is: 'subsumed', into: mergedInto.get<{ id: string }>(known.patient)?.id ?? survivor, survivor }
    },
    survivingIdOf: patient => survivorOf(patient).id,
    mergedIdOf(patient) {
      const { id, survivor } = survivorOf(patient)
      return survivor === patient ? undefined : id
    },
    assigningAuthorities: atMost => authorities.all<{ oid: string }>(atMost).map(({ oid }) => oid),
  }
}
