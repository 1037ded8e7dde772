// One connection that a process keeps for as long as it lives: by it the others know that it lives, and it knows that the
// database does. What it holds ends with it, however it ends.
import { type Clock, within } from '../../ports/clock.js'
import { unlessAborted } from '../../ports/promises.js'
import type { Randomness } from '../../ports/randomness.js'
import type { Line, Pool } from './connections.js'
import { awayInWords } from './failures.js'
import { lostSince, type Mark, mark, readOnlyInWords } from './mark.js'
import { sessionOver } from './session.js'

export interface Keeper {
  /** A number that no other living process has. */
  readonly process: number
  /** Why the database is out of reach; undefined while it is not. */
  readonly problem: string | undefined
  /** For how long it has been. */
  awayMs(): number
  /** On the monotonic clock, the time at which the server was last there; where it was away before that, `onBack` has been told. */
  livedMs(): number
  /** What answers there is a database, but not the one of the beginning: an older one, or somebody else's. */
  readonly isAnother: boolean
  /** Whether the process of that number lives no more, or has lost the database. */
  isGone(process: number): Promise<boolean>
  /** What any process tells by NOTIFY on this channel, a name of ours. */
  listen(channel: string, hear: Listener): Promise<void>
  /** Called when the database has been away and is back. */
  onBack(hear: () => void): void
  /** Called each time it was asked and said nothing. */
  onSilence(hear: () => void): void
  close(): Promise<void>
}

export interface Listener {
  heard(text: string): void
  /** What was told meanwhile may not have come: the connection was lost, and again once there is another. */
  unsure(): void
}

const lookMs = 1_000
/** A server that is stopped, or a way on which everything is lost, breaks no connection: nothing ever comes. */
const silenceMs = 10_000

class Silence extends Error {
  override message = 'Connection terminated: nothing came in 10 s'
}

class StillHeld extends Error {
  override message = 'Connection terminated: the server still has a former connection of this process'
}

class AnotherDatabase extends Error {
  override message = 'the database is not the one that this service was started on, or an older state of it'
}

/** Resolves when this process has its number, random and held by a lock: another process may take its work over only once the lock is free. */
export async function keeperOver(pool: Pool, ports: { clock: Clock; randomness: Randomness }): Promise<Keeper> {
  const process = ports.randomness.bytes(6).readUIntBE(0, 6)
  const hearers: (() => void)[] = []
  const hearersOfSilence: (() => void)[] = []
  const listeners = new Map<string, Listener>()
  let line: Line | undefined
  let known: Mark | undefined
  let isAnother = false
  let problem: string | undefined
  /** It answers, and is ours; something in it is not as it was. */
  let lost: string | undefined
  let awaySinceMs: number | undefined
  let closed = false
  let underWay: Promise<void> = Promise.resolve()

  async function begin(): Promise<void> {
    const fresh = await pool.connect()
    try {
      fresh.hear((channel, text) => listeners.get(channel)?.heard(text))
      await assertSame(fresh)
      // A former connection of ours may have it until the server sees that it is no more.
      await inTime(sessionOver(fresh).query('SELECT pg_advisory_lock(?)', process), new StillHeld())
      for (const channel of listeners.keys()) await inTime(fresh.query({ text: `LISTEN ${channel}` }))
    } catch (failure) {
      fresh.release(true)
      throw failure
    }
    line = fresh
    // Whatever ends it may have been short: that it was away is known at once, and soon after that it is back.
    fresh.ended(() => {
      lookNext()
      lookNext()
    })
    unsure()
  }

  function lookNext(): void {
    underWay = underWay.then(() => (closed ? undefined : look()))
  }

  async function inTime<Result>(work: Promise<Result>, late: Error = new Silence()): Promise<Result> {
    const bounds = within(ports.clock, silenceMs, new AbortController().signal, { idle: true, late })
    try {
      return await unlessAborted(bounds.signal, work)
    } finally {
      bounds.end()
    }
  }

  async function assertSame(asked: Line): Promise<void> {
    const [found] = await inTime(sessionOver(asked).query<Mark>(mark))
    if (found === undefined) return
    known ??= found
    if (found.begun !== known.begun || found.steps < known.steps) throw new AnotherDatabase()
    lost = lostSince(known, found)
    known = { ...found, usable: lost === undefined ? found.usable : known.usable }
  }

  function unsure(): void {
    for (const { unsure } of listeners.values()) unsure()
  }

  async function look(): Promise<void> {
    const askedMs = ports.clock.monotonicMs()
    try {
      if (line === undefined) await begin()
      else await assertSame(line)
      isAnother = false
      if (known?.readOnly) {
        problem = readOnlyInWords
        awaySinceMs ??= askedMs
        return
      }
      const wasAway = problem !== undefined
      problem = undefined
      awaySinceMs = undefined
      if (wasAway) for (const hear of hearers) hear()
      livedMs = askedMs
    } catch (failure) {
      isAnother = failure instanceof AnotherDatabase || isWithoutTables(failure)
      problem = failure instanceof AnotherDatabase ? failure.message : awayInWords(failure)
      awaySinceMs ??= ports.clock.monotonicMs()
      if (line !== undefined) unsure()
      line?.release(true)
      line = undefined
      if (failure instanceof Silence) for (const hear of hearersOfSilence) hear()
    }
  }

  let livedMs = ports.clock.monotonicMs()
  await begin()
  const looking = ports.clock.every(lookMs, lookNext)

  return {
    process,
    get problem() {
      return problem ?? lost
    },
    livedMs: () => livedMs,
    get isAnother() {
      return isAnother
    },
    awayMs: () => (awaySinceMs === undefined ? 0 : ports.clock.monotonicMs() - awaySinceMs),
    async isGone(other) {
      if (line === undefined) return false
      const session = sessionOver(line)
      const [row] = await session.query<{ gone: boolean }>('SELECT pg_try_advisory_lock(?) AS gone', other)
      if (row?.gone === true) await session.query('SELECT pg_advisory_unlock(?)', other)
      return row?.gone === true
    },
    async listen(channel, hear) {
      listeners.set(channel, hear)
      await line?.query({ text: `LISTEN ${channel}` })
    },
    onBack: hear => void hearers.push(hear),
    onSilence: hear => void hearersOfSilence.push(hear),
    async close() {
      closed = true
      looking.cancel()
      await underWay
      line?.release(true)
      line = undefined
    },
  }
}

/** undefined_table: a server to which nothing has been copied, say. */
const isWithoutTables = (failure: unknown) => (failure as { code?: unknown } | undefined)?.code === '42P01'
