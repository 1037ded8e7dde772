// A database file opened to be read alone, beside whoever writes it: nothing in it is changed, no step is taken.
import { connect } from './sqlite-driver.js'
import { statementCache } from './statements.js'
import type { Store } from './store.js'

export interface Reading extends Pick<Store, 'prepare'> {
  close(): void
}

/** Rejects where the file is not there or is no database. It sees what was committed before each statement; close it, for it holds up the emptying of the log. */
export async function openReading(path: string): Promise<Reading> {
  const connection = await connect(path, { readOnly: true })
  return { prepare: statementCache(connection), close: () => connection.close() }
}
