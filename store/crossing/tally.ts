// What has been seen of a table, so that two engines can be held against one another: how many rows, and a digest that does not depend on
// the order in which they came.
import { createHash } from 'node:crypto'
import type { Crossing, Travelling, TravellingRow } from './crossing.js'

export interface Tally {
  add(row: TravellingRow): void
  readonly rows: number
  /** Equal where the rows are: the sum of their digests. */
  readonly digest: string
}

const modulus = 2n ** 128n

export function tallyOf({ columns, apart = [] }: Pick<Crossing, 'columns' | 'apart'>): Tally {
  const compared = Object.keys(columns).filter(name => !apart.includes(name))
  let rows = 0
  let sum = 0n
  return {
    add(row) {
      const text = JSON.stringify(compared.map(name => comparableOf(row[name] ?? null)))
      rows += 1
      sum = (sum + BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)) % modulus
    },
    get rows() {
      return rows
    },
    get digest() {
      return sum.toString(16)
    },
  }
}

/** Arrays are sets; the embedded engine keeps each of their values once. */
function comparableOf(value: Travelling): unknown {
  if (value instanceof Uint8Array)
    return { bytes: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') }
  return typeof value === 'object' && value !== null ? [...new Set(value)].sort() : value
}
