// The inside of the thread that copies a database.
import { insideThread } from '../ports/threads.js'
import { inWords } from './failures.js'
import type { SnapshotWanted } from './snapshot.js'
import { backupOf, connect, type SqliteConnection } from './sqlite-driver.js'

/** As many as SQLite can have. */
const allPages = 0x7fff_ffff

const { database, into } = insideThread.data as SnapshotWanted
try {
  const connection = await connect(database, { readOnly: true })
  try {
    if (await isWorthItsPages(connection)) await copyPages(connection)
    else connection.prepare('VACUUM INTO ?').run(into)
  } finally {
    connection.close()
  }
  insideThread.send({})
} catch (problem) {
  insideThread.send({ failure: inWords(problem) })
}
insideThread.close()

/**
 * Page by page a copy differs from the last one only where something has changed, so that a backup need not have the rest again.
 * While something removed still stands in unused parts of pages (docs/decisions/0120), only a copy that is written anew leaves it out.
 */
async function isWorthItsPages(connection: SqliteConnection): Promise<boolean> {
  const { user_version } = connection.prepare('PRAGMA user_version').get() as { user_version: number }
  return user_version === 0 && (await backupOf()) !== undefined
}

async function copyPages(connection: SqliteConnection): Promise<void> {
  const backup = await backupOf()
  // All in one step: between two of them a writer would make it begin again.
  await backup?.(connection, into, { rate: allPages })
  const copy = await connect(into)
  // A file by itself, without a log beside it.
  copy.exec('PRAGMA journal_mode = DELETE')
  copy.close()
}
