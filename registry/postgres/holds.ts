// Legal holds on PostgreSQL. Whoever changes them does so while nobody removes anything.
import { type HoldRow, type Holds, holdsOf, selectHolds } from '../../server/holds.js'
import { holdEverything } from '../../store/postgres/holding.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Session } from '../../store/postgres/session.js'
import type { Transactions } from '../../store/postgres/transactions.js'
import { patientOf } from '../tables/keys.js'

export const holdMigration: PostgresMigration = {
  name: 'registry-0004-holds',
  postgres: [
    `CREATE TABLE hold (kind text NOT NULL, value text COLLATE "C" NOT NULL, id text NOT NULL, reason text NOT NULL,
      held_by text NOT NULL, since_ms bigint NOT NULL, PRIMARY KEY (kind, value, id))`,
    'CREATE INDEX hold_id ON hold (id)',
  ],
}

export function openHolds(store: Transactions): Holds {
  return {
    list: async () => holdsOf(await store.look(session => session.query<HoldRow>(selectHolds))),
    put: ({ id, kind, values, reason, by, sinceMs }, alongside) =>
      store.run(async transaction => {
        await holdEverything(transaction)
        await transaction.query('DELETE FROM hold WHERE id = ?', id)
        for (const value of new Set(values)) {
          await transaction.query('INSERT INTO hold VALUES (?, ?, ?, ?, ?, ?)', kind, value, id, reason, by, sinceMs)
        }
        transaction.alongside(alongside)
      }),
    lift: (id, alongside) =>
      store.run(async transaction => {
        await holdEverything(transaction)
        const lifted = await transaction.query('DELETE FROM hold WHERE id = ? RETURNING id', id)
        if (lifted.length === 0) return false
        transaction.alongside(alongside)
        return true
      }),
  }
}

/** By the keys of objects the holds that they are under: those of their patient, under whatever id a merge has brought them, and those of their uniqueIds. */
export async function heldAmong(session: Session, keys: readonly number[]): Promise<Map<number, string>> {
  const [ofPatients, ofDocuments] = await Promise.all([
    session.query<{ patient: number; id: string }>(
      `SELECT own.patient, min(h.id) AS id FROM patients own JOIN patients merged ON merged.survivor = own.survivor
       JOIN hold h ON h.kind = 'patient' AND h.value = merged.id WHERE own.patient = ANY (?::bigint[]) GROUP BY own.patient`,
      [...new Set(keys.map(patientOf))],
    ),
    session.query<{ object: number; id: string }>(
      `SELECT u.object, h.id FROM hold h JOIN unique_ids u ON u.unique_id = h.value
       WHERE h.kind = 'document' AND u.object = ANY (?::bigint[])`,
      keys,
    ),
  ])
  const byPatient = new Map(ofPatients.map(({ patient, id }) => [patient, id]))
  const byObject = new Map(ofDocuments.map(({ object, id }) => [object, id]))
  return new Map(
    keys.flatMap(key => {
      const hold = byObject.get(key) ?? byPatient.get(patientOf(key))
      return hold === undefined ? [] : [[key, hold] as const]
    }),
  )
}
