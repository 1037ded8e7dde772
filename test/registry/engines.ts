// The engines under the registry, as its tests use them: the same calls, the same tables to look into.

import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import type { Ports } from '../../ports/ports.js'
import { registryMigrations } from '../../registry/migrations.js'
import { registryMigrations as postgresMigrations } from '../../registry/postgres/migrations.js'
import { openPostgresRegistryStore } from '../../registry/postgres-store.js'
import { openRegistryStore } from '../../registry/sqlite-store.js'
import type { RegistryStore } from '../../registry/store.js'
import { openStore } from '../../store/open-store.js'
import { openPostgres, type PostgresStore } from '../../store/postgres/open-postgres.js'
import type { Replicas } from '../../store/postgres/replicas.js'
import type { SqlValue, Store } from '../../store/store.js'
import { serverAt, theCluster } from '../store/postgres/a-cluster.js'

export interface Engine {
  store: RegistryStore
  /** Of the embedded engine alone. */
  embedded?: Store
  /** Takes audit records into the commit under way: the table test_outbox. */
  insert(records: AuditRecord[]): void
  append(records: AuditRecord[]): Promise<void>
  /** A statement that both engines understand; `?` for a value. */
  sql<Row = Record<string, unknown>>(text: string, ...values: SqlValue[]): Promise<Row[]>
  /** Names of the tables that hold what is remembered, not how. */
  tables(): Promise<string[]>
  /** Where keys of objects stand. */
  keyColumns(): Promise<{ name: string; column: string }[]>
  close(): Promise<void>
}

export type OpenEngine = (
  domain: Pick<AffinityDomain, 'hides'>,
  ports: Ports,
  /** In memory, unless a test wants to see the files. */
  path: string,
) => Promise<Engine>

/** The suite runs over the embedded engine; over PostgreSQL with CARNET_TEST_ENGINE=postgres (`npm run test:postgres`). */
export const engineUnderTest: 'embedded' | 'postgres' =
  process.env.CARNET_TEST_ENGINE === 'postgres' ? 'postgres' : 'embedded'

/** A database of its own for each registry, over a network, takes its time. */
export const patience = engineUnderTest === 'postgres' ? 10 : 1

export const openEmbedded: OpenEngine = async (domain, ports, path) => {
  const outbox = { name: 'test-outbox', sqlite: ['CREATE TABLE test_outbox (number INTEGER PRIMARY KEY, record TEXT)'] }
  const store = await openStore({ path, migrations: [...registryMigrations, outbox] }, ports.clock, ports.files)
  const insert = (records: AuditRecord[]) => {
    for (const record of records) {
      store.prepare('INSERT INTO test_outbox (record) VALUES (?)').run(JSON.stringify(record))
    }
  }
  return {
    store: openRegistryStore(store, domain, ports.clock),
    embedded: store,
    insert,
    append: records => store.write(() => insert(records)),
    sql: async <Row>(text: string, ...values: SqlValue[]) => store.prepare(text).all<Row>(...values),
    tables: async () =>
      store
        .prepare(
          `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'carnet_%' AND name NOT LIKE 'sqlite_%'`,
        )
        .all<{ name: string }>()
        .map(({ name }) => name),
    keyColumns: async () =>
      store
        .prepare(`SELECT m.name, p.name AS "column" FROM sqlite_schema m JOIN pragma_table_info(m.name) p
        WHERE m.type = 'table' AND p.name IN ('object', 'source', 'target')`)
        .all<{ name: string; column: string }>(),
    close: () => store.close(),
  }
}

const outbox = {
  name: 'test-outbox',
  postgres: ['CREATE TABLE test_outbox (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, record TEXT)'],
}
let template: Promise<string> | undefined

async function templateMade(ports: Ports): Promise<string> {
  const cluster = await theCluster()
  const name = await cluster.create()
  const store = await openOn(name, ports)
  await store.close()
  return name
}

/** With a port it is that of another process's cluster. */
async function openOn(database: string, ports: Ports, port?: number) {
  const server = port === undefined ? (await theCluster()).server(database) : serverAt(port, database)
  return openPostgres({ server, migrations: [...postgresMigrations, outbox], connections: 6 }, ports)
}

export async function openOnPostgres(
  domain: Pick<AffinityDomain, 'hides'>,
  ports: Ports,
): Promise<Engine & { database: string }> {
  const cluster = await theCluster()
  template ??= templateMade(ports)
  const database = await cluster.create(await template)
  return postgresEngine(database, domain, ports)
}

/** Another process on a database that is there. */
export async function postgresEngine(
  database: string,
  domain: Pick<AffinityDomain, 'hides'>,
  ports: Ports,
  { port, follow }: { port?: number; follow?: (store: PostgresStore) => Replicas } = {},
): Promise<Engine & { database: string }> {
  const store = await openOn(database, ports, port)
  const replicas = follow?.(store)
  const insert = (records: AuditRecord[]) => {
    for (const record of records) {
      store.enlist({
        sql: 'INSERT INTO test_outbox (record) VALUES (?)',
        values: [JSON.stringify(record)],
        ended: () => undefined,
      })
    }
  }
  return {
    database,
    store: openPostgresRegistryStore(store, domain, replicas),
    insert,
    append: records => store.run(async transaction => transaction.alongside(() => insert(records))),
    sql: <Row>(text: string, ...values: SqlValue[]) =>
      store.run(transaction => transaction.query<Row>(text, ...values)),
    tables: async () =>
      (
        await store.look(session =>
          session.query<{ name: string }>(
            `SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE 'carnet_%'`,
          ),
        )
      ).map(({ name }) => name),
    keyColumns: () =>
      store.look(session =>
        session.query(
          `SELECT c.table_name::text AS name, c.column_name::text AS "column" FROM information_schema.columns c
           WHERE c.table_schema = 'public' AND c.column_name IN ('object', 'source', 'target', 'association')
             AND c.table_name !~ '_[0-9]+$'`,
        ),
      ),
    async close() {
      await replicas?.close()
      await store.close()
    },
  }
}
