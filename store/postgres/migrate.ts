// Brings a database to the schema of this version, forward only, one process at a time: the others wait and find it done.
import type { Line } from './connections.js'
import { type Session, sessionOver } from './session.js'

/** One step of a room's schema, in order of `name`. Steps never change once released; a new step follows. */
export interface PostgresMigration {
  name: string
  postgres: readonly string[]
}

/** Held by whoever changes the schema. */
export const migratingLock = 4_891_734_200

/** @throws Error when the database holds a step that this version does not know. */
export async function migrate(line: Line, at: string, migrations: readonly PostgresMigration[]): Promise<void> {
  await line.query({ text: 'BEGIN' })
  try {
    await takeSteps(line, at, migrations)
    await line.query({ text: 'COMMIT' })
  } catch (problem) {
    await line.query({ text: 'ROLLBACK' }).catch(() => undefined)
    throw problem
  }
}

/** In the transaction under way. @throws as `migrate` */
export async function takeSteps(line: Line, at: string, migrations: readonly PostgresMigration[]): Promise<void> {
  const run = (text: string) => line.query({ text })
  // It ends with the transaction, and with the process, however that ends.
  await run(`SELECT pg_advisory_xact_lock(${migratingLock})`)
  await run(`CREATE TABLE IF NOT EXISTS carnet_migrations (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, done timestamptz NOT NULL DEFAULT now())`)
  const done = new Set(await stepsDoneIn(sessionOver(line)))
  const newer = [...done].find(name => !migrations.some(step => step.name === name))
  if (newer !== undefined) {
    throw new Error(
      `the database ${at} was written by a newer version of Carnet (its step ${newer} is unknown here): ` +
        'start that version, or restore a backup made before the upgrade',
    )
  }
  for (const { name, postgres } of migrations.filter(step => !done.has(step.name))) {
    for (const sql of postgres) await run(sql)
    await sessionOver(line).query('INSERT INTO carnet_migrations (name) VALUES (?)', name)
  }
}

/** In the order in which they were taken. Rejects where there is no such table: nothing was ever opened there. */
export async function stepsDoneIn(session: Session): Promise<string[]> {
  const rows = await session.query<{ name: string }>('SELECT name FROM carnet_migrations ORDER BY id')
  return rows.map(({ name }) => name)
}
