// `carnet certs`: the certificates of a deployment, made, renewed, requested, revoked and looked at.
import { dirname, join, resolve } from 'node:path'
import {
  type CertificateFolder,
  installCertificate,
  issue,
  requestCertificate,
  requestOf,
  revoke,
} from '../../certs/authority.js'
import { type CertificateFacts, certificateFacts, certificatesIn, daysLeft } from '../../certs/read.js'
import { revocationListsIn } from '../../certs/revocation.js'
import { readPartners } from '../../config/partners.js'
import { sectionsOf } from '../../config/sections.js'
import { readIfThere } from '../../ports/files.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { table } from '../table.js'

export async function listCertificates(options: DeploymentOptions, context: Context): Promise<void> {
  const { config, folder } = await openDeployment(options, context)
  const nowMs = context.ports.clock.now()
  const { registry } = config
  const own: [string, string][] = [
    ...sectionsOf(config).map(({ title, section }): [string, string] => [title, section.tls.cert]),
    ['client', join(folder, 'certs', 'client.pem')],
    ['admin', join(folder, 'certs', 'admin.pem')],
    ['our CA', registry.tls.ca],
    ['partners’ CA', registry.tls.partners],
  ]
  const rows: string[][] = []
  for (const [use, path] of own) {
    const pem = await readIfThere(context.ports.files, path)
    for (const certificate of pem === undefined ? [] : certificatesIn(pem)) {
      rows.push(rowOf(use, certificateFacts(certificate.toString()), nowMs))
    }
  }
  for (const line of table(['USED BY', 'SUBJECT', 'VALID FOR', 'SHA-256'], rows, context.terminal.columns)) {
    context.terminal.print(line)
  }
  const partners = await readPartners(config.partnersFile, context.ports)
  for (const { name, roles, commonNames, fingerprints } of [...config.peers, ...partners]) {
    const known = [...commonNames.map(each => `CN=${each}`), ...fingerprints].join(', ')
    context.terminal.print(`peer ${name}: ${roles.join(', ')}; ${known}`)
  }
  const lists = await readIfThere(context.ports.files, registry.tls.crl)
  for (const { revoked, nextUpdateMs } of lists === undefined ? [] : revocationListsIn(lists)) {
    const until = nextUpdateMs === undefined ? 'without an end' : `to be renewed by ${day(nextUpdateMs)}`
    context.terminal.print(`revocation list: ${revoked.size} certificate(s), ${until}`)
  }
}

function rowOf(use: string, facts: CertificateFacts, nowMs: number): string[] {
  const days = daysLeft(facts, nowMs)
  const valid = days < 0 ? `ended ${-days} days ago` : `${days} days`
  return [use, facts.subject, days >= 0 && days <= 60 ? `${valid} (renew)` : valid, facts.fingerprint256]
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)

export interface MakeOptions extends DeploymentOptions {
  server?: boolean
  names?: string
  days: string
}

/** A certificate of the development CA, for a further client or server. */
export async function makeCertificate(name: string, options: MakeOptions, context: Context): Promise<void> {
  assertName(name)
  const { at, deployment } = await folderOf(options, context)
  if ((await context.ports.files.stat(join(at.folder, `${name}.pem`))) !== undefined) {
    throw new Failure('usage', `${name}.pem is there already; "carnet certs renew ${name}" makes it anew.`)
  }
  const names = (options.names ?? '')
    .split(',')
    .map(each => each.trim())
    .filter(Boolean)
  const usages = options.server === true ? (['serverAuth', 'clientAuth'] as const) : (['clientAuth'] as const)
  const request = {
    commonName: name,
    names: options.server === true && names.length === 0 ? ['localhost'] : names,
    usages,
  }
  const { made, fingerprint256 } = await issued(issue(name, request, daysOf(options.days), at))
  context.terminal.print(`made ${made.map(each => join(at.folder, each)).join(', ')}`)
  context.terminal.print(`SHA-256 ${fingerprint256}`)
  if (deployment.config.mode === 'production') {
    context.terminal.print(
      `next: npx carnet certs trust ${join(at.folder, `${name}.pem`)} --name ${name} --roles source,consumer`,
    )
  }
}

/** The same subject, names and usages, a new key. Running services take it within seconds. */
export async function renewCertificates(
  names: string[],
  options: DeploymentOptions & { days: string },
  context: Context,
): Promise<void> {
  const { at } = await folderOf(options, context)
  for (const name of names) {
    assertName(name)
    const pem = await readIfThere(context.ports.files, join(at.folder, `${name}.pem`))
    if (pem === undefined) {
      const present = (await context.ports.files.list(at.folder))
        .filter(each => each.endsWith('.pem'))
        .map(each => each.slice(0, -4))
      throw new Failure('usage', `there is no ${name}.pem in ${at.folder}; there are ${present.join(', ')}.`)
    }
    if (certificateFacts(pem).isCa)
      throw new Failure('usage', `${name} is the CA; all that it has issued would end with it.`)
    const { made, fingerprint256 } = await issued(issue(name, requestOf(pem), daysOf(options.days), at))
    context.terminal.print(`renewed ${name} (${made.join(', ')}), SHA-256 ${fingerprint256}`)
  }
  context.terminal.print(
    'running services take renewed certificates within seconds; the former ones stay valid until they end or are revoked',
  )
}

export interface RequestOptions extends DeploymentOptions {
  cn?: string
  names?: string
  organization?: string
}

/** For a certificate of a CA of the hospital, the canton or the community. */
export async function requestFromCa(name: string, options: RequestOptions, context: Context): Promise<void> {
  assertName(name)
  const { at } = await folderOf(options, context)
  const pem = await readIfThere(context.ports.files, join(at.folder, `${name}.pem`))
  const former = pem === undefined ? undefined : requestOf(pem)
  const names =
    options.names
      ?.split(',')
      .map(each => each.trim())
      .filter(Boolean) ??
    former?.names ??
    []
  const request = { commonName: options.cn ?? former?.commonName ?? name, names, organization: options.organization }
  const { requestFile } = await requestCertificate(name, request, at)
  context.terminal.print(`send ${requestFile} to your CA; its key stays here`)
  context.terminal.print(`next: npx carnet certs install ${name} CERTIFICATE.pem`)
}

/** What the CA has made of the request. */
export async function installFromCa(
  name: string,
  file: string,
  options: DeploymentOptions,
  context: Context,
): Promise<void> {
  assertName(name)
  const { at, deployment } = await folderOf(options, context)
  const cert = await pemAt(file, context)
  const ca = Buffer.concat([
    await context.ports.files.readFile(deployment.config.registry.tls.ca),
    Buffer.from('\n'),
    cert,
  ])
  const { fingerprint256 } = await installCertificate(name, cert, ca, at).catch((problem: Error) => {
    throw new Failure('refused', `${file} cannot be used: ${problem.message}.`)
  })
  context.terminal.print(
    `${name}.pem and ${name}.key are in their place, SHA-256 ${fingerprint256}; running services take them within seconds`,
  )
}

export async function revokeCertificate(which: string, options: DeploymentOptions, context: Context): Promise<void> {
  const { at, deployment } = await folderOf(options, context)
  const inFolder = join(at.folder, `${which}.pem`)
  const pem = (await readIfThere(context.ports.files, inFolder)) ?? (await pemAt(which, context))
  const listFile = deployment.config.registry.tls.crl
  const { revoked } = await revoke(pem, listFile, at).catch((problem: Error) => {
    throw new Failure('refused', `${which} cannot be revoked: ${problem.message}.`)
  })
  const { subject } = certificateFacts(pem)
  context.terminal.print(`${subject} is revoked; ${listFile} lists ${revoked} certificate(s)`)
  context.terminal.print('running services cut it off within seconds')
}

async function folderOf(
  options: DeploymentOptions,
  context: Context,
): Promise<{ at: CertificateFolder; deployment: Deployment }> {
  const deployment = await openDeployment(options, context)
  const folder = dirname(deployment.config.registry.tls.cert)
  return { at: { folder, ...context.ports }, deployment }
}

async function issued<Made>(issuing: Promise<Made>): Promise<Made> {
  return issuing.catch((problem: NodeJS.ErrnoException) => {
    if (problem.code !== 'ENOENT') throw problem
    throw new Failure(
      'configuration',
      'The development CA (ca.pem with ca.key) is not in the folder of the certificates; "carnet certs request" asks another CA.',
    )
  })
}

export async function pemAt(file: string, { ports, terminal }: Context): Promise<Buffer> {
  const path = resolve(terminal.workingFolder, file)
  const pem = await readIfThere(ports.files, path)
  if (pem === undefined) throw new Failure('usage', `${path} does not exist; name a certificate in PEM.`)
  if (certificatesIn(pem).length === 0) throw new Failure('usage', `${path} holds no certificate in PEM.`)
  return pem
}

function assertName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return
  throw new Failure('usage', `"${name}" is no name for files: letters, digits, dots and dashes, please.`)
}

function daysOf(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= 3_650) return days
  throw new Failure('usage', `--days must be a whole number from 1 to 3650, not "${text}".`)
}
