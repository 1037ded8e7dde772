// `carnet audit export`, `chain`, `retention` and `rotate-key`: records with their proofs, by what they are signed, and what of them goes.
import { dirname, resolve } from 'node:path'
import type { ChainState } from '../../atna-audit/repository/chain/chain.js'
import type { PastVerification } from '../../atna-audit/repository/chain/verification.js'
import type { RetentionOutcome } from '../../atna-audit/repository/retention.js'
import { openParcelSource, writeFileOf } from '../admin-parcels.js'
import { openAdministration } from '../administration.js'
import { openVault } from '../backup/vault.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'

export interface AuditExportOptions extends DeploymentOptions {
  output: string
  records?: string
  patient?: string
  person?: string
  object?: string
  trace?: string
  since?: string
  until?: string
  sinceSize?: string
}

export async function auditExport(options: AuditExportOptions, context: Context): Promise<void> {
  const { terminal, ports } = context
  const path = resolve(terminal.workingFolder, options.output)
  if ((await ports.files.stat(path)) !== undefined) throw new Failure('usage', `${path} is there already.`)
  const asked = wanted(options)
  const deployment = await openDeployment(options, context)
  const source = await openParcelSource(deployment, options, context)
  try {
    const parcels = source.parcels(`${deployment.urls.audit}/admin/chain/bundle`, asked)
    const written = await writeFileOf(parcels, path, {
      vault: await openVault(dirname(path), undefined, context),
      context,
    })
    if ('kind' in written) throw new Failure('refused', `The bundle could not be made: ${written.why}.`)
    terminal.print(`wrote       ${path}, ${written.sizeBytes} bytes; docs/AUDIT-PROOF.md says how it is checked`)
  } finally {
    source.close()
  }
}

function wanted({ records, patient, person, object, trace, since, until, sinceSize }: AuditExportOptions): object {
  const ids = records?.split(',').map(Number)
  if (ids?.some(id => !Number.isSafeInteger(id) || id < 1))
    throw new Failure('usage', '--records are numbers, as 17,18.')
  const asked = {
    ids,
    patient,
    person,
    object,
    trace,
    sinceMs: timeIn(since, '--since'),
    untilMs: timeIn(until, '--until'),
  }
  if (Object.values(asked).every(value => value === undefined)) {
    throw new Failure(
      'usage',
      'say which records: --records, --patient, --person, --object, --trace, --since or --until.',
    )
  }
  const formerSize = sinceSize === undefined ? undefined : Number(sinceSize)
  if (formerSize !== undefined && !(Number.isSafeInteger(formerSize) && formerSize > 0)) {
    throw new Failure('usage', '--since-size is the size that stands in a root.txt.')
  }
  return { ...asked, formerSize }
}

function timeIn(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Failure('usage', `${flag} is a time as 2026-11-25T18:00:00Z.`)
  return time
}

export async function auditChain(options: DeploymentOptions & { json?: boolean }, context: Context): Promise<void> {
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  const { terminal } = context
  try {
    const state = await administration.resource<ChainState & { verifications: PastVerification[] }>('audit', 'chain')
    if (options.json === true) return terminal.print(JSON.stringify(state, undefined, 1))
    terminal.print(
      `records     ${state.size}, of which ${state.signedSize} are signed${state.signedAt ? `, ${state.signedAt}` : ''}`,
    )
    terminal.print(`root        ${state.root ?? 'none yet'}`)
    terminal.print(`key         ${state.key} (${state.keys} in all)`)
    const [last] = state.verifications
    const when = last && new Date(last.endedMs).toISOString()
    terminal.print(
      `verified    ${last === undefined ? 'never' : `${when}: ${last.findings === 0 ? 'nothing found' : `${last.findings} findings`}`}`,
    )
    for (const alarm of state.alarms) terminal.print(`alarm       ${alarm}`)
    if (state.alarms.length > 0) terminal.endWith(1)
  } finally {
    administration.close()
  }
}

export async function auditRotateKey(options: DeploymentOptions, context: Context): Promise<void> {
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  try {
    const { name, former } = await administration.resource<{ name: string; former: string }>(
      'audit',
      'chain/rotate-key',
      {},
    )
    context.terminal.print(`key         ${name}`)
    context.terminal.print(`former      ${former}`)
  } finally {
    administration.close()
  }
}

export async function auditRetention(
  options: DeploymentOptions & { remove?: boolean },
  context: Context,
): Promise<void> {
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  try {
    const asked = options.remove === true ? {} : undefined
    const { looked, removed, held } = await administration.resource<RetentionOutcome>('audit', 'retention', asked)
    context.terminal.print(`old         ${looked} records are older than the shortest rule`)
    context.terminal.print(`${options.remove === true ? 'removed     ' : 'to go       '}${removed}`)
    context.terminal.print(`held        ${held}`)
  } finally {
    administration.close()
  }
}
