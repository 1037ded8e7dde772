// Works of this process that name one thing go one after another, in the order in which they come: they would wait for one
// another in the database too, but there each of them would wait with a connection in its hand.
import { deferred } from '../../ports/promises.js'

export interface Turns {
  take<Result>(names: Iterable<string>, work: () => Promise<Result>): Promise<Result>
}

/** Within this process alone; names that nobody waits for are forgotten. A work that fails lets the next one go on. */
export function turns(): Turns {
  /** By name the end of the work that is last in its row. */
  const rows = new Map<string, Promise<void>>()
  return {
    async take(names, work) {
      const mine = [...new Set(names)]
      const before = mine.flatMap(name => rows.get(name) ?? [])
      const { promise: over, resolve: end } = deferred<void>()
      for (const name of mine) rows.set(name, over)
      try {
        await Promise.all(before)
        return await work()
      } finally {
        end()
        for (const name of mine) if (rows.get(name) === over) rows.delete(name)
      }
    },
  }
}
