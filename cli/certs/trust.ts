// `carnet certs trust`, `refused` and `check`: partners by their certificates, who was refused and why, and who would be.
import type { X509Certificate } from 'node:crypto'
import {
  type CertificateFacts,
  certificateFacts,
  certificatesIn,
  chainProblems,
  validityProblems,
} from '../../certs/read.js'
import { trustOf } from '../../certs/trust.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { readPartners } from '../../config/partners.js'
import type { PeerConfig } from '../../config/peer-config.js'
import { type PeerRole, peerRoles } from '../../config/peer-roles.js'
import { readIfThere } from '../../ports/files.js'
import type { RefusedPartner } from '../../server/refused-handshakes.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { getText } from '../get-text.js'
import { ourIdentity } from '../our-identity.js'
import { oneLine } from '../table.js'
import { pemAt } from './certs.js'

export interface TrustOptions extends DeploymentOptions {
  name?: string
  roles?: string
  /** CA of the partner, where it is not ours. */
  issuer?: string
}

const fingerprintPattern = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/i

/** Lets a partner in: its CA where that is not ours yet, and the certificate with what it may do. */
export async function trustPartner(which: string, options: TrustOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const [leaf, ...sent] = certificatesIn(
    fingerprintPattern.test(which)
      ? await refusedPem(which, deployment, options, context)
      : await pemAt(which, context),
  )
  const issuers = [
    ...sent,
    ...(options.issuer === undefined ? [] : certificatesIn(await pemAt(options.issuer, context))),
  ]
  const { config } = deployment
  const added = await addAuthorities(leaf!, issuers, config, context)
  for (const { subject } of added) context.terminal.print(`trusted CA: ${subject}`)
  const facts = certificateFacts(leaf!.toString())
  if (facts.isCa && options.name === undefined) {
    context.terminal.print('its partners are let in by TLS, and may do what "peers" says of them:')
    context.terminal.print('next: npx carnet certs trust PARTNER.pem --name NAME --roles source,consumer')
    return
  }
  await addPeer(facts, rolesOf(options.roles), options.name ?? facts.commonName, config, context)
  context.terminal.print('running services take it within seconds')
}

async function addAuthorities(
  leaf: X509Certificate,
  issuers: X509Certificate[],
  { registry }: CarnetConfig,
  { ports }: Context,
): Promise<CertificateFacts[]> {
  const { files, clock } = ports
  const partnersFile = registry.tls.partners
  const before = String((await readIfThere(files, partnersFile)) ?? '')
  const known = [...certificatesIn(await files.readFile(registry.tls.ca)), ...certificatesIn(before)]
  if (chainProblems([leaf], known, clock.now()).length === 0) return []
  const isSelfSigned = leaf.checkIssued(leaf) && leaf.verify(leaf.publicKey)
  const candidates = isSelfSigned ? [leaf] : issuers.filter(({ ca }) => ca)
  const [problem] = chainProblems([leaf], [...known, ...candidates], clock.now())
  if (problem !== undefined) {
    throw new Failure(
      'refused',
      `${problem}; ask the partner for the certificate of that CA and name it with --issuer FILE.`,
    )
  }
  const fresh = candidates.filter(each => !known.some(other => other.fingerprint256 === each.fingerprint256))
  await files.replace(partnersFile, before + fresh.map(each => each.toString()).join(''), { mode: 0o644 })
  return fresh.map(each => certificateFacts(each.toString()))
}

async function addPeer(
  { fingerprint256, subject }: CertificateFacts,
  roles: PeerRole[] | undefined,
  name: string,
  config: CarnetConfig,
  { ports, terminal }: Context,
): Promise<void> {
  const partners = await readPartners(config.partnersFile, ports)
  const known = partners.find(peer => peer.name === name)
  if (known === undefined && config.peers.some(peer => peer.name === name)) {
    throw new Failure(
      'refused',
      `"${name}" stands in peers of carnet.json; add the fingerprint ${fingerprint256} there, or choose another --name.`,
    )
  }
  if (known === undefined && roles === undefined) {
    throw new Failure('usage', `say what ${subject} may do: --roles ${peerRoles.join(',')} (some of them).`)
  }
  const fingerprints = [...new Set([...(known?.fingerprints ?? []), fingerprint256])]
  const peer = {
    commonNames: [],
    replyTo: [],
    ...known,
    name,
    fingerprints,
    roles: roles ?? known?.roles ?? [],
  } satisfies PeerConfig
  const all = known === undefined ? [...partners, peer] : partners.map(each => (each.name === name ? peer : each))
  await ports.files.replace(config.partnersFile, `${JSON.stringify(all, undefined, 2)}\n`, { mode: 0o640 })
  terminal.print(`trusted partner: ${name} (${subject}), ${peer.roles.join(', ')}`)
  if (fingerprints.length > 1)
    terminal.print(`it may show any of ${fingerprints.length} certificates, the former ones too`)
}

function rolesOf(text: string | undefined): PeerRole[] | undefined {
  const roles = text
    ?.split(',')
    .map(role => role.trim())
    .filter(Boolean)
  const stranger = roles?.find(role => !(peerRoles as readonly string[]).includes(role))
  if (stranger === undefined) return roles as PeerRole[] | undefined
  throw new Failure('usage', `"${stranger}" is no role; there are ${peerRoles.join(', ')}.`)
}

/** Who knocked at the running services and was not let in. */
export async function showRefused(options: DeploymentOptions & { json?: boolean }, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const refused = await refusedAt(deployment, options, context)
  if (options.json === true) return context.terminal.print(JSON.stringify(refused, undefined, 2))
  if (refused.length === 0) context.terminal.print('nobody has been refused since the services started')
  for (const { service, subject, issuer, fingerprint256, reason, remoteAddress, times, lastMs } of refused) {
    const { print } = context.terminal
    print(oneLine(`${new Date(lastMs).toISOString()}  ${service}  from ${remoteAddress}, ${times} time(s): ${reason}`))
    if (fingerprint256 === undefined) continue
    print(oneLine(`  ${subject}, issued by ${issuer}`))
    print(
      `  to let it in: npx carnet certs trust ${fingerprint256} --name NAME --roles source,consumer${dataFlag(options)}`,
    )
  }
}

type RefusedAt = RefusedPartner & { service: string }

async function refusedAt(
  { folder, urls }: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<RefusedAt[]> {
  const tls = await ourIdentity(folder, 'admin', options, context)
  const lists: RefusedAt[] = []
  for (const service of ['registry', 'repository'] as const) {
    const { status, text } = await getText(`${urls[service]}/admin/refused-handshakes`, tls, context.ports.network)
    const answer = JSON.parse(text) as { refused?: RefusedPartner[]; problem?: string }
    if (status !== 200)
      throw new Failure('refused', `The ${service} does not tell: ${answer.problem ?? `HTTP ${status}`}.`)
    lists.push(...(answer.refused ?? []).map(each => ({ ...each, service })))
  }
  return lists.sort((a, b) => b.lastMs - a.lastMs)
}

async function refusedPem(
  fingerprint: string,
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<string> {
  const refused = await refusedAt(deployment, options, context)
  const found = refused.find(({ fingerprint256 }) => fingerprint256 === fingerprint.toUpperCase())
  if (found?.pem !== undefined) return found.pem
  throw new Failure(
    'refused',
    `No certificate with this fingerprint was refused since the services started; "carnet certs refused" lists those that were, or name a file.`,
  )
}

/** Whether the services would let a certificate in, check by check. */
export async function checkPartner(file: string, options: DeploymentOptions, context: Context): Promise<void> {
  const { config } = await openDeployment(options, context)
  const { files, clock } = context.ports
  const [certificate] = certificatesIn(await pemAt(file, context))
  const there = async (path: string) => (await readIfThere(files, path)) ?? ''
  const { tls } = config.registry
  const ca = await files.readFile(tls.ca)
  const trust = trustOf({ authorities: [ca, await there(tls.partners)], revocationLists: await there(tls.crl) })
  const partners = [...config.peers, ...(await readPartners(config.partnersFile, context.ports))]
  const found = [
    ['validity', validityProblems(certificate!, clock.now())[0]],
    ['usage', usageProblem(certificate!)],
    ['key and signature', strengthProblem(certificate!)],
    ['issuer', chainProblems([certificate!], certificatesIn(trust.authorities), clock.now())[0]],
    ['revocation', trust.revocationOf(certificate!.raw)],
    ['peers', peerProblem(certificateFacts(certificate!.toString()), partners, config.mode)],
  ] as const
  for (const [check, problem] of found)
    context.terminal.print(
      `${problem === undefined ? 'ok      ' : 'failed  '} ${check}${problem === undefined ? '' : `: ${problem}`}`,
    )
  const failed = found.filter(([, problem]) => problem !== undefined).length
  if (failed > 0)
    throw new Failure('refused', `${failed} check(s) failed; this certificate is not let in as it stands.`)
}

const clientAuth = '1.3.6.1.5.5.7.3.2'

function usageProblem({ keyUsage }: X509Certificate): string | undefined {
  if (keyUsage === undefined || keyUsage.includes(clientAuth)) return undefined
  return 'its extended key usages do not include clientAuth; the CA has to issue one that does'
}

function strengthProblem({ publicKey }: X509Certificate): string | undefined {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength
  if (publicKey.asymmetricKeyType !== 'rsa' || bits === undefined || bits >= 2048) return undefined
  return `its RSA key has ${bits} bits; 2048 are the least`
}

function peerProblem(
  { commonName, fingerprint256 }: CertificateFacts,
  peers: readonly PeerConfig[],
  mode: string,
): string | undefined {
  const known = peers.some(peer => peer.fingerprints.includes(fingerprint256) || peer.commonNames.includes(commonName))
  if (known || mode === 'development') return undefined
  return `no peer has its fingerprint ${fingerprint256} or its common name "${commonName}"; it is let in by TLS and may do nothing`
}
