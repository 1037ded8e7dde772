// Whether an assertion holds here and now, whatever it says: time, audience, confirmation. [SAML Core: 2.4.1, 2.5.1]
import type { XuaConfig } from '../config/xua-config.js'
import type { Confirmation, SaidClaims } from './read-claims.js'
import { securityFault } from './refusal.js'

/** Who has sent it, and to whom. */
export interface Presented {
  /** DER of the certificate that the connection was made with. */
  certificate: Buffer | undefined
  /** A repository hands on what its own partners have sent. */
  handedOn: boolean
  /** URL of the service. */
  origin: string
  nowMs: number
}

type Condition = (said: SaidClaims, presented: Presented, config: XuaConfig) => string | undefined

/** The first that is not met is told; each gives the reason in words. */
const conditions: readonly Condition[] = [hasBegun, isNotOver, isShort, isMeantForUs, isConfirmed]

/** @throws SoapFault */
export function checkConditions(said: SaidClaims, presented: Presented, config: XuaConfig): void {
  for (const condition of conditions) {
    const reason = condition(said, presented, config)
    if (reason !== undefined) throw securityFault('InvalidSecurityToken', `assertion ${said.id}: ${reason}`)
  }
}

function hasBegun({ issuedMs, notBeforeMs }: SaidClaims, { nowMs }: Presented, config: XuaConfig) {
  const latestMs = nowMs + skewMs(config)
  if (issuedMs > latestMs) return `it is issued at ${iso(issuedMs)}, which is yet to come`
  if (notBeforeMs !== undefined && notBeforeMs > latestMs) return `it does not hold before ${iso(notBeforeMs)}`
  return undefined
}

/** It holds up to NotOnOrAfter and not at it. [SAML Core: 2.5.1.2] */
function isNotOver({ notOnOrAfterMs }: SaidClaims, presented: Presented, config: XuaConfig) {
  if (notOnOrAfterMs === undefined) return 'it does not say when it ends'
  return isOver(notOnOrAfterMs, presented, config) ? `it has ended at ${iso(notOnOrAfterMs)}` : undefined
}

function isOver(endMs: number, { nowMs, handedOn }: Presented, config: XuaConfig): boolean {
  const graceMs = handedOn ? config.handedOnHours * 3_600_000 : 0
  return nowMs >= endMs + skewMs(config) + graceMs
}

function isShort({ issuedMs, notBeforeMs, notOnOrAfterMs = 0 }: SaidClaims, _: Presented, config: XuaConfig) {
  const fromMs = notBeforeMs ?? issuedMs
  if (notOnOrAfterMs <= fromMs) return 'it ends before it begins'
  const minutes = (notOnOrAfterMs - fromMs) / 60_000
  return minutes > config.longestMinutes ? `it is to hold for ${Math.round(minutes)} minutes` : undefined
}

function isMeantForUs({ audienceRestrictions }: SaidClaims, { origin }: Presented, config: XuaConfig) {
  if (audienceRestrictions.length === 0) {
    return config.rules === 'ch-epr' ? 'it does not say for whom it is (AudienceRestriction)' : undefined
  }
  const ours = [...config.audiences, origin]
  const others = audienceRestrictions.find(audiences => !audiences.some(audience => ours.includes(audience)))
  return others === undefined ? undefined : `it is for ${others.join(' or ').slice(0, 500)}`
}

/** One way to confirm the subject has to be open; an assertion without any is one for whoever bears it. [SAML Core: 2.4.1] */
function isConfirmed({ confirmations }: SaidClaims, presented: Presented, config: XuaConfig) {
  if (confirmations.length === 0) {
    return config.confirmations.includes('bearer') ? undefined : 'its subject is not confirmed'
  }
  const reasons = confirmations.map(confirmation => unconfirmed(confirmation, presented, config))
  return reasons.includes(undefined) ? undefined : reasons[0]
}

const methods: ReadonlyMap<string, XuaConfig['confirmations'][number]> = new Map([
  ['urn:oasis:names:tc:SAML:2.0:cm:bearer', 'bearer'],
  ['urn:oasis:names:tc:SAML:2.0:cm:holder-of-key', 'holder-of-key'],
])

function unconfirmed(confirmation: Confirmation, presented: Presented, config: XuaConfig): string | undefined {
  const { notBeforeMs, notOnOrAfterMs, recipient } = confirmation
  const method = methods.get(confirmation.method)
  if (method === undefined || !config.confirmations.includes(method)) {
    return `a SubjectConfirmation by ${confirmation.method.slice(0, 200)} is not taken here`
  }
  if (notBeforeMs !== undefined && notBeforeMs > presented.nowMs + skewMs(config)) {
    return `its SubjectConfirmation does not hold before ${iso(notBeforeMs)}`
  }
  if (notOnOrAfterMs !== undefined && isOver(notOnOrAfterMs, presented, config)) {
    return `its SubjectConfirmation has ended at ${iso(notOnOrAfterMs)}`
  }
  const { recipients } = config
  if (recipients.length > 0 && !recipients.includes(recipient ?? '')) {
    return `its SubjectConfirmation is for ${recipient?.slice(0, 500) ?? 'nobody'}`
  }
  return method === 'bearer' ? undefined : holdersOf(confirmation, presented)
}

/** Of one handed on the holder was seen by the repository. [SAML Profiles: 3.1] */
function holdersOf({ certificates }: Confirmation, { certificate, handedOn }: Presented): string | undefined {
  if (certificates.length === 0) return 'a holder-of-key is to be confirmed, but no X509Certificate says whose'
  if (handedOn || certificates.some(der => certificate?.equals(der))) return undefined
  return 'it is for the holder of another certificate than that of the connection'
}

function skewMs({ clockSkewSeconds }: XuaConfig): number {
  return clockSkewSeconds * 1000
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
