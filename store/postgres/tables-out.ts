// All tables of a room as they are at one instant, for a backup: one transaction that changes nothing and holds up nobody reads them one
// after another, in the order in which their rows lie, so that what has not changed comes as it came before. docs/decisions/0371
import { createHash } from 'node:crypto'
import type { Network } from '../../ports/network.js'
import { type CopyingLine, openPool, type PostgresServer } from './connections.js'
import { type PostgresMigration, stepsDoneIn } from './migrate.js'
import { type RowPiece, rowPieces } from './row-pieces.js'
import { sessionOver } from './session.js'

/** What has to be there before any row is. */
export interface SchemaHead {
  /** Steps that the database has taken. */
  steps: string[]
  /** Numbers that were given. */
  sequences: { table: string; column: string; last: string; isCalled: boolean }[]
}

export interface TableHead {
  name: string
  /** What its rows go into again: the table itself, or the one that it is a part of. */
  into: string
  columns: string[]
}

export interface TableEnd {
  rows: number
  sizeBytes: number
  /** Of all lines, in their order. */
  sha256: string
}

export type TablesPart =
  | { kind: 'schema'; schema: SchemaHead }
  | { kind: 'table'; table: TableHead }
  | ({ kind: 'piece' } & RowPiece)
  | { kind: 'end'; end: TableEnd }
  /** To be read before the next part is asked for. */
  | { kind: 'list'; lines: AsyncGenerator<Buffer> }

export interface TablesOut {
  server: PostgresServer
  migrations: readonly PostgresMigration[]
  /** A query of one column, whose rows are handed out behind the tables, a line each. */
  list?: string | undefined
}

/** Rows come in the order in which they lie, whoever else reads them, and the same values as the same text, whatever a server is set to. */
export const asTheyLie = {
  synchronize_seqscans: 'off',
  enable_seqscan: 'on',
  max_parallel_workers_per_gather: '0',
  client_encoding: 'UTF8',
  bytea_output: 'hex',
  DateStyle: 'ISO',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  // Nobody ends what takes long.
  statement_timeout: '0',
}

const settings = { ...asTheyLie, lock_timeout: '10s', idle_in_transaction_session_timeout: '10min' }

/** One snapshot for all tables, in pieces as they come: what it holds does not grow with the tables. The snapshot ends with the reading, also of whoever stops early. */
export async function* tablesOut(
  { server, migrations, list }: TablesOut,
  network: Network,
): AsyncGenerator<TablesPart> {
  const pool = openPool(server, network, { connections: 1, waitMs: 20_000, settings, copies: true })
  try {
    const line = await pool.connect()
    try {
      await line.query({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' })
      yield* partsOver(line, migrations, list)
      await line.query({ text: 'COMMIT' })
    } finally {
      // In the middle of a table nothing else could be asked on it.
      line.release(true)
    }
  } finally {
    await pool.close()
  }
}

async function* partsOver(
  line: CopyingLine,
  migrations: readonly PostgresMigration[],
  list: string | undefined,
): AsyncGenerator<TablesPart> {
  const session = sessionOver(line)
  const names = tablesMadeBy(migrations)
  // The first question decides what instant it is.
  const steps = await stepsDoneIn(session)
  const tables = await session.query<TableHead>(selectTables, names)
  yield { kind: 'schema', schema: { steps, sequences: await sequencesOf(line, names) } }
  for (const table of tables) {
    yield { kind: 'table', table }
    yield* rowsOf(line, table)
  }
  if (list !== undefined) yield { kind: 'list', lines: linesOf(line, list) }
}

async function* rowsOf(line: CopyingLine, table: TableHead): AsyncGenerator<TablesPart> {
  const digest = createHash('sha256')
  const end = { rows: 0, sizeBytes: 0 }
  for await (const piece of rowPieces(line.copyOut(copyOf(table)))) {
    digest.update(piece.bytes)
    end.rows += piece.rows
    end.sizeBytes += piece.bytes.length
    yield { kind: 'piece', ...piece }
  }
  yield { kind: 'end', end: { ...end, sha256: digest.digest('hex') } }
}

/** As the rows of a table leave, here and where they have come in. */
export const copyOf = ({ name, columns }: Pick<TableHead, 'name' | 'columns'>) =>
  `COPY (SELECT ${columns.map(quoted).join(', ')} FROM ONLY ${quoted(name)}) TO STDOUT`

/** An identifier of SQL; of values nothing is ever written into a statement. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

async function* linesOf(line: CopyingLine, query: string): AsyncGenerator<Buffer> {
  for await (const lines of line.copyOut(`COPY (${query}) TO STDOUT`)) yield Buffer.concat(lines)
}

/** Those of other people in the same database are theirs. */
export function tablesMadeBy(migrations: readonly PostgresMigration[]): string[] {
  const statements = migrations.flatMap(({ postgres }) => postgres)
  return statements.flatMap(sql =>
    [...sql.matchAll(/\bCREATE TABLE (?:IF NOT EXISTS )?(\w+)/g)].map(found => found[1] ?? ''),
  )
}

async function sequencesOf(line: CopyingLine, names: string[]): Promise<SchemaHead['sequences']> {
  const session = sessionOver(line)
  const found = await session.query<{ table: string; column: string; sequence: string }>(selectSequences, names)
  const sequences: SchemaHead['sequences'] = []
  for (const { table, column, sequence } of found) {
    const text = `SELECT last_value::text AS last, is_called AS "isCalled" FROM ${sequence}`
    const [row] = (await line.query({ text })).rows as { last: string; isCalled: boolean }[]
    if (row !== undefined) sequences.push({ table, column, ...row })
  }
  return sequences
}

/** Of the parts of a table each; the table itself has no rows of its own. */
const selectTables = `SELECT c.relname::text AS name, coalesce(p.relname, c.relname)::text AS into,
    (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
  WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname = ANY (?::text[]) ORDER BY c.relname`

const selectSequences = `SELECT c.relname::text AS "table", a.attname::text AS "column",
    pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE n.nspname = current_schema() AND a.attidentity <> '' AND c.relname = ANY (?::text[]) ORDER BY c.relname, a.attnum`
