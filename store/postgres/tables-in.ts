// An empty database is filled with what a backup has of one: its schema as it was then, its rows, its numbers, and only then the steps that
// this version adds. All in one transaction: whatever goes wrong, the database is as empty as it was. docs/decisions/0371
import { createHash } from 'node:crypto'
import type { Network } from '../../ports/network.js'
import type { CopyingLine, PostgresServer } from './connections.js'
import { type PostgresMigration, takeSteps } from './migrate.js'
import { withLine } from './one-line.js'
import { placeOf } from './open-postgres.js'
import { type Session, sessionOver } from './session.js'
import { asTheyLie, copyOf, quoted, type SchemaHead, type TableEnd, type TableHead } from './tables-out.js'

export interface EmptyDatabase extends Session {
  /** @returns how many rows came. */
  copyIn(table: TableHead, pieces: AsyncIterable<Buffer>): Promise<number>
  /** What is in it, read again: of a table that nothing else was put into as it was when it was backed up. */
  read(table: TableHead): Promise<Pick<TableEnd, 'sizeBytes' | 'sha256'>>
}

export interface FillOptions {
  server: PostgresServer
  migrations: readonly PostgresMigration[]
  schema: SchemaHead
}

/** Said to whoever asked for it. */
export class CannotBeFilled extends Error {}

// Another database may be filled before this one is kept.
const settings = { ...asTheyLie, idle_in_transaction_session_timeout: '0' }

/** @throws CannotBeFilled where something is in it, or what was backed up is of a newer version. */
export async function fillDatabase(
  { server, migrations, schema }: FillOptions,
  network: Network,
  fill: (database: EmptyDatabase) => Promise<void>,
): Promise<void> {
  await withLine({ server, network, settings }, async line => {
    await line.query({ text: 'BEGIN' })
    try {
      await assertEmpty(line, server)
      await takeSteps(line, placeOf(server), stepsThen(migrations, schema))
      await fill(databaseOver(line))
      for (const { table, column, last, isCalled } of schema.sequences) {
        const text = 'SELECT setval(pg_get_serial_sequence(quote_ident(?), ?), ?::text::bigint, ?::text::boolean)'
        await sessionOver(line).query(text, table, column, last, String(isCalled))
      }
      await takeSteps(line, placeOf(server), migrations)
      await line.query({ text: 'COMMIT' })
    } catch (problem) {
      await line.query({ text: 'ROLLBACK' }).catch(() => undefined)
      throw problem
    }
  })
}

/** @throws CannotBeFilled */
export function assertEmptyDatabase(server: PostgresServer, network: Network): Promise<void> {
  return withLine({ server, network, settings }, line => assertEmpty(line, server))
}

async function assertEmpty(line: CopyingLine, server: PostgresServer): Promise<void> {
  const [found] = await sessionOver(line).query<{ name: string }>(selectSomething)
  if (found === undefined) return
  throw new CannotBeFilled(
    `the database ${placeOf(server)} is not empty (it has "${found.name}"); nothing is overwritten: make a new one, and name that`,
  )
}

function stepsThen(migrations: readonly PostgresMigration[], { steps }: SchemaHead): PostgresMigration[] {
  const newer = steps.find(name => !migrations.some(step => step.name === name))
  if (newer === undefined) return migrations.filter(({ name }) => steps.includes(name))
  throw new CannotBeFilled(
    `the backup was made by a newer version of Carnet (its step ${newer} is unknown here): restore it with that`,
  )
}

function databaseOver(line: CopyingLine): EmptyDatabase {
  return {
    ...sessionOver(line),
    copyIn: ({ into, columns }, pieces) =>
      line.copyIn(`COPY ${quoted(into)} (${columns.map(quoted).join(', ')}) FROM STDIN`, pieces),
    async read(table) {
      const digest = createHash('sha256')
      let sizeBytes = 0
      for await (const lines of line.copyOut(copyOf(table))) {
        for (const each of lines) {
          digest.update(each)
          sizeBytes += each.length
        }
      }
      return { sizeBytes, sha256: digest.digest('hex') }
    },
  }
}

/** What extensions bring is no content. */
const selectSomething = `SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY c.relname LIMIT 1`
