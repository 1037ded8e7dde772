// What attackers send: good signatures around bad claims, bad signatures around anything. Each attack is a message with a name.
import { createHash, createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { namespaces } from '../../soap/namespaces.js'
import { canonical } from '../../xua/canonical.js'
import { securityHeader, signedElementOf } from '../../xua/issue.js'
import * as a from './a-token.js'

export interface Attack {
  name: string
  message: string
}

const good = a.token()
const goodId = a.professional.id
export const evilGln = '2000000099999'
const evilContent = {
  subject: a.gln(evilGln),
  subjectName: 'Somebody Else',
  resourceId: a.spidCx('761337610000000019'),
}

const signaturePattern = /<ds:Signature [\s\S]*<\/ds:Signature>/
const signature = signaturePattern.exec(good)?.[0] ?? ''
const unsignedGood = good.replace(signature, '')
const evilWith = (id: string, inside = '') => {
  const token = a.token({ ...evilContent, id }).replace(signaturePattern, inside)
  return token
}

/** Where something is put into an element. */
const firstIn = (element: string, child: string) => element.replace(/^(<[^>]*>)/, `$1${child}`)
const lastIn = (element: string, child: string) => element.replace(/(<\/[^>]*>)$/, `${child}$1`)
const behindIssuer = (element: string, child: string) => element.replace('</saml2:Issuer>', `$&${child}`)
const inAdvice = (element: string, child: string) =>
  element.replace('</saml2:Conditions>', `$&<saml2:Advice>${child}</saml2:Advice>`)
const inValue = (element: string, child: string) =>
  element.replace(
    'Martina Musterarzt</saml2:AttributeValue>',
    `$&<saml2:AttributeValue>${child}</saml2:AttributeValue>`,
  )
const inObject = (sig: string, child: string) =>
  sig.replace('</ds:Signature>', `<ds:Object>${child}</ds:Object></ds:Signature>`)
const inKeyInfo = (sig: string, child: string) =>
  sig.replace('</ds:Signature>', `<ds:KeyInfo>${child}</ds:KeyInfo></ds:Signature>`)
const inSignatureValue = (sig: string, child: string) => sig.replace('</ds:SignatureValue>', `${child}$&`)
const response = (inner: string) =>
  `<samlp:Response xmlns:samlp="${namespaces.samlp}" ID="_r" Version="2.0">${inner}</samlp:Response>`
const extensions = (inner: string) => `<samlp:Extensions xmlns:samlp="${namespaces.samlp}">${inner}</samlp:Extensions>`

/** The eight of Somorovsky and others, with the evil one under the same id, another, or none, in every place there is. */
function wrappings(): Attack[] {
  const attacks: Attack[] = []
  const add = (name: string, headers: string, body = '') => {
    attacks.push({ name, message: a.messageWith(headers, body) })
  }
  const security = (name: string, ...inner: string[]) => add(name, securityHeader(inner.join('')))
  for (const id of [goodId, '_evil', '']) {
    const tag = id === goodId ? 'same id' : id === '' ? 'no id' : 'other id'
    const evil = evilWith(id)
    const evilSigned = evilWith(id, signature)
    const evilHolding = (child: string) => evilWith(id, inObject(signature, child))
    security(`XSW1 response around, evil first, ${tag}`, response(evilSigned + unsignedGood))
    security(`XSW2 response around, signature beside, ${tag}`, response(evil + signature + unsignedGood))
    security(`XSW3 evil before good, ${tag}`, evil, good)
    security(`XSW3 good before evil, ${tag}`, good, evil)
    security(`XSW4 good inside evil, ${tag}`, lastIn(evil, good))
    security(`XSW4 good first inside evil, ${tag}`, firstIn(evil, good))
    security(`XSW5 evil has the signature, good behind, ${tag}`, evilSigned, unsignedGood)
    security(`XSW5 good in front, evil has the signature, ${tag}`, unsignedGood, evilSigned)
    security(`XSW6 evil has the signature, good within it, ${tag}`, evilWith(id, inKeyInfo(signature, unsignedGood)))
    security(`XSW6 within the value of the signature, ${tag}`, evilWith(id, inSignatureValue(signature, unsignedGood)))
    security(`XSW7 good in extensions, ${tag}`, extensions(good), evil)
    security(`XSW7 good in extensions of the evil, ${tag}`, lastIn(evil, extensions(good)))
    security(`XSW8 good in an Object of the signature, ${tag}`, evilHolding(unsignedGood))
    security(`XSW8 signed good in an Object, ${tag}`, evilHolding(good))
    security(`good in the Advice of evil, ${tag}`, inAdvice(evilSigned, unsignedGood))
    security(`good in an attribute of evil, ${tag}`, evil.replace('Somebody Else', `Somebody Else${good}`))
    security(`evil in the Advice of good, ${tag}`, inAdvice(good, evil))
    security(`evil in an attribute of good, ${tag}`, inValue(good, evil))
    security(`evil in an Object of good, ${tag}`, good.replace(signature, inObject(signature, evil)))
    security(`evil in the KeyInfo of good, ${tag}`, good.replace(signature, inKeyInfo(signature, evil)))
    security(`evil behind the Issuer of good, ${tag}`, behindIssuer(good, evil))
    security(`evil beside the signature, ${tag}`, evil, signature)
    security(`signature before evil, ${tag}`, signature, evil)
    add(`good in the Body, evil points there, ${tag}`, securityHeader(evilSigned), unsignedGood)
    add(`signed good in the Body, ${tag}`, securityHeader(evil), good)
    add(
      `good in another header, ${tag}`,
      `<x:Other xmlns:x="urn:x">${unsignedGood}</x:Other>${securityHeader(evilSigned)}`,
    )
    add(`good in a header behind, ${tag}`, `${securityHeader(evilSigned)}<x:Other xmlns:x="urn:x">${good}</x:Other>`)
    add(`two headers, good first, ${tag}`, securityHeader(good) + securityHeader(evil))
    add(`two headers, evil first, ${tag}`, securityHeader(evil) + securityHeader(good))
  }
  return attacks
}

/** Signed claims, split so that one reader sees less of them than another; marks in every claim and in what names them. */
function splits(): Attack[] {
  const texts = [
    ...['2000000090092', 'Martina Musterarzt', 'urn:oid:2.2.2.1', 'Name of group with id urn:oid:2.2.2.2'],
    ...['761337610411353650^^^', 'urn:oid:3.3.3.1', a.issuer, 'urn:e-health-suisse:token-audience:all-communities'],
  ]
  const marks = ['<?p x?>', '<!-- x -->', '<![CDATA[]]>', '<![CDATA[x]]>', '&x;', '<x/>', '<!DOCTYPE x>']
  const attacks = texts.flatMap(text =>
    marks.flatMap(mark =>
      [0, 1, Math.floor(text.length / 2), text.length].map(at => {
        const place = good.indexOf(`>${text}`) + 1 + at
        return {
          name: `${mark} at ${at} of ${text}`,
          message: message(good.slice(0, place) + mark + good.slice(place)),
        }
      }),
    ),
  )
  const wrapped = texts.flatMap(text => [
    {
      name: `processing instruction around half of ${text}`,
      message: message(good.replace(`>${text}`, `><?p ${text.slice(0, 3)}?>${text.slice(3)}`)),
    },
    { name: `comment before other text, ${text}`, message: message(good.replace(`>${text}`, `>evil<!--${text}-->`)) },
    { name: `CDATA of all of ${text}`, message: message(good.replace(`>${text}`, `><![CDATA[${text}]]>`)) },
    {
      name: `DOCTYPE with an entity for ${text}`,
      message: `<!DOCTYPE e [<!ENTITY x "${evilGln}">]>${message(good.replace(`>${text}`, '>&x;'))}`,
    },
  ])
  return [...attacks, ...wrapped]
}

/** More than one of what there is to be one of, and ids of all kinds. */
function doubled(): Attack[] {
  const pieces = [
    'SignedInfo',
    'SignatureValue',
    'Reference',
    'DigestValue',
    'DigestMethod',
    'Transforms',
    'Transform',
    'SignatureMethod',
    'CanonicalizationMethod',
  ]
  const again = pieces.flatMap(name => {
    const piece = new RegExp(`<ds:${name}[ />][\\s\\S]*?(?:/>|</ds:${name}>)`).exec(good)?.[0] ?? ''
    return [
      { name: `${name} twice`, message: message(good.replace(piece, piece + piece)) },
      { name: `${name} gone`, message: message(good.replace(piece, '')) },
      { name: `empty ${name} in front`, message: message(good.replace(piece, `<ds:${name}/>${piece}`)) },
    ]
  })
  const ids = ['ID', 'Id', 'id', 'xml:id'].map(name => ({
    name: `a second ${name}`,
    message: message(good.replace('<saml2:Subject>', `<saml2:Subject ${name}="${goodId}">`)),
  }))
  const digest = /<ds:DigestValue>([^<]*)/.exec(good)?.[1] ?? ''
  return [
    ...again,
    ...ids,
    { name: 'two signatures', message: message(good.replace(signature, signature + signature)) },
    { name: 'signature at the end', message: message(lastIn(unsignedGood, signature)) },
    { name: 'signature before the Issuer', message: message(firstIn(unsignedGood, signature)) },
    { name: 'no signature', message: message(unsignedGood) },
    { name: 'signature of another namespace', message: message(good.replaceAll(namespaces.ds, 'urn:x')) },
    { name: 'Reference to nothing', message: message(good.replace(`URI="#${goodId}"`, 'URI=""')) },
    { name: 'Reference to another', message: message(good.replace(`URI="#${goodId}"`, 'URI="#_x"')) },
    { name: 'Reference elsewhere', message: message(good.replace(`URI="#${goodId}"`, 'URI="https://localhost/x"')) },
    { name: 'Reference without URI', message: message(good.replace(` URI="#${goodId}"`, '')) },
    {
      name: 'Reference by XPointer',
      message: message(good.replace(`URI="#${goodId}"`, `URI="#xpointer(id('${goodId}'))"`)),
    },
    { name: 'empty DigestValue', message: message(good.replace(digest, '')) },
    { name: 'comment in the DigestValue', message: message(good.replace(digest, `<!--x-->${digest}`)) },
    { name: 'element in the DigestValue', message: message(good.replace(digest, `${digest}<x/>`)) },
    { name: 'id in the Body too', message: a.messageWith(securityHeader(good), `<x Id="${goodId}"/>`) },
    {
      name: 'id in another header too',
      message: a.messageWith(`<x:y xmlns:x="urn:x" Id='${goodId}'/>${securityHeader(good)}`),
    },
    {
      name: 'relative namespace',
      message: message(good.replace('<saml2:Subject>', '<saml2:Subject xmlns:r="relative">')),
    },
    {
      name: 'other namespace for a prefix',
      message: message(good.replace('<saml2:Subject>', '<saml2:Subject xmlns:saml2="urn:x">')),
    },
    {
      name: 'role of another namespace',
      message: message(good.replace('xmlns:hl7="urn:hl7-org:v3"', 'xmlns:hl7="urn:x"')),
    },
    { name: 'SAML 1.1', message: message(good.replaceAll(namespaces.saml2, 'urn:oasis:names:tc:SAML:1.0:assertion')) },
    { name: 'encrypted', message: message(`<saml2:EncryptedAssertion xmlns:saml2="${namespaces.saml2}"/>`) },
  ]
}

interface Weakness {
  name: string
  method?: string
  sign?: (octets: Buffer) => Buffer
  digestMethod?: string
  digest?: (octets: Buffer) => Buffer
  canonicalisation?: string
  transforms?: string[]
  keyInfo?: string
}

const dsig = namespaces.ds
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const publicPem = a.rsa.publicKey.export({ type: 'spki', format: 'pem' })
const publicDer = a.rsa.publicKey.export({ type: 'spki', format: 'der' })
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const weakRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
export const oddCurve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
const hmac = (hash: string, key: string | Buffer) => (octets: Buffer) => createHmac(hash, key).update(octets).digest()
const rsaWith = (hash: string, key: KeyObject) => (octets: Buffer) => createSign(hash).update(octets).sign(key)
const sha = (hash: string) => (octets: Buffer) => createHash(hash).update(octets).digest()

const weaknesses: Weakness[] = [
  { name: 'HMAC-SHA256 with the public key (PEM)', method: `${more}hmac-sha256`, sign: hmac('sha256', publicPem) },
  { name: 'HMAC-SHA256 with the public key (DER)', method: `${more}hmac-sha256`, sign: hmac('sha256', publicDer) },
  { name: 'HMAC-SHA1 with the public key', method: `${dsig}hmac-sha1`, sign: hmac('sha1', publicPem) },
  { name: 'HMAC called RSA', sign: hmac('sha256', publicPem) },
  { name: 'RSA-SHA1', method: `${dsig}rsa-sha1`, sign: rsaWith('sha1', a.rsa.privateKey) },
  { name: 'RSA-SHA224', method: `${more}rsa-sha224`, sign: rsaWith('sha224', a.rsa.privateKey) },
  { name: 'RSA-MD5', method: `${more}rsa-md5`, sign: rsaWith('md5', a.rsa.privateKey) },
  { name: 'RSA-SHA1 called RSA-SHA256', sign: rsaWith('sha1', a.rsa.privateKey) },
  { name: 'RSA-SHA512 called RSA-SHA256', sign: rsaWith('sha512', a.rsa.privateKey) },
  { name: 'RSA-PSS', method: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', sign: pss },
  { name: 'RSA-PSS called RSA-SHA256', sign: pss },
  { name: 'DSA-SHA1', method: `${dsig}dsa-sha1`, sign: () => Buffer.alloc(40, 1) },
  { name: 'ECDSA-SHA1', method: `${more}ecdsa-sha1`, sign: () => Buffer.alloc(64, 1) },
  { name: 'no method', method: '', sign: () => Buffer.alloc(0) },
  { name: 'method none', method: 'none', sign: () => Buffer.alloc(1) },
  { name: 'method as a property of objects', method: 'constructor' },
  { name: 'key of an attacker', sign: rsaWith('sha256', attacker.privateKey) },
  {
    name: 'key of an attacker in KeyInfo',
    sign: rsaWith('sha256', attacker.privateKey),
    keyInfo: keyValue(attacker.publicKey),
  },
  {
    name: 'certificate by URL in KeyInfo',
    sign: rsaWith('sha256', attacker.privateKey),
    keyInfo: `<ds:RetrievalMethod URI="http://localhost/x"/>`,
  },
  { name: 'digest by SHA-1', digestMethod: `${dsig}sha1`, digest: sha('sha1') },
  { name: 'digest by MD5', digestMethod: `${more}md5`, digest: sha('md5') },
  { name: 'digest by SHA-224', digestMethod: `${more}sha224`, digest: sha('sha224') },
  { name: 'digest by nothing', digestMethod: '', digest: () => Buffer.alloc(1) },
  { name: 'digest as a property of objects', digestMethod: '__proto__' },
  { name: 'digest of something else', digest: () => sha('sha256')(Buffer.from('else')) },
  { name: 'inclusive canonicalisation', canonicalisation: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' },
  { name: 'canonicalisation 1.1', canonicalisation: 'http://www.w3.org/2006/12/xml-c14n11' },
  { name: 'canonicalisation with comments', canonicalisation: `${exclusive}WithComments` },
  { name: 'no canonicalisation', canonicalisation: '' },
  { name: 'no transforms', transforms: [] },
  { name: 'enveloped alone', transforms: [`${dsig}enveloped-signature`] },
  { name: 'canonicalisation alone', transforms: [exclusive] },
  { name: 'transforms the other way round', transforms: [exclusive, `${dsig}enveloped-signature`] },
  { name: 'transform with comments', transforms: [`${dsig}enveloped-signature`, `${exclusive}WithComments`] },
  {
    name: 'XSLT',
    transforms: [`${dsig}enveloped-signature`, 'http://www.w3.org/TR/1999/REC-xslt-19991116', exclusive],
  },
  { name: 'XPath', transforms: ['http://www.w3.org/TR/1999/REC-xpath-19991116', exclusive] },
  { name: 'XPath filter', transforms: ['http://www.w3.org/2002/06/xmldsig-filter2', exclusive] },
  { name: 'base64', transforms: [`${dsig}base64`, exclusive] },
  { name: 'enveloped twice', transforms: [`${dsig}enveloped-signature`, `${dsig}enveloped-signature`, exclusive] },
]

function pss(octets: Buffer): Buffer {
  return sign('sha256', octets, { key: a.rsa.privateKey, padding: 6, saltLength: 32 })
}

function keyValue(key: KeyObject): string {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${n}</ds:Modulus><ds:Exponent>${e}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`
}

/** Signed by the rules, but for the one that is broken. */
export function weaklySigned(weakness: Omit<Weakness, 'name'>, content = unsignedGood, id = goodId): string {
  const octetsOf = (xml: string) => canonical(signedElementOf(xml), { inclusive: [] })
  const { method = `${more}rsa-sha256`, digestMethod = 'http://www.w3.org/2001/04/xmlenc#sha256' } = weakness
  const { transforms = [`${dsig}enveloped-signature`, exclusive], canonicalisation = exclusive, keyInfo } = weakness
  const digest = (weakness.digest ?? sha('sha256'))(octetsOf(content)).toString('base64')
  const info =
    `<ds:SignedInfo xmlns:ds="${dsig}"><ds:CanonicalizationMethod Algorithm="${canonicalisation}"/>` +
    `<ds:SignatureMethod Algorithm="${method}"/><ds:Reference URI="#${id}"><ds:Transforms>` +
    transforms.map(each => `<ds:Transform Algorithm="${each}"/>`).join('') +
    `</ds:Transforms><ds:DigestMethod Algorithm="${digestMethod}"/><ds:DigestValue>${digest}</ds:DigestValue>` +
    '</ds:Reference></ds:SignedInfo>'
  const value = (weakness.sign ?? rsaWith('sha256', a.rsa.privateKey))(octetsOf(info)).toString('base64')
  const keys = keyInfo === undefined ? '' : `<ds:KeyInfo>${keyInfo}</ds:KeyInfo>`
  return behindIssuer(
    content,
    `<ds:Signature xmlns:ds="${dsig}">${info}<ds:SignatureValue>${value}</ds:SignatureValue>${keys}</ds:Signature>`,
  )
}

function message(assertion: string): string {
  return a.messageWith(securityHeader(assertion))
}

export const attacks: Readonly<Record<string, readonly Attack[]>> = {
  'wrap a signed assertion': wrappings(),
  'split a claim': splits(),
  'double what is to be one, or point elsewhere': doubled(),
  'sign weakly, or with a foreign key': weaknesses.map(({ name, ...weakness }) => ({
    name,
    message: message(weaklySigned(weakness)),
  })),
}

export const goodMessage = message(good)
