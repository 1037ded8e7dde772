// Rows leave an embedded database, some at a time.
import type { DriverStatement } from '../sqlite-driver.js'
import type { SqlValue } from '../store.js'
import {
  type Crossing,
  type Preparing,
  rowsTogether,
  type Source,
  type Travelling,
  type TravellingRow,
} from './crossing.js'

export function* rowsOut({ embedded }: Crossing, database: Preparing): Generator<TravellingRow[]> {
  const read = embedded.reader?.() ?? asTheyAre
  for (const source of embedded.sources) {
    for (const page of pagesOf(source, database)) yield page.map(read)
  }
}

export function countOut({ embedded }: Crossing, database: Preparing): number {
  const counts = embedded.sources.map(({ from, where = 'true' }) =>
    database.prepare(`SELECT count(*) AS count FROM ${from} WHERE ${where}`).get(),
  )
  return counts.reduce<number>((sum, row) => sum + (row as { count: number }).count, 0)
}

const asTheyAre = (row: Record<string, Travelling>): TravellingRow => row

/** By their keys: a statement that is read while others work may be collected, and its rows with it. */
function* pagesOf({ select, from, where = 'true', key }: Source, database: Preparing) {
  const names = key.map((_, index) => `key${index}`)
  const keys = key.map((column, index) => `${column} AS key${index}`).join(', ')
  const statement = (more: string) =>
    database.prepare(
      `SELECT ${select}, ${keys} FROM ${from} WHERE ${where}${more} ORDER BY ${key.join(', ')} LIMIT ${rowsTogether}`,
    )
  const first = statement('')
  const next = statement(` AND (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`)
  let page = rowsOf(first)
  while (page.length > 0) {
    yield page
    const last = page.at(-1) ?? {}
    page = page.length < rowsTogether ? [] : rowsOf(next, ...names.map(name => last[name] as SqlValue))
  }
}

const rowsOf = (statement: DriverStatement, ...values: SqlValue[]) =>
  statement.all(...values) as Record<string, Travelling>[]
