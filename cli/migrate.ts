// `carnet migrate --plan`: what the next start of this version would change in each database, without changing it. A database that is
// in use is asked for through its service.
import { outboxMigrations } from '../atna-audit/outbox.js'
import { auditRepositoryMigrations } from '../atna-audit/repository/records.js'
import { registryMigrations } from '../registry/migrations.js'
import { repositoryMigrations } from '../repository/migrations.js'
import { takeLock } from '../store/lock.js'
import { type MigrationPlan, planFor, rehearse, stepsIn } from '../store/migration-plan.js'
import type { Migration } from '../store/store.js'
import { type AdministeredService, openAdministration } from './administration.js'
import type { Context } from './context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from './deployment.js'
import { Failure } from './failure.js'
import { mebibytes } from './quantities.js'

export interface MigrateOptions extends DeploymentOptions {
  plan?: boolean
  /** Shows the statements. */
  sql?: boolean
  /** Takes the steps on a copy. */
  rehearse?: boolean
}

interface Schema {
  service: AdministeredService
  path: string
  migrations: readonly Migration[]
}

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

function schemasOf({ config: { registry, repository, atnaAudit } }: Deployment): Schema[] {
  return [
    { service: 'registry', path: registry.database, migrations: [...outboxMigrations, ...registryMigrations] },
    { service: 'repository', path: repository.database, migrations: [...outboxMigrations, ...repositoryMigrations] },
    { service: 'audit', path: atnaAudit.database, migrations: auditRepositoryMigrations },
  ]
}

async function planned(planning: Planning): Promise<MigrationPlan> {
  const { service, path, context } = planning
  const none: MigrationPlan = { pending: [], unknown: [] }
  const found = await context.ports.files.stat(path)
  if (found === undefined) {
    context.terminal.print(
      `${service.padEnd(12)}${path} is not there: the next start makes it, or it is on a server of its own`,
    )
    return none
  }
  const lock = await takeLock(`${path}.lock`)
  try {
    const done = lock === undefined ? await askedFor(planning) : await stepsIn(path)
    const plan = planFor(done, planning.migrations)
    tell(plan, found.sizeBytes, planning, lock === undefined)
    if (planning.options.rehearse === true && plan.pending.length > 0) await tried(lock !== undefined, planning)
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

function tell(
  { pending, unknown }: MigrationPlan,
  sizeBytes: number,
  { service, path, options, context }: Planning,
  inUse: boolean,
): void {
  const { terminal } = context
  const what = pending.length === 0 ? 'nothing to change' : `${pending.length} steps`
  terminal.print(`${service.padEnd(12)}${path}, ${mebibytes(sizeBytes)}${inUse ? ', in use' : ''}: ${what}`)
  for (const { name, sqlite } of pending) {
    terminal.print(`  ${name}: ${sqlite.length} statements`)
    if (options.sql === true) for (const statement of sqlite) terminal.print(`    ${statement.replace(/\s+/g, ' ')};`)
  }
  for (const name of unknown) terminal.complain(`  ${name} is a step that this version does not know`)
}

async function tried(isFree: boolean, { path, migrations, context }: Planning): Promise<void> {
  if (!isFree)
    return context.terminal.complain('  in use: rehearsed when its service is stopped, or on a restored backup')
  const ms = await rehearse({ path, migrations }, context.ports)
  context.terminal.print(`  rehearsed on a copy: ${(ms / 1000).toFixed(1)} s`)
}
