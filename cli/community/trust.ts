// What a community brings along when it is added and takes along when it is removed: its CAs, its gateway as a partner, and whoever signs
// the assertions of its users.
import { dirname, join, relative } from 'node:path'
import { certificateFacts, certificatesIn, chainProblems, validityProblems } from '../../certs/read.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import type { CommunityDescription } from '../../config/gateway-config.js'
import { readListFile } from '../../config/list-file.js'
import { readPartners } from '../../config/partners.js'
import type { PeerConfig } from '../../config/peer-config.js'
import { issuersFile, type XuaIssuer } from '../../config/xua-config.js'
import { readIfThere } from '../../ports/files.js'
import { developmentOrganization } from '../../xua/issuers.js'
import type { Context } from '../context.js'
import { type Deployment, gatewaySection } from '../deployment.js'
import { Failure } from '../failure.js'

const refused = (sentence: string) => new Failure('refused', sentence)

/** Whatever of a description must not be believed, before anything is written. */
export async function assertTrustworthy(
  { name, homeCommunityId, authorities, certificates, issuers }: CommunityDescription,
  /** What the community was called so far. */
  formerName: string | undefined,
  { config }: Deployment,
  { ports }: Context,
): Promise<void> {
  const nowMs = ports.clock.now()
  const { tls } = gatewaySection(config)
  const cas = read(authorities)
  const stranger = cas.find(({ ca }) => !ca)
  if (stranger !== undefined)
    throw refused(`${oneLine(stranger.subject)} is listed as a CA and is none; ask for another file.`)
  const known = [...cas, ...certificatesIn(await ports.files.readFile(tls.ca))]
  const gateways = read(certificates)
  const [problem] = [
    ...[...cas, ...gateways].flatMap(each => validityProblems(each, nowMs)),
    ...gateways.flatMap(each => chainProblems([each], known, nowMs)),
  ]
  if (problem !== undefined) throw refused(`${problem}; ask for a description that holds together.`)
  const playing = read(issuers.flatMap(each => each.certificates)).find(({ subject }) =>
    subject.split('\n').includes(`O=${developmentOrganization}`),
  )
  if (config.mode === 'production' && playing !== undefined) {
    throw refused(
      `${oneLine(playing.subject)} signs assertions for development, which are not believed in mode production; ask for the certificate of its X-Assertion Provider, or add it with --without-issuers.`,
    )
  }
  const fingerprints = gateways.map(({ fingerprint256 }) => fingerprint256)
  const own = read([await ports.files.readFile(tls.cert)].map(String))
  if (own.some(({ fingerprint256 }) => fingerprints.includes(fingerprint256))) {
    throw refused(
      `the certificate of ${homeCommunityId} is that of our own gateway; ask for the other side's description.`,
    )
  }
  const partners = await readPartners(config.partnersFile, ports)
  const other = [...config.peers, ...partners].find(
    peer =>
      peer.name !== name && peer.name !== formerName && peer.fingerprints.some(each => fingerprints.includes(each)),
  )
  if (other !== undefined)
    throw refused(`the certificate of ${homeCommunityId} is that of the partner "${other.name}" already.`)
  if (config.peers.some(peer => peer.name === name)) {
    throw refused(`"${name}" stands in peers of carnet.json already; choose another --name.`)
  }
}

function read(pems: readonly string[]) {
  return pems.map(pem => {
    try {
      return certificatesIn(pem)[0]!
    } catch (problem) {
      throw refused(`The description cannot be used: ${(problem as Error).message}.`)
    }
  })
}

const oneLine = (subject: string) => subject.split('\n').filter(Boolean).reverse().join(',')

/** @returns fingerprints of the CAs that came with it, those included that came before */
export async function trustCommunity(
  description: CommunityDescription,
  had: readonly string[],
  { config }: Deployment,
  context: Context,
): Promise<string[]> {
  const added = await addAuthorities(description.authorities, config, context)
  await addPeer(description, config, context)
  await addIssuers(description, config, context)
  return [...new Set([...had, ...added])]
}

async function addAuthorities(pems: readonly string[], config: CarnetConfig, { ports }: Context): Promise<string[]> {
  const { files } = ports
  const { tls } = gatewaySection(config)
  const before = String((await readIfThere(files, tls.partners)) ?? '')
  const known = new Set([...certificatesIn(await files.readFile(tls.ca)), ...certificatesIn(before)].map(fingerprintOf))
  const fresh = pems.flatMap(certificatesIn).filter(each => !known.has(fingerprintOf(each)))
  if (fresh.length === 0) return []
  await files.replace(tls.partners, before + fresh.map(String).join(''), { mode: 0o644 })
  return fresh.map(fingerprintOf)
}

const fingerprintOf = ({ fingerprint256 }: { fingerprint256: string }) => fingerprint256

async function addPeer(
  { name, certificates, answersAt }: CommunityDescription,
  { partnersFile }: CarnetConfig,
  { ports }: Context,
): Promise<void> {
  const partners = await readPartners(partnersFile, ports)
  const known = partners.find(peer => peer.name === name)
  const peer: PeerConfig = {
    ...{ commonNames: [], ...known, name },
    replyTo: [...new Set([...(known?.replyTo ?? []), ...(answersAt === undefined ? [] : [answersAt])])],
    fingerprints: certificates.map(pem => certificateFacts(pem).fingerprint256),
    roles: [...new Set([...(known?.roles ?? []), 'gateway' as const])],
  }
  const others = partners.filter(each => each.name !== name)
  await writeList(partnersFile, [...others, peer], ports)
}

async function addIssuers(
  { homeCommunityId, issuers }: CommunityDescription,
  { xua }: CarnetConfig,
  { ports }: Context,
): Promise<void> {
  const all = await readIssuers(xua.issuersFile, ports)
  const others = all.filter(each => !isOf(homeCommunityId, each))
  const folder = join(dirname(xua.issuersFile), folderOf(homeCommunityId))
  const fresh: XuaIssuer[] = []
  for (const [index, { issuer, certificates }] of issuers.entries()) {
    const path = join(folder, `issuer-${index + 1}.pem`)
    await ports.files.makeFolder(folder)
    await ports.files.replace(path, certificates.join('\n'), { mode: 0o644 })
    fresh.push({ issuer, certificates: [relative(dirname(xua.issuersFile), path)] })
  }
  if (fresh.length > 0 || others.length < all.length) await writeList(xua.issuersFile, [...others, ...fresh], ports)
}

/** Its own CAs go where no other community needs them, too. */
export async function untrustCommunity(
  { name, homeCommunityId, authorities }: { name: string; homeCommunityId: string; authorities: readonly string[] },
  keep: ReadonlySet<string>,
  { config }: Deployment,
  { ports }: Context,
): Promise<void> {
  const { partnersFile, xua } = config
  const partners = await readPartners(partnersFile, ports)
  const left = partners.flatMap(peer => (peer.name === name ? withoutGateway(peer) : [peer]))
  if (left.length < partners.length || partners.some(peer => peer.name === name)) {
    await writeList(partnersFile, left, ports)
  }
  const issuers = await readIssuers(xua.issuersFile, ports)
  const others = issuers.filter(each => !isOf(homeCommunityId, each))
  if (others.length < issuers.length) await writeList(xua.issuersFile, others, ports)
  await ports.files.removeFolder(join(dirname(xua.issuersFile), folderOf(homeCommunityId)))
  const { tls } = gatewaySection(config)
  const gone = new Set(authorities.filter(each => !keep.has(each)))
  const before = certificatesIn((await readIfThere(ports.files, tls.partners)) ?? '')
  const staying = before.filter(({ fingerprint256 }) => !gone.has(fingerprint256))
  if (staying.length < before.length) {
    await ports.files.replace(tls.partners, staying.map(String).join(''), { mode: 0o644 })
  }
}

/** Whoever is something else besides stays that. */
function withoutGateway(peer: PeerConfig): PeerConfig[] {
  const roles = peer.roles.filter(role => role !== 'gateway')
  return roles.length === 0 ? [] : [{ ...peer, roles }]
}

const folderOf = (homeCommunityId: string) => join('certs', 'communities', homeCommunityId.replace(/^urn:oid:/, ''))

const isOf = (homeCommunityId: string, { certificates }: XuaIssuer) =>
  certificates.every(path => dirname(path) === folderOf(homeCommunityId))

const readIssuers = (path: string, ports: Context['ports']) => readListFile(path, issuersFile, ports)

export function writeList(path: string, list: readonly object[], { files }: Context['ports']): Promise<void> {
  return files.replace(path, `${JSON.stringify(list, undefined, 2)}\n`, { mode: 0o640 })
}
