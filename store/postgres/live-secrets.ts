// The password and the CAs of a database server, read again when their files change: connections that are made from then on use them,
// those that are there stay. So a server is given another certificate or password without a restart of those who use it.
import type { Ports } from '../../ports/ports.js'
import type { PostgresServer } from './connections.js'

export interface SecretFiles {
  passwordFile?: string | undefined
  ca?: string | undefined
}

const everyMs = 2_000

/** Until it is closed. */
export function followSecrets(
  servers: readonly PostgresServer[],
  { passwordFile, ca }: SecretFiles,
  { clock, files }: Pick<Ports, 'clock' | 'files'>,
): { close(): void } {
  async function follow(path: string | undefined, use: (bytes: Buffer) => void): Promise<void> {
    if (path === undefined) return
    const bytes = await files.readFile(path)
    // While it is being replaced it may be there without its content.
    if (bytes.length > 0) use(bytes)
  }

  async function look(): Promise<void> {
    await follow(passwordFile, bytes => {
      for (const server of servers) server.password = String(bytes).trim()
    })
    await follow(ca, bytes => {
      for (const server of servers) server.ca = bytes
    })
  }

  // A file that is not there for the moment leaves what is known.
  const looking = clock.every(everyMs, () => void look().catch(() => undefined))
  return { close: () => looking.cancel() }
}
