// An actor's database on a PostgreSQL server: who to ask, and what to say when it cannot be opened.
import { readPostgresUrl } from '../config/postgres-url.js'
import type { PostgresConfig } from '../config/registry-config.js'
import type { Files } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'
import type { PostgresServer } from '../store/postgres/connections.js'
import { followSecrets } from '../store/postgres/live-secrets.js'
import type { PostgresMigration } from '../store/postgres/migrate.js'
import { openPostgres, type PostgresStore } from '../store/postgres/open-postgres.js'
import { CannotStart } from './service.js'

export interface DatabaseOnServer {
  /** `registry`: the section whose settings these are. */
  section: 'registry' | 'repository'
  url: string
  postgres: Pick<PostgresConfig, 'connections' | 'passwordFile' | 'ca'>
  migrations: readonly PostgresMigration[]
}

/** @throws CannotStart */
export async function openOnServer(
  { section, url, postgres, migrations }: DatabaseOnServer,
  ports: Ports,
): Promise<PostgresStore> {
  const server = await serverAt(section, url, postgres, ports.files)
  try {
    const store = await openPostgres({ server, migrations, connections: postgres.connections }, ports)
    const secrets = followSecrets([server], postgres, ports)
    return closing(store, secrets)
  } catch (problem) {
    throw new CannotStart(
      `The ${section}'s database cannot be opened: ${(problem as Error).message}. Check "${section}.database", the server, and what it lets ${server.user} do.`,
    )
  }
}

/** The store, whose end is the end of `other` too. */
function closing(store: PostgresStore, other: { close(): void }): PostgresStore {
  const close = store.close.bind(store)
  return Object.assign(store, {
    close() {
      other.close()
      return close()
    },
  })
}

/** `url` was checked with the settings; the password of a file wins over one in the URL. @throws CannotStart for a file that cannot be read, naming its section */
export async function serverAt(
  section: DatabaseOnServer['section'],
  url: string,
  { passwordFile, ca }: Pick<PostgresConfig, 'passwordFile' | 'ca'>,
  files: Files,
): Promise<PostgresServer> {
  const { host, port, user, password, database } = readPostgresUrl(url)
  const read = (path: string | undefined) =>
    path === undefined
      ? undefined
      : files.readFile(path).catch((problem: NodeJS.ErrnoException) => {
          throw new CannotStart(`${path} cannot be read (${problem.code}); it stands in "${section}.postgres".`)
        })
  const written = await read(passwordFile)
  return {
    ...{ host, port, user, database },
    password: written === undefined ? password : String(written).trim(),
    ca: await read(ca),
  }
}
