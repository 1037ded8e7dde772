// `carnet doctor`: certificates, ports, clocks, reachability and disk, each check in words.
import { type CertificateFacts, certificateFacts, daysLeft, tlsProblems } from '../../certs/read.js'
import { type Listener, listeners } from '../../config/contradictions.js'
import { healthUrl } from '../../config/health-address.js'
import { sectionsOf } from '../../config/sections.js'
import type { TlsFiles } from '../../config/service-config.js'
import type { TlsIdentity } from '../../ports/network.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { getText } from '../get-text.js'
import { handshakeInWords } from '../handshake-words.js'
import { ourIdentity } from '../our-identity.js'

export interface Examined {
  verdict: 'ok' | 'warning' | 'failed'
  what: string
}

const ok = (what: string): Examined => ({ verdict: 'ok', what })
const warning = (what: string): Examined => ({ verdict: 'warning', what })
const failed = (what: string): Examined => ({ verdict: 'failed', what })

export interface DoctorOptions extends DeploymentOptions {
  /** URL of a partner: looks at the way there instead of at ourselves. */
  to?: string
}

export async function doctor(options: DoctorOptions, context: Context): Promise<void> {
  if (options.to !== undefined) return wayTo(options.to, options, context)
  const deployment = await openDeployment(options, context)
  const found: Examined[] = [ok(`configuration: ${deployment.configFile} is valid`)]
  const examine = async (examination: Promise<Examined[]>) => {
    for (const one of await examination) {
      found.push(one)
      context.terminal.print(`${one.verdict.padEnd(8)} ${one.what}`)
    }
  }
  context.terminal.print(`${'ok'.padEnd(8)} ${found[0]!.what}`)
  await examine(certificates(deployment, context))
  await examine(ports(deployment, options, context))
  await examine(reachability(deployment, options, context))
  await examine(timeService(context))
  await examine(disk(deployment, context))
  const bad = found.filter(({ verdict }) => verdict === 'failed').length
  if (bad > 0) throw new Failure('refused', `${bad} check(s) failed; each line above says what to do.`)
}

async function certificates({ config }: Deployment, context: Context): Promise<Examined[]> {
  const lists = sectionsOf(config).map(({ title, section }) => certificate(title, section.tls, context))
  return (await Promise.all(lists)).flat()
}

async function certificate(name: string, tls: TlsFiles, { ports }: Context): Promise<Examined[]> {
  try {
    const [key, cert, ca] = await Promise.all([tls.key, tls.cert, tls.ca].map(path => ports.files.readFile(path)))
    const now = ports.clock.now()
    const problems = tlsProblems({ key: key!, cert: cert!, ca: ca! }, now)
    if (problems.length > 0)
      return problems.map(problem => failed(`certificate of the ${name}: ${problem}; see ${tls.cert}`))
    return [expiry(name, certificateFacts(cert!), now)]
  } catch (problem) {
    return [failed(`certificate of the ${name}: ${(problem as Error).message}; correct its tls section in carnet.json`)]
  }
}

function expiry(name: string, facts: CertificateFacts, nowMs: number): Examined {
  const days = daysLeft(facts, nowMs)
  const line = `certificate of the ${name}: ${facts.subject}, valid for ${days} more days, SHA-256 ${facts.fingerprint256}`
  return days > 60 ? ok(line) : warning(`${line}; renew it before it ends`)
}

async function ports(deployment: Deployment, options: DeploymentOptions, context: Context): Promise<Examined[]> {
  const tls = await ourIdentity(deployment.folder, 'client', options, context)
  return Promise.all(listeners(deployment.config).map(listener => port(listener, tls, context)))
}

async function port(listener: Listener, tls: TlsIdentity, context: Context): Promise<Examined> {
  const where = `port ${listener.port} (${listener.setting})`
  if (listener.setting.includes('.health.')) return healthPort(listener, where, context)
  if (listener.setting.endsWith('.mllp.port')) return plainPort(listener, where, context)
  try {
    const { host, port } = listener
    const connection = await context.ports.network.connectTls({ host, port, tls, timeoutMs: 3_000 })
    connection.stream.destroy()
    return ok(`${where}: ${connection.peer?.subject ?? 'a server of our CA'} answers there`)
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') return warning(`${where}: free; the ${listener.service} does not run ("npm start")`)
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return ok(`${where}: in use by a server of our CA`)
    return failed(
      `${where}: ${handshakeInWords({ code, message })}; if another program has the port, end it or change ${listener.setting}`,
    )
  }
}

async function plainPort({ host, port, service }: Listener, where: string, { ports }: Context): Promise<Examined> {
  try {
    const connection = await ports.network.connectTcp({ host, port, timeoutMs: 3_000 })
    connection.stream.destroy()
    return ok(`${where}: something takes connections there; whether it is the ${service} its health says`)
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') return warning(`${where}: free; the ${service} does not run ("npm start")`)
    return failed(`${where}: ${message}`)
  }
}

async function healthPort(listener: Listener, where: string, { ports }: Context): Promise<Examined> {
  const url = healthUrl(listener, '/readyz')
  try {
    const { status, text } = await getText(url, undefined, ports.network)
    const checks = (JSON.parse(text) as { checks?: { name: string; ok: boolean; reason: string }[] }).checks ?? []
    const bad = checks.filter(check => !check.ok).map(check => `${check.name}: ${check.reason}`)
    if (status === 200) return ok(`${where}: the ${listener.service} says it is ready`)
    return failed(`${where}: the ${listener.service} is not ready: ${bad.join('; ')}`)
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') return warning(`${where}: free; the ${listener.service} does not run`)
    return failed(`${where}: something answers there that is not the ${listener.service} (${message})`)
  }
}

/** What no handshake alone shows: whether our certificate is let in, and whether the clocks agree. */
async function reachability(deployment: Deployment, options: DeploymentOptions, context: Context): Promise<Examined[]> {
  const tls = await ourIdentity(deployment.folder, 'client', options, context)
  const services = { registry: deployment.urls.registry, repository: deployment.urls.repository }
  const { clock } = context.ports
  const year = new Date(clock.now()).getUTCFullYear()
  const saneYear = year >= 2026 && year < 2100
  const lists = Object.entries(services).map(([name, url]) => reach(name, url, tls, context))
  return [
    saneYear
      ? ok(`clock: this machine says ${new Date(clock.now()).toISOString()}`)
      : failed(`clock: this machine believes to be in ${year}; set its time`),
    ...(await Promise.all(lists)).flat(),
  ]
}

const mostSkewMs = 5_000

async function reach(name: string, url: string, tls: TlsIdentity, { ports }: Context): Promise<Examined[]> {
  try {
    const { status, headers } = await getText(`${url}?wsdl`, tls, ports.network)
    const skewMs = Date.parse(headers.date ?? '') - ports.clock.now()
    const answered = ok(`${name}: ${url} answers our certificate (HTTP ${status})`)
    if (Number.isNaN(skewMs) || Math.abs(skewMs) <= mostSkewMs) return [answered]
    return [
      answered,
      warning(`${name}: its clock differs from ours by ${Math.round(skewMs / 1000)} s; keep both on network time`),
    ]
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    return [failed(`${name}: ${url} cannot be reached: ${handshakeInWords({ code, message })}`)]
  }
}

/** Name, connection, TLS with our certificate and an answer, each for itself: the first that fails is the one to mend. */
async function wayTo(url: string, options: DoctorOptions, context: Context): Promise<void> {
  const { folder } = await openDeployment(options, context)
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (target?.protocol !== 'https:')
    throw new Failure('usage', `--to is a URL that begins with https://, not "${url}".`)
  const tls = await ourIdentity(folder, 'client', options, context)
  const { network } = context.ports
  // In a URL an IPv6 address stands in brackets, and nowhere else.
  const at = { host: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port || 443), timeoutMs: 5_000 }
  const steps: [what: string, step: () => Promise<string>][] = [
    [
      'connection',
      async () => {
        const { stream, remoteAddress } = await network.connectTcp(at)
        stream.destroy()
        return `${remoteAddress} takes connections on port ${at.port}`
      },
    ],
    [
      'TLS',
      async () => {
        const { stream, peer } = await network.connectTls({ ...at, tls })
        stream.destroy()
        return `${peer?.subject} is trusted and is for ${target.hostname}, valid until ${peer?.validTo}`
      },
    ],
    [
      'our certificate',
      async () => {
        const { status } = await getText(`${url}?wsdl`, tls, network)
        return `it is taken there (HTTP ${status})`
      },
    ],
  ]
  for (const [what, step] of steps) {
    try {
      context.terminal.print(`ok       ${what}: ${await step()}`)
    } catch (problem) {
      const { code, message } = problem as NodeJS.ErrnoException
      context.terminal.print(`failed   ${what}: ${handshakeInWords({ code, message })}`)
      throw new Failure('unreachable', `The ${what} is what fails on the way to ${url}; the line above says why.`)
    }
  }
}

/** Written by systemd-timesyncd when it has set the clock; other time services leave no such word. */
const timeServiceMark = '/run/systemd/timesync/synchronized'

/** Consistent Time: the host keeps the clock. [ITI TF-2:3.1] */
async function timeService({ ports }: Context): Promise<Examined[]> {
  if ((await ports.files.stat(timeServiceMark)) !== undefined)
    return [ok('time service: it has set the clock of this machine')]
  return [
    warning(
      'time service: none is seen that sets the clock of this machine (NTP); ITI-1 Consistent Time wants one, as chrony or timesyncd',
    ),
  ]
}

const leastFreeBytes = 1024 * 1024 * 1024

async function disk({ folder }: Deployment, { ports }: Context): Promise<Examined[]> {
  const free = await ports.files.freeBytes(folder)
  const line = `disk: ${Math.floor(free / 1024 / 1024)} MiB are free at ${folder}`
  return [free < leastFreeBytes ? warning(`${line}; make room before documents are refused`) : ok(line)]
}
