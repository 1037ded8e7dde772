// Copies that follow the server. One is asked only while it is proven to have all that the server had a bounded time ago: by
// positions in the write-ahead log, whatever the clocks say. docs/decisions/0224.
import type { Ports } from '../../ports/ports.js'
import { type OpenedPool, openPool, type PostgresServer } from './connections.js'
import { answerMs, sessionSettings } from './open-postgres.js'
import { type Transactions, transactionsOver } from './transactions.js'

export interface Replicas {
  /** A copy that is close enough behind, in turn; undefined while there is none. */
  next(): Pick<Transactions, 'look'> | undefined
  close(): Promise<void>
}

export interface OpenReplicas {
  servers: readonly PostgresServer[]
  connections: number
  staleMs: number
}

interface Copy extends Pick<Transactions, 'look'> {
  pool: OpenedPool
  isAsked: boolean
  /** It has all that was committed before this instant. */
  hasAllBeforeMs: number
}

/** At an instant the server had written so far. */
interface Mark {
  ms: number
  position: number
}

// What was promoted follows nobody any more, whatever it has replayed before.
const written = `SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint AS position`
const replayed = `SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END AS position`
const mostMarks = 100
const silenceMs = 5_000

/** `next()` is undefined where no copy is proven to be at most `staleMs` behind, whatever the reason: the server itself is asked then. */
export function openReplicas(
  primary: Pick<Transactions, 'look'>,
  { servers, connections, staleMs }: OpenReplicas,
  ports: Pick<Ports, 'clock' | 'network' | 'randomness'>,
): Replicas {
  const { clock } = ports
  const copies = servers.map((server): Copy => {
    const pool = openPool(server, ports.network, {
      ...{ connections, answerMs },
      waitMs: 1_000,
      settings: sessionSettings,
    })
    const { look } = transactionsOver(pool, ports, { attempts: 3, awayMs: 0, pauseMs: 4 })
    return { pool, look, isAsked: false, hasAllBeforeMs: Number.NEGATIVE_INFINITY }
  })
  let marks: Mark[] = []
  let turn = 0
  let looking = false

  async function position(of: Pick<Transactions, 'look'>, sql: string): Promise<number | undefined> {
    const [row] = await of.look(session => session.query<{ position: number | null }>(sql))
    return row?.position ?? undefined
  }

  /** One that says nothing holds up no other, and nobody who was sent to it. */
  async function follow(copy: Copy): Promise<void> {
    if (copy.isAsked) return
    copy.isAsked = true
    const silence = clock.after(silenceMs, () => copy.pool.cut(), { idle: true })
    try {
      const reachedSoFar = (await position(copy, replayed)) ?? Number.NEGATIVE_INFINITY
      const reached = marks.findLast(mark => mark.position <= reachedSoFar)
      if (reached !== undefined) copy.hasAllBeforeMs = Math.max(copy.hasAllBeforeMs, reached.ms)
    } finally {
      silence.cancel()
      copy.isAsked = false
    }
  }

  async function measure(): Promise<void> {
    const ms = clock.monotonicMs()
    const at = await position(primary, written)
    if (at !== undefined) marks = [...marks.slice(1 - mostMarks), { ms, position: at }]
    for (const copy of copies) follow(copy).catch(() => undefined)
  }

  // Whatever cannot be measured proves nothing, and the server is asked instead.
  const measuring = clock.every(Math.max(50, staleMs / 4), () => {
    if (looking) return
    looking = true
    measure()
      .catch(() => undefined)
      .finally(() => {
        looking = false
      })
  })

  return {
    next() {
      const now = clock.monotonicMs()
      const close = copies.filter(copy => now - copy.hasAllBeforeMs <= staleMs)
      turn += 1
      return close[turn % close.length]
    },
    async close() {
      measuring.cancel()
      await Promise.all(copies.map(({ pool }) => pool.close()))
    },
  }
}
