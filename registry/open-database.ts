// The registry's database: a file of its own, or one on a PostgreSQL server that several registries share.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { outboxMigrations } from '../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../atna-audit/postgres-outbox.js'
import { isOnServer } from '../config/postgres-url.js'
import type { RegistryConfig } from '../config/registry-config.js'
import type { Ports } from '../ports/ports.js'
import { type ActorDatabase, inFile, onServer } from '../server/actor-database.js'
import { openOnServer, serverAt } from '../server/database-server.js'
import { openStore } from '../store/open-store.js'
import { followSecrets } from '../store/postgres/live-secrets.js'
import { openReplicas } from '../store/postgres/replicas.js'
import { registryMigrations } from './migrations.js'
import { registryMigrations as postgresMigrations } from './postgres/migrations.js'
import { openPostgresRegistryStore } from './postgres-store.js'
import { openRegistryStore } from './sqlite-store.js'
import type { RegistryStore } from './store.js'

export interface RegistryDatabase extends ActorDatabase {
  store: RegistryStore
}

/** @throws CannotStart */
export function openDatabase(
  section: Pick<RegistryConfig, 'database' | 'postgres'>,
  domain: AffinityDomain,
  ports: Ports,
): Promise<RegistryDatabase> {
  return isOnServer(section.database) ? openShared(section, domain, ports) : openFile(section, domain, ports)
}

async function openFile(
  { database }: Pick<RegistryConfig, 'database'>,
  domain: AffinityDomain,
  { clock, files }: Ports,
): Promise<RegistryDatabase> {
  const migrations = [...outboxMigrations, ...registryMigrations]
  const store = await openStore({ path: database, migrations }, clock, files)
  return Object.assign(inFile(store), { store: openRegistryStore(store, domain, clock) })
}

async function openShared(
  { database: url, postgres }: Pick<RegistryConfig, 'database' | 'postgres'>,
  domain: AffinityDomain,
  ports: Ports,
): Promise<RegistryDatabase> {
  const migrations = [...postgresOutboxMigrations, ...postgresMigrations]
  const store = await openOnServer({ section: 'registry', url, postgres, migrations }, ports)
  const servers = await Promise.all(
    postgres.readReplicas.map(each => serverAt('registry', each, postgres, ports.files)),
  )
  const replicas = servers.length === 0 ? undefined : openReplicas(store, { ...postgres, servers }, ports)
  const secrets = followSecrets(servers, postgres, ports)
  const database = onServer(store, ports.clock)
  const { close } = database
  return Object.assign(database, {
    store: openPostgresRegistryStore(store, domain, replicas),
    async close() {
      secrets.close()
      await replicas?.close()
      await close()
    },
  })
}
