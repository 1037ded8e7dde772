// Patient ids on PostgreSQL: who is known, and under which id after merges.
import type { Session } from '../../store/postgres/session.js'
import { assigningAuthorityOf, canonicalPatientId } from '../patient-id.js'

export interface PatientRow {
  patient: number
  id: string
  survivor: number
  /** How many keys were given to objects of it. */
  objects: number
}

export interface Surviving {
  id: string
  /** Whether it is another than that of the patient itself. */
  isMerged: boolean
}

/** Whoever changes anything of a patient holds this, by the id that has survived all merges. */
export function holdOf(patientId: string): string {
  return `patient ${canonicalPatientId(patientId) ?? patientId}`
}

/** By id in the one spelling. */
export async function patientRows(session: Session, patientIds: Iterable<string>): Promise<Map<string, PatientRow>> {
  const rows = await session.query<PatientRow>(
    'SELECT patient, id, survivor, objects FROM patients WHERE id = ANY (?::text[])',
    canonicalIds(patientIds),
  )
  return new Map(rows.map(row => [row.id, row]))
}

/** Nobody has an id with a character that PostgreSQL cannot hold. */
export function canonicalIds(patientIds: Iterable<string>): string[] {
  const ids = [...patientIds].flatMap(id => canonicalPatientId(id) ?? [])
  return [...new Set(ids.filter(id => !id.includes('\u0000')))]
}

/** The ids under which patients are known now, by their numbers. */
export async function survivingIds(session: Session, patients: Iterable<number>): Promise<Map<number, Surviving>> {
  const numbers = [...new Set(patients)]
  if (numbers.length === 0) return new Map()
  const rows = await session.query<{ patient: number; id: string; survivor: number }>(
    `SELECT p.patient, s.id, p.survivor FROM patients p JOIN patients s ON s.patient = p.survivor
     WHERE p.patient = ANY (?::bigint[])`,
    numbers,
  )
  const found = new Map(rows.map(({ patient, id, survivor }) => [patient, { id, isMerged: survivor !== patient }]))
  const missing = numbers.find(number => !found.has(number))
  if (missing !== undefined) throw new Error(`the database has objects of patient ${missing}, who is not there`)
  return found
}

/** An id that is already known, or that a merge has ended, stays as it is. */
export async function addPatient(session: Session, patientId: string): Promise<void> {
  const id = canonicalPatientId(patientId)
  const authority = assigningAuthorityOf(patientId)
  if (id === undefined || authority === undefined) throw new Error(`not a patient id: ${patientId}`)
  const added = await session.query(
    `INSERT INTO patients (patient, id, survivor) OVERRIDING SYSTEM VALUE
     SELECT number, ?, number FROM (SELECT nextval(pg_get_serial_sequence('patients', 'patient')) AS number
       WHERE NOT EXISTS (SELECT 1 FROM patients WHERE id = ?)) fresh
     ON CONFLICT (id) DO NOTHING RETURNING patient`,
    id,
    id,
  )
  if (added.length === 0) return
  await session.query('INSERT INTO assigning_authorities VALUES (?) ON CONFLICT DO NOTHING', authority)
}
