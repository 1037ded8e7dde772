// `carnet conformance`: the acceptance suite against a registry and a repository, ours or another maker's.
import { join, resolve } from 'node:path'
import { benchOf } from '../acceptance/bench.js'
import type { Outcome } from '../acceptance/case.js'
import { chosen } from '../acceptance/cases.js'
import { domains, type ExaminedDomain } from '../acceptance/domain.js'
import type { MllpAddress } from '../acceptance/mllp.js'
import { openReplyDoor, type ReplyDoor } from '../acceptance/reply-door.js'
import { countsOf, explanationOf, type Report } from '../acceptance/report.js'
import { reportForms } from '../acceptance/report-forms.js'
import { cleanUp, runCases } from '../acceptance/run.js'
import { openTarget, type TargetAddresses } from '../acceptance/target.js'
import { isoOf } from '../ports/clock.js'
import type { TlsIdentity } from '../ports/network.js'
import type { Context } from './context.js'
import { type DeploymentOptions, dataFolder, openDeployment } from './deployment.js'
import { exitCodes, Failure } from './failure.js'
import { ourIdentity, readPem } from './our-identity.js'
import { assertCx } from './patients/patient.js'

export interface ConformanceOptions extends DeploymentOptions {
  target?: string[]
  registry?: string
  repository?: string
  mllp?: string
  mllps?: string
  replyTo?: string
  replyCert?: string
  replyKey?: string
  patient?: string[]
  authority?: string
  profile?: string
  only?: string
  list?: boolean
  report?: string[]
  keep?: boolean
}

export async function conformance(options: ConformanceOptions, version: string, context: Context): Promise<void> {
  const { terminal, ports } = context
  const domain = await examinedDomain(options, context)
  const cases = chosen(options.only, domain)
  if (cases.length === 0) throw new Failure('usage', `no case has "${options.only}" in its id; --list shows them.`)
  if (options.list === true) {
    for (const { id, title, clause } of cases) terminal.print(`${id}  ${title} [${clause}]`)
    return terminal.print(`${cases.length} cases`)
  }
  for (const file of options.report ?? []) formOf(file)
  for (const cx of options.patient ?? []) assertCx(cx)
  const given = addressesIn(options)
  const { addresses, authority } =
    given === undefined ? await ourAddresses(options, context) : { addresses: given, authority: undefined }
  const tls = await ourIdentity(dataFolder(options, context), 'admin', options, context)
  const door = await doorFor(options, tls, context)
  const target = openTarget(addresses, { tls, ports, door })
  const began = ports.clock.now()
  try {
    const bench = benchOf({
      ...{ target, ports, ours: given === undefined, patients: options.patient ?? [], domain },
      authority: options.authority ?? authority ?? '2.999.1',
    })
    const outcomes = await runCases(cases, bench, {
      clock: ports.clock,
      progress: (outcome, done) => showProgress(outcome, `${done}/${cases.length}`, context),
    })
    terminal.progress('')
    const cleaned = options.keep === true ? 'Nothing was cleaned up.' : inWords(await cleanUp(bench))
    const report: Report = {
      ...{ version, began: isoOf(began), tookMs: ports.clock.now() - began, outcomes, cleaned },
      targets: [...new Set([addresses.registry, addresses.repository, ...Object.values(addresses.each)])].filter(
        Boolean,
      ),
    }
    for (const file of options.report ?? []) await writeReport(file, report, context)
    conclude(report, context)
  } finally {
    target.close()
    await door?.close()
  }
}

/** With the certificate of a service of the data folder, which is one for servers on this host, unless another is named. */
async function doorFor(
  { replyTo, replyCert, replyKey, ...options }: ConformanceOptions,
  { ca }: TlsIdentity,
  context: Context,
): Promise<ReplyDoor | undefined> {
  if (replyTo === undefined) return undefined
  if (!/^https:\/\/[^/]+\/./.test(replyTo) || !URL.canParse(replyTo)) {
    throw new Failure('usage', `--reply-to takes an https URL with a path, not "${replyTo}".`)
  }
  const { terminal, ports } = context
  const at = (given: string | undefined, name: string) =>
    given === undefined ? join(dataFolder(options, context), 'certs', name) : resolve(terminal.workingFolder, given)
  const [cert, key] = await Promise.all([
    readPem(at(replyCert, 'audit.pem'), context),
    readPem(at(replyKey, 'audit.key'), context),
  ])
  try {
    return await openReplyDoor(replyTo, { tls: { cert, key, ca }, ports })
  } catch (problem) {
    throw new Failure('usage', `no answers can be taken at ${replyTo}: ${(problem as Error).message}`)
  }
}

/** That of our deployment, where no other target is named. */
async function examinedDomain(options: ConformanceOptions, context: Context): Promise<ExaminedDomain> {
  const isOurs = options.profile === undefined && options.list !== true && addressesIn(options) === undefined
  const name = options.profile ?? (isOurs ? (await openDeployment(options, context)).config.profile : 'ihe')
  const domain = domains[name]
  if (domain !== undefined) return domain
  const known = Object.keys(domains).join(' or ')
  throw new Failure('usage', `the suite knows the domains ${known}, not "${name}"; say which is nearest by --profile.`)
}

/** What was said on the command line, if anything was. */
function addressesIn(options: ConformanceOptions): TargetAddresses | undefined {
  const { registry = '', repository = '', target = [] } = options
  if (registry === '' && repository === '' && target.length === 0) return undefined
  const each: Record<string, string> = Object.fromEntries(
    target.map(text => /^(ITI-\d+)=(.+)$/.exec(text)?.slice(1) ?? []).filter(pair => pair.length === 2),
  )
  const [first = '', second = first] = target.filter(text => !/^ITI-\d+=/.test(text))
  const addresses = { registry: registry || first, repository: repository || second, each, mllp: mllpIn(options) }
  for (const url of [addresses.registry, addresses.repository, ...Object.values(each)]) {
    if (url !== '' && !URL.canParse(url)) throw new Failure('usage', `"${url}" is no URL.`)
  }
  return addresses
}

/** HOST:PORT, of which a host may be an IPv6 address in brackets. */
function mllpIn({ mllp, mllps }: ConformanceOptions): MllpAddress | undefined {
  const given = mllps ?? mllp
  if (given === undefined) return undefined
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(given) ?? []
  if (host === undefined || Number(port) > 65_535)
    throw new Failure('usage', `"${given}" is not of the form HOST:PORT.`)
  return { host, port: Number(port), tls: mllps !== undefined }
}

async function ourAddresses(options: ConformanceOptions, context: Context) {
  const { urls, config } = await openDeployment(options, context)
  const { port, tls } = config.registry.mllp
  const ours = {
    ...(tls === undefined ? {} : { mllp: { host: config.registry.listen.publicName, port: tls.port, tls: true } }),
    ...(port === undefined ? {} : { mllp: { host: '127.0.0.1', port, tls: false } }),
  }
  const mllp = mllpIn(options) ?? ours.mllp
  const addresses: TargetAddresses = { registry: urls.registry, repository: urls.repository, each: {}, mllp }
  return { addresses, authority: config.registry.assigningAuthorities[0] }
}

function formOf(file: string): (report: Report) => string {
  const found = Object.entries(reportForms).find(([ending]) => file.endsWith(ending))
  if (found !== undefined) return found[1]
  throw new Failure(
    'usage',
    `--report takes a file that ends in ${Object.keys(reportForms).join(', ')}, not "${file}".`,
  )
}

async function writeReport(file: string, report: Report, { terminal, ports }: Context): Promise<void> {
  await ports.files.replace(resolve(terminal.workingFolder, file), formOf(file)(report))
  terminal.complain(`report: ${file}`)
}

function showProgress(outcome: Outcome, place: string, { terminal }: Context): void {
  terminal.progress(outcome.verdict === 'failed' ? '' : `${place} ${outcome.case.id}`)
  if (outcome.verdict !== 'failed') return
  terminal.print(`FAILED ${outcome.case.id}`)
  terminal.print(`  ${outcome.case.title} [${outcome.case.clause}]`)
  for (const line of explanationOf(outcome)) terminal.print(`  ${line}`)
}

function inWords({ removed, left, remark }: Awaited<ReturnType<typeof cleanUp>>): string {
  const why = remark === undefined ? '' : ` (${remark})`
  return `${removed} submissions were removed afterwards, ${left} remain${why}.`
}

function conclude({ outcomes, cleaned }: Report, { terminal }: Context): void {
  for (const [remark, ids] of skippedBy(outcomes))
    terminal.print(`skipped ${ids.length}: ${remark} (${ids[0]}${ids.length > 1 ? ' …' : ''})`)
  terminal.print(cleaned)
  const { passed, failed, skipped } = countsOf(outcomes)
  terminal.print(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  if (failed > 0) terminal.endWith(exitCodes.refused)
}

function skippedBy(outcomes: readonly Outcome[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>()
  for (const {
    verdict,
    remark = '',
    case: { id },
  } of outcomes) {
    if (verdict === 'skipped') reasons.set(remark, [...(reasons.get(remark) ?? []), id])
  }
  return reasons
}
