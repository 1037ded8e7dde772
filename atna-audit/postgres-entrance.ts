// The way into the queue of a process on PostgreSQL: with the commit of somebody else's work, or many records together in a commit of their own.
import type { Ports } from '../ports/ports.js'
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import type { Outcome } from '../store/postgres/transactions.js'
import type { AuditRecord } from './message.js'
import type { OpenOutbox } from './outbox.js'
import type { PostgresQueue, QueuedRow } from './postgres-queue.js'
import type { QueueNumbers } from './queue-numbers.js'
import { writeSyslog } from './syslog.js'
import type { UnsyncedRecords } from './unsynced-records.js'
import { writeMessage } from './write-message.js'

/** Records that are written together when nobody's commit carries them. */
const mostTogether = 500

export interface Entrance {
  /** Only within a transaction of the store: the records are committed with the work around them, or not at all. */
  insert(records: readonly AuditRecord[]): void
  /** The same for frames that were in the queue before; each gets a new number. */
  insertAgain(rows: readonly QueuedRow[]): void
  /** Resolves when they are committed; until the server has synced that, this process still knows them (docs/decisions/0378). */
  append(records: AuditRecord[]): Promise<void>
}

export interface Entering extends Pick<OpenOutbox, 'source'> {
  store: Pick<PostgresStore, 'run' | 'enlist'>
  queue: Pick<PostgresQueue, 'insertion'>
  numbers: Pick<QueueNumbers, 'take' | 'ended'>
  unsynced: Pick<UnsyncedRecords, 'add'>
  ports: Pick<Ports, 'clock' | 'processes'>
  /** What has become of a record. */
  ended(outcome: Outcome, queuedMs: number): void
}

export function entranceTo({ store, queue, numbers, unsynced, source, ports, ended }: Entering): Entrance {
  const { clock, processes } = ports
  const origin = { hostName: processes.hostName, appName: source.appName, processId: processes.pid }
  const pending: Pending[] = []
  let writing = false

  function insert(records: readonly AuditRecord[], whenThere?: (row: QueuedRow) => void): void {
    const queuedMs = clock.now()
    for (const record of records) {
      const message = writeMessage(record, source)
      enlist(queuedMs, id => writeSyslog(origin, record.dateTimeMs, id, message), whenThere)
    }
  }

  function enlist(
    queuedMs: number,
    frameOf: (id: number) => Uint8Array,
    whenThere = (_: QueuedRow): void => undefined,
  ): void {
    const given = numbers.take(1)
    const [id = 0] = given
    const row = { id, queuedMs, frame: frameOf(id) }
    const { sql, values, proof } = queue.insertion(row)
    store.enlist({
      sql,
      values,
      proof,
      ended(outcome) {
        numbers.ended(given)
        if (outcome === 'committed') whenThere(row)
        ended(outcome, queuedMs)
      },
    })
  }

  /** One transaction at a time; what comes meanwhile goes with the next. */
  async function writePending(): Promise<void> {
    if (writing) return
    writing = true
    while (pending.length > 0) {
      const together = pending.splice(0, mostTogether)
      const records = together.flatMap(each => each.records)
      try {
        await store.run(
          async transaction =>
            transaction.alongside(() => insert(records, row => unsynced.add(row, clock.monotonicMs()))),
          'soon',
        )
        for (const { resolve } of together) resolve()
      } catch (problem) {
        for (const { reject } of together) reject(problem)
      }
    }
    writing = false
  }

  return {
    insert: records => insert(records),
    insertAgain(rows) {
      for (const { queuedMs, frame } of rows) enlist(queuedMs, () => frame)
    },
    append(records) {
      return new Promise((resolve, reject) => {
        pending.push({ records, resolve, reject })
        clock.endOfTurn(() => void writePending())
      })
    },
  }
}

interface Pending {
  records: readonly AuditRecord[]
  resolve(): void
  reject(problem: unknown): void
}
