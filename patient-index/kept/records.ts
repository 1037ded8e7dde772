// Patients as their sources tell of them: a record each, revised, ended and moved between persons.
import { cxOf } from '../../metadata/hl7.js'
import type { Store } from '../../store/store.js'
import { nobody, type Person } from '../../transactions/person.js'
import { filingOf } from '../filing.js'
import { type Traits, unpackedTraits } from '../matching/traits.js'
import type { Domains } from './domains.js'
import { addKeys, filedRecordsIn } from './filed-records.js'

/** A patient as one source tells of him or her. */
export interface PatientRecord {
  record: number
  person: number
  /** As CX. */
  patientId: string
  body: Person
  /** The source has merged it into another of its records. */
  hasEnded: boolean
  changedMs: number
}

/** A record as it is compared. */
export interface Candidate {
  record: number
  person: number
  traits: Traits
}

/** A source merges one record into another: its person may go on without it, or end with it. */
export interface Left {
  from?: number | undefined
  with?: number | undefined
}

interface RecordRow {
  record: number
  person: number
  oid: string
  extension: string
  body: string
  changed_ms: number
  ended_by: number | null
}

const recordColumns =
  'r.record, p.survivor AS person, d.oid, r.extension, r.body, r.changed_ms, r.ended_by FROM records r ' +
  'JOIN persons p ON p.person = r.person JOIN domains d ON d.domain = r.domain'

export type Records = ReturnType<typeof recordsIn>

export function recordsIn(sql: Store['prepare'], domains: Domains) {
  const filed = filedRecordsIn(sql)
  const records = {
    ...filed,

    recordBy(patientId: string): PatientRecord | undefined {
      const key = domains.keyOf(patientId)
      const row =
        key &&
        sql(`SELECT ${recordColumns} WHERE r.domain = ? AND r.extension = ?`).get<RecordRow>(key.domain, key.extension)
      return row && recordOf(row)
    },

    record(record: number): PatientRecord | undefined {
      const row = sql(`SELECT ${recordColumns} WHERE r.record = ?`).get<RecordRow>(record)
      return row && recordOf(row)
    },

    /** Newest first; without those that their sources have ended. */
    recordsOf(person: number): PatientRecord[] {
      const rows = sql(
        `SELECT ${recordColumns} WHERE p.survivor = ? AND r.ended_by IS NULL ORDER BY r.changed_ms DESC, r.record DESC`,
      ).all<RecordRow>(person)
      return rows.map(recordOf)
    },

    /** What is compared of a record; undefined when its source has ended it. */
    compared(record: number): Candidate | undefined {
      const row = sql(
        'SELECT p.survivor AS person, r.traits FROM records r JOIN persons p ON p.person = r.person WHERE r.record = ? AND r.ended_by IS NULL',
      ).get<{ person: number; traits: string | null }>(record)
      if (row === undefined) return undefined
      // A former version has kept none: refiling.ts.
      const packed = row.traits ?? filingOf(records.record(record)?.body ?? nobody).traits
      return { record, person: row.person, traits: unpackedTraits(packed) }
    },

    /** Adds or revises what a source says of one of its patients. */
    keep(patientId: string, person: number, body: Person, nowMs: number): number {
      const { domain, extension } = domains.keyFor(patientId)
      const filing = filingOf(body)
      const { lastInsertRowid, changes } = sql(
        `INSERT INTO records (domain, extension, person, body, changed_ms, traits) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (domain, extension) DO NOTHING`,
      ).run(domain, extension, person, JSON.stringify(body), nowMs, filing.traits)
      if (changes > 0) {
        addKeys(sql, Number(lastInsertRowid), filing)
        return Number(lastInsertRowid)
      }
      const record = records.recordBy(patientId)?.record ?? 0
      sql('UPDATE records SET body = ?, changed_ms = ? WHERE record = ?').run(JSON.stringify(body), nowMs, record)
      filed.file(record, filing)
      return record
    },

    /** A record becomes another person's, with those that its source has merged into it. */
    move(record: number, person: number): void {
      sql(
        `WITH RECURSIVE gone (record) AS (
           SELECT ? UNION SELECT r.record FROM records r JOIN gone g ON r.ended_by = g.record
         ) UPDATE records SET person = ? WHERE record IN (SELECT record FROM gone)`,
      ).run(record, person)
    },

    /** `left`: what became of its person by that, for whoever undoes it. */
    end(record: number, by: number, left: Left): void {
      sql('UPDATE records SET ended_by = ?, ended_from = ?, ended_with = ? WHERE record = ?').run(
        ...[by, left.from ?? null, left.with ?? null, record],
      )
      sql('DELETE FROM keys WHERE record = ?').run(record)
    },

    /** What became of the person of a record that has ended. */
    leftBy(record: number): Left {
      const row = sql('SELECT ended_from, ended_with FROM records WHERE record = ?').get<{
        ended_from: number | null
        ended_with: number | null
      }>(record)
      return { from: row?.ended_from ?? undefined, with: row?.ended_with ?? undefined }
    },

    /** Records whose end made an end of the person too. */
    endedWith(person: number): PatientRecord[] {
      const rows = sql(`SELECT ${recordColumns} WHERE r.ended_with = ? AND r.ended_by IS NOT NULL`).all<RecordRow>(
        person,
      )
      return rows.map(recordOf)
    },

    /** Undoes the end of a record, which is found by its keys again. */
    revive({ record, body }: PatientRecord): void {
      sql('UPDATE records SET ended_by = NULL, ended_from = NULL, ended_with = NULL WHERE record = ?').run(record)
      filed.file(record, filingOf(body))
    },
  }
  return records
}

function recordOf(row: RecordRow): PatientRecord {
  const { record, person, oid, extension, body, changed_ms, ended_by } = row
  const patientId = cxOf(oid, extension)
  return { record, person, patientId, body: JSON.parse(body), hasEnded: ended_by !== null, changedMs: changed_ms }
}
