// What a PostgreSQL server had said to have, and has not after a crash, is written again. docs/decisions/0378
import type { PostgresStore } from '../store/postgres/open-postgres.js'
import type { Entrance } from './postgres-entrance.js'
import type { PostgresQueue } from './postgres-queue.js'
import type { UnsyncedRecords } from './unsynced-records.js'

export interface ForgottenRecords {
  /** The connection was lost: the server may have crashed. */
  mayHaveCrashed(): void
  /** Where it may have, all that it does not have any more; rejects where that failed, and does it at the next call. */
  write(): Promise<void>
}

export function forgottenRecords(
  store: Pick<PostgresStore, 'run' | 'keeper'>,
  queue: Pick<PostgresQueue, 'there'>,
  unsynced: UnsyncedRecords,
  { insertAgain }: Pick<Entrance, 'insertAgain'>,
): ForgottenRecords {
  let isDoubtful = false
  return {
    mayHaveCrashed() {
      isDoubtful = true
    },
    async write() {
      if (!isDoubtful) return unsynced.lived(store.keeper.livedMs())
      isDoubtful = false
      try {
        const doubtful = unsynced.all()
        const there = doubtful.length === 0 ? new Set() : await queue.there(doubtful.map(({ id }) => id))
        const forgotten = doubtful.filter(({ id }) => !there.has(id))
        if (forgotten.length === 0) return
        await store.run(async transaction => transaction.alongside(() => insertAgain(forgotten)))
        unsynced.drop(forgotten.map(({ id }) => id))
      } catch (problem) {
        isDoubtful = true
        throw problem
      }
    },
  }
}
