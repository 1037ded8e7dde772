// The other end of a crossing without a server: rows that have left an embedded database go into a new one, by way of what PostgreSQL
// would be sent. That PostgreSQL gives the same back is what test/cli/database tests.
import type { Crossing, Preparing, TravellingRow } from '../../../store/crossing/crossing.js'
import { rowsOut } from '../../../store/crossing/out-of-sqlite.js'

/** By table, sorted: what travels. */
export function travelling(crossings: readonly Crossing[], database: Preparing): Record<string, TravellingRow[]> {
  return Object.fromEntries(
    crossings.map(crossing => [
      crossing.table,
      [...rowsOut(crossing, database)]
        .flat()
        .map(row => Object.fromEntries(Object.keys(crossing.columns).map(name => [name, row[name] ?? null]))),
    ]),
  )
}

export function arriving(
  crossings: readonly Crossing[],
  rows: Readonly<Record<string, readonly TravellingRow[]>>,
  database: Preparing,
): void {
  for (const { table, embedded } of crossings) {
    const write = embedded.writer?.(database)
    for (const row of rows[table] ?? []) write?.(row)
  }
}

/** Tables of an embedded database with their columns. */
export function tablesIn(database: Preparing): Record<string, string[]> {
  const rows = database
    .prepare(
      `SELECT m.name AS name, p.name AS column FROM sqlite_schema m JOIN pragma_table_info(m.name) p
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.name`,
    )
    .all() as { name: string; column: string }[]
  const tables: Record<string, string[]> = {}
  for (const { name, column } of rows) tables[name] = [...(tables[name] ?? []), column]
  return tables
}

/** What crossings say that there is, with what they leave. */
export function tablesOf(crossings: readonly Crossing[]): Record<string, string[]> {
  const tables = crossings.flatMap(({ embedded }) => Object.entries(embedded.tables))
  return Object.fromEntries(tables.map(([name, columns]) => [name, [...columns].sort()]))
}
