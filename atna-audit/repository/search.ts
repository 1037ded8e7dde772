// Finding records again, by what people ask for: a trace, a patient, a person or system, a document, a kind, a time.
import type { SqlValue, Store } from '../../store/store.js'
import { type ReferenceKind, referenceKinds } from './arrival.js'

export interface AuditSearch {
  /** 32 hex digits. */
  traceId?: string
  /** As CX, the way the record has it. */
  patientId?: string
  /** A user id or a user name. */
  userId?: string
  /** Of a document or submission set, or any other participant object. */
  uniqueId?: string
  /** Code of the EventTypeCode (`ITI-41`) or, where there is none, of the EventID. */
  eventType?: string
  outcome?: number
  /** Of the event; of the arrival where the record tells no time. */
  sinceMs?: number
  untilMs?: number
  /** Only what could not be read. */
  unreadable?: boolean
  /** Only records with a higher id (with a lower one when the newest come first). */
  afterId?: number
  newestFirst?: boolean
  limit: number
}

/** A record as it is kept. */
export interface StoredRecord {
  id: number
  receivedMs: number
  origin: string
  problem: string | null
  frame: Uint8Array
}

const columns = 'a.id, a.received_ms AS receivedMs, a.origin, a.problem, a.frame'

/** One answer stops short of its limit when it has grown to this size. */
const mostBytes = 32 * 1024 * 1024

/** The records in order of arrival; where more may follow, ask again with the last id as `afterId` until none comes. */
export function searchAudit(store: Store, search: AuditSearch): StoredRecord[] {
  const references = referencesAsked(search)
  const [first, ...others] = references
  const values: SqlValue[] = []
  const conditions: string[] = []
  // The first reference leads: its rows lie in order of the records, so that nothing is sorted and the limit ends the work.
  const id = first === undefined ? 'a.id' : 'r.record'
  const from = first === undefined ? 'audit_record a' : 'audit_reference r JOIN audit_record a ON a.id = r.record'
  if (first !== undefined) {
    conditions.push('r.value = ? AND r.kind = ?')
    values.push(first.value, referenceKinds[first.kind])
  }
  for (const { kind, value } of others) {
    conditions.push('EXISTS (SELECT 1 FROM audit_reference o WHERE o.value = ? AND o.kind = ? AND o.record = a.id)')
    values.push(value, referenceKinds[kind])
  }
  for (const [condition, value] of restrictions(search, id)) {
    conditions.push(condition)
    if (value !== undefined) values.push(value)
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const order = `ORDER BY ${id} ${search.newestFirst === true ? 'DESC' : 'ASC'} LIMIT ?`
  const found = store.prepare(`SELECT ${columns} FROM ${from} ${where} ${order}`)
  return upTo(mostBytes, found.iterate<StoredRecord>(...values, search.limit))
}

function upTo(bytes: number, found: Iterable<StoredRecord>): StoredRecord[] {
  const records: StoredRecord[] = []
  let left = bytes
  for (const record of found) {
    records.push(record)
    left -= record.frame.byteLength
    if (left <= 0) break
  }
  return records
}

export function recordById(store: Store, id: number): StoredRecord | undefined {
  return store.prepare(`SELECT ${columns} FROM audit_record a WHERE a.id = ?`).get<StoredRecord>(id)
}

function referencesAsked(search: AuditSearch): { kind: ReferenceKind; value: string }[] {
  const asked: [ReferenceKind, string | undefined][] = [
    ['trace', search.traceId],
    ['object', search.uniqueId],
    ['patient', search.patientId],
    ['user', search.userId],
  ]
  return asked.flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, value }]))
}

function restrictions(search: AuditSearch, id: string): [condition: string, value?: SqlValue][] {
  const { eventType, outcome, sinceMs, untilMs, afterId, unreadable, newestFirst } = search
  const asked: [string, SqlValue | undefined][] = [
    ['coalesce(a.type, a.event) = ?', eventType],
    [outcome === 0 ? 'a.outcome = ?' : 'a.outcome > 0 AND a.outcome = ?', outcome],
    ['a.event_ms >= ?', sinceMs],
    ['a.event_ms <= ?', untilMs],
    [`${id} ${newestFirst === true ? '<' : '>'} ?`, afterId],
  ]
  const restricted = asked.filter((one): one is [string, SqlValue] => one[1] !== undefined)
  return unreadable === true ? [...restricted, ['a.problem IS NOT NULL']] : restricted
}
