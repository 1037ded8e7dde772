// Who somebody is here, by certificate or by what the identity provider says.
import type { OpenIdConnectConfig, PagesConfig } from '../../config/audit-config.js'
import type { PageRole } from '../../config/page-roles.js'
import type { PeerCertificate } from '../../ports/network.js'
import type { Person } from './roles.js'

type Readers = PagesConfig['readers']

/** By fingerprint; by common name only where our own CA has issued it, for a partner's may write there what it likes. */
export function personByCertificate(
  certificate: PeerCertificate | undefined,
  readers: Readers,
  isOurs: (certificate: PeerCertificate) => boolean,
): Person | undefined {
  if (certificate === undefined) return undefined
  const { fingerprint256, commonName } = certificate
  const byFingerprint = readers.find(({ fingerprints }) => fingerprints.includes(fingerprint256))
  const named = () => readers.find(({ commonNames }) => commonNames.includes(commonName))
  const found = byFingerprint ?? (isOurs(certificate) ? named() : undefined)
  return found && { name: found.name, roles: found.roles }
}

/** The name of somebody who is not listed cannot be that of a reader: it has the provider's behind it. */
export function personByClaims(
  claims: Readonly<Record<string, unknown>> & { sub: string },
  { issuer, rolesClaim, roles }: OpenIdConnectConfig,
  readers: Readers,
): Person | undefined {
  const reader = readers.find(({ subjects }) => subjects.includes(claims.sub))
  const told = [claims[rolesClaim]].flat().filter(value => typeof value === 'string')
  const mapped = told.flatMap((value): PageRole[] => (Object.hasOwn(roles, value) ? [roles[value]!] : []))
  const all = [...new Set([...(reader?.roles ?? []), ...mapped])]
  if (all.length === 0) return undefined
  return { name: reader?.name ?? `${claims.sub}@${new URL(issuer).host}`, roles: all }
}
