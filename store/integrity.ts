// What SQLite itself finds wrong with a database file that nobody has open.
import type { Files, OpenFile } from '../ports/files.js'
import { inWords } from './failures.js'
import { namelessFile } from './nameless-file.js'
import { connect, type SqliteConnection } from './sqlite-driver.js'

/** Empty when all is well. */
export async function integrityOf(path: string): Promise<string[]> {
  try {
    const connection = await connect(path, { readOnly: true })
    try {
      return problemsIn(connection)
    } finally {
      connection.close()
    }
  } catch (problem) {
    return [inWords(problem)]
  }
}

/**
 * The same of one that is nowhere in clear, and is not to be: `write` puts it into a file without a name. SQLite has that open
 * since it was empty, and looks into it only now. Undefined where `write` says that it is not whole.
 */
export async function integrityOfWritten(
  write: (file: OpenFile) => Promise<boolean>,
  files: Pick<Files, 'create' | 'temporaryFolder' | 'removeFolder'>,
): Promise<string[] | undefined> {
  let connection: SqliteConnection | undefined
  const file = await namelessFile(files, async path => {
    connection = await connect(path, { readOnly: true })
  })
  try {
    if (!(await write(file))) return undefined
    return connection === undefined ? [] : problemsIn(connection)
  } catch (problem) {
    // What was written is told by whoever wrote it.
    if (!isOfEngine(problem)) throw problem
    return [inWords(problem)]
  } finally {
    connection?.close()
    await file.close()
  }
}

const isOfEngine = (problem: unknown) => typeof (problem as { errcode?: unknown } | null)?.errcode === 'number'

function problemsIn(connection: SqliteConnection): string[] {
  const rows = connection.prepare('PRAGMA integrity_check(20)').all() as { integrity_check: string }[]
  return rows.map(row => row.integrity_check).filter(line => line !== 'ok')
}
