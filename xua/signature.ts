// The one enveloped signature of an assertion: its shape held to a single form, its algorithms to a table, its octets to a pinned key.
// What it is over is given back as octets, and nothing else of the assertion is ever read. [XML Signature 1.1: 3.2] [SAML Core: 5.4]
import { constants, createHash, type KeyObject, verify } from 'node:crypto'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childrenOf, parseXml, type XmlElement } from '../soap/xml.js'
import { canonical } from './canonical.js'
import { securityFault } from './refusal.js'
import { childrenIn, descendants, isSigned, type SignedElement } from './signed-xml.js'

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

interface Algorithm {
  key: 'rsa' | 'ec'
  hash: 'sha256' | 'sha384' | 'sha512'
}

const signatureAlgorithms = table<Algorithm>({
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': { key: 'rsa', hash: 'sha256' },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': { key: 'rsa', hash: 'sha384' },
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': { key: 'rsa', hash: 'sha512' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256': { key: 'ec', hash: 'sha256' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384': { key: 'ec', hash: 'sha384' },
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512': { key: 'ec', hash: 'sha512' },
})

const digestAlgorithms = table<Algorithm['hash']>({
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384': 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
})

/** Length of a signature is that of two numbers of the curve. [XML Signature 1.1: 6.4.3] */
const curves = table<number>({ prime256v1: 64, secp384r1: 96, secp521r1: 132 })
const leastRsaBits = 2048

/** What senders name has to stand in a table itself: `constructor` does in every object. */
function table<Value>(rows: Record<string, Value>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(rows))
}

export interface SignedOctets {
  octets: Buffer
  /** The one of the pinned that has signed them. */
  key: KeyObject
}

/**
 * The octets that one of the keys has signed.
 * @param keysOf keys pinned for an issuer; the name is believed only in so far as one of them has signed it
 * @throws SoapFault
 */
export function signedOctets(assertion: SignedElement, keysOf: (issuer: string) => readonly KeyObject[]): SignedOctets {
  const { signature, issuer } = partsOf(assertion)
  const { signedInfo, signatureValue } = partsOfSignature(signature)
  const octets = canonical(signedInfo, { inclusive: inclusiveIn(childrenIn(signedInfo)[0]) })
  const said = readSignedInfo(parseXml(octets))
  if (said.id !== idOf(assertion)) throw invalid('the Reference of its signature is not to the assertion itself')
  const keys = keysOf(issuer)
  if (keys.length === 0) {
    throw securityFault('FailedAuthentication', `nobody trusted has the name ${JSON.stringify(issuer.slice(0, 200))}`)
  }
  const value = base64(textOf(signatureValue), 'SignatureValue')
  const key = keys.find(each => holds(octets, value, each, said.algorithm))
  if (key === undefined) {
    throw securityFault('FailedCheck', `no certificate pinned for ${issuer} has made its signature`)
  }
  const content = canonical(assertion, { inclusive: said.inclusive, without: signature })
  if (!createHash(said.digest).update(content).digest().equals(said.digestValue)) {
    throw securityFault('FailedCheck', 'the assertion is not what was signed: its digest is another')
  }
  return { octets: content, key }
}

function idOf(assertion: SignedElement): string {
  return assertion.attributes.find(({ name, namespace }) => name === 'ID' && namespace === '')?.value ?? ''
}

/** The signature stands where the schema has it, behind the Issuer, and there is none elsewhere. [SAML Core: 2.3.3, 5.4.1] */
function partsOf(assertion: SignedElement): { signature: SignedElement; issuer: string } {
  const [issuer, signature] = childrenIn(assertion)
  const all = [...descendants(assertion)]
  const signatures = all.filter(element => isSigned(element, namespaces.ds, 'Signature'))
  if (signatures.length === 0) throw invalid('it is not signed')
  if (signature === undefined || signatures.length > 1 || signatures[0] !== signature) {
    throw invalid('there is a signature in it other than the one behind the Issuer')
  }
  if (issuer === undefined || !isSigned(issuer, namespaces.saml2, 'Issuer')) throw invalid('it has no Issuer')
  const nested = all.find(element => element !== assertion && isAssertion(element))
  if (nested !== undefined) throw invalid(`there is a ${nested.name} inside of it`)
  if (idOf(assertion) === '') throw invalid('it has no ID')
  return { signature, issuer: textOf(issuer).trim() }
}

function isAssertion({ namespace, name }: SignedElement): boolean {
  return namespace === namespaces.saml2 && ['Assertion', 'EncryptedAssertion', 'Advice', 'EncryptedID'].includes(name)
}

/** An Object could hold anything; KeyInfo is not looked at, for whoever signs says nothing of who is trusted. */
function partsOfSignature(signature: SignedElement) {
  const children = childrenIn(signature)
  const [signedInfo, signatureValue] = children
  const names = children.map(({ name, namespace }) => (namespace === namespaces.ds ? name : '?')).join(' ')
  if (
    signedInfo === undefined ||
    signatureValue === undefined ||
    !/^SignedInfo SignatureValue(?: KeyInfo)?$/.test(names)
  ) {
    throw invalid('its signature is not of SignedInfo, SignatureValue and perhaps KeyInfo')
  }
  return { signedInfo, signatureValue }
}

function inclusiveIn(method: SignedElement | undefined): string[] {
  const list = method === undefined ? [] : childrenIn(method)
  if (list.length === 0) return []
  const [only] = list
  if (list.length > 1 || only === undefined || !isSigned(only, exclusive, 'InclusiveNamespaces')) {
    throw invalid('its canonicalisation has other parameters than InclusiveNamespaces')
  }
  return prefixesIn(only.attributes.find(({ name, namespace }) => name === 'PrefixList' && namespace === '')?.value)
}

/** [Exclusive XML Canonicalization 1.0: 3] */
function prefixesIn(list = ''): string[] {
  const prefixes = list.split(' ').filter(prefix => prefix !== '')
  if (prefixes.length > 32) throw invalid('its PrefixList is longer than 32 prefixes')
  return prefixes.map(prefix => (prefix === '#default' ? '' : prefix))
}

/** Read from the very octets that its signature is over. */
function readSignedInfo(signedInfo: XmlElement) {
  const [canonicalisation, method, reference] = only(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ])
  if (algorithmOf(canonicalisation) !== exclusive) throw unsupported(algorithmOf(canonicalisation))
  const algorithm = signatureAlgorithms.get(algorithmOf(method))
  if (algorithm === undefined) throw unsupported(algorithmOf(method))
  if (method.children.length > 0) throw unsupported('a SignatureMethod with parameters')
  const [transforms, digestMethod, digestValue] = only(reference, ['Transforms', 'DigestMethod', 'DigestValue'])
  const digest = digestAlgorithms.get(algorithmOf(digestMethod))
  if (digest === undefined) throw unsupported(algorithmOf(digestMethod))
  const [first, second] = only(transforms, ['Transform', 'Transform'])
  if (algorithmOf(first) !== enveloped) throw unsupported(algorithmOf(first))
  // It has no parameters; a signer of the field writes those of the next one there too.
  if (first.children.some(({ name }) => name !== 'InclusiveNamespaces'))
    throw unsupported('a Transform with parameters')
  if (algorithmOf(second) !== exclusive) throw unsupported(algorithmOf(second))
  const uri = attributeOf(reference, 'URI') ?? ''
  if (!uri.startsWith('#')) throw invalid('the Reference of its signature is not to an ID')
  if (digestValue.children.length > 0) throw invalid('its DigestValue is not text alone')
  const value = base64(digestValue.text, 'DigestValue')
  return { algorithm, digest, digestValue: value, id: uri.slice(1), inclusive: inclusiveOf(second) }
}

function inclusiveOf(transform: XmlElement): string[] {
  if (transform.children.length === 0) return []
  const [list, ...others] = childrenOf(transform, exclusive, 'InclusiveNamespaces')
  if (list === undefined || others.length > 0 || transform.children.length > 1) {
    throw invalid('its Transform has other parameters than InclusiveNamespaces')
  }
  return prefixesIn(attributeOf(list, 'PrefixList'))
}

/** Exactly these children in this order, and no text between them. */
function only<const Names extends readonly string[]>(
  element: XmlElement,
  names: Names,
): { [Index in keyof Names]: XmlElement } {
  const found = element.children.map(({ name, namespace }) => (namespace === namespaces.ds ? name : '?'))
  if (found.join(' ') !== names.join(' ') || element.text.trim() !== '') {
    throw invalid(`its ${element.name} holds other than ${names.join(', ')}`)
  }
  return element.children as unknown as { [Index in keyof Names]: XmlElement }
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(element, 'Algorithm') ?? ''
}

function holds(octets: Buffer, value: Buffer, key: KeyObject, { key: kind, hash }: Algorithm): boolean {
  if (key.asymmetricKeyType !== kind) return false
  if (kind === 'ec') {
    const length = curves.get(key.asymmetricKeyDetails?.namedCurve ?? '')
    return length === value.length && verify(hash, octets, { key, dsaEncoding: 'ieee-p1363' }, value)
  }
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < leastRsaBits) return false
  return verify(hash, octets, { key, padding: constants.RSA_PKCS1_PADDING }, value)
}

/** What a certificate's key has to be to be pinned; undefined when it is. */
export function unfitKey(key: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') {
    return modulusLength >= leastRsaBits
      ? undefined
      : `its key has ${modulusLength} bits instead of ${leastRsaBits} or more`
  }
  if (key.asymmetricKeyType !== 'ec') return `its key is ${key.asymmetricKeyType} instead of RSA or ECDSA`
  return curves.get(namedCurve) === undefined
    ? `its key is on ${namedCurve} instead of P-256, P-384 or P-521`
    : undefined
}

function textOf(element: SignedElement): string {
  if (childrenIn(element).length > 0) throw invalid(`its ${element.name} is not text alone`)
  return element.content.join('')
}

const plainBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function base64(text: string, what: string): Buffer {
  const joined = text.replace(/[ \t\n\r]/g, '')
  if (joined === '' || !plainBase64.test(joined)) throw invalid(`its ${what} is no base64`)
  return Buffer.from(joined, 'base64')
}

function invalid(why: string) {
  return securityFault('InvalidSecurity', `the assertion cannot be taken: ${why}`)
}

function unsupported(algorithm: string) {
  return securityFault('UnsupportedAlgorithm', `${JSON.stringify(algorithm.slice(0, 200))} is not taken in a signature`)
}
