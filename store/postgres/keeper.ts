// One connection that a process keeps for as long as it lives: by it the others know that it lives, and it knows that the
// database does. What it holds ends with it, however it ends.
import type { Clock } from '../../ports/clock.js'
import type { Randomness } from '../../ports/randomness.js'
import type { Line, Pool } from './connections.js'
import { awayInWords } from './failures.js'
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
  /** Whether the process of that number lives no more, or has lost the database. */
  isGone(process: number): Promise<boolean>
  /** What any process tells by NOTIFY on this channel, a name of ours. */
  listen(channel: string, hear: Listener): Promise<void>
  /** Called when the database has been away and is back. */
  onBack(hear: () => void): void
  close(): Promise<void>
}

export interface Listener {
  heard(text: string): void
  /** What was told meanwhile may not have come: the connection was lost, and again once there is another. */
  unsure(): void
}

const lookMs = 1_000

export async function keeperOver(pool: Pool, ports: { clock: Clock; randomness: Randomness }): Promise<Keeper> {
  const process = ports.randomness.bytes(6).readUIntBE(0, 6)
  const hearers: (() => void)[] = []
  const listeners = new Map<string, Listener>()
  let line: Line | undefined
  let problem: string | undefined
  let awaySinceMs: number | undefined
  let closed = false
  let underWay: Promise<void> = Promise.resolve()

  async function begin(): Promise<void> {
    const fresh = await pool.connect()
    try {
      fresh.hear((channel, text) => listeners.get(channel)?.heard(text))
      await sessionOver(fresh).query('SELECT pg_advisory_lock(?)', process)
      for (const channel of listeners.keys()) await fresh.query({ text: `LISTEN ${channel}` })
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

  function unsure(): void {
    for (const { unsure } of listeners.values()) unsure()
  }

  async function look(): Promise<void> {
    const askedMs = ports.clock.monotonicMs()
    try {
      if (line === undefined) await begin()
      else await sessionOver(line).query('SELECT 1')
      const wasAway = problem !== undefined
      problem = undefined
      awaySinceMs = undefined
      if (wasAway) for (const hear of hearers) hear()
      livedMs = askedMs
    } catch (failure) {
      problem = awayInWords(failure)
      awaySinceMs ??= ports.clock.monotonicMs()
      if (line !== undefined) unsure()
      line?.release(true)
      line = undefined
    }
  }

  let livedMs = ports.clock.monotonicMs()
  await begin()
  const looking = ports.clock.every(lookMs, lookNext)

  return {
    process,
    get problem() {
      return problem
    },
    livedMs: () => livedMs,
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
    async close() {
      closed = true
      looking.cancel()
      await underWay
      line?.release(true)
      line = undefined
    },
  }
}
