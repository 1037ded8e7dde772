// A table whose rows go from one engine to the other. They travel in the form that PostgreSQL has them in; what the embedded engine keeps
// otherwise, the room that has the table translates. docs/decisions/0384
import type { DriverStatement } from '../sqlite-driver.js'

export type Travelling = null | number | string | Uint8Array | readonly string[]
export type TravellingRow = Readonly<Record<string, Travelling>>

/** How a column of PostgreSQL is written: `uuids` and `texts` are arrays, sets of which the order means nothing. */
export type ColumnForm = 'number' | 'text' | 'bytes' | 'uuid' | 'uuids' | 'texts'

export interface Crossing {
  /** On PostgreSQL. */
  table: string
  columns: Readonly<Record<string, ColumnForm>>
  /** The order in which its rows leave PostgreSQL, by which the other engine takes them fastest; and from where, if not from the table alone. */
  order: string
  from?: string
  /** Columns that each engine fills by itself: they are not compared. */
  apart?: readonly string[]
  /** A column of numbers that PostgreSQL gives: the next one follows upon those that came. */
  identity?: string
  embedded: Embedded
}

export interface Embedded {
  /** Its tables that are read and written, with all of their columns: a test holds them against the schema. */
  tables: Readonly<Record<string, readonly string[]>>
  /** Where its rows come from, one source after another. */
  sources: readonly Source[]
  /** Of the columns of a source; as they are, unless they are said otherwise. Called once for each reading. */
  reader?(): (row: Record<string, Travelling>) => TravellingRow
  /** Prepares what puts a row there. Left out where the row follows from others. */
  writer?(database: Preparing): (row: TravellingRow) => void
}

export interface Source {
  /** Columns with their names. */
  select: string
  /** Nothing of a row that is missing elsewhere may make this one be missing: LEFT JOIN. */
  from: string
  where?: string
  /** Each row has one of its own, and rows are found by it. */
  key: readonly string[]
}

export interface Preparing {
  prepare(sql: string): DriverStatement
}

/** Rows that are in memory together. */
export const rowsTogether = 500

/** One that has the same columns in both. */
export function plainCrossing(
  table: string,
  columns: Crossing['columns'],
  { key, ...more }: { key: readonly string[] } & Partial<Pick<Crossing, 'apart'>>,
): Crossing {
  const names = Object.keys(columns)
  return {
    ...{ table, columns, order: key.join(', '), ...more },
    embedded: {
      tables: { [table]: names },
      sources: [{ select: names.join(', '), from: table, key }],
      writer: database => plainWriter(database, table, names),
    },
  }
}

/** Puts the columns of these names as they are. */
export function plainWriter(
  database: Preparing,
  table: string,
  names: readonly string[],
): (row: TravellingRow) => void {
  const insert = database.prepare(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  )
  return row => void insert.run(...names.map(name => single(row[name])))
}

/** The value of a column that is no array. */
export function single(value: Travelling | undefined): null | number | string | Uint8Array {
  if (value === undefined || (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)))
    throw new Error('one value was expected where there is none, or a list')
  return value
}

/** The value of a column that is an array. */
export function several(value: Travelling | undefined): readonly string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array)
    throw new Error('a list was expected where there is none')
  return value
}
