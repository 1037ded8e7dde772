// The registry's database: a file of its own, or one on a PostgreSQL server that several registries share.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { type OpenOutbox, type Outbox, outboxMigrations } from '../atna-audit/outbox.js'
import { openPostgresOutbox, type PostgresOutbox, postgresOutboxMigrations } from '../atna-audit/postgres-outbox.js'
import { isOnServer } from '../config/postgres-url.js'
import type { RegistryConfig } from '../config/registry-config.js'
import type { Ports } from '../ports/ports.js'
import type { ServedDatabase } from '../server/actor-service.js'
import type { SharedUses } from '../server/assertions.js'
import type { SharedNote } from '../server/changes-door.js'
import { openOnServer, serverAt } from '../server/database-server.js'
import { noteOnServer } from '../server/read-only-on-server.js'
import { servedFile } from '../server/served-file.js'
import { usesOnServer } from '../server/used-on-server.js'
import { openStore } from '../store/open-store.js'
import { followSecrets } from '../store/postgres/live-secrets.js'
import { stepsDoneIn } from '../store/postgres/migrate.js'
import { openReplicas } from '../store/postgres/replicas.js'
import { registryMigrations } from './migrations.js'
import { registryMigrations as postgresMigrations } from './postgres/migrations.js'
import { openPostgresRegistryStore } from './postgres-store.js'
import { openRegistryStore } from './sqlite-store.js'
import type { RegistryStore } from './store.js'

export interface RegistryDatabase extends ServedDatabase {
  store: RegistryStore
  openOutbox(options: OpenOutbox): Outbox
  /** Of all processes that share it. */
  readOnlyNote?: SharedNote
  /** Of all processes that share it. */
  usedAssertions?: SharedUses
  close(): Promise<void>
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
  return Object.assign(servedFile(store), { store: openRegistryStore(store, domain) })
}

async function openShared(
  { database, postgres }: Pick<RegistryConfig, 'database' | 'postgres'>,
  domain: AffinityDomain,
  ports: Ports,
): Promise<RegistryDatabase> {
  const migrations = [...postgresOutboxMigrations, ...postgresMigrations]
  const store = await openOnServer({ section: 'registry', url: database, postgres, migrations }, ports)
  const servers = await Promise.all(postgres.readReplicas.map(url => serverAt('registry', url, postgres, ports.files)))
  const replicas = servers.length === 0 ? undefined : openReplicas(store, { ...postgres, servers }, ports)
  const secrets = followSecrets(servers, postgres, ports)
  let outbox: PostgresOutbox | undefined
  return {
    store: openPostgresRegistryStore(store, domain, replicas),
    get broken() {
      return store.broken
    },
    stepsDone: () => store.look(stepsDoneIn),
    readOnlyNote: noteOnServer(store),
    usedAssertions: usesOnServer(store, ports.clock),
    openOutbox(options) {
      outbox = openPostgresOutbox(store, options)
      return outbox
    },
    async close() {
      secrets.close()
      await outbox?.close()
      await replicas?.close()
      await store.close()
    },
  }
}
