// Statements over one connection, prepared by their text. `?` stands for a value, as in the other engine.
import type { SqlValue } from '../store.js'
import type { Line, Pool } from './connections.js'

export type PostgresValue = SqlValue | readonly (number | string)[]

/** Of one connection; within a transaction all of its work may be run again. */
export interface Session {
  /** What is asked before an answer is awaited travels together; answers come in order. */
  query<Row = Record<string, unknown>>(sql: string, ...values: PostgresValue[]): Promise<Row[]>
}

interface Prepared {
  text: string
  name?: string
}

/** Each is kept by every connection of the server. */
const mostPrepared = 300
const mostNumbered = 3_000
const prepared = new Map<string, Prepared>()

/** One statement at a time on a connection, in the order of the calls; rows as plain values. */
export function sessionOver(line: Line): Session {
  return {
    async query<Row>(sql: string, ...values: PostgresValue[]) {
      const { rows } = await line.query({ ...statementOf(sql), values })
      return rows as Row[]
    },
  }
}

/** The text itself is the key, so it is made of constants, never of values: only so many are kept prepared, and others are sent as they are. */
export function statementOf(sql: string): Prepared {
  const known = prepared.get(sql)
  if (known !== undefined) return known
  let count = 0
  const statement: Prepared = { text: sql.replace(/\?/g, () => `$${++count}`) }
  if (prepared.size < mostPrepared) statement.name = `carnet_${prepared.size}`
  if (prepared.size < mostNumbered) prepared.set(sql, statement)
  return statement
}

/**
 * A pooler that gives a session's connection to others between two transactions takes with it what others know this process by, what
 * it holds, and the statements it has prepared: all would seem well for a while.
 * @throws Error in words
 */
export async function demandSessions(pool: Pool, at: string): Promise<void> {
  const lines: Line[] = []
  try {
    for (const number of [0, 1]) {
      const line = await pool.connect()
      lines.push(line)
      await line.query({ text: `SET carnet.session = 'session ${number}'` })
    }
    for (const [number, line] of lines.entries()) {
      const { rows } = await line.query({ text: "SELECT current_setting('carnet.session', true) AS session" })
      if (rows[0]?.session !== `session ${number}`) throw new Error(pooled(at))
    }
  } finally {
    for (const line of lines) line.release(true)
  }
}

const pooled = (at: string) =>
  `between this service and ${at} is a pooler that does not keep a session for a connection; it needs a pool_mode of session`
