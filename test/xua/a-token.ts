// Tokens of an issuer made up for a test, in the shape of those that Swiss communities issue, and what becomes of them.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { xuaConfig } from '../../config/xua-config.js'
import { SoapFault } from '../../soap/fault.js'
import { namespaces } from '../../soap/namespaces.js'
import { parseXml, type XmlElement } from '../../soap/xml.js'
import type { Claims } from '../../xua/claims.js'
import type { Presented } from '../../xua/conditions.js'
import { type AssertionContent, issueAssertion, type SigningKey, securityHeader } from '../../xua/issue.js'
import { rememberingProven } from '../../xua/proven.js'
import { type Verifying, verifiedClaims } from '../../xua/verify.js'

export const nowMs = Date.UTC(2026, 10, 23, 8, 0, 0)
export const minuteMs = 60_000

const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const rsa = { privateKey: rsaPair.privateKey, publicKey: rsaPair.publicKey }
export const ec = { privateKey: ecPair.privateKey, publicKey: ecPair.publicKey }

export const issuer = 'xua.community.example'
const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const nameId = (nameQualifier: string, value: string) => ({
  value,
  nameQualifier,
  format: persistent,
  spProvidedId: '',
})
export const gln = (value: string) => nameId('urn:gs1:gln', value)
export const role = (code: string, displayName = '') => ({
  code,
  codeSystem: '2.16.756.5.30.1.127.3.10.6',
  displayName,
})
export const purpose = (code: string) => ({ code, codeSystem: '2.16.756.5.30.1.127.3.10.5', displayName: '' })
export const spidCx = (spid: string) => `${spid}^^^&2.16.756.5.30.1.127.3.10.3&ISO`
export const spid = '761337610411353650'

export const professional: AssertionContent = {
  id: '_2cfcc382-7e60-44e0-99b5-18e3f718cbc6',
  issuer,
  issuedMs: nowMs,
  notBeforeMs: nowMs,
  notOnOrAfterMs: nowMs + 5 * minuteMs,
  audience: 'urn:e-health-suisse:token-audience:all-communities',
  subject: gln('2000000090092'),
  subjectName: 'Martina Musterarzt',
  role: role('HCP', 'Healthcare professional'),
  purposeOfUse: purpose('NORM'),
  organisations: [
    { id: 'urn:oid:2.2.2.1', name: 'Name of group with id urn:oid:2.2.2.1' },
    { id: 'urn:oid:2.2.2.2', name: 'Name of group with id urn:oid:2.2.2.2' },
  ],
  resourceId: spidCx(spid),
  homeCommunityId: 'urn:oid:3.3.3.1',
}

export const assistant: AssertionContent = {
  ...professional,
  acting: { nameId: gln('2000000090108'), name: 'Dagmar Musterassistent' },
}

export const technicalUser: AssertionContent = {
  ...professional,
  purposeOfUse: purpose('AUTO'),
  acting: { nameId: nameId('urn:e-health-suisse:technical-user-id', 'urn:oid:2.16.756.5.30.9'), name: 'Archive' },
}

export const patient: AssertionContent = {
  ...professional,
  subject: nameId('urn:e-health-suisse:2015:epr-spid', spid),
  role: role('PAT', 'Patient'),
  organisations: [],
}

export const administrators = {
  REP: { ...professional, subject: nameId('urn:e-health-suisse:representative-id', 'r-1'), role: role('REP') },
  PADM: { ...professional, subject: nameId('urn:e-health-suisse:policy-administrator-id', 'p-1'), role: role('PADM') },
  DADM: {
    ...professional,
    subject: nameId('urn:e-health-suisse:document-administrator-id', 'd-1'),
    role: role('DADM'),
  },
} satisfies Record<string, AssertionContent>

export function token(change: Partial<AssertionContent> = {}, signing: SigningKey = { key: rsa.privateKey }): string {
  return issueAssertion({ ...professional, ...change }, signing)
}

/** A message that carries header blocks; `saml2` and `xsi` are declared above them, as many stacks do. */
export function messageWith(headers: string, body = ''): string {
  return (
    `<s:Envelope xmlns:s="${namespaces.soap12}" xmlns:xsi="${namespaces.xsi}" xmlns:saml2="${namespaces.saml2}">` +
    `<s:Header>${headers}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  )
}

export function securityIn(message: string): XmlElement {
  const found = parseXml(message).children[0]?.children.find(({ name }) => name === 'Security')
  if (found === undefined) throw new Error('there is no wsse:Security in the message')
  return found
}

export interface Circumstances extends Partial<Omit<Presented, 'nowMs'>> {
  nowMs?: number
  keys?: readonly KeyObject[]
  config?: Parameters<typeof xuaConfig.parse>[0]
  takeOnce?: Verifying['takeOnce']
  proven?: Verifying['proven']
}

/** @throws SoapFault */
export function claimsIn(message: string, circumstances: Circumstances = {}): Claims {
  const {
    keys = [rsa.publicKey],
    config = {},
    takeOnce = () => true,
    proven = rememberingProven(),
    ...presented
  } = circumstances
  const verifying = {
    config: xuaConfig.parse({ rules: 'ch-epr', ...(config as object) }),
    keysOf: (name: string) => (name === issuer ? keys : []),
    takeOnce,
    proven,
  }
  const defaults = { certificate: undefined, handedOn: false, origin: 'https://localhost:8441/registry', nowMs }
  return verifiedClaims(securityIn(message), { ...defaults, ...presented }, verifying)
}

export function claimsOf(assertion: string, circumstances?: Circumstances): Claims {
  return claimsIn(messageWith(securityHeader(assertion)), circumstances)
}

/** Code and reason with which a message is refused; `taken` when it is not. */
export function refusalOf(message: string, circumstances?: Circumstances): string {
  try {
    claimsIn(message, circumstances)
    return 'taken'
  } catch (problem) {
    if (problem instanceof SoapFault) return `${problem.subcode?.name}: ${problem.inside}`
    return `unread: ${(problem as Error).message}`
  }
}

export function refusalOfToken(assertion: string, circumstances?: Circumstances): string {
  return refusalOf(messageWith(securityHeader(assertion)), circumstances)
}
