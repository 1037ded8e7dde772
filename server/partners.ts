// Who is calling: the certificate becomes a configured peer, or in development anybody of our own CA.
import type { CarnetConfig } from '../config/carnet-config.js'
import type { PeerConfig } from '../config/peer-config.js'
import type { PeerRole } from '../config/peer-roles.js'
import type { PeerCertificate } from '../ports/network.js'
import type { Partner } from './actor.js'

/** What any certificate of the own CA may do in development, listed or not; not administration, nor asking for all patients. */
const developmentRoles: readonly PeerRole[] = ['source', 'consumer', 'repository', 'feed', 'document-administrator']

export type Identify = (peer: PeerCertificate | undefined, address: string) => Partner

/** The partner behind a verified certificate. One without any role is nobody's partner: each transaction refuses it by name. */
export function identifyBy(
  config: Pick<CarnetConfig, 'mode' | 'peers'>,
  /** Whether our own CA has issued it: one of a partner's CA may call itself what it likes, and counts by its fingerprint. */
  isOurs: (certificate: PeerCertificate) => boolean = () => true,
): Identify {
  const byFingerprint = lookup(config.peers, peer => peer.fingerprints)
  const byCommonName = lookup(config.peers, peer => peer.commonNames)
  const atLeast = config.mode === 'development' ? developmentRoles : []
  const known = new Map<string, Omit<Partner, 'address'>>()

  return (certificate, address) => {
    if (certificate === undefined) return { name: 'unknown', roles: new Set(), address }
    let partner = known.get(certificate.fingerprint256)
    if (partner === undefined) {
      const ours = isOurs(certificate)
      const named = ours ? byCommonName.get(certificate.commonName) : undefined
      const peer = byFingerprint.get(certificate.fingerprint256) ?? named
      const roles = ours ? atLeast : []
      partner = peer === undefined ? unlisted(certificate, roles) : listed(peer, roles)
      if (known.size < 10_000) known.set(certificate.fingerprint256, partner)
    }
    return { address, ...partner }
  }
}

function listed(peer: PeerConfig, atLeast: readonly PeerRole[]): Omit<Partner, 'address'> {
  const { name, roles, answerForm, replyTo } = peer
  return {
    name,
    roles: new Set([...roles, ...atLeast]),
    handsOn: roles.includes('repository') || roles.includes('gateway'),
    answerForm,
    replyTo,
  }
}

function unlisted(certificate: PeerCertificate, atLeast: readonly PeerRole[]): Omit<Partner, 'address'> {
  return { name: certificate.commonName || certificate.subject, roles: new Set(atLeast) }
}

function lookup(
  peers: readonly PeerConfig[],
  keysOf: (peer: PeerConfig) => readonly string[],
): Map<string, PeerConfig> {
  return new Map(peers.flatMap(peer => keysOf(peer).map(key => [key, peer] as const)))
}
