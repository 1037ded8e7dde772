// knex over a connection that is already open: its better-sqlite3 dialect, given our driver in that one's shape.
import knex, { type Knex } from 'knex'
import BetterSqlite3 from 'knex/lib/dialects/better-sqlite3/index.js'
import type { DriverStatement, SqliteConnection } from './sqlite-driver.js'
import type { Migration, SqlValue } from './store.js'

/** Runs the steps not yet done, all in one transaction: a process that dies meanwhile leaves the old schema. */
export async function runSteps(
  connection: SqliteConnection,
  tableName: string,
  migrations: readonly Migration[],
): Promise<void> {
  const database = knex({
    client: dialectOver(connection),
    connection: { filename: 'already open' },
    useNullAsDefault: true,
    log: { warn: () => undefined, debug: () => undefined, deprecate: () => undefined },
  })
  try {
    await database.migrate.latest({ tableName, migrationSource: sourceOf(migrations) })
  } finally {
    await database.destroy()
  }
}

function sourceOf(migrations: readonly Migration[]): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => [...migrations],
    getMigrationName: step => step.name,
    getMigration: async step => ({
      async up(transaction) {
        for (const sql of step.sqlite) await transaction.raw(sql)
      },
      async down() {
        throw new Error('schema changes go forward only')
      },
    }),
  }
}

function dialectOver(connection: SqliteConnection): typeof Knex.Client {
  // What knex does to the connection is bound to this one; closing it is not knex's business.
  function OpenConnection() {
    return { prepare: (sql: string) => asBetterSqlite3(sql, connection.prepare(sql)), close: () => undefined }
  }
  return class extends BetterSqlite3 {
    override _driver() {
      return OpenConnection
    }
  }
}

function asBetterSqlite3(sql: string, statement: DriverStatement) {
  return {
    reader: /^\s*(select|pragma|with)\b/i.test(sql),
    all: (values: SqlValue[]) => statement.all(...values),
    run: (values: SqlValue[]) => statement.run(...values),
  }
}
