// The rows of many records at once, as the repository would keep each: made by its own code, but the four records of a transaction, which
// differ in who wrote them and when alone, are read once.
import { type Arrival, type Described, described } from '../../atna-audit/repository/arrival.js'
import { leafOf } from '../../atna-audit/repository/chain/leaves.js'
import { digestOf, recordRow } from '../../atna-audit/repository/records.js'
import { stretchOf, termKey } from '../../atna-audit/repository/term-keys.js'
import type { SqlValue } from '../../store/store.js'
import { recordAt, recordsOfTransaction } from '../audit-records.js'

export interface Rows {
  from: number
  /** The columns of the record, then the hash of its leaf. */
  records: { row: SqlValue[]; leaf: Uint8Array; terms: BigInt64Array }[]
}

export const origin = 'bench at 127.0.0.1'

/** From one number up to, and without, another. */
export function rowsOf(from: number, to: number, total: number): Rows {
  const records: Rows['records'] = []
  let read: { transaction: number; about: Described } | undefined
  for (let n = from; n < to; n += 1) {
    const { frame, eventMs, source } = recordAt(n, total)
    const arrival: Arrival = { frame, origin, receivedMs: eventMs + 40, repeatable: true }
    const transaction = Math.floor(n / recordsOfTransaction)
    if (read?.transaction !== transaction) read = { transaction, about: firstOf(transaction, total) }
    const about = ofSource(read.about, source, eventMs)
    const terms = about.terms.map(one => termKey(stretchOf(eventMs), one))
    const leaf = leafOf({ id: n + 1, receivedMs: arrival.receivedMs, origin, problem: about.problem, frame })
    const row = recordRow(arrival, about, digestOf(frame))
    records.push({ row: row.map(alone), leaf: new Uint8Array(leaf), terms: BigInt64Array.from(terms) })
  }
  return { from, records }
}

function firstOf(transaction: number, total: number): Described {
  const { frame, eventMs } = recordAt(transaction * recordsOfTransaction, total)
  return described({ frame, receivedMs: eventMs + 40 })
}

/** The name of the first source stands nowhere but where that of another would. */
function ofSource(first: Described, source: string, eventMs: number): Described {
  const terms = first.terms.map(one => one.replace(first.source ?? '', source))
  return { ...first, source, eventMs, terms }
}

/** Bytes that share no memory with others: a message to another thread would take all of it along. */
function alone(value: SqlValue): SqlValue {
  return value instanceof Uint8Array ? new Uint8Array(value) : value
}
