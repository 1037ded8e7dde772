// Records of which the database has said that they are committed, and which it syncs a little later: should it crash within that
// moment, this process still has them. docs/decisions/0378
import type { QueuedRow } from './postgres-queue.js'

export interface UnsyncedRecords {
  add(row: QueuedRow, nowMs: number): void
  /** Delivered, or synced. */
  drop(ids: Iterable<number>): void
  /** The server has lived on until then: what was committed a good while before has been synced. */
  lived(untilMs: number): void
  all(): QueuedRow[]
}

/** Three times the usual wal_writer_delay are 600 ms; a busy machine is given more. */
const syncedAfterMs = 3_000
/** The oldest go first. */
const mostKept = 10_000

/** So many at most; the oldest is let go first, for it is the likeliest to be synced. */
export function unsyncedRecords(): UnsyncedRecords {
  const kept = new Map<number, { row: QueuedRow; sinceMs: number }>()
  return {
    add(row, nowMs) {
      const [oldest] = kept.keys()
      if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest)
      kept.set(row.id, { row, sinceMs: nowMs })
    },
    drop(ids) {
      for (const id of ids) kept.delete(id)
    },
    lived(untilMs) {
      for (const [id, { sinceMs }] of kept) if (sinceMs < untilMs - syncedAfterMs) kept.delete(id)
    },
    all: () => [...kept.values()].map(({ row }) => row),
  }
}
