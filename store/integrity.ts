// What SQLite itself finds wrong with a database file that nobody has open.
import { inWords } from './failures.js'
import { connect } from './sqlite-driver.js'

/** Empty when all is well. */
export async function integrityOf(path: string): Promise<string[]> {
  try {
    const connection = await connect(path, { readOnly: true })
    try {
      const rows = connection.prepare('PRAGMA integrity_check(20)').all() as { integrity_check: string }[]
      return rows.map(row => row.integrity_check).filter(line => line !== 'ok')
    } finally {
      connection.close()
    }
  } catch (problem) {
    return [inWords(problem)]
  }
}
