// Finding records again in the order in which they came, as whoever follows the log asks: a trace, a patient, a document, a kind, a time.
import type { SqlValue, Store } from '../../store/store.js'
import { unpacked } from './frames.js'
import { type Clause, clausesOf } from './record-query.js'
import { stretchOf, stretchStartMs, termKey } from './term-keys.js'
import { term } from './terms.js'

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
  /** As it came. */
  frame: Buffer
}

/** One answer stops short of its limit when it has grown to this size. */
const mostBytes = 32 * 1024 * 1024

/** The records in order of arrival; where more may follow, ask again with the last id as `afterId` until none comes. */
export function searchAudit(store: Store, search: AuditSearch): StoredRecord[] {
  const records: StoredRecord[] = []
  let left = mostBytes
  for (const id of idsFound(store, search)) {
    const record = recordById(store, id)
    if (record === undefined) continue
    records.push(record)
    left -= record.frame.byteLength
    if (left <= 0) break
  }
  return records
}

export function recordById(store: Pick<Store, 'prepare'>, id: number): StoredRecord | undefined {
  const found = store
    .prepare(`SELECT id, received_ms AS receivedMs, origin, problem, form, frame FROM audit_record WHERE id = ?`)
    .get<Omit<StoredRecord, 'frame'> & { form: number | null; frame: Uint8Array }>(id)
  if (found === undefined) return undefined
  const { receivedMs, origin, problem } = found
  return { id, receivedMs, origin, problem, frame: unpacked(found) }
}

function idsFound(store: Store, search: AuditSearch): number[] {
  const [lead, ...others] = clausesAsked(search)
  const values: SqlValue[] = []
  const conditions: string[] = []
  const id = lead === undefined ? 'a.id' : 'l.record'
  const from = lead === undefined ? 'audit_record a' : 'audit_term l CROSS JOIN audit_record a ON a.id = l.record'
  if (lead !== undefined) {
    const keys = stretches(store).flatMap(stretch => lead.map(one => termKey(stretch, one)))
    conditions.push(`l.term IN (${keys.map(() => '?').join(', ')})`)
    values.push(...keys)
  }
  for (const other of others) {
    const keys = other.map(() => '((l.term >> 52) << 52) | ?').join(', ')
    conditions.push(
      `EXISTS (SELECT 1 FROM audit_term o WHERE o.term IN (${keys}) AND o.at = l.at AND o.record = l.record)`,
    )
    values.push(...other.map(one => termKey(0, one)))
  }
  for (const [condition, value] of restrictions(search, id)) {
    conditions.push(condition)
    if (value !== undefined) values.push(value)
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const order = `ORDER BY ${id} ${search.newestFirst === true ? 'DESC' : 'ASC'} LIMIT ?`
  return store
    .prepare(`SELECT DISTINCT ${id} AS id FROM ${from} ${where} ${order}`)
    .all<{ id: number }>(...values, search.limit)
    .map(found => found.id)
}

/** Those of which there are records, newest first. */
export function stretches(store: Pick<Store, 'prepare'>): number[] {
  const found: number[] = []
  let beforeMs: number | undefined = Number.MAX_SAFE_INTEGER
  while (beforeMs !== undefined) {
    const newest: { at: number | null } | undefined = store
      .prepare('SELECT max(event_ms) AS at FROM audit_record WHERE event_ms < ?')
      .get(beforeMs)
    if (newest === undefined || newest.at === null) break
    const stretch = stretchOf(newest.at)
    found.push(stretch)
    beforeMs = stretch === 0 ? undefined : stretchStartMs(stretch)
  }
  return found
}

/** The first leads; a kind alone leads too, for there may be few of it among many records. */
function clausesAsked(search: AuditSearch): Clause[] {
  const { traceId, uniqueId, patientId, userId, eventType, outcome, unreadable } = search
  return [
    ...(traceId === undefined ? [] : clausesOf({ trace: traceId })),
    ...(uniqueId === undefined ? [] : clausesOf({ object: uniqueId })),
    ...(patientId === undefined ? [] : clausesOf({ patient: patientId })),
    ...(userId === undefined
      ? []
      : clausesOf({ person: userId })
          .slice(0, 1)
          .map(clause => clause.slice(0, 1))),
    ...(unreadable === true ? clausesOf({ unreadable }) : []),
    ...(outcome === undefined ? [] : clausesOf({ outcome })),
    ...(eventType === undefined ? [] : [[term('type', eventType), term('event', eventType)]]),
  ]
}

function restrictions(search: AuditSearch, id: string): [condition: string, value?: SqlValue][] {
  const { eventType, outcome, sinceMs, untilMs, afterId, unreadable, newestFirst } = search
  const asked: [string, SqlValue | undefined][] = [
    ['coalesce(a.type, a.event) = ?', eventType],
    ['a.outcome = ?', outcome],
    ['a.event_ms >= ?', sinceMs],
    ['a.event_ms <= ?', untilMs],
    [`${id} ${newestFirst === true ? '<' : '>'} ?`, afterId],
  ]
  const restricted = asked.filter((one): one is [string, SqlValue] => one[1] !== undefined)
  return unreadable === true ? [...restricted, ['a.problem IS NOT NULL']] : restricted
}
