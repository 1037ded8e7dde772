// The registry's database: a file of its own, or one on a PostgreSQL server that several registries share.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { type OpenOutbox, type Outbox, openOutbox, outboxMigrations } from '../atna-audit/outbox.js'
import { openPostgresOutbox, type PostgresOutbox, postgresOutboxMigrations } from '../atna-audit/postgres-outbox.js'
import type { PostgresConfig, RegistryConfig } from '../config/carnet-config.js'
import { isOnServer, readPostgresUrl } from '../config/postgres-url.js'
import type { Files } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'
import type { ServedDatabase } from '../server/actor-service.js'
import { CannotStart } from '../server/service.js'
import { stepsDone } from '../store/migrate.js'
import { openStore } from '../store/open-store.js'
import type { PostgresServer } from '../store/postgres/connections.js'
import { stepsDoneIn } from '../store/postgres/migrate.js'
import { openPostgres, type PostgresStore } from '../store/postgres/open-postgres.js'
import { openReplicas } from '../store/postgres/replicas.js'
import { registryMigrations } from './migrations.js'
import { registryMigrations as postgresMigrations } from './postgres/migrations.js'
import { openPostgresRegistryStore } from './postgres-store.js'
import { openRegistryStore } from './sqlite-store.js'
import type { RegistryStore } from './store.js'

export interface RegistryDatabase extends ServedDatabase {
  store: RegistryStore
  openOutbox(options: OpenOutbox): Outbox
  close(): Promise<void>
}

/** @throws CannotStart */
export function openDatabase(
  section: Pick<RegistryConfig, 'database' | 'postgres'>,
  domain: AffinityDomain,
  ports: Ports,
): Promise<RegistryDatabase> {
  return isOnServer(section.database) ? openOnServer(section, domain, ports) : openFile(section, domain, ports)
}

async function openFile(
  { database }: Pick<RegistryConfig, 'database'>,
  domain: AffinityDomain,
  { clock, files }: Ports,
): Promise<RegistryDatabase> {
  const migrations = [...outboxMigrations, ...registryMigrations]
  const store = await openStore({ path: database, migrations }, clock, files)
  return {
    store: openRegistryStore(store, domain),
    get broken() {
      return store.broken
    },
    stepsDone: () => stepsDone(store),
    openOutbox: options => openOutbox(store, options),
    close: () => store.close(),
  }
}

async function openOnServer(
  { database, postgres }: Pick<RegistryConfig, 'database' | 'postgres'>,
  domain: AffinityDomain,
  ports: Ports,
): Promise<RegistryDatabase> {
  const store = await opened(await serverAt(database, postgres, ports.files), postgres, ports)
  const servers = await Promise.all(postgres.readReplicas.map(url => serverAt(url, postgres, ports.files)))
  const replicas = servers.length === 0 ? undefined : openReplicas(store, { ...postgres, servers }, ports)
  let outbox: PostgresOutbox | undefined
  return {
    store: openPostgresRegistryStore(store, domain, replicas),
    get broken() {
      return store.broken
    },
    stepsDone: () => store.look(stepsDoneIn),
    openOutbox(options) {
      outbox = openPostgresOutbox(store, options)
      return outbox
    },
    async close() {
      await outbox?.close()
      await replicas?.close()
      await store.close()
    },
  }
}

async function opened(server: PostgresServer, postgres: PostgresConfig, ports: Ports): Promise<PostgresStore> {
  const migrations = [...postgresOutboxMigrations, ...postgresMigrations]
  try {
    return await openPostgres({ server, migrations, connections: postgres.connections }, ports)
  } catch (problem) {
    throw new CannotStart(
      `The registry's database cannot be opened: ${(problem as Error).message}. Check "registry.database", the server, and what it lets ${server.user} do.`,
    )
  }
}

async function serverAt(url: string, { passwordFile, ca }: PostgresConfig, files: Files): Promise<PostgresServer> {
  const { host, port, user, password, database } = readPostgresUrl(url)
  const read = (path: string | undefined) =>
    path === undefined
      ? undefined
      : files.readFile(path).catch((problem: NodeJS.ErrnoException) => {
          throw new CannotStart(`${path} cannot be read (${problem.code}); it stands in "registry.postgres".`)
        })
  const written = await read(passwordFile)
  return {
    ...{ host, port, user, database },
    password: written === undefined ? password : String(written).trim(),
    ca: await read(ca),
  }
}
