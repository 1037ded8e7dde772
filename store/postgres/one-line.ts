// One connection of its own for a whole database that goes somewhere: copied in or out, and ended with the work.
import type { Network } from '../../ports/network.js'
import { type CopyingLine, openPool, type PostgresServer } from './connections.js'
import { demandVersion, placeOf } from './open-postgres.js'

/** Of a server of a version that we know. In the middle of a table nothing else could be asked on it: it is not used again. */
export async function withLine(
  {
    server,
    network,
    settings,
  }: { server: PostgresServer; network: Network; settings: Readonly<Record<string, string>> },
  work: (line: CopyingLine) => Promise<void>,
): Promise<void> {
  const pool = openPool(server, network, { connections: 1, waitMs: 20_000, settings, copies: true })
  try {
    const line = await pool.connect()
    try {
      await demandVersion(line, placeOf(server))
      await work(line)
    } finally {
      line.release(true)
    }
  } finally {
    await pool.close()
  }
}
