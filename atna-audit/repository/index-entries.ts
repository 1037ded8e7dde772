// What the index holds of a kept record, worked out again from the record itself: for those who check it and those who take it away.
import { described } from './arrival.js'
import { unpacked } from './frames.js'
import { stretchOf, stretchStartMs, termKey } from './term-keys.js'

export interface KeptRow {
  form: number | null
  frame: Uint8Array
  receivedMs: number
  problem: string | null
}

/** `keys` and `at` are columns of audit_term. */
export function indexEntriesOf(row: KeptRow) {
  const about = described({
    frame: unpacked(row),
    receivedMs: row.receivedMs,
    ...(row.problem !== null && { problem: row.problem }),
  })
  const stretch = stretchOf(about.eventMs)
  const at = about.eventMs - stretchStartMs(stretch)
  return { about, at, keys: about.terms.map(one => termKey(stretch, one)) }
}
