// What stands for a term in the index: 52 bits of its SHA-256 below the number of a stretch of time. Records of one time so lie
// side by side for every term, and writing touches only the newest part of the index, however large it grows. docs/decisions/0295.
import { hash } from 'node:crypto'
import type { Term } from './terms.js'

/** 2000-01-01; a stretch is some 25 days, so that a moment within one is a short number. */
export const beginMs = 946_684_800_000
export const stretchMs = 2 ** 31
const lastStretch = 2 ** 11 - 1

/** What lies outside of the years 2000 to 2139 belongs to the first or the last stretch. */
export function stretchOf(eventMs: number): number {
  return Math.min(Math.max(Math.floor((eventMs - beginMs) / stretchMs), 0), lastStretch)
}

/** Milliseconds in UTC of the stretch's first moment. */
export function stretchStartMs(stretch: number): number {
  return beginMs + stretch * stretchMs
}

/** The number of a term within a stretch. */
export function termKey(stretch: number, term: Term): bigint {
  return (BigInt(stretch) << 52n) | hashOf(term)
}

const hashes = new Map<Term, bigint>()
const mostHashes = 20_000

function hashOf(term: Term): bigint {
  const known = hashes.get(term)
  if (known !== undefined) return known
  const made = hash('sha256', term, 'buffer').readBigUInt64BE(0) >> 12n
  if (hashes.size >= mostHashes) hashes.clear()
  hashes.set(term, made)
  return made
}
