// Brings a database to the schema of this version, forward only. knex runs the steps; it is loaded only when there are any.
import { CannotOpen } from './failures.js'
import type { DriverStatement, SqliteConnection } from './sqlite-driver.js'
import type { Migration } from './store.js'

const table = 'carnet_migrations'

/** @throws CannotOpen when the database holds a step that this version does not know. */
export async function migrate(
  connection: SqliteConnection,
  path: string,
  migrations: readonly Migration[],
): Promise<void> {
  const done = stepsDone(connection)
  const known = new Set(migrations.map(step => step.name))
  const newer = done.find(name => !known.has(name))
  if (newer !== undefined) {
    throw new CannotOpen(
      `the database ${path} was written by a newer version of Carnet (its step ${newer} is unknown here): ` +
        'start that version, or restore a backup made before the upgrade',
    )
  }
  // Loading knex costs more than opening the database: not on every start.
  if (done.length < known.size) {
    const { runSteps } = await import('./knex-steps.js')
    await runSteps(connection, table, migrations)
  }
}

/** In the order in which they were done. */
export function stepsDone(connection: { prepare(sql: string): Pick<DriverStatement, 'get' | 'all'> }): string[] {
  const there = connection.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table)
  if (there === undefined) return []
  return (connection.prepare(`SELECT name FROM ${table} ORDER BY id`).all() as { name: string }[]).map(row => row.name)
}
