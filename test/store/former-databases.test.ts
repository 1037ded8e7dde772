// Every database that a former version can have left opens, and keeps its rows: for each step there is, and each that comes.
import { expect } from 'chai'
import { outboxMigrations } from '../../atna-audit/outbox.js'
import { auditRepositoryMigrations } from '../../atna-audit/repository/records.js'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { registryMigrations } from '../../registry/migrations.js'
import { repositoryMigrations } from '../../repository/migrations.js'
import { openStore } from '../../store/open-store.js'
import type { Migration, SqlValue, Store } from '../../store/store.js'

/** Whose steps stand in one database. */
const databases: Record<string, readonly (readonly Migration[])[]> = {
  registry: [outboxMigrations, registryMigrations],
  repository: [outboxMigrations, repositoryMigrations],
  'atna-audit': [auditRepositoryMigrations],
}

/** Tables that a step has given up, and where which of the rows made here are since. Whoever adds one proves here that none is lost. */
const moved: Record<string, { to: string; rows: number[] }> = {
  // By the key of the SubmissionSet: of the uniqueIds made here the second is one of a SubmissionSet.
  submissions: { to: 'registered_submissions', rows: [2] },
}

/** As `table.column`, with a reason. */
const givenUp: ReadonlySet<string> = new Set(['submissions.unique_id'])

describe('a database that a former version left', () => {
  let folder: string
  let count = 0
  before(async () => {
    folder = await systemFiles.temporaryFolder('carnet-former-')
  })
  after(() => systemFiles.removeFolder(folder))

  for (const [service, lists] of Object.entries(databases)) {
    for (const [which, list] of lists.entries()) {
      for (const [index, { name }] of list.entries()) {
        const done = lists.flatMap((each, at) => (at === which ? each.slice(0, index + 1) : each))
        it(`of the ${service}, as of ${name}, opens and keeps its rows`, async () => {
          count += 1
          const path = `${folder}/${count}.sqlite`
          const open = (migrations: readonly Migration[]) =>
            openStore({ path, migrations: [...migrations] }, systemClock, systemFiles)

          const former = await open(done)
          await former.write(() => fill(former))
          const before = contents(former)
          await former.close()
          const store = await open(lists.flat())
          const now = contents(store)
          const names = namesIn(store)
          await store.close()
          const fresh = await openStore({ path: ':memory:', migrations: lists.flat() }, systemClock, systemFiles)
          expect(names).to.deep.equal(namesIn(fresh))
          await fresh.close()

          for (const [table, rows] of Object.entries(before)) {
            expect(rows, table).to.have.length(rowsMade)
            const { to, rows: kept } = moved[table] ?? { to: table, rows: allRows }
            const columns = Object.keys(rows[0] ?? {}).filter(column => !givenUp.has(`${table}.${column}`))
            const expected = rows.filter((_, at) => kept.includes(at + 1)).map(row => only(columns, row))
            expect(
              (now[to] ?? []).map(row => only(columns, row)),
              `${table} in ${to}`,
            ).to.deep.equal(expected)
          }
        })
      }
    }
  }
})

const rowsMade = 3
const allRows = Array.from({ length: rowsMade }, (_, at) => at + 1)

interface Column {
  name: string
  type: string
}

/** Rows with other values in each, of the types of their columns. */
function fill(store: Store): void {
  for (const { name, sql } of tablesOf(store)) {
    const columns = store.prepare(`PRAGMA table_info(${name})`).all<Column & Record<string, SqlValue>>()
    const allowed = new Map(
      [...sql.matchAll(/CHECK \((\w+) IN \('([^']+)'/g)].map(([, column, value]) => [column, value]),
    )
    const insert = store.prepare(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`)
    for (const row of allRows) insert.run(...columns.map(column => allowed.get(column.name) ?? valueFor(column, row)))
  }
}

function valueFor({ type }: Column, row: number): SqlValue {
  if (type === 'TEXT') return `text ${row}`
  return type === 'BLOB' ? Buffer.from(`bytes ${row}`) : row
}

function contents(store: Store): Record<string, Record<string, string>[]> {
  const rowsOf = (name: string) =>
    store
      .prepare(`SELECT * FROM ${name}`)
      .all()
      .map(row => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, inWords(value)])))
      .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
  return Object.fromEntries(tablesOf(store).map(({ name }) => [name, rowsOf(name)]))
}

function inWords(value: SqlValue): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}

function tablesOf(store: Store): { name: string; sql: string }[] {
  return store
    .prepare(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'carnet_%'`,
    )
    .all<{ name: string; sql: string }>()
}

/** Of tables and indexes: one that a step drops is gone in old databases too. */
function namesIn(store: Store): string[] {
  return store
    .prepare('SELECT type, name FROM sqlite_schema')
    .all<{ type: string; name: string }>()
    .map(({ type, name }) => `${type} ${name}`)
    .filter(name => !name.includes('carnet_') && !name.includes('sqlite_'))
    .sort()
}

function only(columns: readonly string[], row: Record<string, string>): Record<string, string | undefined> {
  return Object.fromEntries(columns.map(column => [column, row[column]]))
}
