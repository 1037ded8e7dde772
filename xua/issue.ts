// An assertion as the X-Assertion Provider of a community makes one, for development and tests: what verify.ts wants, from the other side.
// [EPR annex 5.1:1.6.4.2.4.2] [XML Signature 1.1: 3.1]
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { namespaces } from '../soap/namespaces.js'
import { exactOf } from '../soap/xml/exact.js'
import { escapeXml, parseXml } from '../soap/xml.js'
import { canonical } from './canonical.js'
import type { CodedClaim, NameId, OrganisationClaim } from './claims.js'
import { attributeNames } from './read-claims.js'
import { childrenIn, readSigned, type SignedElement } from './signed-xml.js'

export interface AssertionContent {
  /** Fresh each time, and a name that XML takes. */
  id: string
  issuer: string
  issuedMs: number
  notBeforeMs: number
  notOnOrAfterMs: number
  audience: string | undefined
  subject: NameId
  subjectName: string
  role: CodedClaim | undefined
  purposeOfUse: CodedClaim | undefined
  organisations: readonly OrganisationClaim[]
  resourceId: string | undefined
  homeCommunityId: string | undefined
  /** An assistant or a technical user. */
  acting?: { nameId: NameId; name: string } | undefined
  oneTimeUse?: boolean
  /** DER of the certificate whose holder alone may use it. */
  holder?: Buffer | undefined
}

export interface SigningKey {
  /** PEM. */
  key: string | KeyObject
  hash?: 'sha256' | 'sha384' | 'sha512'
}

/** The saml2:Assertion, signed, with all the declarations that it needs. */
export function issueAssertion(content: AssertionContent, signing: SigningKey): string {
  const [start, end] = assertionXml(content)
  return signed(start, end, content.id, signing)
}

/** Puts an enveloped signature between the two halves of an element. */
function signed(start: string, end: string, id: string, { key, hash = 'sha256' }: SigningKey): string {
  const privateKey = typeof key === 'string' ? createPrivateKey(key) : key
  const kind = privateKey.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa'
  const digest = createHash(hash)
    .update(octetsOf(start + end))
    .digest('base64')
  const signedInfo =
    `<ds:SignedInfo xmlns:ds="${namespaces.ds}"><ds:CanonicalizationMethod Algorithm="${exclusive}"/>` +
    `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#${kind}-${hash}"/>` +
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${namespaces.ds}enveloped-signature"/>` +
    `<ds:Transform Algorithm="${exclusive}"/></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digestNames[hash]}"/><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
  const value = sign(hash, octetsOf(signedInfo), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64')
  return `${start}<ds:Signature xmlns:ds="${namespaces.ds}">${signedInfo}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>${end}`
}

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const digestNames = {
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
}

function octetsOf(xml: string): Buffer {
  return canonical(signedElementOf(xml), { inclusive: [] })
}

/** An element by itself, as it is read when it stands in a header. */
export function signedElementOf(xml: string): SignedElement {
  const envelope = parseXml(`<e><h><s:Security xmlns:s="${namespaces.wsse}">${xml}</s:Security></h></e>`)
  const security = envelope.children[0]?.children[0]
  const exact = security === undefined ? undefined : exactOf(security)
  const element = exact === undefined ? undefined : childrenIn(readSigned(exact))[0]
  if (element === undefined) throw new Error('there is no element in what is to be signed')
  return element
}

/** As a header block that carries it. */
export function securityHeader(assertion: string): string {
  return `<wsse:Security xmlns:wsse="${namespaces.wsse}">${assertion}</wsse:Security>`
}

function assertionXml(content: AssertionContent): [start: string, end: string] {
  const { id, issuer, issuedMs } = content
  const start =
    `<saml2:Assertion xmlns:saml2="${namespaces.saml2}" ID="${escapeXml(id)}" IssueInstant="${iso(issuedMs)}" Version="2.0">` +
    `<saml2:Issuer>${escapeXml(issuer)}</saml2:Issuer>`
  const end = [
    subjectXml(content),
    conditionsXml(content),
    `<saml2:AuthnStatement AuthnInstant="${iso(issuedMs)}"><saml2:AuthnContext><saml2:AuthnContextClassRef>`,
    'urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified',
    '</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>',
    `<saml2:AttributeStatement>${attributesXml(content)}</saml2:AttributeStatement></saml2:Assertion>`,
  ]
  return [start, end.join('')]
}

function subjectXml({ subject, acting, holder }: AssertionContent): string {
  const method = holder === undefined ? 'bearer' : 'holder-of-key'
  const certificate =
    holder === undefined
      ? ''
      : `<ds:KeyInfo xmlns:ds="${namespaces.ds}"><ds:X509Data><ds:X509Certificate>${holder.toString('base64')}` +
        '</ds:X509Certificate></ds:X509Data></ds:KeyInfo>'
  const name = acting === undefined ? '' : attributeXml(attributeNames.subjectId, [textXml(acting.name)])
  const data = certificate + name
  return (
    `<saml2:Subject>${nameIdXml(subject)}<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:${method}">` +
    (acting === undefined ? '' : nameIdXml(acting.nameId)) +
    (data === '' ? '' : `<saml2:SubjectConfirmationData>${data}</saml2:SubjectConfirmationData>`) +
    '</saml2:SubjectConfirmation></saml2:Subject>'
  )
}

function conditionsXml({ notBeforeMs, notOnOrAfterMs, audience, acting, oneTimeUse }: AssertionContent): string {
  const delegation = 'urn:oasis:names:tc:SAML:2.0:conditions:delegation'
  return [
    `<saml2:Conditions NotBefore="${iso(notBeforeMs)}" NotOnOrAfter="${iso(notOnOrAfterMs)}">`,
    audience === undefined
      ? ''
      : `<saml2:AudienceRestriction><saml2:Audience>${escapeXml(audience)}</saml2:Audience></saml2:AudienceRestriction>`,
    oneTimeUse === true ? '<saml2:OneTimeUse/>' : '',
    acting === undefined
      ? ''
      : `<saml2:Condition xmlns:del="${delegation}" xmlns:xsi="${namespaces.xsi}" xsi:type="del:DelegationRestrictionType">` +
        `<del:Delegate>${nameIdXml(acting.nameId)}</del:Delegate></saml2:Condition>`,
    '</saml2:Conditions>',
  ].join('')
}

function attributesXml(content: AssertionContent): string {
  const { subjectName, organisations, role, purposeOfUse, resourceId, homeCommunityId } = content
  const texts = (values: readonly (string | undefined)[]) =>
    values.filter((value): value is string => value !== undefined).map(textXml)
  return [
    attributeXml(attributeNames.subjectId, texts([subjectName])),
    attributeXml(attributeNames.organisationId, texts(organisations.map(({ id }) => id))),
    attributeXml(attributeNames.organisation, texts(organisations.map(({ name }) => name))),
    role === undefined ? '' : attributeXml(attributeNames.role, [codeXml('Role', role)]),
    purposeOfUse === undefined
      ? ''
      : attributeXml(attributeNames.purposeOfUse, [codeXml('PurposeOfUse', purposeOfUse)]),
    resourceId === undefined ? '' : attributeXml(attributeNames.resourceId, texts([resourceId])),
    homeCommunityId === undefined ? '' : attributeXml(attributeNames.homeCommunityId, texts([homeCommunityId])),
  ].join('')
}

function attributeXml(name: string, values: readonly string[]): string {
  const start = `<saml2:Attribute Name="${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">`
  return `${start}${values.map(value => `<saml2:AttributeValue>${value}</saml2:AttributeValue>`).join('')}</saml2:Attribute>`
}

function textXml(text: string): string {
  return escapeXml(text)
}

function codeXml(element: string, { code, codeSystem, displayName }: CodedClaim): string {
  return (
    `<hl7:${element} xmlns:hl7="${namespaces.hl7v3}" xmlns:xsi="${namespaces.xsi}" code="${escapeXml(code)}"` +
    ` codeSystem="${escapeXml(codeSystem)}" displayName="${escapeXml(displayName)}" xsi:type="hl7:CE"/>`
  )
}

function nameIdXml({ value, nameQualifier, format, spProvidedId }: NameId): string {
  const qualifier = nameQualifier === '' ? '' : ` NameQualifier="${escapeXml(nameQualifier)}"`
  const alias = spProvidedId === '' ? '' : ` SPProvidedID="${escapeXml(spProvidedId)}"`
  return `<saml2:NameID Format="${escapeXml(format)}"${qualifier}${alias}>${escapeXml(value)}</saml2:NameID>`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
