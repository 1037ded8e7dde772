// `carnet database move SERVICE --to …`: the database of a service that is at rest goes from a file to a PostgreSQL server, or back. All of it
// or nothing: until carnet.json names the new one, which is the last thing done, the old one is the database. docs/decisions/0384
import { dirname, join, relative, resolve } from 'node:path'
import { outboxMigrations } from '../../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../../atna-audit/postgres-outbox.js'
import { documentsFolderOf } from '../../config/documents-place.js'
import { ConfigProblem } from '../../config/load.js'
import { isOnServer, withoutPasswords } from '../../config/postgres-url.js'
import { registryCrossings } from '../../registry/crossing/crossing.js'
import { registryMigrations } from '../../registry/migrations.js'
import { registryMigrations as registryMigrationsOnServer } from '../../registry/postgres/migrations.js'
import { copyOutOfSegments, countInSegments } from '../../repository/crossing/contents.js'
import { repositoryCrossings } from '../../repository/crossing/crossing.js'
import { repositoryMigrations } from '../../repository/migrations.js'
import { repositoryMigrations as repositoryMigrationsOnServer } from '../../repository/postgres/migrations.js'
import { serverAt } from '../../server/database-server.js'
import { CannotStart } from '../../server/service.js'
import { type Crossed, CrossingBroken, crossToFile, crossToServer, type Progress } from '../../store/crossing/cross.js'
import type { Crossing, Preparing } from '../../store/crossing/crossing.js'
import { leaveFile, makeFile } from '../../store/crossing/embedded-database.js'
import { NotOfThisVersion } from '../../store/crossing/this-version.js'
import { inWords } from '../../store/failures.js'
import { takeLock } from '../../store/lock.js'
import { CannotBeLeft, leaveDatabase } from '../../store/postgres/crossing-out.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Session } from '../../store/postgres/session.js'
import { CannotBeFilled, fillDatabase } from '../../store/postgres/tables-in.js'
import type { Migration } from '../../store/store.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { bar } from '../quantities.js'
import { type MovedService, type MovedSettings, settingsWith } from './moved-settings.js'

export interface MoveDatabaseOptions extends DeploymentOptions {
  /** `postgres://user@host:port/name`, or a file. */
  to: string
}

interface Move {
  service: MovedService
  deployment: Deployment
  settings: MovedSettings
  context: Context
  crossings: readonly Crossing[]
  embedded: readonly Migration[]
  onServer: readonly PostgresMigration[]
}

const embeddedOf: Readonly<Record<MovedService, readonly Migration[]>> = {
  registry: [...outboxMigrations, ...registryMigrations],
  repository: [...outboxMigrations, ...repositoryMigrations],
}
const onServerOf: Readonly<Record<MovedService, readonly PostgresMigration[]>> = {
  registry: [...postgresOutboxMigrations, ...registryMigrationsOnServer],
  repository: [...postgresOutboxMigrations, ...repositoryMigrationsOnServer],
}

export async function moveDatabase(
  service: MovedService,
  options: MoveDatabaseOptions,
  context: Context,
): Promise<void> {
  const deployment = await openDeployment(options, context)
  const from = deployment.config[service].database
  const to = isOnServer(options.to) ? options.to : fileFor(options.to, deployment)
  if (isOnServer(from) === isOnServer(to)) throw new Failure('usage', wordsForOneEngine(service, from))
  const settings = await settingsFor(service, to, deployment, context)
  const move: Move = {
    ...{ service, deployment, settings, context },
    crossings:
      service === 'registry' ? registryCrossings : repositoryCrossings(deployment.config.repository.repositoryUniqueId),
    ...{ embedded: embeddedOf[service], onServer: onServerOf[service] },
  }
  try {
    const startedMs = context.ports.clock.monotonicMs()
    const crossed = await inFailures(move, isOnServer(to) ? () => toServer(move) : () => toFile(move))
    await applied(move, to)
    tell(crossed, startedMs, { move, from, to, options })
  } finally {
    context.terminal.progress('')
    await settings.forget()
  }
}

async function applied({ settings, service }: Move, to: string): Promise<void> {
  try {
    await settings.apply()
  } catch (problem) {
    throw new Failure(
      'configuration',
      `All is in ${withoutPasswords(to)}, but carnet.json could not be changed (${inWords(problem)}): write that as ${service}.database before the start.`,
    )
  }
}

const wordsForOneEngine = (service: MovedService, from: string) =>
  isOnServer(from)
    ? `The database of the ${service} is on a server already (${withoutPasswords(from)}). A backup brings it to another server: "carnet restore".`
    : `The database of the ${service} is a file already (${from}); --to is postgres://user@host:port/name. A backup brings it to another place: "carnet restore".`

/** Beside carnet.json, by a path from there. */
function fileFor(to: string, { folder }: Deployment): string {
  const path = relative(folder, resolve(folder, to))
  return path.startsWith('..') ? resolve(folder, to) : path
}

async function settingsFor(service: MovedService, to: string, deployment: Deployment, context: Context) {
  try {
    return await settingsWith(service, to, deployment, context)
  } catch (problem) {
    if (!(problem instanceof ConfigProblem)) throw problem
    throw new Failure(
      'configuration',
      `carnet.json does not fit a database there; nothing was moved.\n${problem.faults.map(fault => `  ${fault}`).join('\n')}`,
    )
  }
}

async function toServer(move: Move): Promise<Crossed[]> {
  const { service, deployment, settings, context, crossings, embedded, onServer } = move
  const { files, network } = context.ports
  const { database: path } = deployment.config[service]
  const { database: url, postgres } = settings.config[service]
  if ((await files.stat(path)) === undefined)
    throw new Failure('usage', `${path} is not there: there is nothing to move.`)
  const server = await serverAt(service, url, postgres, files)
  const lock = await takeLock(`${path}.lock`, files)
  if (lock === undefined) throw new Failure('usage', `The ${service} is at work on ${path}: end it first.`)
  let crossed: Crossed[] = []
  try {
    await leaveFile({ path, migrations: embedded }, async from => {
      const schema = { steps: onServer.map(({ name }) => name), sequences: [] }
      await fillDatabase({ server, migrations: onServer, schema }, network, async to => {
        if (service === 'repository') await copyContents(from, move)
        crossed = await crossToServer(crossings, { from, to }, shown(move))
      })
    })
  } finally {
    lock.release()
  }
  return crossed
}

/** A segment has one writer: where several processes may come, small documents are files. */
async function copyContents(database: Preparing, { deployment, context }: Move): Promise<void> {
  const { ports, terminal } = context
  const waiting = database.prepare('SELECT count(*) AS count FROM submission WHERE iti42_security IS NOT NULL').get()
  if ((waiting as { count: number }).count > 0)
    throw new Failure(
      'refused',
      'Submissions wait for the word of the registry with the assertion of their user, which a database on a server does not keep: start registry and repository once more, until "carnet fsck" names nothing as unsettled.',
    )
  const total = countInSegments(database)
  const folder = documentsFolderOf(deployment.config.repository)
  const seen = (documents: number) =>
    terminal.progress(`${bar(documents, total)} ${documents} of ${total} documents to files`)
  const { documents, missing } = await copyOutOfSegments({ database, folder, ports, seen })
  if (documents > 0) terminal.print(`documents   ${documents} out of segments, each a file now`)
  for (const id of missing.slice(0, 20)) terminal.complain(`document ${id}: its bytes are missing, and were before`)
}

async function toFile(move: Move): Promise<Crossed[]> {
  const { service, deployment, settings, context, crossings, embedded, onServer } = move
  const { files, network } = context.ports
  const { database: url, postgres } = deployment.config[service]
  const { database: path } = settings.config[service]
  for (const there of [path, `${path}-wal`]) {
    if ((await files.stat(there)) !== undefined)
      throw new Failure(
        'usage',
        `${there} is there already; nothing is overwritten: name a new file with --to, or move that one away.`,
      )
  }
  const server = await serverAt(service, url, postgres, files)
  let crossed: Crossed[] = []
  let isMade = false
  try {
    await leaveDatabase({ server, migrations: onServer }, network, async from => {
      const note = await readOnlyNote(from)
      await makeFile({ path, migrations: embedded }, files, async to => {
        crossed = await crossToFile(crossings, { from, to }, shown(move))
      })
      isMade = true
      if (note !== undefined) await files.replace(noteFile(move), `${JSON.stringify(note)}\n`, { mode: 0o640 })
      await closeLeft(from, move)
    })
  } catch (problem) {
    if (isMade) await files.remove(path)
    throw problem
  }
  return crossed
}

interface Note {
  sinceMs: number
  by: string
  why: string
}

async function readOnlyNote(session: Session): Promise<Note | undefined> {
  const [note] = await session.query<Note>('SELECT since_ms AS "sinceMs", by_whom AS by, why FROM read_only')
  return note
}

const noteFile = ({ service, settings: { config } }: Move) =>
  join(config[service].folder ?? dirname(config[service].database), `${service}.read-only`)

/** A process on another machine, whose settings still name what was left, is to change nothing there. */
async function closeLeft(session: Session, { service, settings, context }: Move): Promise<void> {
  await session.query('DELETE FROM read_only')
  await session.query(
    'INSERT INTO read_only (since_ms, by_whom, why) VALUES (?, ?, ?)',
    ...[
      context.ports.clock.now(),
      'carnet database move',
      `the ${service} has moved to ${settings.config[service].database}`,
    ],
  )
}

const shown =
  ({ service, context }: Move) =>
  ({ done, total, table }: Progress) =>
    context.terminal.progress(
      `${bar(done, total)} ${service}: ${done} of ${total} rows, written and read again (${table})`,
    )

/** What the rooms below say, as whoever typed the command is told. */
async function inFailures<Result>({ service }: Move, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (problem) {
    if (problem instanceof Failure) throw problem
    if (problem instanceof CannotBeFilled || problem instanceof CannotBeLeft || problem instanceof NotOfThisVersion)
      throw new Failure('usage', `${problem.message}.`)
    if (problem instanceof CannotStart) throw new Failure('configuration', problem.message)
    const why = problem instanceof CrossingBroken ? 'refused' : 'unreachable'
    throw new Failure(
      why,
      `The database of the ${service} could not be moved, and is where it was: ${inWords(problem)}. Nothing of it is at the other place.`,
    )
  }
}

interface Told {
  move: Move
  from: string
  to: string
  options: MoveDatabaseOptions
}

function tell(crossed: readonly Crossed[], startedMs: number, { move, from, to, options }: Told): void {
  const { ports, terminal } = move.context
  const rows = crossed.reduce((sum, each) => sum + each.rows, 0)
  const seconds = ((ports.clock.monotonicMs() - startedMs) / 1000).toFixed(1)
  for (const each of crossed) if (each.rows > 0) terminal.print(`${each.table.padEnd(20)} ${each.rows} rows`)
  terminal.print(
    `verified: ${rows} rows are in ${withoutPasswords(to)} as they were in ${withoutPasswords(from)}, in ${seconds} s`,
  )
  terminal.print(`carnet.json names it now; what was left stays as it was, and is nobody's database any more`)
  terminal.print(`next: npx carnet start${dataFlag(options)}; then: npx carnet fsck${dataFlag(options)}`)
}
