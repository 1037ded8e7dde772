// Certificate revocation lists: read, verified against their CA, and written for the development CA. RFC 5280 §5.
import { createSign, createVerify, X509Certificate } from 'node:crypto'
import forge from 'node-forge'
import { type Asn1, derOf, none, oid, sequence } from './asn1.js'
import type { Credential, Validity } from './issue.js'

const { Class, Type } = forge.asn1

export interface RevocationList {
  /** DER of the issuer's name, in hex. */
  issuer: string
  thisUpdateMs: number
  /** Absent when the list does not say. */
  nextUpdateMs: number | undefined
  /** When, by serial number in upper case hex without leading zeros. */
  revoked: ReadonlyMap<string, number>
  /** Whether the holder of the key has signed the list. */
  isSignedBy(authority: X509Certificate): boolean
}

/** The lists of a PEM file in its order. @throws Error in words */
export function revocationListsIn(pem: string | Buffer): RevocationList[] {
  const blocks = String(pem).match(/-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g) ?? []
  return blocks.map(block => {
    const base64 = block.replace(/-----[^-]+-----|\s+/g, '')
    try {
      return revocationListOf(Buffer.from(base64, 'base64'))
    } catch (problem) {
      throw new Error(`a certificate revocation list cannot be read (${(problem as Error).message})`)
    }
  })
}

/** As `serialNumber` of a certificate is compared: 0A and a are one. */
export function serialOf(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, '')
}

/** DER of the issuer's or the subject's name, in hex: what a list and a certificate agree on. */
export function nameOf(certificate: X509Certificate, of: 'issuer' | 'subject'): string {
  const parsed = forge.asn1.fromDer(certificate.raw.toString('binary'))
  // Not every key is one that node-forge knows, so the structure is read and nothing of its meaning.
  const fields = listOf(listOf(parsed)[0]).filter(field => field.tagClass === Class.UNIVERSAL)
  const [, , issuer, , subject] = fields
  return hexOf(of === 'issuer' ? issuer : subject)
}

const signatures: Readonly<Record<string, { digest: string; dsaEncoding?: 'der' }>> = {
  '1.2.840.113549.1.1.11': { digest: 'sha256' },
  '1.2.840.113549.1.1.12': { digest: 'sha384' },
  '1.2.840.113549.1.1.13': { digest: 'sha512' },
  '1.2.840.10045.4.3.2': { digest: 'sha256', dsaEncoding: 'der' },
  '1.2.840.10045.4.3.3': { digest: 'sha384', dsaEncoding: 'der' },
  '1.2.840.10045.4.3.4': { digest: 'sha512', dsaEncoding: 'der' },
}

function revocationListOf(der: Buffer): RevocationList {
  const [list, algorithm, signature] = listOf(forge.asn1.fromDer(der.toString('binary')))
  const fields = listOf(list)
  // The version comes first where there is one.
  const [, issuer, thisUpdate, ...rest] = fields[0]?.type === Type.INTEGER ? fields.slice(1) : fields
  const nextUpdate = isTime(rest[0]) ? rest.shift() : undefined
  const entries = rest[0]?.type === Type.SEQUENCE && rest[0].tagClass === Class.UNIVERSAL ? listOf(rest[0]) : []
  const tbs = bytesOf(list)
  const signed = bitsOf(signature)
  const { digest, dsaEncoding } = signatures[forge.asn1.derToOid(textOf(listOf(algorithm)[0]))] ?? {}
  return {
    issuer: hexOf(issuer),
    thisUpdateMs: timeOf(thisUpdate),
    nextUpdateMs: nextUpdate === undefined ? undefined : timeOf(nextUpdate),
    revoked: new Map(
      entries.map(entry => {
        const [serial, date] = listOf(entry)
        return [serialOf(Buffer.from(textOf(serial), 'binary').toString('hex')), timeOf(date)]
      }),
    ),
    isSignedBy(authority) {
      if (digest === undefined) return false
      const key = { key: authority.publicKey, ...(dsaEncoding === undefined ? {} : { dsaEncoding }) }
      return createVerify(digest).update(tbs).verify(key, signed)
    },
  }
}

/** A list of the development CA, as PEM. */
export function issueRevocationList(
  revoked: ReadonlyMap<string, number>,
  ca: Credential,
  { fromMs, toMs }: Validity,
): string {
  const algorithm = sequence(oid('1.2.840.113549.1.1.11'), none())
  const entries = [...revoked].map(([serial, whenMs]) => sequence(integer(serial), utcTime(whenMs)))
  const subject = forge.asn1.fromDer(
    Buffer.from(nameOf(new X509Certificate(ca.cert), 'subject'), 'hex').toString('binary'),
  )
  const list = sequence(
    integer('01'),
    algorithm,
    subject,
    utcTime(fromMs),
    utcTime(toMs),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
  )
  const signature = createSign('sha256').update(bytesOf(list)).sign(ca.key)
  const bits = forge.asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, `\0${signature.toString('binary')}`)
  const base64 = bytesOf(sequence(list, algorithm, bits)).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return ['-----BEGIN X509 CRL-----', ...lines, '-----END X509 CRL-----', ''].join('\n')
}

function listOf(value: Asn1 | undefined): Asn1[] {
  if (value === undefined || !Array.isArray(value.value)) throw new Error('its structure is not that of a list')
  return value.value
}

function textOf(value: Asn1 | undefined): string {
  if (value === undefined || typeof value.value !== 'string') throw new Error('its structure is not that of a list')
  return value.value
}

function bytesOf(value: Asn1 | undefined): Buffer {
  if (value === undefined) throw new Error('its structure is not that of a list')
  return derOf(value)
}

function hexOf(value: Asn1 | undefined): string {
  return bytesOf(value).toString('hex')
}

/** node-forge reads a BIT STRING that holds ASN.1 (an ECDSA signature) as that. */
function bitsOf(value: Asn1 | undefined): Buffer {
  const whole = bytesOf(value)
  const lengthBytes = (whole[1] ?? 0) < 0x80 ? 0 : (whole[1] ?? 0) & 0x7f
  return whole.subarray(2 + lengthBytes + 1)
}

function isTime(value: Asn1 | undefined): boolean {
  return value?.type === Type.UTCTIME || value?.type === Type.GENERALIZEDTIME
}

function timeOf(value: Asn1 | undefined): number {
  if (!isTime(value)) throw new Error('a time is missing')
  const text = textOf(value)
  const time = value?.type === Type.UTCTIME ? forge.asn1.utcTimeToDate(text) : forge.asn1.generalizedTimeToDate(text)
  return time.getTime()
}

function integer(hex: string): Asn1 {
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  // Positive: a set first bit would be a sign.
  const positive = Number.parseInt(even.slice(0, 2), 16) > 0x7f ? `00${even}` : even
  return forge.asn1.create(Class.UNIVERSAL, Type.INTEGER, false, Buffer.from(positive, 'hex').toString('binary'))
}

function utcTime(ms: number): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, forge.asn1.dateToUtcTime(new Date(ms)))
}
