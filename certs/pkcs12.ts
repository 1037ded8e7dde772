// PKCS#12 files for programs that take no PEM: a client's key with its chain, and a trust store that Java accepts. RFC 7292.
import forge from 'node-forge'
import type { Randomness } from '../ports/randomness.js'
import { type Asn1, derOf, none, oid, sequence } from './asn1.js'
import type { Credential } from './issue.js'

const { Class, Type } = forge.asn1
const oids = {
  data: '1.2.840.113549.1.7.1',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  sha256: '2.16.840.1.101.3.4.2.1',
  /** Oracle's mark; without it a Java key store holds the certificate but lists and trusts nothing. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
}
const macIterations = 10_000
const macKeyId = 3

/** A private key, its certificate and the CA's, the key under AES-256. */
export function keyStore(credential: Credential, caCert: string, password: string, friendlyName: string): Buffer {
  const chain = [credential.cert, caCert].map(pem => forge.pki.certificateFromPem(pem))
  const store = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(credential.key), chain, password, {
    algorithm: 'aes256',
    count: macIterations,
    friendlyName,
  })
  return derOf(store)
}

/** CA certificates only; nothing in it is secret, so nothing is encrypted: the password guards against change. */
export function trustStore(caCert: string, password: string, friendlyName: string, randomness: Randomness): Buffer {
  const safeContents = sequence(trustedCertificateBag(caCert, friendlyName))
  const authenticatedSafe = forge.asn1.toDer(sequence(contentInfo(safeContents))).getBytes()
  const store = sequence(
    integer(3),
    sequence(oid(oids.data), explicit(octets(authenticatedSafe))),
    macOf(authenticatedSafe, password, randomness),
  )
  return derOf(store)
}

function trustedCertificateBag(caCert: string, friendlyName: string): Asn1 {
  const certificate = forge.asn1.toDer(forge.pki.certificateToAsn1(forge.pki.certificateFromPem(caCert))).getBytes()
  return sequence(
    oid(oids.certBag),
    explicit(sequence(oid(oids.x509Certificate), explicit(octets(certificate)))),
    set(
      sequence(oid(oids.friendlyName), set(bmpString(friendlyName))),
      sequence(oid(oids.trustedKeyUsage), set(oid(oids.anyExtendedKeyUsage))),
    ),
  )
}

function macOf(content: string, password: string, randomness: Randomness): Asn1 {
  const salt = randomness.bytes(20).toString('binary')
  const digest = forge.md.sha256.create()
  // The published types know SHA-1 alone and call the salt bytes; the code takes any digest and wants a buffer.
  const derive = forge.pkcs12.generateKey as unknown as (
    password: string,
    salt: forge.util.ByteStringBuffer,
    id: number,
    iterations: number,
    lengthBytes: number,
    digest: forge.md.MessageDigest,
  ) => forge.util.ByteStringBuffer
  const key = derive(password, forge.util.createBuffer(salt), macKeyId, macIterations, digest.digestLength, digest)
  const mac = forge.hmac.create()
  mac.start('sha256', key)
  mac.update(content)
  const algorithm = sequence(oid(oids.sha256), none())
  return sequence(sequence(algorithm, octets(mac.getMac().getBytes())), octets(salt), integer(macIterations))
}

function contentInfo(content: Asn1): Asn1 {
  return sequence(oid(oids.data), explicit(octets(forge.asn1.toDer(content).getBytes())))
}

function set(...values: Asn1[]): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.SET, true, values)
}

function explicit(value: Asn1): Asn1 {
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, [value])
}

function octets(bytes: string): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, bytes)
}

function integer(value: number): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.INTEGER, false, forge.asn1.integerToDer(value).getBytes())
}

function bmpString(text: string): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.BMPSTRING, false, text) // written as UTF-16 by toDer
}
