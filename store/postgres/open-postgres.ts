// Opens a database on a PostgreSQL server: brings its schema up to date, then a pool, and one connection that is kept.
import type { Clock } from '../../ports/clock.js'
import type { Ports } from '../../ports/ports.js'
import { StoreFull } from '../failures.js'
import { type Line, openPool, type Pool, type PostgresServer } from './connections.js'
import { awayInWords, kindOf } from './failures.js'
import { type Keeper, keeperOver } from './keeper.js'
import { migrate, type PostgresMigration } from './migrate.js'
import { demandSessions } from './session.js'
import { type TablesOut, type TablesPart, tablesOut } from './tables-out.js'
import { type Standing, type Transactions, transactionsOver, usualPatience } from './transactions.js'

export interface PostgresStore extends Transactions {
  readonly keeper: Keeper
  /** Undefined while all is well; else why nothing can be read or written now. It comes back by itself. */
  readonly broken: string | undefined
  /** All that its migrations have made room for, at one instant; then what `list` asks for, if that is given. */
  tablesOut(list?: TablesOut['list']): AsyncGenerator<TablesPart>
  close(): Promise<void>
}

export interface OpenPostgres {
  server: PostgresServer
  migrations: readonly PostgresMigration[]
  connections: number
  /** How long the start waits for a server that is not there yet. */
  patienceMs?: number
}

type Needed = Pick<Ports, 'clock' | 'network' | 'randomness'>

const oldestVersion = 150_000

/** Nobody waits for ever, and every look goes by an index: row by row, so that the parts of a table that hold nothing of it are left out. */
export const sessionSettings = {
  lock_timeout: '10s',
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_material: 'off',
  // In the order in which it is written: from what is named to where it lies.
  join_collapse_limit: '1',
  jit: 'off',
  // How values are written as text is a setting of server, database and role as well: whoever changes it there changes nothing here.
  bytea_output: 'hex',
  extra_float_digits: '1',
  DateStyle: 'ISO',
  TimeZone: 'UTC',
}

/**
 * By then the server would have said that the statement took too long: it does not see this connection any more, or what works for
 * it is stopped. Others may be well, so that nobody notices but those who wait here.
 */
export const answerMs = 65_000

/** @throws Error, in one sentence, when the database cannot be reached or was written by a newer version. */
export async function openPostgres(options: OpenPostgres, ports: Needed): Promise<PostgresStore> {
  const { server, migrations, connections, patienceMs = 30_000 } = options
  // Changes of the schema may take long and look at whole tables.
  const alone = openPool(server, ports.network, { connections: 2, waitMs: 5_000, settings: {} })
  const pool = openPool(server, ports.network, {
    ...{ connections, answerMs },
    waitMs: 20_000,
    settings: sessionSettings,
  })
  try {
    const keeper = await prepared(alone, { server, migrations, patienceMs }, ports)
    // Whoever waits for a server that says nothing would wait for as long as its connection lives.
    keeper.onSilence(() => pool.cut())
    const standing = (): Standing => {
      if (keeper.isAnother) return 'another'
      return keeper.awayMs() > usualPatience.awayMs ? 'away' : 'there'
    }
    const transactions = transactionsOver(pool, ports, usualPatience, standing)
    const room = roomSeenBy(ports.clock)
    return {
      ...transactions,
      run: (work, durability) => room.during(() => transactions.run(work, durability)),
      keeper,
      get broken() {
        return keeper.problem ?? room.problem
      },
      tablesOut: list => tablesOut({ server, migrations, list }, ports.network),
      async close() {
        await keeper.close()
        await Promise.all([alone.close(), pool.close()])
      },
    }
  } catch (problem) {
    await Promise.all([alone.close(), pool.close()])
    throw problem
  }
}

/** A server does not say that its disk is full before it has to write, so somebody has to try again. */
const fullMs = 30_000

/** Whether there is room on the disk of the server: believed for half a minute of what was last to be written. */
function roomSeenBy(clock: Clock) {
  let fullUntilMs = 0
  return {
    get problem() {
      return clock.monotonicMs() < fullUntilMs ? 'the database has no space left on its disk' : undefined
    },
    async during<Result>(work: () => Promise<Result>): Promise<Result> {
      try {
        const result = await work()
        fullUntilMs = 0
        return result
      } catch (problem) {
        if (problem instanceof StoreFull) fullUntilMs = clock.monotonicMs() + fullMs
        throw problem
      }
    },
  }
}

/** The schema as it is today, and the connection that is kept: a server may go away between the two. */
async function prepared(
  pool: Pool,
  { server, migrations, patienceMs }: Omit<Required<OpenPostgres>, 'connections'>,
  ports: Needed,
): Promise<Keeper> {
  const { clock } = ports
  const at = placeOf(server)
  const untilMs = clock.monotonicMs() + patienceMs
  for (;;) {
    try {
      await demandSessions(pool, at)
      const line = await pool.connect()
      try {
        await demandVersion(line, at)
        await migrate(line, at, migrations)
      } finally {
        line.release(true)
      }
      return await keeperOver(pool, ports)
    } catch (problem) {
      if (kindOf(problem) !== 'away') throw problem
      if (clock.monotonicMs() > untilMs) throw new Error(`${at}: ${awayInWords(problem)}`, { cause: problem })
    }
    await clock.sleep(500)
  }
}

export const placeOf = ({ database, host, port }: PostgresServer) => `${database} at ${host}:${port}`

/** @throws Error */
export async function demandVersion(line: Line, at: string): Promise<void> {
  const text = `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding`
  const { rows } = await line.query({ text })
  const { version, encoding } = rows[0] as { version: number; encoding: string }
  if (version < oldestVersion) throw new Error(`the server of ${at} is older than PostgreSQL 15`)
  if (encoding !== 'UTF8') throw new Error(`the database ${at} is encoded in ${encoding}; make one with ENCODING UTF8`)
}
