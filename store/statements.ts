// Prepared statements by their text; the least recently used one makes room.
import type { SqliteConnection } from './sqlite-driver.js'
import type { Statement } from './store.js'

const mostKept = 500

/** For one connection. The text is the key: values are bound, never written into it. */
export function statementCache(connection: SqliteConnection): (sql: string) => Statement {
  const kept = new Map<string, Statement>()
  return sql => {
    let statement = kept.get(sql)
    if (statement === undefined) {
      statement = connection.prepare(sql) as Statement
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value as string)
    } else {
      kept.delete(sql)
    }
    kept.set(sql, statement)
    return statement
  }
}
