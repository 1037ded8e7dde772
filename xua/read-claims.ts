// Claims and conditions of an assertion, from the octets that were signed. [ITI TF-2:3.40.4.1.2] [SAML Core: 2]
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childrenOf, isElement, type XmlElement } from '../soap/xml.js'
import type { CodedClaim, NameId } from './claims.js'
import { securityFault } from './refusal.js'

/** What an assertion says, before anybody has judged it. */
export interface SaidClaims {
  id: string
  issuer: string
  issuedMs: number
  subject: NameId
  confirmations: Confirmation[]
  notBeforeMs: number | undefined
  notOnOrAfterMs: number | undefined
  /** Each restriction has to be met. [SAML Core: 2.5.1.4] */
  audienceRestrictions: string[][]
  delegates: NameId[]
  oneTimeUse: boolean
  /** Values by name of the attribute, wherever they stand. */
  attributes: ReadonlyMap<string, readonly XmlElement[]>
}

export interface Confirmation {
  method: string
  nameId: NameId | undefined
  /** Attribute subject-id in its data: who acts, in words. */
  name: string
  notBeforeMs: number | undefined
  notOnOrAfterMs: number | undefined
  recipient: string | undefined
  /** DER of certificates whose holder the subject is. */
  certificates: Buffer[]
}

export const attributeNames = {
  subjectId: 'urn:oasis:names:tc:xspa:1.0:subject:subject-id',
  organisationId: 'urn:oasis:names:tc:xspa:1.0:subject:organization-id',
  organisation: 'urn:oasis:names:tc:xspa:1.0:subject:organization',
  role: 'urn:oasis:names:tc:xacml:2.0:subject:role',
  purposeOfUse: 'urn:oasis:names:tc:xspa:1.0:subject:purposeofuse',
  resourceId: 'urn:oasis:names:tc:xacml:2.0:resource:resource-id',
  homeCommunityId: 'urn:ihe:iti:xca:2010:homeCommunityId',
} as const

/** @throws SoapFault */
export function readClaims(assertion: XmlElement): SaidClaims {
  if (attributeOf(assertion, 'Version') !== '2.0') throw invalid('its Version is not 2.0')
  const issuer = one(assertion, 'Issuer')
  const subject = one(assertion, 'Subject')
  const conditions = one(assertion, 'Conditions')
  return {
    id: attributeOf(assertion, 'ID') ?? '',
    issuer: plainText(issuer),
    issuedMs: time(assertion, 'IssueInstant') ?? missing('IssueInstant'),
    subject: nameIdIn(subject) ?? missing('Subject/NameID'),
    confirmations: saml(subject, 'SubjectConfirmation').map(confirmation),
    notBeforeMs: time(conditions, 'NotBefore'),
    notOnOrAfterMs: time(conditions, 'NotOnOrAfter'),
    ...conditionsIn(conditions),
    attributes: attributesIn(saml(assertion, 'AttributeStatement')),
  }
}

/** A condition that nobody here knows is one that nobody can say is met. [SAML Core: 2.5.1.1] */
function conditionsIn(conditions: XmlElement) {
  const audienceRestrictions: string[][] = []
  const delegates: NameId[] = []
  let oneTimeUse = false
  for (const condition of conditions.children) {
    if (isSaml(condition, 'AudienceRestriction')) audienceRestrictions.push(saml(condition, 'Audience').map(plainText))
    else if (isSaml(condition, 'OneTimeUse')) oneTimeUse = true
    else if (isSaml(condition, 'Condition') && isDelegation(condition)) delegates.push(...delegatesIn(condition))
    else if (!isSaml(condition, 'ProxyRestriction')) throw invalid(`nobody here knows its condition ${condition.name}`)
  }
  return { audienceRestrictions, delegates, oneTimeUse }
}

const delegation = 'urn:oasis:names:tc:SAML:2.0:conditions:delegation'

/** The prefix of its type need not be declared in what is signed; what it holds tells the namespace. */
function isDelegation(condition: XmlElement): boolean {
  const type = attributeOf(condition, 'type', namespaces.xsi)?.split(':').at(-1)
  return (
    type === 'DelegationRestrictionType' && condition.children.every(child => isElement(child, delegation, 'Delegate'))
  )
}

function delegatesIn(condition: XmlElement): NameId[] {
  return condition.children.map(delegate => nameIdIn(delegate) ?? missing('Delegate/NameID'))
}

function confirmation(element: XmlElement): Confirmation {
  const [data, ...others] = saml(element, 'SubjectConfirmationData')
  if (others.length > 0) throw invalid('a SubjectConfirmation has SubjectConfirmationData twice')
  const attributes = data === undefined ? new Map<string, XmlElement[]>() : attributesOf(data)
  return {
    method: attributeOf(element, 'Method') ?? '',
    nameId: nameIdIn(element),
    name: (attributes.get(attributeNames.subjectId) ?? []).map(plainText).join(' '),
    notBeforeMs: data && time(data, 'NotBefore'),
    notOnOrAfterMs: data && time(data, 'NotOnOrAfter'),
    recipient: data && attributeOf(data, 'Recipient'),
    certificates: data === undefined ? [] : certificatesIn(data),
  }
}

/** [SAML Profiles: 3.1] */
function certificatesIn(data: XmlElement): Buffer[] {
  return childrenOf(data, namespaces.ds, 'KeyInfo')
    .flatMap(info => childrenOf(info, namespaces.ds, 'X509Data'))
    .flatMap(x509 => childrenOf(x509, namespaces.ds, 'X509Certificate'))
    .map(certificate => Buffer.from(plainText(certificate), 'base64'))
}

function attributesIn(statements: readonly XmlElement[]): Map<string, XmlElement[]> {
  const all = new Map<string, XmlElement[]>()
  for (const statement of statements) {
    for (const [name, values] of attributesOf(statement)) all.set(name, [...(all.get(name) ?? []), ...values])
  }
  return all
}

function attributesOf(holder: XmlElement): Map<string, XmlElement[]> {
  const all = new Map<string, XmlElement[]>()
  for (const attribute of saml(holder, 'Attribute')) {
    const name = attributeOf(attribute, 'Name') ?? ''
    all.set(name, [...(all.get(name) ?? []), ...saml(attribute, 'AttributeValue')])
  }
  return all
}

/** The one value of an attribute; undefined where there is none. */
export function singleText(said: SaidClaims, name: string): string | undefined {
  const value = single(said, name)
  return value === undefined ? undefined : plainText(value) || undefined
}

/** The one code of an attribute, as hl7:Role and hl7:PurposeOfUse have it. [ITI TF-2:3.40.4.1.2.1] */
export function singleCode(said: SaidClaims, name: string, element: string): CodedClaim | undefined {
  const value = single(said, name)
  if (value === undefined) return undefined
  const [coded, ...others] = value.children
  if (coded === undefined || others.length > 0 || coded.name !== element || coded.namespace !== namespaces.hl7v3) {
    throw invalid(`its attribute ${name} is not one hl7:${element}`)
  }
  const part = (part: string) => attributeOf(coded, part) ?? ''
  return { code: part('code'), codeSystem: part('codeSystem'), displayName: part('displayName') }
}

function single({ attributes }: SaidClaims, name: string): XmlElement | undefined {
  const values = attributes.get(name) ?? []
  if (values.length > 1) throw invalid(`its attribute ${name} has ${values.length} values instead of one`)
  return values[0]
}

/** All values of the attribute as plain text, in their order; empty where it is not said. */
export function allTexts({ attributes }: SaidClaims, name: string): string[] {
  return (attributes.get(name) ?? []).map(plainText)
}

function nameIdIn(holder: XmlElement): NameId | undefined {
  const [nameId, ...others] = saml(holder, 'NameID')
  if (nameId === undefined) return undefined
  if (others.length > 0) throw invalid(`there are two NameIDs in its ${holder.name}`)
  const part = (name: string) => attributeOf(nameId, name) ?? ''
  return {
    value: plainText(nameId),
    nameQualifier: part('NameQualifier'),
    format: part('Format'),
    spProvidedId: part('SPProvidedID'),
  }
}

function one(assertion: XmlElement, name: string): XmlElement {
  const [found, ...others] = saml(assertion, name)
  if (found === undefined || others.length > 0)
    throw invalid(`it has ${others.length + (found ? 1 : 0)} ${name} instead of one`)
  return found
}

function saml(holder: XmlElement, name: string): XmlElement[] {
  return childrenOf(holder, namespaces.saml2, name)
}

function isSaml(element: XmlElement, name: string): boolean {
  return isElement(element, namespaces.saml2, name)
}

function plainText(element: XmlElement): string {
  if (element.children.length > 0) throw invalid(`its ${element.name} is not text alone`)
  return element.text.trim()
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d)$/

/** [SAML Core: 1.3.3] */
function time(element: XmlElement, name: string): number | undefined {
  const written = attributeOf(element, name)?.trim()
  if (written === undefined) return undefined
  const ms = dateTime.test(written) ? Date.parse(written) : Number.NaN
  if (Number.isNaN(ms)) throw invalid(`its ${name} is no time of UTC`)
  return ms
}

function missing(what: string): never {
  throw invalid(`it has no ${what}`)
}

function invalid(why: string) {
  return securityFault('InvalidSecurityToken', `the assertion cannot be taken: ${why}`)
}
