// `carnet database move SERVICE --to …`: the database of a service that is at rest goes from a file to a PostgreSQL server, or back. All of it
// or nothing: until carnet.json names the new one, which is the last thing done, the old one is the database. docs/decisions/0384
import { relative, resolve } from 'node:path'
import { outboxMigrations } from '../../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../../atna-audit/postgres-outbox.js'
import { ConfigProblem } from '../../config/load.js'
import { isOnServer, withoutPasswords } from '../../config/postgres-url.js'
import { registryCrossings } from '../../registry/crossing/crossing.js'
import { registryMigrations } from '../../registry/migrations.js'
import { registryMigrations as registryMigrationsOnServer } from '../../registry/postgres/migrations.js'
import { repositoryCrossings } from '../../repository/crossing/crossing.js'
import { repositoryMigrations } from '../../repository/migrations.js'
import { repositoryMigrations as repositoryMigrationsOnServer } from '../../repository/postgres/migrations.js'
import { CannotStart } from '../../server/service.js'
import { type Crossed, CrossingBroken } from '../../store/crossing/cross.js'
import { NotOfThisVersion } from '../../store/crossing/this-version.js'
import { inWords } from '../../store/failures.js'
import { CannotBeLeft } from '../../store/postgres/crossing-out.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import { CannotBeFilled } from '../../store/postgres/tables-in.js'
import type { Migration } from '../../store/store.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import type { Move } from './move.js'
import { type MovedService, settingsWith } from './moved-settings.js'
import { toFile } from './to-file.js'
import { toServer } from './to-server.js'

export interface MoveDatabaseOptions extends DeploymentOptions {
  /** `postgres://user@host:port/name`, or a file. */
  to: string
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
    settings.keep()
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
      `All is in ${withoutPasswords(to)}, but carnet.json could not be changed (${inWords(problem)}): move it once more, or write that as ${service}.database before the start.`,
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
