// The one door to the driver of PostgreSQL: pools of connections whose sockets come from ports/, whose answers are plain values.
import type { Duplex } from 'node:stream'
import pg from 'pg'
import type { Network } from '../../ports/network.js'
import { type Copy, copiedIn, copiedOut } from './copying.js'

export interface PostgresServer {
  host: string
  port: number
  user: string
  password?: string | undefined
  database: string
  /** CAs of the server, PEM; without it nothing is encrypted. */
  ca?: Buffer | undefined
}

/** Of one connection; what `query` sends before an answer is awaited travels together. */
export interface Line {
  query(statement: { text: string; name?: string; values?: unknown[] }): Promise<{
    rows: Record<string, unknown>[]
    command: string
    rowCount: number | null
  }>
  /** Which life of the server this is: another one remembers only what was in its log. */
  life(): Promise<string>
  /** What others tell by NOTIFY once this connection has said LISTEN, until it is released. */
  hear(notified: (channel: string, text: string) => void): void
  /** Called when it has ended by itself before it was released. */
  ended(hear: () => void): void
  /** Back to the pool; with `broken` it is closed instead. */
  release(broken?: boolean): void
}

/** Of a pool that copies. */
export interface CopyingLine extends Line {
  /** COPY … TO STDOUT: the lines, some at a time. Whoever stops before the end releases the connection as broken. */
  copyOut(text: string): AsyncGenerator<Buffer[]>
  /** COPY … FROM STDIN; how many rows came. */
  copyIn(text: string, pieces: AsyncIterable<Buffer>): Promise<number>
}

export interface Pool<Kind extends Line = Line> {
  connect(): Promise<Kind>
  close(): Promise<void>
}

export interface OpenedPool extends Pool<CopyingLine> {
  /** Ends every connection, whatever is under way on it: of a server that says nothing any more. */
  cut(): void
}

export interface PoolOptions {
  connections: number
  /** How long somebody waits for a connection. */
  waitMs: number
  /** For so long an answer is waited for, then the connection is cut; without it for as long as that lives. */
  answerMs?: number
  /** Settings of each session. */
  settings: Readonly<Record<string, string>>
  /** Its connections can COPY; what is asked on them travels one by one. */
  copies?: true
}

/** Connects when it is first asked. Passwords and CA are read anew for each connection, so that both may change. Closing cuts whatever is still open. */
export function openPool(server: PostgresServer, network: Network, options: PoolOptions): OpenedPool {
  const sockets = new Set<Duplex>()
  // By statement: a pooler between here and the server may not pass on what is asked for with the connection.
  const settings = Object.entries(options.settings).map(([name, value]) => `SET ${name} = '${value}'`)
  const config: pg.PoolConfig & { pipeline: boolean; onConnect(client: pg.Client): Promise<unknown> | undefined } = {
    host: server.host,
    port: server.port,
    user: server.user,
    // As they are when a connection is made: both may change (live-secrets.ts).
    password: server.password === undefined ? undefined : () => server.password ?? '',
    database: server.database,
    ssl: server.ca === undefined ? false : trustOf(server),
    stream: () => {
      const socket = network.socket()
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    application_name: 'carnet',
    onConnect: client => (settings.length === 0 ? undefined : client.query(settings.join('; '))),
    max: options.connections,
    connectionTimeoutMillis: options.waitMs,
    query_timeout: options.answerMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    allowExitOnIdle: true,
    pipeline: options.copies !== true,
    types: { getTypeParser: readerOf } as pg.CustomTypesConfig,
  }
  const pool = new pg.Pool(config)
  // A connection at rest that breaks leaves the pool; whoever needs one makes another. What breaks under way is told to those who
  // wait for an answer, and a connection may break in the same breath in which it was made, before anybody has it.
  pool.on('error', () => undefined)
  pool.on('connect', client => void client.on('error', () => undefined))
  return {
    async connect() {
      const client = await pool.connect()
      let hearing = (_: pg.Notification) => {}
      let ending = () => {}
      return {
        query: statement => client.query(statement),
        copyOut: text => copiedOut(text, copy => submitted(client, copy)),
        copyIn: (text, pieces) => copiedIn(text, pieces, copy => submitted(client, copy)),
        life: () => lifeSeenBy(client),
        hear(notified) {
          hearing = ({ channel, payload = '' }) => notified(channel, payload)
          client.on('notification', hearing)
        },
        ended(hear) {
          ending = hear
          client.once('end', ending)
        },
        release(broken = false) {
          client.off('end', ending)
          client.off('notification', hearing)
          client.release(broken)
        },
      }
    },
    cut() {
      for (const socket of sockets) socket.destroy(new Error('Connection terminated: the server does not answer'))
    },
    close: () => pool.end(),
  }
}

/** The driver calls what it finds there. */
function submitted(client: pg.PoolClient, copy: Copy): void {
  client.query(copy as unknown as pg.Submittable)
}

/** A connection does not outlive the server that it was made to. */
const lives = new WeakMap<pg.PoolClient, Promise<string>>()

function lifeSeenBy(client: pg.PoolClient): Promise<string> {
  const known = lives.get(client)
  if (known !== undefined) return known
  const life = client.query(lifeOfServer).then(({ rows }) => String(rows[0]?.life))
  life.catch(() => undefined)
  lives.set(client, life)
  return life
}

// Its counters begin anew with each crash, also with one that its first process survives.
const lifeOfServer = "SELECT concat_ws(' ', pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time()) AS life"

function trustOf(server: PostgresServer): { readonly ca: Buffer | undefined } {
  return Object.defineProperty({ ca: server.ca }, 'ca', { enumerable: true, get: () => server.ca })
}

/** By the number of the type. Answers come as text, as the driver reads no other; no number exceeds what a JavaScript number holds. */
const readers: Readonly<Record<number, (value: string) => unknown>> = {
  16: value => value === 't',
  17: value => Buffer.from(value.slice(2), 'hex'),
  20: Number,
  21: Number,
  23: Number,
  114: value => JSON.parse(value),
  701: Number,
}

function readerOf(oid: number): (value: string) => unknown {
  return readers[oid] ?? String
}
