// What a certificate says of itself, and whether a key, a certificate and a CA belong together.
import { createPrivateKey, X509Certificate } from 'node:crypto'

export interface CertificateFacts {
  /** As `CN=registry,O=…`, most specific first. */
  subject: string
  commonName: string
  issuer: string
  /** Subject alternative names, as `DNS:localhost` and `IP Address:127.0.0.1`. */
  names: string[]
  notBeforeMs: number
  notAfterMs: number
  /** SHA-256 of the DER, upper case hex in pairs with colons. */
  fingerprint256: string
  serialNumber: string
  isCa: boolean
  /** OIDs of the extended key usages. */
  usages: string[]
}

export interface TlsPem {
  key: string | Buffer
  cert: string | Buffer
  ca: string | Buffer
}

const dayMs = 86_400_000

/** @throws Error in words when the text holds no certificate that can be read. */
export function certificateFacts(pem: string | Buffer): CertificateFacts {
  const certificate = readable(pem)
  return {
    subject: oneLine(certificate.subject),
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '',
    issuer: oneLine(certificate.issuer),
    names: (certificate.subjectAltName ?? '').split(', ').filter(name => name !== ''),
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    fingerprint256: certificate.fingerprint256,
    serialNumber: certificate.serialNumber,
    isCa: certificate.ca,
    usages: certificate.keyUsage ?? [],
  }
}

/** Whole days, rounded down: 0 on the last one, negative once it has expired. */
export function daysLeft(facts: CertificateFacts, nowMs: number): number {
  return Math.floor((facts.notAfterMs - nowMs) / dayMs)
}

/** What is wrong with a key, a certificate and the CAs it is to be verified by; each line is a sentence. */
export function tlsProblems({ key, cert, ca }: TlsPem, nowMs: number): string[] {
  let certificate: X509Certificate
  let authorities: X509Certificate[]
  try {
    certificate = readable(cert)
    authorities = certificatesIn(ca)
  } catch (problem) {
    return [(problem as Error).message]
  }
  return [
    ...keyProblems(key, certificate),
    ...validityProblems(certificate, nowMs),
    ...chainProblems([certificate, ...certificatesIn(cert).slice(1)], authorities, nowMs),
  ]
}

function keyProblems(key: string | Buffer, certificate: X509Certificate): string[] {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
      ? []
      : [`the key does not belong to the certificate of ${oneLine(certificate.subject)}`]
  } catch {
    return ['the key file holds no private key in PEM, or one that is locked with a passphrase']
  }
}

/** One sentence where it is not valid at `nowMs` (UTC); empty where it is. */
export function validityProblems(certificate: X509Certificate, nowMs: number): string[] {
  const who = `the certificate of ${oneLine(certificate.subject)}`
  if (nowMs > Date.parse(certificate.validTo)) return [`${who} expired on ${certificate.validTo}`]
  if (nowMs < Date.parse(certificate.validFrom)) return [`${who} is valid only from ${certificate.validFrom} on`]
  return []
}

// Intermediates may stand behind the certificate in its own file, as TLS sends them.
/**
 * Why no chain leads from `sent[0]`, which must be there, to an authority; empty where one does. Issuers may come with it or be authorities; each
 * but the leaf is held to its time too. [RFC 5280: 6.1]
 */
export function chainProblems(
  sent: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  nowMs: number,
): string[] {
  let current = sent[0]!
  const candidates = [...sent.slice(1), ...authorities]
  for (let steps = 0; steps <= candidates.length; steps++) {
    if (authorities.some(authority => authority.fingerprint256 === current.fingerprint256)) return []
    const issuer = candidates.find(candidate => current.checkIssued(candidate) && current.verify(candidate.publicKey))
    if (issuer === undefined || issuer.fingerprint256 === current.fingerprint256) break
    const late = validityProblems(issuer, nowMs)
    if (late.length > 0) return late
    current = issuer
  }
  return [
    `the certificate of ${oneLine(sent[0]!.subject)} was issued by ${oneLine(current.issuer)}, which the CA file does not hold`,
  ]
}

/** The certificates of a PEM file in its order. */
export function certificatesIn(pem: string | Buffer): X509Certificate[] {
  const blocks = String(pem).match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  return blocks.map(readable)
}

function readable(pem: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new Error('the file holds no X.509 certificate in PEM')
  }
}

// Node writes one attribute a line, most general first.
function oneLine(distinguishedName: string): string {
  return distinguishedName.split('\n').filter(Boolean).reverse().join(',')
}
