// The tables of the audit repository.
import { holdTable } from '../../server/holds.js'
import type { Migration } from '../../store/store.js'

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
  {
    // Records without a form are those of before: reindex.ts goes through them while the service runs.
    name: '0061-audit-terms',
    sqlite: [
      'DROP INDEX audit_record_type',
      'DROP INDEX audit_record_failed',
      'ALTER TABLE audit_record ADD COLUMN form INTEGER',
      'CREATE INDEX audit_record_former ON audit_record (id) WHERE form IS NULL',
      `CREATE TABLE audit_term (
        term INTEGER NOT NULL, at INTEGER NOT NULL, record INTEGER NOT NULL,
        PRIMARY KEY (term, at, record)
      ) WITHOUT ROWID`,
    ],
  },
  {
    // docs/decisions/0296. A leaf outlives its record; roots and keys are never removed.
    name: '0062-audit-chain',
    sqlite: [
      'CREATE TABLE audit_leaf (id INTEGER PRIMARY KEY, hash BLOB NOT NULL)',
      'CREATE TABLE audit_node (id INTEGER PRIMARY KEY, hash BLOB NOT NULL)',
      `CREATE TABLE audit_root (
        number INTEGER PRIMARY KEY, size INTEGER NOT NULL, signed_ms INTEGER NOT NULL, text TEXT NOT NULL, signature BLOB NOT NULL
      )`,
      'CREATE INDEX audit_root_size ON audit_root (size)',
      `CREATE TABLE audit_signing_key (
        number INTEGER PRIMARY KEY, name TEXT NOT NULL, public TEXT NOT NULL, text TEXT NOT NULL, own_signature BLOB NOT NULL, former_signature BLOB
      )`,
      `CREATE TABLE audit_removal (
        number INTEGER PRIMARY KEY, removed_ms INTEGER NOT NULL, rule TEXT NOT NULL, records TEXT NOT NULL
      )`,
      `CREATE TABLE audit_check (
        number INTEGER PRIMARY KEY, began_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, findings INTEGER NOT NULL, report TEXT NOT NULL
      )`,
    ],
  },
  {
    // Searches that readers of the pages keep: here, for they name patients as the records do.
    name: '0063-saved-searches',
    sqlite: [
      `CREATE TABLE saved_search (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL, name TEXT NOT NULL, search TEXT NOT NULL, saved_ms INTEGER NOT NULL,
        UNIQUE (owner, name)
      )`,
    ],
  },
  {
    name: '0064-audit-sources',
    sqlite: [
      `CREATE TABLE audit_source (
        source TEXT NOT NULL, host TEXT NOT NULL,
        last_ms INTEGER NOT NULL, records INTEGER NOT NULL,
        ahead_ms INTEGER NOT NULL, delay_ms INTEGER NOT NULL, through INTEGER NOT NULL,
        PRIMARY KEY (source, host)
      ) WITHOUT ROWID`,
    ],
  },
  { name: '0065-audit-holds', sqlite: holdTable },
]
