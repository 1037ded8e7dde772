// The records of the audit repository: every frame as it came, beside what can be searched for. Nothing here is ever changed.
import { hash } from 'node:crypto'
import type { SqlValue, Store } from '../../store/store.js'
import type { Arrival, Described } from './arrival.js'
import { keepLeaf } from './chain/leaves.js'
import { packed, unpacked } from './frames.js'
import { stretchOf, stretchStartMs, termKey } from './term-keys.js'
import type { Term } from './terms.js'

export { auditRepositoryMigrations } from './migrations.js'

export const insertRecord = `INSERT INTO audit_record
  (received_ms, event_ms, origin, event, type, action, outcome, source, host, problem, digest, form, frame)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Within `store.write`: one more record, unless a repeatable frame is here already. @returns its id, or that of the first. */
export function keep(store: Store, arrival: Arrival, about: Described): number {
  const digest = arrival.repeatable ? digestOf(arrival.frame) : null
  const known = digest === null ? undefined : knownAs(store, digest, arrival.frame)
  if (known !== undefined) return known
  const { lastInsertRowid } = store.prepare(insertRecord).run(...recordRow(arrival, about, digest))
  const id = Number(lastInsertRowid)
  const { receivedMs, origin } = arrival
  keepLeaf(store, { id, receivedMs, origin, problem: about.problem, frame: arrival.frame })
  index(store, id, about)
  return id
}

/** In the order of `insertRecord`. */
export function recordRow(arrival: Arrival, about: Described, digest: number | null): SqlValue[] {
  const { eventMs, event, type, action, outcome, source, host, problem } = about
  const { form, frame } = packed(arrival.frame)
  return [
    ...[arrival.receivedMs, eventMs, arrival.origin, event, type, action, outcome, source, host, problem],
    ...[digest, form, frame],
  ]
}

/** So many terms go into the index by one statement. */
const termsAtOnce = 16

/** Within `store.write`: makes a record found by its terms. */
export function index(store: Store, record: number, { eventMs, terms }: Pick<Described, 'eventMs' | 'terms'>): void {
  const stretch = stretchOf(eventMs)
  const at = eventMs - stretchStartMs(stretch)
  for (let first = 0; first < terms.length; first += termsAtOnce) {
    const some = terms.slice(first, first + termsAtOnce)
    const values: SqlValue[] = []
    for (const one of some) values.push(termKey(stretch, one), at, record)
    store.prepare(insertTerms(some)).run(...values)
  }
}

// What is there already is no harm: an index that was begun is begun again.
function insertTerms(terms: readonly Term[]): string {
  return `INSERT OR IGNORE INTO audit_term (term, at, record) VALUES ${terms.map(() => '(?, ?, ?)').join(', ')}`
}

/**
 * A number that finds; the bytes themselves then decide. The second of the syslog header comes before 20 bits of the
 * SHA-256, so that records of one time lie side by side in the index.
 */
export function digestOf(frame: Buffer): number {
  const [, timestamp = ''] = startOfHeader.exec(frame.toString('latin1', 0, 80)) ?? []
  const second = Math.floor((Date.parse(timestamp) || 0) / 1000) % 2 ** 32
  return Math.abs(second) * 2 ** 20 + Number.parseInt(hash('sha256', frame, 'hex').slice(0, 5), 16)
}

const startOfHeader = /^<\d{1,3}>1 (\S+) /

function knownAs(store: Store, digest: number, frame: Buffer): number | undefined {
  return store
    .prepare('SELECT id, form, frame FROM audit_record WHERE digest = ?')
    .all<{ id: number; form: number | null; frame: Uint8Array }>(digest)
    .find(known => frame.equals(unpacked(known)))?.id
}
