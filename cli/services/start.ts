// `carnet start`: everything on one machine, from nothing to `ready`.
import { join } from 'node:path'
import { type AffinityDomain, openDomain } from '../../affinity/affinity-domain.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { servicePaths } from '../../config/defaults.js'
import { domainFolderOf, isBuiltIn } from '../../config/domain-folder.js'
import { healthUrl } from '../../config/health-address.js'
import { loadConfig } from '../../config/load.js'
import { asFlags, type Overrides } from '../../config/overrides.js'
import { type ConfiguredSection, sectionsOf } from '../../config/sections.js'
import { packageRoot } from '../../ports/processes.js'
import { signInLink } from '../audit/sign-in-link.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, dataFlag, dataFolder, urlsOf } from '../deployment.js'
import { exitCodes, Failure } from '../failure.js'
import { failureOf } from '../in-words.js'
import { addPatient } from '../patients/patient.js'
import { forgetRun, noteRun } from '../run-file.js'
import { assertNotRunning, holdFolder } from './not-running.js'
import { makeDataFolder, prepare } from './prepare.js'
import { assertTls } from './service.js'
import { type ServiceProcess, type Supervisor, supervise } from './supervisor.js'

export interface StartOptions extends DeploymentOptions, Overrides {}

/** 2.999 is the arc for examples, ITU-T X.660. */
export const demoPatient = 'DEMO-1^^^&2.999.1&ISO'

/** Where a patient has a national number too; this one is made up. */
const demoNationalId = '761337610000000002'

/** Never resolves: it ends the process, 0 when asked to. @throws Failure before anything is started where something is missing. */
export async function start(options: StartOptions, context: Context): Promise<never> {
  const { terminal, ports } = context
  terminal.outliveReaders()
  const folder = dataFolder(options, context)
  await assertNotRunning(folder, options, context)
  await makeDataFolder(folder, context)
  const lock = await holdFolder(folder, context)
  const { configFile, made } = await prepare(folder, context)
  const { portBase, acceptUnknownPatients, multiPatientQueries } = options
  const profile = profileFrom(options.profile, context)
  const overrides: Overrides = { portBase, profile, acceptUnknownPatients, multiPatientQueries }
  const config = await loadConfig(configFile, ports, overrides)
  const domain = await openDomain(config.profile, ports.files)
  for (const { section } of sectionsOf(config)) await assertTls(section.tls, context)
  if (made.length > 0) terminal.print(`made in ${folder}: ${summaryOf(made)}`)
  for (const line of overridesInWords(overrides)) terminal.print(line)

  const supervisor = supervise({
    services: servicesOf(configFile, overrides, config),
    clock: ports.clock,
    processes: ports.processes,
    report: line => terminal.complain(`carnet: ${line}`),
  })
  let asked = false
  ports.processes.onEnd(reason => {
    asked = true
    terminal.complain(`carnet: ending (${reason})`)
    void supervisor.stop()
  })
  if (!ports.processes.hasTerminal) ports.processes.onHangup(() => supervisor.renew())
  const trouble = await untilEnded(supervisor, async () => {
    await noteRun(folder, overrides, context)
    await welcome(folder, { config, domain }, options, context)
  })
  await forgetRun(folder, context)
  lock.release()
  if (asked || trouble === undefined) return ports.processes.exit(exitCodes.done)
  terminal.complain(`carnet: ${trouble.message}`)
  return ports.processes.exit(exitCodes[trouble.reason])
}

/** Children and later commands run in other folders than the one that was typed in. */
function profileFrom(profile: string | undefined, { terminal }: Context): string | undefined {
  return profile === undefined || isBuiltIn(profile) ? profile : domainFolderOf(profile, terminal.workingFolder)
}

/** Resolves when nothing runs any more, with why; undefined when that was asked for. */
async function untilEnded(supervisor: Supervisor, onReady: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await supervisor.ready()
  } catch {
    const why = await supervisor.ended
    return why === undefined ? undefined : new Failure('configuration', why)
  }
  try {
    await onReady()
  } catch (problem) {
    await supervisor.stop()
    return failureOf(problem)
  }
  const why = await supervisor.ended
  return why === undefined ? undefined : new Failure('unforeseen', why)
}

/** Who calls others before those who are called. */
const order = ['gateway', 'patient-index', 'repository', 'registry', 'atna-audit'] as const

function servicesOf(configFile: string, overrides: Overrides, config: CarnetConfig): ServiceProcess[] {
  const script = join(packageRoot, 'scripts', 'carnet.js')
  const there = new Set(sectionsOf(config).map(({ service }) => service))
  return order
    .filter(name => there.has(name))
    .map(name => ({
      name,
      script,
      args: [name, '--config', configFile, '--supervised', ...asFlags(overrides)],
    }))
}

async function welcome(
  folder: string,
  { config, domain }: { config: CarnetConfig; domain: AffinityDomain },
  options: StartOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context
  const isDevelopment = config.mode === 'development'
  const { nationalAuthority } = domain
  const national = nationalAuthority === undefined ? [] : [`${demoNationalId}^^^&${nationalAuthority}&ISO`]
  const demoIds = [demoPatient, ...national]
  if (isDevelopment) await addPatient(demoIds, options, context)
  const link = isDevelopment && config.atnaAudit.pages !== undefined ? [await linkLine(options, context)] : []
  for (const line of [
    ...addressLines(config, domain),
    ...(isDevelopment ? developmentLines(folder, options) : []),
    ...link,
  ]) {
    terminal.print(line)
  }
  terminal.print('ready')
}

function addressLines(config: CarnetConfig, domain: AffinityDomain): string[] {
  const urls = urlsOf(config)
  const health = (section: { health: { host: string; port: number } }) => healthUrl(section.health, '/readyz')
  const { host, port } = config.atnaAudit.syslog
  return [
    '',
    `mode        ${config.mode}, profile ${domain.name} (${domain.title})`,
    `registry    ${urls.registry}    WSDL ${urls.registry}?wsdl    health ${health(config.registry)}`,
    ...feedLines(config),
    `repository  ${urls.repository}  WSDL ${urls.repository}?wsdl  health ${health(config.repository)}`,
    `audit       ${urls.audit}       syslog over TLS ${host}:${port}                health ${health(config.atnaAudit)}`,
    ...pagesLines(config.atnaAudit),
    ...furtherLines(config),
  ]
}

function furtherLines({ patientIndex, gateway }: CarnetConfig): string[] {
  return [
    ...(patientIndex === undefined ? [] : [furtherLine('patientIndex', patientIndex)]),
    ...(patientIndex === undefined ? [] : mllpLines('', patientIndex)),
    ...(gateway === undefined ? [] : [furtherLine('gateway', gateway)]),
  ]
}

function furtherLine(
  setting: 'patientIndex' | 'gateway',
  { listen: { publicName, port }, health }: Pick<ConfiguredSection, 'listen' | 'health'>,
): string {
  const url = `https://${publicName}:${port}${servicePaths[setting]}`
  const word = { patientIndex: 'index', gateway: 'gateway' }[setting]
  return `${word.padEnd(12)}${url}  WSDL ${url}?wsdl  health ${healthUrl(health, '/readyz')}`
}

/** Whoever reads this line signs in with it, once. */
async function linkLine(options: StartOptions, context: Context): Promise<string> {
  const hint = `npx carnet audit sign-in${dataFlag(options)}`
  // Where nobody is an administrator any more, all else still runs.
  const link = await signInLink(options, context).catch(() => undefined)
  return `auditors      sign in ${link === undefined ? `with ${hint}` : `once, within an hour: ${link}`}`
}

function pagesLines({ pages }: CarnetConfig['atnaAudit']): string[] {
  return pages === undefined ? [] : [`for people  https://${pages.listen.publicName}:${pages.listen.port}/`]
}

/** Where senders reach the doors of the feed. */
export function feedLines({ registry }: Pick<CarnetConfig, 'registry'>): string[] {
  return mllpLines('patients', registry)
}

function mllpLines(word: string, { mllp, listen }: Pick<CarnetConfig['registry'], 'mllp' | 'listen'>): string[] {
  const plain = mllp.port === undefined ? [] : [`localhost:${mllp.port}`]
  const secured = mllp.tls === undefined ? [] : [`over TLS ${reached(mllp.tls, listen.publicName)}`]
  return plain.length + secured.length === 0 ? [] : [`${word.padEnd(12)}MLLP ${[...plain, ...secured].join(', ')}`]
}

/** By the name of the registry, unless the door has another address or is shut to others. */
function reached({ host, port }: { host: string; port: number }, publicName: string): string {
  const isLoopback = (name: string) => /^(?:localhost|127\.[0-9.]+|::1|\[::1\])$/.test(name)
  if (/^(?:0\.0\.0\.0|::)$/.test(host)) return `${publicName}:${port}`
  const there = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (!isLoopback(host)) return there
  return isLoopback(publicName) ? `${publicName}:${port}` : `${there} (this machine only)`
}

function developmentLines(folder: string, options: StartOptions): string[] {
  return [
    '',
    `certificates  ${join(folder, 'certs')}: ca.pem, client.pem, client.key, client.p12, truststore.p12 (password changeit)`,
    `              admin.pem, admin.key, admin.p12 may do what needs an administrator besides`,
    `demo patient  ${demoPatient}`,
    '',
    'a first submission, in another terminal:',
    `  npx carnet submit scripts/tour/discharge-summary.xml --patient '${demoPatient}'${dataFlag(options)}`,
    '',
  ]
}

function overridesInWords({ portBase, profile, acceptUnknownPatients, multiPatientQueries }: Overrides): string[] {
  return [
    ...(portBase === undefined ? [] : [`for this run, --port-base ${portBase} overrides the ports of carnet.json`]),
    ...(profile === undefined ? [] : [`for this run, --profile ${profile} overrides the profile of carnet.json`]),
    ...(acceptUnknownPatients === true
      ? ['for this run, --accept-unknown-patients overrides carnet.json: patients need not be announced']
      : []),
    ...(multiPatientQueries === true
      ? ['for this run, --multi-patient-queries overrides carnet.json: ITI-51 is answered']
      : []),
  ]
}

function summaryOf(made: string[]): string {
  const certificates = made.filter(name => name.startsWith('certs/'))
  const others = made.filter(name => !name.startsWith('certs/'))
  return [...others, ...(certificates.length > 0 ? [`${certificates.length} files in certs/`] : [])].join(', ')
}
