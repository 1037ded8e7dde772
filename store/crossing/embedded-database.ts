// An embedded database at one end of a crossing: one that nobody is at work on is read, or a new one is made beside the name that it will have.
import { dirname } from 'node:path'
import type { Files } from '../../ports/files.js'
import { migrate, stepsDone } from '../migrate.js'
import { connect, type SqliteConnection } from '../sqlite-driver.js'
import type { Migration } from '../store.js'
import { assertOfThisVersion } from './this-version.js'

export interface EmbeddedDatabase {
  path: string
  migrations: readonly Migration[]
}

/** @throws NotOfThisVersion */
export async function leaveFile(
  { path, migrations }: EmbeddedDatabase,
  leave: (database: SqliteConnection) => Promise<void>,
): Promise<void> {
  const database = await connect(path, { readOnly: true })
  try {
    assertOfThisVersion(path, stepsDone(database), migrations)
    await leave(database)
  } finally {
    database.close()
  }
}

/** Whole and durable under its name, or not there. */
export async function makeFile(
  { path, migrations }: EmbeddedDatabase,
  files: Files,
  fill: (database: SqliteConnection) => Promise<void>,
): Promise<void> {
  const partial = `${path}.partial`
  await files.makeFolder(dirname(path))
  await files.remove(partial)
  try {
    await (await files.create(partial, { mode: 0o640 })).close()
    const database = await connect(partial, { files })
    try {
      database.exec(settings)
      await migrate(database, partial, migrations)
      database.exec('BEGIN')
      await fill(database)
      database.exec('COMMIT')
    } finally {
      database.close()
    }
    await files.syncFile(partial)
    await files.rename(partial, path)
  } catch (problem) {
    await files.remove(partial)
    throw problem
  }
}

/** Nobody else sees the file until it is whole: no log of changes, and one sync at the end. */
const settings = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA foreign_keys = OFF;
  PRAGMA cache_size = -65536;
`
