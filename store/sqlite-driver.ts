// The one door to SQLite: node:sqlite where Node has it without a flag, else the same API from @photostructure/sqlite.
import type { Files } from '../ports/files.js'
import type { SqlValue } from './store.js'

export interface DriverStatement {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  get(...values: SqlValue[]): unknown
  all(...values: SqlValue[]): unknown[]
  iterate(...values: SqlValue[]): IterableIterator<unknown>
}

export interface SqliteConnection {
  exec(sql: string): void
  prepare(sql: string): DriverStatement
  close(): void
}

type Backup = (from: SqliteConnection, into: string, options: { rate: number }) => Promise<number>

type Driver = {
  DatabaseSync: new (path: string, options?: { readOnly: boolean }) => SqliteConnection
  backup?: Backup
}

/** What of `files` stands beneath the engine hears of all that the connection does. */
export async function connect(
  path: string,
  { readOnly = false, files }: { readOnly?: boolean; files?: Pick<Files, 'beneathEngine'> } = {},
): Promise<SqliteConnection> {
  const { DatabaseSync } = await driver()
  const connection = new DatabaseSync(path, { readOnly })
  return files?.beneathEngine?.(path, connection) ?? connection
}

/** SQLite's own copying of pages; undefined where Node has SQLite and not this (22.13 to 22.15). */
export async function backupOf(): Promise<Backup | undefined> {
  return (await driver()).backup
}

async function driver(): Promise<Driver> {
  // The name is a variable because Node 20, whose types we compile against, does not know the module.
  const builtIn: string = 'node:sqlite'
  try {
    return (await import(builtIn)) as Driver
  } catch {
    return (await import('@photostructure/sqlite')) as unknown as Driver
  }
}
