// What somebody asks of an X-Assertion Provider, and the assertion that follows from it: who claims to be an assistant or a technical
// user gets the role of the professional, and stands in the confirmation. [EPR annex 5.1:1.6.4.2.4]

import type { ActingPerson, NameId, OrganisationClaim } from './claims.js'
import type { AssertionContent } from './issue.js'
import { actingRules, eprSpidAsCx, eprSpidIn, swissCodes, swissRoles } from './swiss-rules.js'

export interface TokenRequest {
  /** As claimed: ASS and TCU too. */
  role: string
  /** The first that goes with the role unless said. */
  purpose?: string | undefined
  /** EPR-SPID, alone or as CX. */
  patient: string
  /** NameID of who asks, and their name. */
  id?: string | undefined
  name?: string | undefined
  alias?: string | undefined
  /** The professional for whom an assistant or a technical user acts. */
  principalId?: string | undefined
  principalName?: string | undefined
  organisations?: readonly OrganisationClaim[]
  homeCommunityId: string
  minutes?: number | undefined
  audience?: string | undefined
  oneTimeUse?: boolean | undefined
  holder?: Buffer | undefined
}

export interface Issuing {
  issuer: string
  /** Fresh. */
  id: string
  nowMs: number
}

/** Made up, and with check digits that hold. */
const someGln = '7601000000019'
const defaultMinutes = 5
const allCommunities = 'urn:e-health-suisse:token-audience:all-communities'

/** @throws Error in words, for whoever asks */
export function contentOf(request: TokenRequest, { issuer, id, nowMs }: Issuing): AssertionContent {
  const { role, patient } = request
  const eprSpid = eprSpidIn(patient.includes('^') ? patient : eprSpidAsCx(patient))
  if (eprSpid === undefined) {
    throw new Error(
      `the patient is to be an EPR-SPID of 18 digits whose last one holds, not "${patient.slice(0, 100)}"`,
    )
  }
  const kind = Object.hasOwn(actingRules, role) ? (role as ActingPerson['kind']) : undefined
  const tokenRole = kind === undefined ? role : 'HCP'
  const rule = Object.hasOwn(swissRoles, tokenRole) ? swissRoles[tokenRole] : undefined
  if (rule === undefined) throw new Error(`the role is to be ${[...allRoles].join(', ')}, not "${role.slice(0, 100)}"`)
  const purposes = kind === undefined ? rule.purposes : actingRules[kind].purposes
  const { purpose = purposes[0] ?? '' } = request
  if (!purposes.includes(purpose)) {
    throw new Error(`the purpose of ${role} is to be ${purposes.join(' or ')}, not "${purpose.slice(0, 100)}"`)
  }
  const own = { id: request.id ?? ownIdOf(role, eprSpid), name: request.name ?? `${role} of development` }
  const principal = { id: request.principalId ?? someGln, name: request.principalName ?? 'HCP of development' }
  const subject = kind === undefined ? own : principal
  const { minutes = defaultMinutes, audience = allCommunities, organisations = [], alias = '' } = request
  return {
    ...{ id, issuer, audience, organisations },
    ...validity(minutes, nowMs),
    subject: { ...nameId(rule.qualifier, subject.id), spProvidedId: alias },
    subjectName: subject.name,
    role: { code: tokenRole, codeSystem: swissCodes.role, displayName: roleNames[tokenRole] ?? '' },
    purposeOfUse: { code: purpose, codeSystem: swissCodes.purposeOfUse, displayName: purposeNames[purpose] ?? '' },
    resourceId: eprSpidAsCx(eprSpid),
    homeCommunityId: request.homeCommunityId,
    acting: kind && { nameId: nameId(actingRules[kind].qualifier, own.id), name: own.name },
    oneTimeUse: request.oneTimeUse === true,
    holder: request.holder,
  }
}

/** Negative minutes make one that has ended. */
function validity(minutes: number, nowMs: number) {
  const endMs = nowMs + minutes * 60_000
  const beginMs = minutes > 0 ? nowMs : endMs - defaultMinutes * 60_000
  return { issuedMs: beginMs, notBeforeMs: beginMs, notOnOrAfterMs: endMs }
}

const roleNames: Readonly<Record<string, string>> = {
  HCP: 'Healthcare professional',
  PAT: 'Patient',
  REP: 'Representative',
  PADM: 'Policy administrator',
  DADM: 'Document administrator',
}

const purposeNames: Readonly<Record<string, string>> = {
  NORM: 'Normal access',
  EMER: 'Emergency access',
  AUTO: 'Automatic upload',
  DICOM_AUTO: 'Automatic upload of DICOM content',
}

/** Those that may be claimed. */
const allRoles = [...Object.keys(swissRoles), ...Object.keys(actingRules)] as const

function ownIdOf(role: string, eprSpid: string): string {
  if (role === 'PAT') return eprSpid
  if (role === 'HCP') return someGln
  if (role === 'ASS') return '7601000000026'
  return role === 'TCU' ? 'urn:oid:2.999.7' : `${role.toLowerCase()}-1`
}

function nameId(nameQualifier: string, value: string): NameId {
  const format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
  return { value, nameQualifier, format, spProvidedId: '' }
}
