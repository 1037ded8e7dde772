// Patient ids: who is known, and under which id after merges.
import type { Store } from '../../store/store.js'
import { assigningAuthorityOf, canonicalPatientId } from '../patient-id.js'

export interface Patients {
  /** Inside store.write only. An id that is already known, or that a merge has ended, stays as it is. */
  add(patientId: string): void
  /** The one spelling and the number of a patient whose id may be used. */
  find(patientId: string): { patient: number; id: string } | undefined
  /** Whether a merge has ended the id. */
  hasEnded(patientId: string): boolean
  /** The id under which a patient is known now. */
  survivingIdOf(patient: number): string
  assigningAuthorities(atMost: number): string[]
}

export function patientsIn(store: Store): Patients {
  const insert = store.prepare(
    'INSERT INTO patients (id, survivor) VALUES (?, (SELECT coalesce(max(patient), 0) + 1 FROM patients)) ON CONFLICT (id) DO NOTHING',
  )
  const insertAuthority = store.prepare('INSERT INTO assigning_authorities VALUES (?) ON CONFLICT DO NOTHING')
  const select = store.prepare('SELECT patient, id FROM patients WHERE id = ? AND survivor = patient')
  const ended = store.prepare('SELECT 1 FROM patients WHERE id = ? AND survivor <> patient')
  const surviving = store.prepare(
    'SELECT s.id FROM patients p JOIN patients s ON s.patient = p.survivor WHERE p.patient = ?',
  )
  const authorities = store.prepare('SELECT oid FROM assigning_authorities ORDER BY oid LIMIT ?')

  return {
    add(patientId) {
      const id = canonicalPatientId(patientId)
      const authority = assigningAuthorityOf(patientId)
      if (id === undefined || authority === undefined) throw new Error(`not a patient id: ${patientId}`)
      if (insert.run(id).changes > 0) insertAuthority.run(authority)
    },
    find(patientId) {
      const id = canonicalPatientId(patientId)
      return id === undefined ? undefined : select.get<{ patient: number; id: string }>(id)
    },
    hasEnded(patientId) {
      const id = canonicalPatientId(patientId)
      return id !== undefined && ended.get(id) !== undefined
    },
    survivingIdOf(patient) {
      const row = surviving.get<{ id: string }>(patient)
      if (row === undefined) throw new Error(`the database has objects of patient ${patient}, who is not there`)
      return row.id
    },
    assigningAuthorities: atMost => authorities.all<{ oid: string }>(atMost).map(row => row.oid),
  }
}
