// Group commit: the works of a few turns of the event loop share one database transaction, each in a savepoint of its own.
import assert from 'node:assert'
import type { Clock } from '../ports/clock.js'
import { failureOf, inWords, isFinal, StoreBroken } from './failures.js'
import { beginningsOf } from './held.js'
import type { SqliteConnection } from './sqlite-driver.js'

/** `disk`: the commit is synced before anybody hears of it. `soon`: the write-ahead log is synced a little later. */
export type Durability = 'disk' | 'soon'

interface Waiting {
  work: () => unknown
  durability: Durability
  resolve(result: unknown): void
  reject(problem: unknown): void
}

type Settlement = () => void

/**
 * Works of so many turns share a commit. Turns of an idle event loop take microseconds, so that nobody waits for nobody;
 * those of a busy one take in what has arrived meanwhile. (Measured: docs/decisions/0086.)
 */
const gatheredTurns = 3

/**
 * A group that has been at work for so long is committed, and those who wait go on in a turn of their own: several giants that are ready
 * at once hold up others each by itself, not all together. A group of usual ones takes less.
 */
const groupMs = 50

export interface GroupCommit {
  add<Result>(work: () => Result, durability: Durability): Promise<Result>
  /** Commits all that waits, now. */
  flush(): void
  readonly broken: string | undefined
  /** Why nothing can be written now though nothing is broken; it passes by itself. */
  readonly held: string | undefined
  /** Makes every later write fail with this reason; the first reason stays. */
  breakOff(reason: string): void
}

/**
 * Works run in the order of `add`, none across an `await`; one that throws undoes itself alone and rejects. A promise resolves when the commit stands at its
 * durability. After a final failure (`broken`) everything rejects with StoreBroken.
 */
export function groupCommit(connection: SqliteConnection, clock: Clock, onUnsyncedCommit: () => void): GroupCommit {
  let waiting: Waiting[] = []
  let broken: string | undefined
  let synchronous: Durability | undefined
  const beginnings = beginningsOf(connection)

  const group: GroupCommit = {
    add(work, durability) {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) afterTurns(gatheredTurns)
        waiting.push({ work, durability, resolve: resolve as (result: unknown) => void, reject })
      })
    },
    flush() {
      while (waiting.length > 0) commitNext()
    },
    get broken() {
      return broken
    },
    get held() {
      return beginnings.held
    },
    breakOff(reason) {
      broken ??= reason
    },
  }
  return group

  function afterTurns(turns: number): void {
    clock.endOfTurn(() => {
      if (turns > 1) return afterTurns(turns - 1)
      if (waiting.length > 0) commitNext()
      if (waiting.length > 0) afterTurns(1)
    })
  }

  function commitNext(): void {
    const works = waiting
    waiting = []
    for (const settle of commit(works)) settle()
  }

  /** Runs the works, as many as fit into `groupMs` and one at the least, and commits them; nobody hears of a result before the commit has succeeded. */
  function commit(works: Waiting[]): Settlement[] {
    if (broken !== undefined) return rejectAll(works, new StoreBroken(broken))
    const durability = works.some(work => work.durability === 'disk') ? 'disk' : 'soon'
    let settlements: Settlement[]
    try {
      demand(durability)
      beginnings.begin()
      settlements = works.length === 1 ? works.map(runAlone) : runTogether(works)
    } catch (problem) {
      return abandon(works, problem, 'work')
    }
    try {
      connection.exec('COMMIT')
    } catch (problem) {
      return abandon(works, problem, 'commit')
    }
    if (durability === 'soon') onUnsyncedCommit()
    return settlements
  }

  /** Those who do not fit into the group leave `works`, and wait again before all others. */
  function runTogether(works: Waiting[]): Settlement[] {
    const untilMs = clock.monotonicMs() + groupMs
    const settlements: Settlement[] = []
    for (const [index, work] of works.entries()) {
      settlements.push(runInSavepoint(work))
      if (clock.monotonicMs() >= untilMs) waiting.unshift(...works.splice(index + 1))
    }
    return settlements
  }

  /** What fails takes its whole transaction with it: without others in it, a savepoint would only copy every page once more. */
  function runAlone({ work, resolve }: Waiting): Settlement {
    const result = resultOf(work)
    return () => resolve(result)
  }

  function runInSavepoint({ work, resolve, reject }: Waiting): Settlement {
    connection.exec('SAVEPOINT work')
    try {
      const result = resultOf(work)
      connection.exec('RELEASE work')
      return () => resolve(result)
    } catch (problem) {
      if (isFinal(problem, 'work')) throw problem
      // After some errors SQLite has rolled back everything by itself; this then throws and the whole group is abandoned.
      try {
        connection.exec('ROLLBACK TO work; RELEASE work')
      } catch {
        throw problem
      }
      return () => reject(failureOf(problem))
    }
  }

  function abandon(works: Waiting[], problem: unknown, when: 'commit' | 'work'): Settlement[] {
    try {
      connection.exec('ROLLBACK')
    } catch {
      // SQLite had already ended the transaction.
    }
    if (!isFinal(problem, when)) return rejectAll(works, failureOf(problem))
    group.breakOff(`the database could not be written: ${inWords(problem)}`)
    return rejectAll(works, new StoreBroken(broken ?? '', { cause: problem }))
  }

  function demand(durability: Durability): void {
    if (durability === synchronous) return
    connection.exec(`PRAGMA synchronous = ${durability === 'disk' ? 'FULL' : 'NORMAL'}`)
    synchronous = durability
  }
}

function rejectAll(works: Waiting[], problem: unknown): Settlement[] {
  return works.map(
    ({ reject }) =>
      () =>
        reject(problem),
  )
}

function resultOf(work: () => unknown): unknown {
  const result = work()
  assert(!isPromise(result), 'a work inside the store is synchronous: it must not return a promise')
  return result
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
