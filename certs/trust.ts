// Whom a node lets in: certificates that lead to one of its authorities and that none of these has revoked. RFC 5280 §6.
import { X509Certificate } from 'node:crypto'
import { certificatesIn, chainProblems, validityProblems } from './read.js'
import { nameOf, type RevocationList, revocationListsIn, serialOf } from './revocation.js'

export interface TrustFiles {
  /** PEM: our CA and those of partners; a certificate that has signed itself is its own CA. */
  authorities: readonly (string | Buffer)[]
  /** PEM; empty when there are none. */
  revocationLists: string | Buffer
}

export interface Trust {
  /** PEM of all that may end a chain; what has been revoked is left out. */
  authorities: string
  /** Why a certificate (DER) is not let in, in words; undefined when it is. Chains are built of what we hold ourselves. */
  refusalOf(der: Buffer, nowMs: number): string | undefined
  /** Why it is revoked; cheap, for one whose chain has been verified. */
  revocationOf(der: Buffer): string | undefined
  /** Whether there are lists to look into. */
  hasLists: boolean
  /** The first day on which a list is out of date; undefined without lists that say. */
  nextUpdateMs: number | undefined
}

/** @throws Error in words when a file cannot be read or a list is not signed by an authority of ours. */
export function trustOf({ authorities, revocationLists }: TrustFiles): Trust {
  const all = distinct(authorities.flatMap(certificatesIn))
  const lists = revocationListsIn(revocationLists)
  for (const list of lists) assertSigned(list, all)
  const byIssuer = new Map<string, RevocationList[]>()
  for (const list of lists) byIssuer.set(list.issuer, [...(byIssuer.get(list.issuer) ?? []), list])

  function revocation(certificate: X509Certificate): string | undefined {
    const serial = serialOf(certificate.serialNumber)
    for (const list of byIssuer.get(nameOf(certificate, 'issuer')) ?? []) {
      const whenMs = list.revoked.get(serial)
      if (whenMs !== undefined) return `the certificate was revoked on ${new Date(whenMs).toISOString()} by its CA`
    }
    return undefined
  }

  /** A peer may send a CA along that we have left out: what is below it is out as well, unless another certificate of the same CA stands. */
  function revocationAbove(certificate: X509Certificate, below: readonly string[] = []): string | undefined {
    const way = [...below, certificate.fingerprint256]
    const issuers = all.filter(one => certificate.checkIssued(one) && certificate.verify(one.publicKey))
    // Signed by itself, or by one that it has signed.
    if (issuers.some(({ fingerprint256 }) => way.includes(fingerprint256))) return undefined
    const reasons = issuers.map(issuer => revocation(issuer) ?? revocationAbove(issuer, way))
    const [reason] = reasons
    return reason === undefined || reasons.includes(undefined) ? undefined : `of its CA: ${reason}`
  }

  const standing = all.filter(authority => revocation(authority) === undefined)
  const revoked = (certificate: X509Certificate) => revocation(certificate) ?? revocationAbove(certificate)
  const updates = lists.flatMap(({ nextUpdateMs }) => nextUpdateMs ?? [])
  return {
    authorities: standing.map(authority => authority.toString()).join(''),
    refusalOf(der, nowMs) {
      const certificate = new X509Certificate(der)
      const [problem] = [...validityProblems(certificate, nowMs), ...chainProblems([certificate], standing, nowMs)]
      return problem ?? revoked(certificate)
    },
    revocationOf: der => (lists.length === 0 ? undefined : revoked(new X509Certificate(der))),
    hasLists: lists.length > 0,
    nextUpdateMs: updates.length === 0 ? undefined : Math.min(...updates),
  }
}

function assertSigned(list: RevocationList, authorities: readonly X509Certificate[]): void {
  const issuers = authorities.filter(authority => nameOf(authority, 'subject') === list.issuer)
  if (issuers.some(issuer => list.isSignedBy(issuer))) return
  throw new Error(
    issuers.length === 0
      ? 'a certificate revocation list is of a CA that is not among ours'
      : `a certificate revocation list is not signed by the CA whose name it bears (${issuers[0]?.subject.replaceAll('\n', ',')})`,
  )
}

function distinct(certificates: readonly X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map(certificate => [certificate.fingerprint256, certificate])).values()]
}
