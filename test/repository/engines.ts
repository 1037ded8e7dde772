// The engines under the repository, as its tests use them: the same calls, the same tables to look into.
import type { AuditRecord } from '../../atna-audit/message.js'
import { documentsFolderOf } from '../../config/documents-place.js'
import type { RepositoryConfig } from '../../config/repository-config.js'
import type { Ports } from '../../ports/ports.js'
import type { RepositoryOutbox } from '../../repository/alarm.js'
import { incomingFolder } from '../../repository/content-files.js'
import { embeddedMemory, type RepositoryMemory } from '../../repository/memory.js'
import { repositoryMigrations } from '../../repository/migrations.js'
import { removeArriving, sharedMemory } from '../../repository/postgres/memory.js'
import { repositoryMigrations as postgresMigrations } from '../../repository/postgres/migrations.js'
import { openStore } from '../../store/open-store.js'
import { openPostgres, type PostgresStore } from '../../store/postgres/open-postgres.js'
import type { Store } from '../../store/store.js'
import { until } from '../house/waiting.js'
import { theCluster } from '../store/postgres/a-cluster.js'

export interface Engine {
  memory: RepositoryMemory
  incoming: string
  /** Writes into the table test_audit. */
  outbox: RepositoryOutbox
  embedded?: Store
  /** The end of a process, whatever it was doing: nothing of it reaches the database any more, and others take it for gone. */
  end(): Promise<void>
  sql<Row = Record<string, unknown>>(text: string): Promise<Row[]>
  close(): Promise<void>
}

export type OpenEngine = (config: RepositoryConfig, ports: Ports) => Promise<Engine>

const openEmbedded: OpenEngine = async (config, { clock, files }) => {
  const auditTable = {
    name: '9000-test-audit',
    sqlite: ['CREATE TABLE test_audit (id INTEGER PRIMARY KEY, record TEXT)'],
  }
  const migrations = [...repositoryMigrations, auditTable]
  const store = await openStore({ path: config.database, migrations }, clock, files)
  const outbox = {
    insert(records: AuditRecord[]) {
      for (const record of records)
        store.prepare('INSERT INTO test_audit (record) VALUES (?)').run(JSON.stringify(record))
    },
    append: (records: AuditRecord[]) => store.writeSoon(() => outbox.insert(records)),
  }
  return {
    memory: embeddedMemory(store),
    incoming: incomingFolder(documentsFolderOf(config)),
    outbox,
    embedded: store,
    sql: async <Row>(text: string) => store.prepare(text).all<Row>(),
    end: () => store.close(),
    close: () => store.close(),
  }
}

let template: Promise<string> | undefined

async function templateMade(ports: Ports): Promise<string> {
  const name = await (await theCluster()).create()
  await (await opened(name, ports)).close()
  return name
}

async function opened(database: string, ports: Ports): Promise<PostgresStore> {
  const auditTable = {
    name: 'test-audit',
    postgres: ['CREATE TABLE test_audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, record text)'],
  }
  const migrations = [...postgresMigrations, auditTable]
  return openPostgres({ server: (await theCluster()).server(database), migrations, connections: 6 }, ports)
}

/** By the file that the database would be: its name on the server, and who is at work on it. */
const databases = new Map<string, { name: string; processes: PostgresStore[] }>()

/** As a process that begins once all before it on the same data are gone. */
const openOnPostgres: OpenEngine = async (config, ports) => {
  for (const before of databases.get(config.database)?.processes.splice(0) ?? []) await cut(before)
  return besideOnPostgres(config, ports)
}

/** As one more process beside others. */
export const besideOnPostgres: OpenEngine = async (config, ports) => {
  const cluster = await theCluster()
  template ??= templateMade(ports)
  const database = databases.get(config.database) ?? { name: await cluster.create(await template), processes: [] }
  databases.set(config.database, database)
  const store = await opened(database.name, ports)
  database.processes.push(store)
  const folder = documentsFolderOf(config)
  await removeArriving(folder, store, ports.files)
  const memory = sharedMemory(store, ports)
  const outbox = {
    insert(records: AuditRecord[]) {
      for (const record of records) {
        const values = [JSON.stringify(record)]
        store.enlist({ sql: 'INSERT INTO test_audit (record) VALUES (?)', values, ended: () => undefined })
      }
    },
    append: (records: AuditRecord[]) =>
      store.run(async transaction => transaction.alongside(() => outbox.insert(records))),
  }
  return {
    memory,
    incoming: memory.shared?.incomingIn(folder) ?? '',
    outbox,
    sql: <Row>(text: string) => store.run(session => session.query<Row>(text)),
    end: () => cut(store),
    async close() {
      await memory.close()
      await store.close()
    },
  }
}

/** It may be in the middle of something that never ends. */
async function cut({ keeper }: Pick<PostgresStore, 'keeper'>): Promise<void> {
  await keeper.close()
  const upper = Math.floor(keeper.process / 2 ** 32)
  const lock = `SELECT 1 FROM pg_locks WHERE classid = ${upper} AND objid = ${keeper.process % 2 ** 32}`
  // The server learns of it a moment later.
  await until(async () => (await (await theCluster()).run(lock)).length === 0, 'its lock is let go')
}

/** The suite runs over the embedded engine; over PostgreSQL with CARNET_TEST_ENGINE=postgres (`npm run test:postgres`). */
export const isOnPostgres = process.env.CARNET_TEST_ENGINE === 'postgres'
/** A database of its own for each repository, over a network, takes its time. */
export const patience = isOnPostgres ? 10 : 1
export const engineUnderTest: OpenEngine = isOnPostgres ? openOnPostgres : openEmbedded
