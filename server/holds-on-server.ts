// Legal holds on PostgreSQL. Whoever changes them does so while nobody removes anything.
import { holdEverything } from '../store/postgres/holding.js'
import type { Transactions } from '../store/postgres/transactions.js'
import { type HoldRow, type Holds, holdsOf, selectHolds } from './holds.js'

/** Beside the tables of the actor. */
export const holdTableOnServer: readonly string[] = [
  `CREATE TABLE hold (kind text NOT NULL, value text COLLATE "C" NOT NULL, id text NOT NULL, reason text NOT NULL,
      held_by text NOT NULL, since_ms bigint NOT NULL, PRIMARY KEY (kind, value, id))`,
  'CREATE INDEX hold_id ON hold (id)',
]

/** As `holdsIn`, for processes that share a database: a hold that was put holds for each of them when its commit is over. */
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
