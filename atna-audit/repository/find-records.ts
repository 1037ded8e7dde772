// Records found by what is asked of them, newest event first, page by page. Every page comes in bounded time: one that has looked
// long enough gives what it has and from where to go on. docs/decisions/0295.
import type { Clock } from '../../ports/clock.js'
import type { SqlValue, Store } from '../../store/store.js'
import { type Clause, clausesOf, type RecordQuery, type Restriction, restrictionsOf } from './record-query.js'
import { recordById, type StoredRecord } from './search.js'
import { stretchOf, stretchStartMs, termKey } from './term-keys.js'

export interface RecordPage {
  records: StoredRecord[]
  /** Where the next page begins; undefined at the end. A page may hold fewer than its limit, even none, and still go on. */
  next: string | undefined
}

export interface FindOptions {
  limit: number
  /** `next` of the page before. */
  cursor?: string
  /** For how long one page may look. */
  budgetMs?: number
}

const usualBudgetMs = 60
/** One page stops short of its limit when it has grown to this size. */
const mostPageBytes = 16 * 1024 * 1024

/** @throws RangeError when the cursor is not one of ours. */
export function findRecords(
  store: Store,
  query: RecordQuery,
  { limit, cursor, budgetMs = usualBudgetMs }: FindOptions,
  clock: Pick<Clock, 'monotonicMs'>,
): RecordPage {
  const untilMs = clock.monotonicMs() + budgetMs
  const records: StoredRecord[] = []
  let bytes = 0
  let from = cursor === undefined ? startOf(query) : positionIn(cursor)
  for (const step of matches(store, query, from, limit)) {
    for (const [at, position] of step.found.entries()) {
      const record = recordById(store, position.id)
      if (record !== undefined) records.push(record)
      bytes += record?.frame.byteLength ?? 0
      const more = at < step.found.length - 1 || step.next !== undefined
      if (more && (records.length === limit || bytes >= mostPageBytes)) return { records, next: cursorOf(position) }
    }
    if (step.next === undefined) break
    from = step.next
    if (clock.monotonicMs() >= untilMs) return { records, next: cursorOf(from) }
  }
  return { records, next: undefined }
}

/** All pages, as they are found; others have their turn between them. */
export async function* foundRecords(
  store: Store,
  query: RecordQuery,
  options: FindOptions,
  clock: Pick<Clock, 'monotonicMs' | 'endOfTurn'>,
): AsyncGenerator<RecordPage> {
  let cursor = options.cursor
  do {
    const page = findRecords(store, query, cursor === undefined ? options : { ...options, cursor }, clock)
    yield page
    cursor = page.next
    await new Promise<void>(resolve => clock.endOfTurn(resolve))
  } while (cursor !== undefined)
}

/** The first of them, wherever they are: what is not there by then is not there at all, however slow the machine or long the log. */
export async function firstRecords(
  store: Store,
  query: RecordQuery,
  limit: number,
  clock: Pick<Clock, 'monotonicMs' | 'endOfTurn'>,
): Promise<StoredRecord[]> {
  const first: StoredRecord[] = []
  for await (const { records } of foundRecords(store, query, { limit }, clock)) {
    first.push(...records)
    if (first.length >= limit) break
  }
  return first.slice(0, limit)
}

/** How many there are, up to `most` and within the time; `exact` says whether that is all. */
export function countRecords(
  store: Store,
  query: RecordQuery,
  { most = 10_000, budgetMs = usualBudgetMs }: { most?: number; budgetMs?: number },
  clock: Pick<Clock, 'monotonicMs'>,
): { count: number; exact: boolean } {
  const untilMs = clock.monotonicMs() + budgetMs
  let count = 0
  for (const { found, next } of matches(store, query, startOf(query), most)) {
    count += found.length
    if (count > most) return { count: most, exact: false }
    if (next !== undefined && clock.monotonicMs() >= untilMs) return { count, exact: false }
  }
  return { count, exact: true }
}

/** Of an event; the later one comes first, of one time the later arrived. */
interface Position {
  eventMs: number
  id: number
}

const endOfTime = 8.64e15
const startOf = ({ untilMs = endOfTime }: RecordQuery): Position => ({ eventMs: untilMs, id: Number.MAX_SAFE_INTEGER })
const cursorOf = ({ eventMs, id }: Position) => `${eventMs}.${id}`

function positionIn(cursor: string): Position {
  const [, eventMs, id] = /^(-?\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? []
  if (eventMs === undefined) throw new RangeError('this is no place in a list of audit records')
  return { eventMs: Number(eventMs), id: Number(id) }
}

interface Step {
  found: Position[]
  /** Everything before this has been looked at; undefined at the end. */
  next: Position | undefined
}

const mostLookedAt = 8_192

/** From a position on, in steps of a few milliseconds. */
function* matches(store: Store, query: RecordQuery, from: Position, wanted: number): Generator<Step> {
  const clauses = clausesOf(query)
  const restrictions = restrictionsOf(query)
  const sinceMs = query.sinceMs ?? -endOfTime
  let position: Position | undefined = from
  while (position !== undefined) {
    const newest = newestBefore(store, position)
    if (newest === undefined || newest < sinceMs) break
    const stretch = stretchOf(newest)
    const startMs = stretch === 0 ? -endOfTime : stretchStartMs(stretch)
    const lowest = { eventMs: Math.max(sinceMs, startMs), id: 0 }
    const lead = leadOf(store, clauses, stretch, { position, lowest })
    // Years may have nothing of it: whoever looks through them has an eye on the time.
    if (lead === undefined && startMs > sinceMs) yield { found: [], next: { eventMs: startMs, id: 0 } }
    let lookedAt = Math.min(2 * wanted, mostLookedAt)
    while (lead !== undefined && position !== undefined) {
      const end: Position | undefined = lead.after(position, lowest, lookedAt)
      const found = lead.matching(position, end ?? lowest, restrictions)
      position = end
      if (end !== undefined) yield { found, next: end }
      else yield { found, next: { eventMs: lowest.eventMs, id: 0 } }
      lookedAt = Math.min(lookedAt * 4, mostLookedAt)
    }
    position = startMs > sinceMs ? { eventMs: startMs, id: 0 } : undefined
  }
  yield { found: [], next: undefined }
}

function newestBefore(store: Store, { eventMs, id }: Position): number | undefined {
  const found = store
    .prepare(
      'SELECT event_ms AS at FROM audit_record WHERE (event_ms, id) < (?, ?) ORDER BY event_ms DESC, id DESC LIMIT 1',
    )
    .get<{ at: number }>(eventMs, id)
  return found?.at
}

interface Range {
  position: Position
  lowest: Position
}

/** Goes through the records of a stretch by the rarest of the clauses, and asks of each whether it has the others. */
interface Lead {
  /** The place behind the next so many, or undefined when fewer are left. */
  after(position: Position, lowest: Position, count: number): Position | undefined
  /** Those after the position down to `end`, itself included, of which all clauses hold. */
  matching(position: Position, end: Position, restrictions: Restriction[]): Position[]
}

/** Undefined when no record of the stretch can match. */
function leadOf(store: Store, clauses: readonly Clause[], stretch: number, range: Range): Lead | undefined {
  if (clauses.length === 0) return byTime(store)
  const scans = clauses.map(clause => scanOf(clause, stretch))
  const sizes = clauses.length === 1 ? [1] : sizesOf(store, scans, range)
  const least = Math.min(...sizes)
  if (least === 0) return undefined
  const lead = sizes.indexOf(least)
  const others = scans.filter((_, at) => at !== lead)
  return byTerms(store, scans[lead] as Scan, others, stretchStartMs(stretch))
}

/** A clause as rows of the index: its terms within one stretch. */
interface Scan {
  keys: bigint[]
  startMs: number
}

function scanOf(clause: Clause, stretch: number): Scan {
  return { keys: [...new Set(clause)].map(one => termKey(stretch, one)), startMs: stretchStartMs(stretch) }
}

/** Counted no further than tells which is the rarest: most questions have something rare. */
const countedTo = [64, 1_024, 20_000]

function sizesOf(store: Store, scans: readonly Scan[], range: Range): number[] {
  let sizes: number[] = []
  for (const most of countedTo) {
    sizes = scans.map(scan => sizeOf(store, scan, range, most))
    if (Math.min(...sizes) < most) break
  }
  return sizes
}

function sizeOf(store: Store, { keys, startMs }: Scan, { position, lowest }: Range, most: number): number {
  let size = 0
  const counted = store.prepare(
    'SELECT count(*) AS size FROM (SELECT 1 FROM audit_term WHERE term = ? AND at >= ? AND at <= ? LIMIT ?)',
  )
  for (const key of keys) {
    size += counted.get<{ size: number }>(key, lowest.eventMs - startMs, position.eventMs - startMs, most)?.size ?? 0
  }
  return size
}

function byTerms(store: Store, lead: Scan, others: readonly Scan[], startMs: number): Lead {
  const rows = (end: string) =>
    lead.keys
      .map(() => `SELECT at, record FROM audit_term WHERE term = ? AND (at, record) < (?, ?) AND ${end}`)
      .join(' UNION ')
  const bounds = (position: Position, ...end: SqlValue[]) =>
    lead.keys.flatMap(key => [key, position.eventMs - startMs, position.id, ...end])
  const having = others.map(
    ({ keys }) =>
      `EXISTS (SELECT 1 FROM audit_term t WHERE t.term IN (${keys.map(() => '?').join(', ')}) AND t.at = l.at AND t.record = l.record)`,
  )
  return {
    after(position, lowest, count) {
      const found = store
        .prepare(`${rows('at >= ?')} ORDER BY at DESC, record DESC LIMIT 1 OFFSET ?`)
        .get<{ at: number; record: number }>(...bounds(position, lowest.eventMs - startMs), count - 1)
      return found && { eventMs: found.at + startMs, id: found.record }
    },
    matching(position, end, restrictions) {
      const conditions = [...having, ...restrictions.map(({ column }) => `a.${column} = ?`)]
      const record = restrictions.length === 0 ? '' : ' CROSS JOIN audit_record a ON a.id = l.record'
      const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
      return store
        .prepare(`SELECT l.at, l.record FROM (${rows('(at, record) >= (?, ?)')}) l${record}${where}`)
        .all<{ at: number; record: number }>(
          ...bounds(position, end.eventMs - startMs, end.id),
          ...others.flatMap(({ keys }) => keys),
          ...restrictions.map(({ value }) => value),
        )
        .map(found => ({ eventMs: found.at + startMs, id: found.record }))
        .sort(newestFirst)
    },
  }
}

function byTime(store: Store): Lead {
  const rows = 'SELECT event_ms AS eventMs, id FROM audit_record a WHERE (event_ms, id) < (?, ?)'
  return {
    after: (position, lowest, count) =>
      store
        .prepare(`${rows} AND event_ms >= ? ORDER BY event_ms DESC, id DESC LIMIT 1 OFFSET ?`)
        .get<Position>(position.eventMs, position.id, lowest.eventMs, count - 1),
    matching: (position, end, restrictions) =>
      store
        .prepare(
          `${rows} AND (event_ms, id) >= (?, ?)${restrictions.map(({ column }) => ` AND a.${column} = ?`).join('')}`,
        )
        .all<Position>(position.eventMs, position.id, end.eventMs, end.id, ...restrictions.map(({ value }) => value))
        .sort(newestFirst),
  }
}

function newestFirst(one: Position, other: Position): number {
  return other.eventMs - one.eventMs || other.id - one.id
}
