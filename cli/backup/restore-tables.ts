// The tables of a backup, examined piece by piece, or put into an empty database on a PostgreSQL server.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { postgresOutboxMigrations } from '../../atna-audit/postgres-outbox.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { isOnServer } from '../../config/postgres-url.js'
import { registryMigrations } from '../../registry/postgres/migrations.js'
import { markRemovedOnServer, placeInFilesOnServer } from '../../repository/administration/backed-up.js'
import { repositoryMigrations } from '../../repository/postgres/migrations.js'
import { serverAt } from '../../server/database-server.js'
import { CannotStart } from '../../server/service.js'
import { inWords } from '../../store/failures.js'
import type { PostgresServer } from '../../store/postgres/connections.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Session } from '../../store/postgres/session.js'
import {
  assertEmptyDatabase,
  CannotBeFilled,
  type EmptyDatabase,
  fillDatabase,
} from '../../store/postgres/tables-in.js'
import type { TableEnd, TableHead } from '../../store/postgres/tables-out.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'
import { factsOfPieces, type Manifest, type ManifestTables, type Place } from './folder.js'
import { pathOfPiece, type TablePiece, type TablesLine, tablesLines } from './table-pieces.js'

/** Databases to be filled, as they are named on the command line. */
export interface TargetOptions {
  registryDatabase?: string
  repositoryDatabase?: string
  /** File with the password for these. */
  databasePasswordFile?: string
}

type OnServer = 'registry' | 'repository'

interface Work extends Place {
  generation: string
  manifest: Manifest
  found: string[]
}

const optionOf = { registry: 'registryDatabase', repository: 'repositoryDatabase' } as const
const flagOf = { registry: '--registry-database', repository: '--repository-database' } as const

/** The databases that the restored settings are to name. @throws Failure where they are not those that the backup needs. */
export function targetsFor({ tables = [] }: Manifest, options: TargetOptions): Partial<Record<OnServer, string>> {
  for (const service of ['registry', 'repository'] as const) {
    const url = options[optionOf[service]]
    const isNeeded = tables.some(each => each.service === service)
    const flag = flagOf[service]
    if (isNeeded && url === undefined)
      throw new Failure(
        'usage',
        `The backup has the database of the ${service} from a PostgreSQL server: make an empty one, and name it with ${flag} postgres://user@host:port/name.`,
      )
    if (!isNeeded && url !== undefined)
      throw new Failure('usage', `The backup has no database of the ${service} from a server: leave ${flag} out.`)
    if (url !== undefined && !isOnServer(url)) throw new Failure('usage', `${flag} is postgres://user@host:port/name.`)
  }
  const { registryDatabase: registry, repositoryDatabase: repository, databasePasswordFile } = options
  if (databasePasswordFile !== undefined && registry === undefined && repository === undefined)
    throw new Failure('usage', '--database-password-file is for --registry-database and --repository-database.')
  if (registry !== undefined && registry === repository)
    throw new Failure('usage', 'Registry and repository have a database each; name two.')
  return { ...(registry === undefined ? {} : { registry }), ...(repository === undefined ? {} : { repository }) }
}

/** Every piece, and whether they make up what was in each table. */
export async function examineTables(tables: ManifestTables, work: Work): Promise<void> {
  const { generation, found, context } = work
  const wrong = await listProblem(tables, work)
  if (wrong !== undefined) return void found.push(wrong)
  let table = seenOf('')
  for await (const line of tablesLines(work, generation, tables)) {
    if ('table' in line) {
      table = seenOf(line.table.name)
      context.terminal.progress(`${tables.service}: ${table.name}`)
    } else if ('piece' in line) {
      await see(line.piece, table, work)
    } else if ('end' in line && !table.isBroken && !isEnd(line.end, table)) {
      found.push(`${tables.service}: ${table.name} is not what was backed up`)
    }
  }
}

/** What has been seen of a table. */
const seenOf = (name: string) => ({ name, digest: createHash('sha256'), rows: 0, isBroken: false })

async function see(piece: TablePiece, table: ReturnType<typeof seenOf>, work: Work): Promise<void> {
  const wrong = await pieceProblem(piece, work, bytes => table.digest.update(bytes))
  table.rows += piece.rows
  if (wrong === undefined) return
  table.isBroken = true
  work.found.push(wrong)
}

const isEnd = ({ rows, sha256 }: TableEnd, table: ReturnType<typeof seenOf>) =>
  table.digest.digest('hex') === sha256 && table.rows === rows

/** In words, where the list of pieces is not the one that was written. */
async function listProblem({ file, sha256 }: ManifestTables, work: Work): Promise<string | undefined> {
  const facts = await factsAt(join(work.folder, work.generation, file), work)
  if (typeof facts === 'string') return facts
  return facts.sha256 === sha256 ? undefined : `${file} is damaged: other bytes than were backed up`
}

/** In words. */
async function pieceProblem(
  { name, sha256 }: TablePiece,
  work: Work,
  see?: (piece: Buffer) => unknown,
): Promise<string | undefined> {
  const facts = await factsAt(pathOfPiece(work.folder, name), work, see)
  if (typeof facts === 'string') return facts
  return facts.sha256 === sha256 ? undefined : `piece ${name} is damaged: other bytes than were backed up`
}

async function factsAt(path: string, { vault, context }: Place, see?: (piece: Buffer) => unknown) {
  if ((await context.ports.files.stat(path)) === undefined) return `${path} is missing`
  try {
    return await factsOfPieces(vault.read(path), async piece => void see?.(piece))
  } catch (problem) {
    if (!(problem instanceof Failure) || problem.reason !== 'refused') throw problem
    return problem.message
  }
}

/** What the restored settings name, reached as they say. @throws Failure where something is in one of them, or nobody is there. */
export async function emptyTargets(config: CarnetConfig, work: Work): Promise<Map<OnServer, PostgresServer>> {
  const targets = new Map<OnServer, PostgresServer>()
  for (const { service } of work.manifest.tables ?? []) {
    if (service !== 'registry' && service !== 'repository') continue
    const { database, postgres } = config[service]
    await inWordsOf(service, async () => {
      const server = await serverAt(service, database, postgres, work.context.ports.files)
      await assertEmptyDatabase(server, work.context.ports.network)
      targets.set(service, server)
    })
  }
  return targets
}

/** All of them or none: each is kept only when those behind it are filled too. @throws Failure */
export async function fillTargets(
  targets: ReadonlyMap<OnServer, PostgresServer>,
  verify: boolean,
  work: Work,
  [tables, ...others]: readonly ManifestTables[] = work.manifest.tables ?? [],
): Promise<void> {
  if (tables === undefined) return
  const server = targets.get(tables.service as OnServer)
  if (server === undefined)
    throw new Failure('refused', `${tables.file} is of a service that has no database on a server.`)
  await inWordsOf(tables.service, () =>
    fill({ server, tables, verify }, () => fillTargets(targets, verify, work, others), work),
  )
  const { service, rows, bytes } = tables
  const where = `${server.database} at ${server.host}:${server.port}`
  work.context.terminal.print(`${service.padEnd(11)} ${rows} rows, ${mebibytes(bytes)}, in ${where}`)
}

async function inWordsOf(service: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (problem) {
    if (problem instanceof Failure) throw problem
    if (problem instanceof CannotBeFilled) throw new Failure('usage', `${service}: ${problem.message}`)
    if (problem instanceof CannotStart) throw new Failure('configuration', problem.message)
    throw new Failure(
      'unreachable',
      `${service}: its new database could not be filled, and is as empty as before: ${inWords(problem)}`,
    )
  }
}

const migrationsOf: Readonly<Record<OnServer, readonly PostgresMigration[]>> = {
  registry: [...postgresOutboxMigrations, ...registryMigrations],
  repository: [...postgresOutboxMigrations, ...repositoryMigrations],
}

interface Filling {
  server: PostgresServer
  tables: ManifestTables
  verify: boolean
}

async function fill({ server, tables, verify }: Filling, others: () => Promise<void>, work: Work): Promise<void> {
  const wrong = await listProblem(tables, work)
  if (wrong !== undefined)
    throw new Failure('refused', `${wrong}; nothing is restored: restore another backup with --at.`)
  const lines = tablesLines(work, work.generation, tables)
  try {
    await fillFrom(lines, { server, tables, verify }, others, work)
  } finally {
    await lines.return(undefined)
  }
}

async function fillFrom(
  lines: AsyncGenerator<TablesLine>,
  { server, tables, verify }: Filling,
  others: () => Promise<void>,
  work: Work,
): Promise<void> {
  const service = tables.service as OnServer
  const { value: first, done } = await lines.next()
  if (done === true || !('schema' in first))
    throw new Failure('refused', `${tables.file} says nothing of its schema; nothing is restored.`)
  const { network } = work.context.ports
  await fillDatabase({ server, migrations: migrationsOf[service], schema: first.schema }, network, async database => {
    for (let table = await nextTable(lines); table !== undefined; table = await nextTable(lines)) {
      work.context.terminal.progress(`${service}: ${table.name}`)
      await fillTable(table, lines, { database, verify }, work)
    }
    if (service === 'repository') await settle(database, work.manifest)
    await others()
  })
}

async function nextTable(lines: AsyncGenerator<TablesLine>): Promise<TableHead | undefined> {
  const { value, done } = await lines.next()
  if (done === true) return undefined
  if ('table' in value) return value.table
  throw new Failure('refused', 'The list of tables is not in order.')
}

async function fillTable(
  table: TableHead,
  lines: AsyncGenerator<TablesLine>,
  { database, verify }: { database: EmptyDatabase; verify: boolean },
  work: Work,
): Promise<void> {
  let end: TableEnd | undefined
  async function* pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true || !('piece' in value || 'end' in value))
        throw new Failure('refused', `The list of tables breaks off in ${table.name}.`)
      if ('end' in value) {
        end = value.end
        return
      }
      yield await wholePiece(value.piece, work)
    }
  }
  const rows = await database.copyIn(table, pieces())
  if (rows !== end?.rows)
    throw new Failure('refused', `${table.name} took ${rows} rows instead of ${end?.rows}; nothing is restored.`)
  if (!verify) return
  const { sha256 } = await database.read(table)
  if (sha256 !== end.sha256)
    throw new Failure('refused', `${table.name}, read again, is not what was backed up; nothing is restored.`)
}

/** Held against its digest before the server hears of it. */
async function wholePiece(piece: TablePiece, work: Work): Promise<Buffer> {
  const bytes: Buffer[] = []
  const wrong = await pieceProblem(piece, work, some => bytes.push(some))
  if (wrong === undefined) return Buffer.concat(bytes)
  throw new Failure('refused', `${wrong}; nothing is restored: restore another backup with --at.`)
}

/** Documents come back as files, but for those that were removed while the backup was made. */
async function settle(database: Session, { removedMeanwhile }: Manifest): Promise<void> {
  for (const statement of placeInFilesOnServer.split(';').filter(text => text.trim() !== ''))
    await database.query(statement)
  if (removedMeanwhile.length > 0) await database.query(markRemovedOnServer, removedMeanwhile)
}
