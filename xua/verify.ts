// From a wsse:Security to claims: one assertion, its signature, whether it holds, what it says. [ITI TF-2:3.40.4.1.3]
//
// What is read is parsed from the octets that the digest was over, so that nothing can be read that was not signed.
import type { KeyObject } from 'node:crypto'
import type { XuaConfig } from '../config/xua-config.js'
import type { SoapFault } from '../soap/fault.js'
import { namespaces } from '../soap/namespaces.js'
import { type ExactXml, exactOf } from '../soap/xml/exact.js'
import { parseXml, type XmlElement } from '../soap/xml.js'
import type { ActingPerson, Claims, OrganisationClaim } from './claims.js'
import { checkConditions, type Presented } from './conditions.js'
import type { Proven } from './proven.js'
import { allTexts, attributeNames, readClaims, type SaidClaims, singleCode, singleText } from './read-claims.js'
import { securityFault } from './refusal.js'
import { signedOctets } from './signature.js'
import { childrenIn, descendants, isSigned, readSigned, type SignedElement } from './signed-xml.js'
import { actingKind, eprSpidIn, swissRules } from './swiss-rules.js'

export interface Verifying {
  config: XuaConfig
  keysOf(issuer: string): readonly KeyObject[]
  /** Signatures that held: users send one assertion with many requests. */
  proven: Proven
  /** False when the assertion was taken before. */
  takeOnce(assertion: OneUse): boolean
}

/** An assertion that holds for one use. */
export interface OneUse {
  issuer: string
  id: string
  issuedMs: number
  /** When it ends, the skew of clocks included. */
  untilMs: number
}

/** @throws SoapFault whose `inside` says why, in words */
export function verifiedClaims(security: XmlElement, presented: Presented, verifying: Verifying): Claims {
  const { config } = verifying
  const exact = exactOf(security)
  if (exact === undefined) throw securityFault('InvalidSecurity', 'the wsse:Security is no header block')
  const said = provenIn(exact, verifying) ?? readProven(exact, presented, verifying)
  refuseIdElsewhere(said.id, exact)
  checkConditions(said, presented, config)
  const claims = claimsOf(said, config)
  const rules = config.rules === 'ch-epr' ? swissRules : []
  for (const rule of rules) {
    const reason = rule(claims, config)
    if (reason !== undefined) throw securityFault('InvalidSecurityToken', `assertion ${said.id}: ${reason}`)
  }
  checkOnce(said, claims, presented, verifying)
  return claims
}

/** What the very same characters said before, where their key is still pinned; all that depends on the hour is asked again. */
function provenIn(exact: ExactXml, { proven, keysOf }: Verifying): SaidClaims | undefined {
  const known = proven.get(exact)
  return known !== undefined && keysOf(known.said.issuer).includes(known.key) ? known.said : undefined
}

function readProven(exact: ExactXml, { nowMs }: Presented, { keysOf, proven }: Verifying): SaidClaims {
  const security = readSigned(exact)
  const assertion = assertionIn(security, nowMs)
  const { octets, key } = signedOctets(assertion, keysOf)
  const said = readClaims(parseXml(octets))
  // Beside a Timestamp it is another header each time.
  if (childrenIn(security).length === 1) proven.keep(exact, { said, key })
  return said
}

/** One assertion, and beside it a Timestamp at the most. */
function assertionIn(security: SignedElement, nowMs: number): SignedElement {
  const children = childrenIn(security)
  const assertions = children.filter(child => isSigned(child, namespaces.saml2, 'Assertion'))
  const timestamps = children.filter(child => isSigned(child, namespaces.wsu, 'Timestamp'))
  const other = children.find(child => !assertions.includes(child) && !timestamps.includes(child))
  if (other !== undefined) {
    throw securityFault(
      'UnsupportedSecurityToken',
      `the wsse:Security holds a ${other.name}, which is no SAML 2.0 assertion`,
    )
  }
  const [assertion] = assertions
  if (assertion === undefined || assertions.length > 1 || timestamps.length > 1) {
    throw securityFault('InvalidSecurity', `the wsse:Security holds ${assertions.length} assertions instead of one`)
  }
  for (const timestamp of timestamps) checkTimestamp(timestamp, nowMs)
  refuseDoubledIds(security)
  return assertion
}

/** [WSS SOAP Message Security 1.1: 10] */
function checkTimestamp(timestamp: SignedElement, nowMs: number): void {
  const expires = childrenIn(timestamp).filter(child => isSigned(child, namespaces.wsu, 'Expires'))
  for (const { content } of expires) {
    const endMs = Date.parse(content.join('').trim())
    if (!(endMs > nowMs)) throw securityFault('MessageExpired', 'its wsu:Timestamp has ended')
  }
}

/** Two readers that look for an id may find two things; here nobody looks for one, and there is still none twice. */
function refuseDoubledIds(security: SignedElement): void {
  const ids = [...descendants(security)].flatMap(({ attributes }) =>
    attributes.filter(({ name }) => name.toLowerCase() === 'id').map(({ value }) => value),
  )
  if (new Set(ids).size < ids.length) throw securityFault('InvalidSecurity', 'an id stands in the wsse:Security twice')
}

function refuseIdElsewhere(id: string, { source, from, to }: ExactXml): void {
  const elsewhere = [`"${id}"`, `'${id}'`].some(
    quoted => source.lastIndexOf(quoted, from) >= 0 || source.indexOf(quoted, to) >= 0,
  )
  if (id !== '' && elsewhere)
    throw securityFault('InvalidSecurity', 'the ID of the assertion stands elsewhere in the message')
}

function claimsOf(said: SaidClaims, config: XuaConfig): Claims {
  const isSwiss = config.rules === 'ch-epr'
  const resourceId = singleText(said, attributeNames.resourceId)
  return {
    assertionId: said.id,
    issuer: said.issuer,
    issuedMs: said.issuedMs,
    notBeforeMs: said.notBeforeMs ?? said.issuedMs,
    notOnOrAfterMs: said.notOnOrAfterMs ?? 0,
    audiences: said.audienceRestrictions.flat(),
    subject: said.subject,
    subjectName: singleText(said, attributeNames.subjectId) ?? '',
    role: singleCode(said, attributeNames.role, 'Role'),
    purposeOfUse: singleCode(said, attributeNames.purposeOfUse, 'PurposeOfUse'),
    organisations: organisationsIn(said, isSwiss),
    resourceId,
    eprSpid: isSwiss ? eprSpidIn(resourceId) : undefined,
    homeCommunityId: singleText(said, attributeNames.homeCommunityId),
    acting: isSwiss ? actingIn(said) : undefined,
  }
}

/** Ids and names stand in two attributes, in the same order. [EPR annex 5.1:1.6.4.2.4.2] */
function organisationsIn(said: SaidClaims, isSwiss: boolean): OrganisationClaim[] {
  const ids = allTexts(said, attributeNames.organisationId).filter(text => text !== '')
  const names = allTexts(said, attributeNames.organisation).filter(text => text !== '')
  if (isSwiss && ids.length > 0 && names.length > 0 && ids.length !== names.length) {
    throw securityFault(
      'InvalidSecurityToken',
      `assertion ${said.id}: ${ids.length} organisations have ${names.length} names`,
    )
  }
  const count = Math.max(ids.length, names.length)
  return Array.from({ length: count }, (_, index) => ({ id: ids[index] ?? '', name: names[index] ?? '' }))
}

/** Who acts stands in the confirmation, and is the one to whom the conditions restrict it. [EPR annex 5.1:1.6.4.2.4.4] */
function actingIn({ id, confirmations, delegates }: SaidClaims): ActingPerson | undefined {
  const refused = (reason: string) => securityFault('InvalidSecurityToken', `assertion ${id}: ${reason}`)
  const named = confirmations.filter(({ nameId }) => nameId !== undefined)
  if (named.length === 0 && delegates.length === 0) return undefined
  const [confirmed] = named
  const [delegate] = delegates
  if (confirmed?.nameId === undefined || named.length > 1)
    throw refused(`${named.length} persons are confirmed instead of one`)
  if (delegate === undefined || delegates.length > 1)
    throw refused(`it is delegated to ${delegates.length} instead of one`)
  const { nameId, name } = confirmed
  if (delegate.value !== nameId.value || delegate.nameQualifier !== nameId.nameQualifier) {
    throw refused('it is delegated to another than the one who is confirmed')
  }
  const kind = actingKind(nameId)
  if (kind === undefined)
    throw refused('the NameQualifier of who acts is neither that of an assistant nor of a technical user')
  return { kind, nameId, name }
}

function checkOnce(said: SaidClaims, claims: Claims, { handedOn }: Presented, { config, takeOnce }: Verifying): void {
  // It was used up where it was taken first.
  if (handedOn || !(said.oneTimeUse || config.oneTimeUse === 'always')) return
  const { issuer, assertionId: id, issuedMs, notOnOrAfterMs } = claims
  const untilMs = notOnOrAfterMs + config.clockSkewSeconds * 1000
  if (takeOnce({ issuer, id, issuedMs, untilMs })) return
  throw usedBefore(id)
}

/** The fault for an assertion that says OneTimeUse and was not taken by takeOnce. [SAML Core: 2.5.1.5] */
export function usedBefore(id: string): SoapFault {
  return securityFault(
    'FailedAuthentication',
    `assertion ${id} is for one use, and was used or cannot be known not to be`,
  )
}
