// A unit of work on PostgreSQL: it commits whole or not at all, is run again when it has met somebody else's change or the
// connection has broken, and nobody is told before it is known how it ended. docs/decisions/0220.
import type { Clock } from '../../ports/clock.js'
import type { Randomness } from '../../ports/randomness.js'
import { StoreRefused } from '../failures.js'
import type { Line, Pool } from './connections.js'
import { failureOf, kindOf, notLetIn, OutcomeUnknown } from './failures.js'
import { type PostgresValue, type Session, sessionOver, statementOf } from './session.js'

/** A session whose commit others may join. */
export interface Transaction extends Session {
  /** What is enlisted while `collect` runs is written in this commit. */
  alongside(collect: () => void): void
}

/** Of a transaction; `unknown` where the connection broke at its commit and nothing in the database tells. */
export type Outcome = 'committed' | 'undone' | 'unknown'

/** Written in the commit of the work under way, by somebody who knows no transaction. */
export interface Enlisted {
  sql: string
  values: PostgresValue[]
  /** Finds a row where it was committed, and nobody else has touched it since. */
  proof?: { sql: string; values: PostgresValue[] }
  /** Once it is known; what is never known is told when the database is back. */
  ended(outcome: Outcome): void
}

/** Of one server. Both calls wait for a connection and try again as long as `Patience` allows. */
export interface Transactions {
  /** `work` may run several times, never at the same time. */
  run<Result>(work: (transaction: Transaction) => Promise<Result>, durability?: Durability): Promise<Result>
  /** One snapshot, nothing is changed. */
  look<Result>(work: (session: Session) => Promise<Result>): Promise<Result>
  enlist(statement: Enlisted): void
}

/** `disk`: synced before anybody hears of it. `soon`: survives the end of this process; the server syncs it a little later. */
export type Durability = 'disk' | 'soon'

export interface Patience {
  /** So often one work is tried that meets the changes of others. */
  attempts: number
  /** For so long one is tried that cannot reach the database. */
  awayMs: number
  /** The first pause; each is longer than the last. */
  pauseMs: number
}

/** `away`: for as long as anybody waits, so that one try is enough. `another`: it is not the one that this process was started on. */
export type Standing = 'there' | 'away' | 'another'

export const usualPatience: Patience = { attempts: 12, awayMs: 3_000, pauseMs: 4 }
const longestPauseMs = 500

const beginnings: Readonly<Record<Durability, string>> = {
  disk: 'BEGIN ISOLATION LEVEL READ COMMITTED',
  soon: 'BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off',
}

/**
 * Rejects with StoreAway or StoreRefused when `patience` is over, with StoreFull at once. Where the answer to a commit was lost it first finds out how
 * that ended, and runs the work again only where it was undone.
 */
export function transactionsOver(
  pool: Pool,
  ports: { clock: Clock; randomness: Randomness },
  patience = usualPatience,
  standing: () => Standing = () => 'there',
): Transactions {
  const { clock } = ports
  const broken = new WeakSet<Line>()
  /** Of the transaction whose work is deciding; set for as long as one synchronous call lasts. */
  let enlisting: Enlisted[] | undefined

  function alongside(list: Enlisted[], collect: () => void): void {
    enlisting = list
    try {
      collect()
    } finally {
      enlisting = undefined
    }
  }

  async function attempt<Result>(
    line: Line,
    work: (transaction: Transaction) => Promise<Result>,
    durability: Durability,
  ): Promise<Result> {
    const enlisted: Enlisted[] = []
    const ended = (outcome: Outcome) => {
      for (const each of enlisted.splice(0)) each.ended(outcome)
    }
    const session = sessionOver(line)
    const life = silent(line.life())
    const begun = silent(line.query({ text: beginnings[durability] }))
    const numbered = silent(session.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid'))
    let result: Result
    try {
      result = await work({ ...session, alongside: collect => alongside(enlisted, collect) })
      await begun
    } catch (problem) {
      ended('undone')
      await line.query({ text: 'ROLLBACK' }).catch(() => broken.add(line))
      throw problem
    }
    const written = enlisted.map(({ sql, values }) => silent(line.query({ ...statementOf(sql), values })))
    const committed = silent(line.query({ text: 'COMMIT' }))
    try {
      await Promise.all([numbered, ...written])
      const { command } = await committed
      if (command !== 'COMMIT') throw new Undone('the database undid a transaction that had not failed')
      ended('committed')
      return result
    } catch (problem) {
      if (isUndone(problem)) {
        ended('undone')
        throw problem
      }
      const [row] = await numbered.catch(() => [])
      const server = await life.catch(() => undefined)
      const outcome = row === undefined ? 'unknown' : await outcomeOf(row.xid, server, enlisted)
      ended(outcome)
      if (outcome === 'committed') return result
      throw outcome === 'undone' ? problem : new OutcomeUnknown('', { cause: problem })
    }
  }

  /**
   * The connection broke between the word and the answer: another one knows how it ended. A server that has crashed gives the
   * numbers again that its log did not hold yet, so that after one "committed" may be said of somebody else's work, and only
   * what was written proves it. docs/decisions/0358
   */
  async function outcomeOf(xid: string, life: string | undefined, enlisted: readonly Enlisted[]): Promise<Outcome> {
    const untilMs = clock.monotonicMs() + patience.awayMs
    for (let tries = 1; clock.monotonicMs() < untilMs; tries++) {
      try {
        const [now, status, isProven] = await withLine(line => {
          const session = sessionOver(line)
          return Promise.all([line.life(), statusOf(xid, session), isOneThere(enlisted, session)])
        })
        if (status === 'committed') return now === life || isProven ? 'committed' : 'unknown'
        if (status === 'aborted') return 'undone'
        if (status !== 'in progress') return 'unknown'
      } catch (problem) {
        if (isNumberToCome(problem)) return 'undone'
        if (kindOf(problem) !== 'away' && kindOf(problem) !== 'refused') return 'unknown'
      }
      await pause(tries)
    }
    return 'unknown'
  }

  async function withLine<Result>(work: (line: Line) => Promise<Result>): Promise<Result> {
    const line = await pool.connect().catch(problem => {
      throw notLetIn(problem)
    })
    try {
      return await work(line)
    } catch (problem) {
      if (kindOf(problem) === 'away' || problem instanceof OutcomeUnknown) broken.add(line)
      throw problem
    } finally {
      line.release(broken.has(line))
    }
  }

  async function patiently<Result>(work: (line: Line) => Promise<Result>): Promise<Result> {
    const untilMs = clock.monotonicMs() + patience.awayMs
    for (let tries = 1; ; tries++) {
      if (standing() === 'another')
        throw new StoreRefused(
          'the database is not the one that this service was started on; send this one again later',
        )
      try {
        return await withLine(work)
      } catch (problem) {
        const kind = kindOf(problem)
        const mayTryAgain =
          (kind === 'again' && tries < patience.attempts) ||
          // A password may be on its way to us.
          ((kind === 'away' || kind === 'refused') && clock.monotonicMs() < untilMs && standing() === 'there')
        if (!mayTryAgain) throw failureOf(problem)
      }
      await pause(tries)
    }
  }

  /** A little chance keeps those who met from meeting again. */
  function pause(tries: number): Promise<void> {
    const chance = (ports.randomness.bytes(1)[0] ?? 0) / 255
    return clock.sleep(Math.min(patience.pauseMs * 2 ** tries, longestPauseMs) * (0.5 + chance))
  }

  return {
    run: (work, durability = 'disk') => patiently(line => attempt(line, work, durability)),
    look: work =>
      patiently(async line => {
        const begun = silent(line.query({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' }))
        try {
          const result = await work(sessionOver(line))
          await begun
          return result
        } finally {
          // Whoever has the connection next asks behind it.
          silent(line.query({ text: 'COMMIT' }))
        }
      }),
    enlist(statement) {
      if (enlisting === undefined)
        throw new Error('something was to be written alongside a commit that is not under way')
      enlisting.push(statement)
    },
  }
}

async function statusOf(xid: string, session: Session): Promise<string | null | undefined> {
  const [row] = await session.query<{ status: string | null }>('SELECT pg_xact_status(?::text::xid8) AS status', xid)
  return row?.status
}

async function isOneThere(enlisted: readonly Enlisted[], session: Session): Promise<boolean> {
  const proof = enlisted.find(each => each.proof !== undefined)?.proof
  return proof !== undefined && (await session.query(proof.sql, ...proof.values)).length > 0
}

class Undone extends Error {}

/** The server itself says so, and goes on; whatever else happens on the way leaves it open. */
function isUndone(problem: unknown): boolean {
  return problem instanceof Undone || (isWordOfServer(problem) && kindOf(problem) !== 'away')
}

function isWordOfServer(problem: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(String((problem as { code?: unknown } | undefined)?.code))
}

/** invalid_parameter_value: a number that the server has not given yet, so that it knows nothing of a transaction of that number. */
function isNumberToCome(problem: unknown): boolean {
  return (problem as { code?: unknown } | undefined)?.code === '22023'
}

/** Its failure is somebody's who awaits it, or nobody's. */
function silent<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined)
  return promise
}
