// Records that wait for the audit repository, in the database of the service that wrote them: committed with its own work,
// deleted when the audit repository has them. [ITI TF-2:3.20.4.1.1]
import type { Ports } from '../ports/ports.js'
import { atOnce, inTurns, type Steps } from '../ports/turns.js'
import type { Migration, Store } from '../store/store.js'
import type { AuditRecord } from './message.js'
import { writeSyslog } from './syslog.js'
import { type AuditSource, writeMessage } from './write-message.js'

export const outboxMigrations: Migration[] = [
  {
    name: '0050-audit-outbox',
    sqlite: ['CREATE TABLE audit_outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, queued_ms INTEGER, frame BLOB)'],
  },
  {
    // AUTOINCREMENT writes a page of its own with each commit; the outbox knows by itself which ids are used up.
    name: '0051-audit-outbox-numbers',
    sqlite: [
      'ALTER TABLE audit_outbox RENAME TO audit_outbox_before',
      'CREATE TABLE audit_outbox (id INTEGER PRIMARY KEY, queued_ms INTEGER, frame BLOB)',
      'INSERT INTO audit_outbox SELECT id, queued_ms, frame FROM audit_outbox_before',
      'DROP TABLE audit_outbox_before',
    ],
  },
]

export interface QueuedFrame {
  /** Never used again while this process lives: ids tell the order and, being without gaps, the number of what waits. */
  id: number
  /** The syslog message as it is sent, the same bytes each time. */
  frame: Uint8Array
}

/** At-least-once: what is inserted is sent until the audit repository has it, over any number of starts. [ITI TF-2:3.20.4.1] */
export interface Outbox {
  /** Only within `store.write`: the records are committed with the work around them, or not at all. */
  insert(records: AuditRecord[]): void
  /** For records that go with no other write; survives the end of the process at once, a power cut after 100 ms. */
  append(records: AuditRecord[]): Promise<void>
  /** How many wait. */
  depth(): number
  /** When the record that waits longest was written, or undefined when none waits. */
  oldestMs(): number | undefined
  /** The next to be sent, oldest first. */
  waiting(afterId: number, limit: number): Promise<QueuedFrame[]>
  /** The audit repository has all up to this id. */
  delivered(throughId: number): Promise<void>
  /** Calls `hear` when records have been inserted; they may still be uncommitted. */
  onQueued(hear: () => void): void
}

interface Message {
  dateTimeMs: number
  text: string
}

export interface OpenOutbox {
  source: AuditSource & { appName: string }
  ports: Pick<Ports, 'clock' | 'processes'>
}

/** One process has it to itself. Numbers go on where they were, so that a number is never given twice, whatever has been delivered. */
export function openOutbox(store: Store, { source, ports }: OpenOutbox): Outbox {
  const origin = { hostName: ports.processes.hostName, appName: source.appName, processId: ports.processes.pid }
  let written = 0
  // Where nothing waits, the table does not know what it has held.
  let deliveredThrough = 0
  let hear: () => void = () => undefined

  function* write(records: readonly AuditRecord[]): Steps<Message[]> {
    const messages: Message[] = []
    for (const record of records) {
      messages.push({ dateTimeMs: record.dateTimeMs, text: writeMessage(record, source) })
      yield
    }
    return messages
  }

  function queue(messages: readonly Message[]): void {
    const queuedMs = ports.clock.now()
    const insert = store.prepare(insertNext)
    for (const { dateTimeMs, text } of messages) {
      written += 1
      insert.run(deliveredThrough, queuedMs, writeSyslog(origin, dateTimeMs, written, text))
    }
    hear()
  }

  const outbox: Outbox = {
    insert: records => queue(atOnce(write(records))),
    async append(records) {
      const messages = inTurns(write(records), ports.clock)
      const ready = messages instanceof Promise ? await messages : messages
      await store.writeSoon(() => queue(ready))
    },
    depth() {
      const row = store
        .prepare('SELECT coalesce(max(id) - min(id) + 1, 0) AS depth FROM audit_outbox')
        .get<{ depth: number }>()
      return row?.depth ?? 0
    },
    oldestMs() {
      return store
        .prepare('SELECT queued_ms AS queuedMs FROM audit_outbox ORDER BY id LIMIT 1')
        .get<{ queuedMs: number }>()?.queuedMs
    },
    waiting: async (afterId, limit) =>
      store
        .prepare('SELECT id, frame FROM audit_outbox WHERE id > ? ORDER BY id LIMIT ?')
        .all<{ id: number; frame: Uint8Array }>(afterId, limit),
    async delivered(throughId) {
      await store.writeSoon(() => {
        store.prepare('DELETE FROM audit_outbox WHERE id <= ?').run(throughId)
        deliveredThrough = Math.max(deliveredThrough, throughId)
      })
    },
    onQueued(listener) {
      hear = listener
    },
  }
  return outbox
}

const insertNext = `INSERT INTO audit_outbox (id, queued_ms, frame)
  VALUES (coalesce((SELECT max(id) FROM audit_outbox), ?) + 1, ?, ?)`
