// Rows that come from the embedded engine as lines of COPY.
import type { ColumnForm, Crossing, Travelling, TravellingRow } from '../crossing/crossing.js'
import type { EmptyDatabase } from './tables-in.js'

/** How many rows the server took. */
export function rowsIn(
  { table, columns }: Crossing,
  pages: AsyncIterable<TravellingRow[]>,
  database: EmptyDatabase,
): Promise<number> {
  const forms = Object.entries(columns)
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const page of pages) yield Buffer.from(page.map(row => lineOf(row, forms)).join(''))
  }
  return database.copyIn({ name: table, into: table, columns: Object.keys(columns) }, pieces())
}

/** The next number that is given is behind all that came. */
export async function numberOn({ table, identity }: Crossing, database: EmptyDatabase): Promise<void> {
  if (identity === undefined) return
  await database.query(
    `SELECT setval(pg_get_serial_sequence('${table}', '${identity}'), coalesce(max(${identity}), 1), max(${identity}) IS NOT NULL) FROM ${table}`,
  )
}

/** Text format of COPY, a line for each row. https://www.postgresql.org/docs/15/sql-copy.html */
export function lineOf(row: TravellingRow, forms: readonly (readonly [name: string, form: ColumnForm])[]): string {
  return `${forms.map(([name, form]) => fieldOf(row[name] ?? null, form)).join('\t')}\n`
}

function fieldOf(value: Travelling, form: ColumnForm): string {
  if (value === null) return '\\N'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return form === 'uuid' ? value : escaped(value)
  if (value instanceof Uint8Array)
    return `\\\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
  return escaped(`{${value.map(each => `"${each.replace(/["\\]/g, '\\$&')}"`).join(',')}}`)
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const escaped = (text: string) => text.replace(/[\\\n\r\t]/g, character => escapes[character] ?? character)
