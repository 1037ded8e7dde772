// `carnet audit verify`: asks the audit service to hold its records against their tree, or does so itself with a database of a backup.
import { resolve } from 'node:path'
import type { VerifyProgress, VerifyReport } from '../../atna-audit/repository/chain/report.js'
import { rootsInFile } from '../../atna-audit/repository/chain/roots-file.js'
import type { VerificationState } from '../../atna-audit/repository/chain/verification.js'
import { verify } from '../../atna-audit/repository/chain/verify.js'
import { openReading } from '../../store/open-reading.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { oneLine } from '../table.js'

export interface AuditVerifyOptions extends DeploymentOptions {
  from?: string
  to?: string
  index?: boolean
  database?: string
  roots?: string
  signingKey?: string
  json?: boolean
}

export async function auditVerify(options: AuditVerifyOptions, context: Context): Promise<void> {
  const { from, to, database, roots, signingKey } = options
  if (database === undefined && (roots !== undefined || signingKey !== undefined)) {
    throw new Failure('usage', '--roots and --signing-key go with --database: the service has its own.')
  }
  const range = {
    ...(from !== undefined && { first: numberIn(from, '--from') }),
    ...(to !== undefined && { last: numberIn(to, '--to') }),
    ...(options.index === true && { index: true }),
  }
  const report =
    database === undefined
      ? await byService(range, options, context)
      : await byOurselves(database, range, options, context)
  context.terminal.progress('')
  tell(report, options, context)
}

interface Range {
  first?: number
  last?: number
  index?: boolean
}

const lookMs = 500

async function byService(range: Range, options: AuditVerifyOptions, context: Context): Promise<VerifyReport> {
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  try {
    await administration.resource('audit', 'chain/verify', range)
    for (;;) {
      const state = await administration.resource<VerificationState>('audit', 'chain/verify')
      if (state.failure !== undefined)
        throw new Failure('refused', `The records could not be verified: ${state.failure}.`)
      if (!state.running && state.report !== undefined) return state.report
      if (state.progress !== undefined) watch(state.progress, state.recordsPerSecond ?? 0, context)
      await context.ports.clock.sleep(lookMs)
    }
  } finally {
    administration.close()
  }
}

async function byOurselves(
  database: string,
  range: Range,
  { roots, signingKey }: AuditVerifyOptions,
  context: Context,
): Promise<VerifyReport> {
  const { files, clock } = context.ports
  const { workingFolder } = context.terminal
  const path = resolve(workingFolder, database)
  if ((await files.stat(path)) === undefined) throw new Failure('usage', `There is no file ${path}.`)
  const kept = roots === undefined ? [] : await rootsInFile(resolve(workingFolder, roots), files)
  if (roots !== undefined && kept.length === 0) throw new Failure('usage', `There are no signed roots in ${roots}.`)
  const reading = await openReading(path)
  const began = clock.monotonicMs()
  try {
    if (reading.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'audit_leaf'`).get() === undefined) {
      throw new Failure(
        'refused',
        `${path} is no database of an audit service, or of one before its records were signed.`,
      )
    }
    const steps = verify(
      reading,
      { ...range, roots: kept, ...(signingKey !== undefined && { key: signingKey }) },
      clock,
    )
    for (let told = 0; ; ) {
      const { value, done } = steps.next()
      if (done === true) return value
      const passedMs = clock.monotonicMs() - began
      if (passedMs < told + lookMs) continue
      told = passedMs
      watch(value, (value.records * 1000) / passedMs, context)
      await new Promise<void>(resolve => clock.endOfTurn(resolve))
    }
  } finally {
    reading.close()
  }
}

function numberIn(text: string, flag: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new Failure('usage', `${flag} is the number of a record, from 1.`)
}

function watch({ records, of }: VerifyProgress, perSecond: number, { terminal }: Context): void {
  terminal.progress(`${records} of ${of} records, ${Math.round(perSecond)} a second`)
}

function tell(report: VerifyReport, { json }: AuditVerifyOptions, { terminal }: Context): void {
  const { findings, untold, records, first, last, removed, former, roots, keys, unsigned, tookMs } = report
  if (json === true) terminal.print(JSON.stringify(report, undefined, 1))
  else {
    const perSecond = Math.round((records * 1000) / Math.max(1, tookMs))
    terminal.print(
      `looked at   ${records} records, ${first} to ${last}, in ${(tookMs / 1000).toFixed(1)} s (${perSecond} a second)`,
    )
    terminal.print(`signed      by ${roots} roots and ${keys.length} keys; ${unsigned} records since the last root`)
    if (removed > 0) terminal.print(`removed     ${removed} records by the rules of retention`)
    if (former > 0) terminal.print(`former      ${former} records of a former version are not in the tree yet`)
    for (const { kind, what } of findings) terminal.print(`${kind.padEnd(12)}${oneLine(what)}`)
    if (untold > 0) terminal.print(`and         ${untold} more`)
    if (findings.length === 0) terminal.print('the records are what they were')
  }
  if (findings.length > 0) terminal.endWith(1)
}
