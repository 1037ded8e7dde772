// The rows of `audit_outbox` as one process asks for them: those of its own queue, and what others have left behind.
import type { PostgresMigration } from '../store/postgres/migrate.js'
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import type { PostgresValue } from '../store/postgres/session.js'
import type { Enlisted } from '../store/postgres/transactions.js'
import type { QueuedFrame } from './outbox.js'
import type { QueueNumbers } from './queue-numbers.js'

export const postgresOutboxMigrations: PostgresMigration[] = [
  {
    name: '0050-audit-outbox',
    postgres: [
      `CREATE TABLE audit_outbox (queue bigint NOT NULL, id bigint NOT NULL, queued_ms bigint NOT NULL, frame bytea NOT NULL,
        PRIMARY KEY (queue, id))`,
    ],
  },
]

/** Rows that change hands in one transaction. */
const mostMoved = 5_000

export interface QueuedRow extends QueuedFrame {
  queuedMs: number
}

export interface PostgresQueue {
  /** With the proof that it was committed. */
  insertion(row: QueuedRow): Pick<Enlisted, 'sql' | 'values' | 'proof'>
  between(afterId: number, beforeId: number, limit: number): Promise<QueuedFrame[]>
  remove(ids: readonly number[]): Promise<number>
  counted(): Promise<{ count: number; oldestMs: number | undefined }>
  /** Which of these are there. */
  there(ids: readonly number[]): Promise<Set<number>>
  /** Up to this one, the first of them. */
  idsThrough(lastId: number): Promise<number[]>
  /** The next queue of somebody else. */
  otherAfter(queue: number): Promise<number | undefined>
  /** All of another queue, behind everything in this one; how many they were. */
  takeFrom(other: number): Promise<number>
  /** Of this queue, behind everything in it. */
  putLast(ids: readonly number[]): Promise<void>
}

/** `queue` is the number of this process; rows that are taken over from others get numbers of its own, some at a time. */
export function postgresQueue(
  store: Pick<PostgresStore, 'run' | 'look'>,
  queue: number,
  numbers: QueueNumbers,
): PostgresQueue {
  const look = <Row>(sql: string, ...values: PostgresValue[]) =>
    store.look(session => session.query<Row>(sql, ...values))

  /** Should nobody say whether it was done, the rows are found under either number. */
  async function moved(from: number, which: string, value: PostgresValue): Promise<number> {
    const given = numbers.take(mostMoved)
    try {
      const rows = await store.run(transaction =>
        transaction.query(
          `UPDATE audit_outbox o SET queue = ?, id = ? + moved.place FROM (
             SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM audit_outbox WHERE queue = ? ${which}
           ) moved WHERE o.queue = ? AND o.id = moved.id RETURNING o.id`,
          ...[queue, given[0] ?? 0, from, value, from],
        ),
      )
      return rows.length
    } finally {
      numbers.ended(given)
    }
  }

  return {
    insertion: ({ id, queuedMs, frame }) => ({
      sql: 'INSERT INTO audit_outbox VALUES (?, ?, ?, ?)',
      values: [queue, id, queuedMs, frame],
      proof: { sql: 'SELECT id FROM audit_outbox WHERE queue = ? AND id = ?', values: [queue, id] },
    }),
    between: (afterId, beforeId, limit) =>
      look<QueuedFrame>(
        'SELECT id, frame FROM audit_outbox WHERE queue = ? AND id > ? AND id < ? ORDER BY id LIMIT ?',
        ...[queue, afterId, beforeId, limit],
      ),
    async remove(ids) {
      const [row] = await store.run(
        transaction =>
          transaction.query<{ gone: number }>(
            `WITH gone AS (DELETE FROM audit_outbox WHERE queue = ? AND id = ANY (?::bigint[]) RETURNING id)
             SELECT count(*) AS gone FROM gone`,
            ...[queue, ids],
          ),
        'soon',
      )
      return row?.gone ?? 0
    },
    async counted() {
      const [row] = await look<{ count: number; oldest: number | null }>(
        'SELECT count(*) AS count, min(queued_ms) AS oldest FROM audit_outbox WHERE queue = ?',
        queue,
      )
      return { count: row?.count ?? 0, oldestMs: row?.oldest ?? undefined }
    },
    async there(ids) {
      const found = await look<{ id: number }>(
        'SELECT id FROM audit_outbox WHERE queue = ? AND id = ANY (?::bigint[])',
        ...[queue, ids],
      )
      return new Set(found.map(({ id }) => id))
    },
    async idsThrough(lastId) {
      const found = await look<{ id: number }>(
        'SELECT id FROM audit_outbox WHERE queue = ? AND id <= ? ORDER BY id LIMIT ?',
        ...[queue, lastId, mostMoved],
      )
      return found.map(({ id }) => id)
    },
    async otherAfter(after) {
      const [other] = await look<{ queue: number }>(
        'SELECT queue FROM audit_outbox WHERE queue > ? AND queue <> ? ORDER BY queue LIMIT 1',
        ...[after, queue],
      )
      return other?.queue
    },
    async takeFrom(other) {
      for (let taken = 0; ; ) {
        const some = await moved(other, 'ORDER BY id LIMIT ?', mostMoved)
        taken += some
        if (some < mostMoved) return taken
      }
    },
    putLast: async ids => void (await moved(queue, 'AND id = ANY (?::bigint[])', ids)),
  }
}
