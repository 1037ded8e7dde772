// The records of the audit repository: every frame as it came, beside what can be searched for. Nothing here is ever changed.
import { hash } from 'node:crypto'
import type { Migration, Store } from '../../store/store.js'
import { type Arrival, type Described, referenceKinds } from './arrival.js'

export const auditRepositoryMigrations: Migration[] = [
  {
    name: '0060-audit-records',
    sqlite: [
      `CREATE TABLE audit_record (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        received_ms INTEGER NOT NULL,
        event_ms INTEGER NOT NULL,
        origin TEXT NOT NULL,
        event TEXT, type TEXT, action TEXT, outcome INTEGER,
        source TEXT, host TEXT, problem TEXT,
        digest INTEGER,
        frame BLOB NOT NULL
      )`,
      'CREATE INDEX audit_record_digest ON audit_record (digest) WHERE digest IS NOT NULL',
      'CREATE INDEX audit_record_time ON audit_record (event_ms)',
      'CREATE INDEX audit_record_type ON audit_record (coalesce(type, event))',
      'CREATE INDEX audit_record_failed ON audit_record (outcome) WHERE outcome > 0',
      'CREATE INDEX audit_record_problem ON audit_record (id) WHERE problem IS NOT NULL',
      `CREATE TABLE audit_reference (
        value TEXT NOT NULL, kind INTEGER NOT NULL, record INTEGER NOT NULL,
        PRIMARY KEY (value, kind, record)
      ) WITHOUT ROWID`,
    ],
  },
]

const insertRecord = `INSERT INTO audit_record
  (received_ms, event_ms, origin, event, type, action, outcome, source, host, problem, digest, frame)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

/** Within `store.write`: one more record, unless a repeatable frame is here already. */
export function keep(store: Store, arrival: Arrival, about: Described): void {
  const digest = arrival.repeatable ? digestOf(arrival.frame) : null
  if (digest !== null && isKnown(store, digest, arrival.frame)) return
  const { lastInsertRowid } = store
    .prepare(insertRecord)
    .run(
      arrival.receivedMs,
      about.eventMs,
      arrival.origin,
      about.event,
      about.type,
      about.action,
      about.outcome,
      about.source,
      about.host,
      about.problem,
      digest,
      arrival.frame,
    )
  const refer = store.prepare('INSERT INTO audit_reference (value, kind, record) VALUES (?, ?, ?)')
  for (const { kind, value } of about.references) refer.run(value, referenceKinds[kind], lastInsertRowid)
}

/**
 * A number that finds; the bytes themselves then decide. The second of the syslog header comes before 20 bits of the
 * SHA-256, so that records of one time lie side by side in the index.
 */
function digestOf(frame: Buffer): number {
  const [, timestamp = ''] = startOfHeader.exec(frame.toString('latin1', 0, 80)) ?? []
  const second = Math.floor((Date.parse(timestamp) || 0) / 1000) % 2 ** 32
  return Math.abs(second) * 2 ** 20 + Number.parseInt(hash('sha256', frame, 'hex').slice(0, 5), 16)
}

const startOfHeader = /^<\d{1,3}>1 (\S+) /

function isKnown(store: Store, digest: number, frame: Buffer): boolean {
  const found = store.prepare('SELECT frame FROM audit_record WHERE digest = ?').all<{ frame: Uint8Array }>(digest)
  return found.some(known => frame.equals(known.frame))
}
