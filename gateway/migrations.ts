// The tables of the gateway: what it has asked and is not answered yet.
import type { Migration } from '../store/store.js'

export const gatewayMigrations: readonly Migration[] = [
  {
    name: 'gateway-0001-deferred',
    sqlite: [
      // Of whom is asked stands here only what the answer is held against.
      `CREATE TABLE deferred_questions (
        message_id TEXT NOT NULL PRIMARY KEY,
        community TEXT NOT NULL,
        patient_id TEXT NOT NULL,
        body TEXT NOT NULL,
        until_ms INTEGER NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
]
