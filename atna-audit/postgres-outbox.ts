// Records that wait for the audit repository, in a PostgreSQL database that several processes share: each has a queue of its own
// and sends it itself; what a process leaves behind that comes back no more, another one takes over. docs/decisions/0223.
import type { Timer } from '../ports/clock.js'
import { OutcomeUnknown } from '../store/postgres/failures.js'
import type { PostgresMigration } from '../store/postgres/migrate.js'
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import type { OpenOutbox, Outbox, QueuedFrame } from './outbox.js'
import { writeSyslog } from './syslog.js'
import { writeMessage } from './write-message.js'

export const postgresOutboxMigrations: PostgresMigration[] = [
  {
    name: '0050-audit-outbox',
    postgres: [
      `CREATE TABLE audit_outbox (queue bigint NOT NULL, id bigint NOT NULL, queued_ms bigint NOT NULL, frame bytea NOT NULL,
        PRIMARY KEY (queue, id))`,
    ],
  },
]

/** How often it is looked for queues that nobody sends. */
const takeOverMs = 5_000
/** More than this are not counted again each time. */
const mostCounted = 10_000
/** Rows that change hands in one transaction. */
const mostTaken = 5_000
/** No transaction lives as long as this without a word (see the settings of a session): by then it is known by its rows, or never was. */
const doubtMs = 300_000
/** Records that are written together when nobody's commit carries them. */
const mostTogether = 500

type Store = Pick<PostgresStore, 'run' | 'look' | 'enlist' | 'keeper'>

export interface PostgresOutbox extends Outbox {
  /** Takes over what belongs to nobody; resolves with how many records that were. */
  takeOver(): Promise<number>
  close(): Promise<void>
}

export function openPostgresOutbox(store: Store, { source, ports }: OpenOutbox): PostgresOutbox {
  const origin = { hostName: ports.processes.hostName, appName: source.appName, processId: ports.processes.pid }
  const queue = store.keeper.process
  /** Of this queue: nobody else gives numbers in it. */
  let lastId = 0
  let waiting = 0
  let oldest: number | undefined
  /** Given and not known to be committed: what lies behind them is not sent before them, or they would be passed over. */
  const underWay = new Set<number>()
  /** The database went away before it said what became of them; looked for until then. */
  const inDoubt = new Map<number, number>()
  const pending: Pending[] = []
  let writing = false
  let taking: Promise<number> = Promise.resolve(0)
  let hear: () => void = () => undefined

  function insert(records: Parameters<Outbox['insert']>[0]): void {
    const queuedMs = ports.clock.now()
    for (const record of records) {
      const id = ++lastId
      underWay.add(id)
      store.enlist({
        sql: 'INSERT INTO audit_outbox VALUES (?, ?, ?, ?)',
        values: [queue, id, queuedMs, writeSyslog(origin, record.dateTimeMs, id, writeMessage(record, source))],
        proof: { sql: 'SELECT id FROM audit_outbox WHERE queue = ? AND id = ?', values: [queue, id] },
        ended(outcome) {
          underWay.delete(id)
          if (outcome === 'unknown') doubt([id])
          if (outcome === 'committed') {
            waiting += 1
            oldest ??= queuedMs
          }
          if (outcome !== 'undone') hear()
        },
      })
    }
  }

  function doubt(ids: readonly number[]): void {
    const untilMs = ports.clock.monotonicMs() + doubtMs
    for (const id of ids) inDoubt.set(id, untilMs)
  }

  /** Numbers that rows may have got, although nobody said so. */
  async function given<Result>(numbers: readonly number[], work: () => Promise<Result>): Promise<Result> {
    const [first = 0] = numbers
    underWay.add(first)
    try {
      return await work()
    } catch (problem) {
      if (problem instanceof OutcomeUnknown) doubt(numbers)
      throw problem
    } finally {
      underWay.delete(first)
    }
  }

  function nextNumbers(count: number): number[] {
    const first = lastId + 1
    lastId += count
    return Array.from({ length: count }, (_, index) => first + index)
  }

  /** One transaction at a time; what comes meanwhile goes with the next. */
  async function writePending(): Promise<void> {
    if (writing) return
    writing = true
    while (pending.length > 0) {
      const together = pending.splice(0, mostTogether)
      try {
        await store.run(
          async transaction => transaction.alongside(() => insert(together.flatMap(({ records }) => records))),
          'soon',
        )
        for (const { resolve } of together) resolve()
      } catch (problem) {
        for (const { reject } of together) reject(problem)
      }
    }
    writing = false
  }

  async function count(): Promise<void> {
    const [row] = await store.look(session =>
      session.query<{ count: number; oldest: number | null }>(
        'SELECT count(*) AS count, min(queued_ms) AS oldest FROM audit_outbox WHERE queue = ?',
        queue,
      ),
    )
    waiting = row?.count ?? 0
    oldest = row?.oldest ?? undefined
  }

  async function takeAllOver(): Promise<number> {
    let taken = 0
    for (let after = -1; ; ) {
      const [other] = await store.look(session =>
        session.query<{ queue: number }>(
          'SELECT queue FROM audit_outbox WHERE queue > ? AND queue <> ? ORDER BY queue LIMIT 1',
          after,
          queue,
        ),
      )
      if (other === undefined) break
      after = other.queue
      if (await store.keeper.isGone(other.queue)) taken += await takeFrom(other.queue)
    }
    // A count that was made while others wrote, or another process took over what was this one's, is put right by the next one.
    if (taken > 0 || waiting < mostCounted) await count()
    if (waiting > 0) hear()
    return taken
  }

  async function takeFrom(other: number): Promise<number> {
    let taken = 0
    for (;;) {
      const numbers = nextNumbers(mostTaken)
      const moved = await given(numbers, () =>
        store.run(transaction =>
          transaction.query(
            `UPDATE audit_outbox o SET queue = ?, id = ? + moved.place FROM (
               SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM audit_outbox WHERE queue = ? ORDER BY id LIMIT ?
             ) moved WHERE o.queue = ? AND o.id = moved.id RETURNING o.id`,
            ...[queue, numbers[0] ?? 0, other, mostTaken, other],
          ),
        ),
      )
      taken += moved.length
      if (moved.length < mostTaken) return taken
    }
  }

  /**
   * Those that were committed after all stand behind whatever was sent meanwhile: under their old numbers they would go with
   * what is delivered before them.
   */
  async function renumber(): Promise<void> {
    const nowMs = ports.clock.monotonicMs()
    const doubtful = [...inDoubt.keys()].slice(0, mostTaken)
    const overdue = doubtful.filter(id => (inDoubt.get(id) ?? 0) < nowMs)
    const numbers = nextNumbers(doubtful.length)
    const found = await given(numbers, () =>
      store.run(transaction =>
        transaction.query<{ was: number }>(
          `UPDATE audit_outbox o SET id = ? + moved.place FROM (
             SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM audit_outbox WHERE queue = ? AND id = ANY (?::bigint[])
           ) moved WHERE o.queue = ? AND o.id = moved.id RETURNING moved.id AS was`,
          ...[numbers[0] ?? 0, queue, doubtful, queue],
        ),
      ),
    )
    for (const id of [...found.map(({ was }) => was), ...overdue]) inDoubt.delete(id)
  }

  function takeOver(): Promise<number> {
    taking = taking.catch(() => 0).then(takeAllOver)
    return taking
  }

  // Should it fail, the next time follows soon.
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined)
  const looking: Timer = ports.clock.every(takeOverMs, () => quietly(takeOver()))
  store.keeper.onBack(() => quietly(count().then(hear)))

  return {
    insert,
    append(records) {
      return new Promise((resolve, reject) => {
        pending.push({ records, resolve, reject })
        ports.clock.endOfTurn(() => void writePending())
      })
    },
    depth: () => waiting,
    oldestMs: () => oldest,
    async waiting(afterId, limit) {
      if (inDoubt.size > 0) await renumber()
      const before = Math.min(...underWay, Number.MAX_SAFE_INTEGER)
      return store.look(session =>
        session.query<QueuedFrame>(
          'SELECT id, frame FROM audit_outbox WHERE queue = ? AND id > ? AND id < ? ORDER BY id LIMIT ?',
          ...[queue, afterId, before, limit],
        ),
      )
    },
    async delivered(throughId) {
      const kept = [...underWay, ...inDoubt.keys()]
      const [row] = await store.run(
        transaction =>
          transaction.query<{ gone: number }>(
            `WITH gone AS (DELETE FROM audit_outbox WHERE queue = ? AND id <= ? AND NOT id = ANY (?::bigint[]) RETURNING id)
             SELECT count(*) AS gone FROM gone`,
            ...[queue, throughId, kept],
          ),
        'soon',
      )
      waiting = Math.max(0, waiting - (row?.gone ?? 0))
      if (waiting === 0) oldest = undefined
    },
    onQueued(listener) {
      hear = listener
    },
    takeOver,
    async close() {
      looking.cancel()
      await taking.catch(() => 0)
    },
  }
}

interface Pending {
  records: Parameters<Outbox['insert']>[0]
  resolve(): void
  reject(problem: unknown): void
}
