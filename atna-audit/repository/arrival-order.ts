// Ids of records in the order in which they came. Where an index names few, they are read from it and sorted; where it would name very
// many, the log is walked in its own order, a bounded way at a time. docs/decisions/0295
import type { SqlValue, Store } from '../../store/store.js'
import { type Clause, clausesOf } from './record-query.js'
import { beginMs, stretchMs, stretchOf, stretchStartMs, termKey } from './term-keys.js'
import { term } from './terms.js'

/** What whoever follows the log asks for: all of it must hold. */
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

export interface IdsFound {
  ids: number[]
  /** Up to where the log was looked through, where there is more of it. */
  walkedTo: number | undefined
}

export interface Bounds {
  /** More are not sorted. */
  sorted: number
  /** Records that one answer walks over. */
  walked: number
  /** Likewise while it has found none. */
  walkedInVain: number
  /** In steps of so many. */
  atOnce: number
}

const usualBounds: Bounds = { sorted: 20_000, walked: 20_000, walkedInVain: 60_000, atOnce: 2_000 }

type Reading = Pick<Store, 'prepare'>

/**
 * In the order of arrival, or the other way round where `search.newestFirst`. Where `walkedTo` is set there may be more: the next search goes on
 * from it, even where nothing was found.
 */
export function idsFound(store: Reading, search: AuditSearch, bounds = usualBounds): IdsFound {
  const clauses = clausesAsked(search)
  if (clauses.length === 0) {
    if (isOfTime(search) && sizeOfTime(store, search, bounds.sorted) <= bounds.sorted) {
      return { ids: byTime(store, search), walkedTo: undefined }
    }
    return walk(store, search, clauses, bounds)
  }
  const sizes = clauses.map(clause => sizeOf(store, clause, search, bounds.sorted))
  const least = Math.min(...sizes)
  if (least > bounds.sorted) return walk(store, search, clauses, bounds)
  const lead = clauses[sizes.indexOf(least)] as Clause
  const others = clauses.filter(clause => clause !== lead)
  return { ids: byTerms(store, search, { lead, others }), walkedTo: undefined }
}

/** Every clause must hold; a kind alone is one too, for there may be few of it among many records. */
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

const isOfTime = ({ sinceMs, untilMs }: AuditSearch): boolean => sinceMs !== undefined || untilMs !== undefined
const endOfTime = 8.64e15

function sizeOfTime(store: Reading, { sinceMs = -endOfTime, untilMs = endOfTime }: AuditSearch, most: number): number {
  const counted = 'SELECT 1 FROM audit_record WHERE event_ms >= ? AND event_ms <= ? LIMIT ?'
  return (
    store.prepare(`SELECT count(*) AS size FROM (${counted})`).get<{ size: number }>(sinceMs, untilMs, most + 1)
      ?.size ?? 0
  )
}

function sizeOf(
  store: Reading,
  clause: Clause,
  { sinceMs = -endOfTime, untilMs = endOfTime }: AuditSearch,
  most: number,
): number {
  const counted = store.prepare(
    'SELECT count(*) AS size FROM (SELECT 1 FROM audit_term WHERE term = ? AND at >= ? AND at <= ? LIMIT ?)',
  )
  let size = 0
  for (const stretch of stretches(store)) {
    const startMs = stretchStartMs(stretch)
    for (const one of clause) {
      const found = counted.get<{ size: number }>(
        ...[termKey(stretch, one), sinceMs - startMs, untilMs - startMs, most + 1 - size],
      )
      size += found?.size ?? 0
      if (size > most) return size
    }
  }
  return size
}

/** Those of which there are records, newest first. */
export function stretches(store: Reading): number[] {
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

function byTime(store: Reading, search: AuditSearch): number[] {
  const { conditions, values } = restricted(search)
  return store
    .prepare(
      `SELECT a.id FROM audit_record a INDEXED BY audit_record_time WHERE ${conditions.join(' AND ')}
       ORDER BY +a.id ${directionOf(search)} LIMIT ?`,
    )
    .all<{ id: number }>(...values, search.limit)
    .map(({ id }) => id)
}

function byTerms(store: Reading, search: AuditSearch, { lead, others }: { lead: Clause; others: Clause[] }): number[] {
  const keys = stretches(store).flatMap(stretch => lead.map(one => termKey(stretch, one)))
  const { conditions, values } = restricted(search)
  const having = others.map(other => `EXISTS (${hasTerm(other, 'l.term >> 52', 'l.at', 'l.record')})`)
  return store
    .prepare(
      `SELECT DISTINCT a.id FROM audit_term l CROSS JOIN audit_record a ON a.id = l.record
       WHERE l.term IN (${keys.map(() => '?').join(', ')}) AND ${[...having, ...conditions].join(' AND ')}
       ORDER BY a.id ${directionOf(search)} LIMIT ?`,
    )
    .all<{ id: number }>(...keys, ...others.flatMap(hashesOf), ...values, search.limit)
    .map(({ id }) => id)
}

function walk(store: Reading, search: AuditSearch, clauses: readonly Clause[], bounds: Bounds): IdsFound {
  const { conditions, values } = restricted(search)
  const [direction, beyond, upTo, farthest] =
    search.newestFirst === true ? ['DESC', '<', '>=', 'min'] : ['ASC', '>', '<=', 'max']
  const stretch = `min(max((a.event_ms - ${beginMs}) / ${stretchMs}, 0), ${2 ** 11 - 1})`
  const at = `a.event_ms - ${beginMs} - ${stretch} * ${stretchMs}`
  const having = clauses.map(clause => `EXISTS (${hasTerm(clause, stretch, at, 'a.id')})`)
  const some = `SELECT id FROM audit_record WHERE id ${beyond} ? ORDER BY id ${direction} LIMIT ${bounds.atOnce}`
  const end = store.prepare(`SELECT ${farthest}(id) AS id, count(*) AS count FROM (${some})`)
  const found = store.prepare(
    `SELECT a.id FROM audit_record a WHERE a.id ${beyond} ? AND a.id ${upTo} ?
     AND ${[...having, ...conditions].join(' AND ')} ORDER BY a.id ${direction} LIMIT ?`,
  )
  const ids: number[] = []
  let from = startOf(store, search)
  for (let walked = bounds.atOnce; ; walked += bounds.atOnce) {
    const { id: to, count } = end.get<{ id: number | null; count: number }>(from) ?? { id: null, count: 0 }
    if (to === null) return { ids, walkedTo: undefined }
    const rows = found.all<{ id: number }>(from, to, ...clauses.flatMap(hashesOf), ...values, search.limit - ids.length)
    for (const { id } of rows) ids.push(id)
    if (ids.length >= search.limit || count < bounds.atOnce) return { ids, walkedTo: undefined }
    if (walked >= (ids.length > 0 ? bounds.walked : bounds.walkedInVain)) return { ids, walkedTo: to }
    from = to
  }
}

/** Nobody's clock is further ahead than that of the easternmost zone, whose time some write without saying so, and an hour. */
const aheadMs = 15 * 3_600_000

/** Behind this the walk begins. What is told from a time on has not arrived long before it. */
function startOf(store: Reading, { afterId, newestFirst, sinceMs }: AuditSearch): number {
  if (newestFirst === true) return afterId ?? Number.MAX_SAFE_INTEGER
  if (sinceMs === undefined) return afterId ?? 0
  const last = store.prepare('SELECT max(id) AS id FROM audit_record').get<{ id: number | null }>()?.id ?? 0
  const arrived = store.prepare('SELECT received_ms AS ms FROM audit_record WHERE id >= ? ORDER BY id LIMIT 1')
  let [low, high] = [afterId ?? 0, last]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((arrived.get<{ ms: number }>(middle + 1)?.ms ?? 0) < sinceMs - aheadMs) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether a record has one of the terms, in the stretch of its own time. */
function hasTerm(clause: Clause, stretch: string, at: string, record: string): string {
  const keys = clause.map(() => `((${stretch}) << 52) | ?`).join(', ')
  return `SELECT 1 FROM audit_term o WHERE o.term IN (${keys}) AND o.at = ${at} AND o.record = ${record}`
}

const hashesOf = (clause: Clause): bigint[] => clause.map(one => termKey(0, one))
const directionOf = ({ newestFirst }: AuditSearch): 'ASC' | 'DESC' => (newestFirst === true ? 'DESC' : 'ASC')

/** What is looked up in the record itself. */
function restricted(search: AuditSearch): { conditions: string[]; values: SqlValue[] } {
  const { eventType, outcome, sinceMs, untilMs, afterId, unreadable, newestFirst } = search
  const asked: [string, SqlValue | undefined][] = [
    ['coalesce(a.type, a.event) = ?', eventType],
    ['a.outcome = ?', outcome],
    ['a.event_ms >= ?', sinceMs],
    ['a.event_ms <= ?', untilMs],
    [`a.id ${newestFirst === true ? '<' : '>'} ?`, afterId],
  ]
  const given = asked.filter((one): one is [string, SqlValue] => one[1] !== undefined)
  const conditions = ['1', ...given.map(([condition]) => condition)]
  if (unreadable === true) conditions.push('a.problem IS NOT NULL')
  return { conditions, values: given.map(([, value]) => value) }
}
