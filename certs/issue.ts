// X.509 certificates by our own development CA: RSA 2048, SHA-256. RFC 5280.
import { constants, generateKeyPair, privateEncrypt } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import type { Randomness } from '../ports/randomness.js'

/** A key and its certificate, both PEM. */
export interface Credential {
  key: string
  cert: string
}

export interface Validity {
  fromMs: number
  toMs: number
}

export interface LeafRequest {
  commonName: string
  /** DNS names and IP addresses under which it is reached; a pure client has none. */
  names: readonly string[]
  usages: readonly ('serverAuth' | 'clientAuth')[]
}

interface CertificateToSign {
  commonName: string
  subjectKey: string
  validity: Validity
  extensions: object[]
}

/** PKCS#8 PEM. node:crypto makes it off the main thread, so several are made side by side. */
export async function newKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return privateKey
}

/**
 * A CA that signs itself and may issue leaves only, no CA below it (path length 0). `key` is its private key in PEM. [RFC 5280: 4.2.1.9, 4.2.1.3]
 */
export function issueCa(key: string, commonName: string, validity: Validity, randomness: Randomness): Credential {
  const extensions = [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]
  return { key, cert: sign({ commonName, subjectKey: key, validity, extensions }, { key }, randomness) }
}

/** For signatures alone: whoever believes it has pinned it. */
export function issueSelfSigned(key: string, commonName: string, validity: Validity, randomness: Randomness): string {
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]
  return sign({ commonName, subjectKey: key, validity, extensions }, { key }, randomness)
}

/**
 * A certificate of `key`, a private key in PEM, signed by `ca`; names become subjectAltName, and without any there is none. Whether `ca` is valid
 * as long is for the caller to see. [RFC 5280: 4.2.1.6, 4.2.1.12]
 */
export function issueLeaf(
  key: string,
  request: LeafRequest,
  ca: Credential,
  validity: Validity,
  randomness: Randomness,
): Credential {
  const issuer = forge.pki.certificateFromPem(ca.cert)
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', ...Object.fromEntries(request.usages.map(usage => [usage, true])) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    ...(request.names.length > 0 ? [{ name: 'subjectAltName', altNames: request.names.map(alternativeName) }] : []),
  ]
  return { key, cert: sign({ commonName: request.commonName, subjectKey: key, validity, extensions }, ca, randomness) }
}

function sign(
  { commonName, subjectKey, validity, extensions }: CertificateToSign,
  issuer: { key: string; cert?: string },
  randomness: Randomness,
): string {
  const certificate = forge.pki.createCertificate()
  const { n, e } = forge.pki.privateKeyFromPem(subjectKey)
  certificate.publicKey = forge.pki.setRsaPublicKey(n, e)
  certificate.serialNumber = serialNumber(randomness)
  certificate.validity.notBefore = new Date(validity.fromMs)
  certificate.validity.notAfter = new Date(validity.toMs)
  const subject = distinguishedName(commonName)
  certificate.setSubject(subject)
  certificate.setIssuer(
    issuer.cert === undefined ? subject : forge.pki.certificateFromPem(issuer.cert).subject.attributes,
  )
  certificate.setExtensions(extensions)
  certificate.sign(signingKey(issuer.key), forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n')
}

/** Of RSA, in PEM. node:crypto signs in a millisecond what takes the arithmetic of node-forge fifty. [RFC 8017: 8.2.1, 9.2] */
function signingKey(key: string): forge.pki.rsa.PrivateKey {
  const sign = (sha256: forge.md.MessageDigest) => {
    const digestInfo = Buffer.concat([sha256Info, Buffer.from(sha256.digest().getBytes(), 'binary')])
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo).toString('binary')
  }
  return { sign } as unknown as forge.pki.rsa.PrivateKey
}

/** What stands before the digest. [RFC 8017: 9.2, note 1] */
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex')

function distinguishedName(commonName: string): forge.pki.CertificateField[] {
  return [
    { name: 'organizationName', value: 'Carnet Development' },
    { name: 'commonName', value: commonName },
  ]
}

// 20 octets at most and positive: the first bit stays clear, and a set one behind it keeps the length. [RFC 5280 §4.1.2.2]
function serialNumber(randomness: Randomness): string {
  const bytes = Buffer.from(randomness.bytes(20))
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

const dnsName = 2
const ipAddress = 7

function alternativeName(name: string): object {
  return /^[0-9.]+$|:/.test(name) ? { type: ipAddress, ip: name } : { type: dnsName, value: name }
}
