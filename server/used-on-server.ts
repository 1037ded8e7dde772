// Assertions for one use, as all processes count them that share a database on PostgreSQL. docs/decisions/0281
import { createHash } from 'node:crypto'
import type { Transactions } from '../store/postgres/transactions.js'
import type { SharedUses } from './assertions.js'

/** Beside the tables of the actor. `name` is a digest: who asked whom is nobody's business here. */
export const usedAssertionsTable: readonly string[] = [
  'CREATE TABLE used_assertions (name bytea PRIMARY KEY, until_ms bigint NOT NULL)',
  'CREATE INDEX used_assertions_by_end ON used_assertions (until_ms)',
]

/** So often one that is taken also clears away those that have ended. */
const takenBetweenClearings = 1_000

/** True for the first that shows an assertion, in whichever process, and false for all others until it has expired. */
export function usesOnServer(store: Pick<Transactions, 'run'>, clock: { now(): number }): SharedUses {
  let taken = 0
  return {
    async take({ issuer, id, untilMs }) {
      const name = createHash('sha256').update(`${issuer}\n${id}`).digest()
      const clears = taken % takenBetweenClearings === 0
      taken += 1
      return store.run(async session => {
        if (clears) await session.query('DELETE FROM used_assertions WHERE until_ms < ?', clock.now())
        const added = 'INSERT INTO used_assertions (name, until_ms) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING name'
        return (await session.query(added, name, untilMs)).length === 1
      })
    },
  }
}
