// Whether somebody else holds the database in a file, as a shell with an open transaction does: nothing can be written until he lets go.
import { isHeld } from './failures.js'
import type { SqliteConnection } from './sqlite-driver.js'

export interface Beginnings {
  /** Begins a transaction. @throws what SQLite throws; at once where it is known that somebody holds the database */
  begin(): void
  /** In words; looks again whether it is so still. Outside of transactions. */
  readonly held: string | undefined
}

/** Who begins a transaction waits for so long, and with him all that this process does. */
export const patienceMs = 2_000

/** Of a connection that waits for `patienceMs`. */
export function beginningsOf(connection: Pick<SqliteConnection, 'exec'>): Beginnings {
  let isOthers = false

  function note(others: boolean): void {
    if (others === isOthers) return
    isOthers = others
    connection.exec(`PRAGMA busy_timeout = ${others ? 0 : patienceMs}`)
  }

  function begin(): void {
    try {
      connection.exec('BEGIN IMMEDIATE')
    } catch (problem) {
      if (isHeld(problem)) note(true)
      throw problem
    }
    note(false)
  }

  return {
    begin,
    get held() {
      if (!isOthers) return undefined
      try {
        begin()
        connection.exec('ROLLBACK')
      } catch {
        return 'another process holds the database, and nothing can be written until it lets go'
      }
      return undefined
    },
  }
}
