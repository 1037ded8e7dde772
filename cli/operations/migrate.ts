// `carnet migrate --plan`: what the next start of this version would change in each database, without changing it. A database that is
// in use is asked for through its service.
import { outboxMigrations } from '../../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../../atna-audit/postgres-outbox.js'
import { auditRepositoryMigrations } from '../../atna-audit/repository/records.js'
import { isOnServer } from '../../config/postgres-url.js'
import { gatewayMigrations } from '../../gateway/migrations.js'
import { patientIndexMigrations } from '../../patient-index/migrations.js'
import { registryMigrations } from '../../registry/migrations.js'
import { registryMigrations as postgresMigrations } from '../../registry/postgres/migrations.js'
import { repositoryMigrations } from '../../repository/migrations.js'
import { repositoryMigrations as repositoryMigrationsOnServer } from '../../repository/postgres/migrations.js'
import { takeLock } from '../../store/lock.js'
import { type MigrationPlan, planFor, rehearse, stepsIn } from '../../store/migration-plan.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import type { Migration } from '../../store/store.js'
import { type AdministeredService, openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'

export interface MigrateOptions extends DeploymentOptions {
  plan?: boolean
  /** Shows the statements. */
  sql?: boolean
  /** Takes the steps on a copy. */
  rehearse?: boolean
}

interface Schema {
  service: AdministeredService
  /** A file, or the URL of a database on a server. */
  database: string
  steps: readonly Step[]
  /** Of a file. */
  migrations: readonly Migration[]
}

interface Step {
  name: string
  statements: readonly string[]
}

type Plan = MigrationPlan<Step>

interface Planning extends Schema {
  deployment: Deployment
  options: MigrateOptions
  context: Context
}

export async function migrate(options: MigrateOptions, context: Context): Promise<void> {
  if (options.plan !== true) {
    throw new Failure(
      'usage',
      'databases are migrated when their service starts; "carnet migrate --plan" shows what that would change.',
    )
  }
  const deployment = await openDeployment(options, context)
  let newer = 0
  for (const schema of schemasOf(deployment)) {
    const { unknown } = await planned({ ...schema, deployment, options, context })
    newer += unknown.length
  }
  if (newer > 0)
    throw new Failure(
      'refused',
      'A newer version has written there; start that one, or restore a backup made before the upgrade.',
    )
}

function schemasOf({ config: { registry, repository, atnaAudit, patientIndex, gateway } }: Deployment): Schema[] {
  return [
    isOnServer(registry.database)
      ? onServer('registry', registry.database, [...postgresOutboxMigrations, ...postgresMigrations])
      : inFile('registry', registry.database, [...outboxMigrations, ...registryMigrations]),
    isOnServer(repository.database)
      ? onServer('repository', repository.database, [...postgresOutboxMigrations, ...repositoryMigrationsOnServer])
      : inFile('repository', repository.database, [...outboxMigrations, ...repositoryMigrations]),
    inFile('audit', atnaAudit.database, auditRepositoryMigrations),
    ...(patientIndex === undefined
      ? []
      : [inFile('patientIndex', patientIndex.database, [...outboxMigrations, ...patientIndexMigrations])]),
    ...(gateway === undefined
      ? []
      : [inFile('gateway', gateway.database, [...outboxMigrations, ...gatewayMigrations])]),
  ]
}

function onServer(service: AdministeredService, database: string, migrations: readonly PostgresMigration[]): Schema {
  const steps = migrations.map(({ name, postgres }) => ({ name, statements: postgres }))
  return { service, database, steps, migrations: [] }
}

function inFile(service: AdministeredService, database: string, migrations: readonly Migration[]): Schema {
  const steps = migrations.map(({ name, sqlite }) => ({ name, statements: sqlite }))
  return { service, database, steps, migrations }
}

function planned(planning: Planning): Promise<Plan> {
  return isOnServer(planning.database) ? plannedOnServer(planning) : plannedInFile(planning)
}

/** Its services are the ones to ask: several may be at work on it. */
async function plannedOnServer(planning: Planning): Promise<Plan> {
  const plan = planFor(await askedFor(planning), planning.steps)
  tell(plan, 'on its server, in use', planning)
  return plan
}

async function plannedInFile(planning: Planning): Promise<Plan> {
  const { service, database, steps, options, context } = planning
  const found = await context.ports.files.stat(database)
  if (found === undefined) {
    context.terminal.print(`${service.padEnd(13)}${database} is not there: the next start makes it`)
    return { pending: [], unknown: [] }
  }
  const lock = await takeLock(`${database}.lock`, context.ports.files)
  try {
    const plan = planFor(lock === undefined ? await askedFor(planning) : await stepsIn(database), steps)
    tell(plan, `${database}, ${mebibytes(found.sizeBytes)}${lock === undefined ? ', in use' : ''}`, planning)
    if (options.rehearse === true && plan.pending.length > 0) await tried(lock !== undefined, planning)
    return plan
  } finally {
    lock?.release()
  }
}

async function askedFor({ service, deployment, options, context }: Planning): Promise<string[]> {
  const administration = await openAdministration(deployment, options, context)
  try {
    return (await administration.resource<{ done: string[] }>(service, 'schema')).done
  } finally {
    administration.close()
  }
}

function tell({ pending, unknown }: Plan, where: string, { service, options, context }: Planning): void {
  const { terminal } = context
  const what = pending.length === 0 ? 'nothing to change' : `${pending.length} steps`
  terminal.print(`${service.padEnd(13)}${where}: ${what}`)
  for (const { name, statements } of pending) {
    terminal.print(`  ${name}: ${statements.length} statements`)
    if (options.sql === true)
      for (const statement of statements) terminal.print(`    ${statement.replace(/\s+/g, ' ')};`)
  }
  for (const name of unknown) terminal.complain(`  ${name} is a step that this version does not know`)
}

async function tried(isFree: boolean, { database, migrations, context }: Planning): Promise<void> {
  if (!isFree)
    return context.terminal.complain('  in use: rehearsed when its service is stopped, or on a restored backup')
  const ms = await rehearse({ path: database, migrations }, context.ports)
  context.terminal.print(`  rehearsed on a copy: ${(ms / 1000).toFixed(1)} s`)
}
