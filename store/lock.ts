// A lock that one process holds at a time and that ends with the process, however it ends: SQLite's own, on a file of its own.
import type { Files } from '../ports/files.js'
import { connect } from './sqlite-driver.js'

export interface Lock {
  release(): void
}

/** Undefined when another process holds it. */
export async function takeLock(path: string, files: Pick<Files, 'beneathEngine'> = {}): Promise<Lock | undefined> {
  const connection = await connect(path, { files })
  try {
    connection.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (problem) {
    connection.close()
    if (/locked|busy/i.test((problem as Error).message)) return undefined
    throw problem
  }
  return { release: () => connection.close() }
}
