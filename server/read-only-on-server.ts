// Read-only mode of all processes that share a database on PostgreSQL: a note in it, which each of them reads every second.
import type { Transactions } from '../store/postgres/transactions.js'
import type { ReadOnlyNote, SharedNote } from './changes-door.js'

/** Beside the tables of the actor. One row while nothing may be changed. */
export const readOnlyTable: readonly string[] = [
  `CREATE TABLE read_only (one boolean PRIMARY KEY DEFAULT true CHECK (one), since_ms bigint NOT NULL, by_whom text NOT NULL, why text NOT NULL)`,
]

/** The note of all processes: undefined while they take changes. Written in one transaction, rejects with StoreAway where the database cannot be asked. */
export function noteOnServer(store: Pick<Transactions, 'run' | 'look'>): SharedNote {
  return {
    async read() {
      const text = 'SELECT since_ms AS "sinceMs", by_whom AS by, why FROM read_only'
      return (await store.look(session => session.query<ReadOnlyNote>(text)))[0]
    },
    write: note =>
      store.run(async session => {
        await session.query('DELETE FROM read_only')
        if (note === undefined) return
        const { sinceMs, by, why } = note
        await session.query('INSERT INTO read_only (since_ms, by_whom, why) VALUES (?, ?, ?)', sinceMs, by, why)
      }),
  }
}
