// What the Swiss EPR asks of the claims: role, purpose and NameQualifier legal together, the patient, the organisations, who acts.
// [EPR annex 5.1:1.6.4.2.4]
import type { XuaConfig } from '../config/xua-config.js'
import { hasCheckDigit } from './check-digit.js'
import type { ActingPerson, Claims, NameId } from './claims.js'

export const swissCodes = {
  role: '2.16.756.5.30.1.127.3.10.6',
  purposeOfUse: '2.16.756.5.30.1.127.3.10.5',
  eprSpid: '2.16.756.5.30.1.127.3.10.3',
} as const

const gln = 'urn:gs1:gln'
const technicalUser = 'urn:e-health-suisse:technical-user-id'

interface RoleRule {
  qualifier: string
  /** Of the person alone. */
  purposes: readonly string[]
}

/** Assistants and technical users have the role of their professional. */
export const swissRoles: Readonly<Record<string, RoleRule>> = {
  HCP: { qualifier: gln, purposes: ['NORM', 'EMER'] },
  PAT: { qualifier: 'urn:e-health-suisse:2015:epr-spid', purposes: ['NORM'] },
  REP: { qualifier: 'urn:e-health-suisse:representative-id', purposes: ['NORM'] },
  PADM: { qualifier: 'urn:e-health-suisse:policy-administrator-id', purposes: ['NORM'] },
  DADM: { qualifier: 'urn:e-health-suisse:document-administrator-id', purposes: ['NORM'] },
}

export const actingRules: Readonly<Record<ActingPerson['kind'], RoleRule>> = {
  ASS: { qualifier: gln, purposes: ['NORM', 'EMER'] },
  TCU: { qualifier: technicalUser, purposes: ['AUTO', 'DICOM_AUTO'] },
}

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
// Tokens of the field have OIDs that begin with 3, which are none.
const oidUrn = /^urn:oid:(?=.{3,64}$)[0-9]+(?:\.[0-9]+)+$/

type Rule = (claims: Claims, config: XuaConfig) => string | undefined

/** Each gives the reason in words. */
export const swissRules: readonly Rule[] = [
  ({ role }) => {
    if (role === undefined) return 'there is no role'
    if (role.codeSystem !== swissCodes.role) return `its role is of code system ${shown(role.codeSystem)}`
    return Object.hasOwn(swissRoles, role.code) ? undefined : `its role ${shown(role.code)} is none`
  },

  ({ purposeOfUse, role, acting }) => {
    if (purposeOfUse === undefined) return 'there is no purpose of use'
    const { code, codeSystem } = purposeOfUse
    if (codeSystem !== swissCodes.purposeOfUse) return `its purpose of use is of code system ${shown(codeSystem)}`
    const allowed = acting === undefined ? swissRoles[role?.code ?? '']?.purposes : actingRules[acting.kind].purposes
    if (allowed?.includes(code)) return undefined
    return `the purpose ${shown(code)} is not one of ${acting?.kind ?? role?.code}`
  },

  ({ subject, role }) => {
    const expected = swissRoles[role?.code ?? '']?.qualifier ?? ''
    if (subject.nameQualifier !== expected) {
      return `the NameQualifier of ${role?.code} is ${expected}, found ${shown(subject.nameQualifier)}`
    }
    return wrongNameId(subject)
  },

  // A patient asks for what is their own; for others there are representatives.
  ({ subject, role, eprSpid }) =>
    role?.code === 'PAT' && eprSpid !== undefined && subject.value.split('^')[0] !== eprSpid
      ? 'a patient asks in it for the record of another'
      : undefined,

  ({ resourceId, eprSpid }) => {
    if (resourceId === undefined) return 'it names no patient (resource-id)'
    return eprSpid === undefined ? `its resource-id ${shown(resourceId)} is no EPR-SPID as CX` : undefined
  },

  ({ organisations }) => {
    const wrong = organisations.find(({ id }) => id !== '' && !oidUrn.test(id))
    return wrong === undefined ? undefined : `its organization-id ${shown(wrong.id)} is no urn:oid:`
  },

  ({ homeCommunityId }, { homeCommunities }) => {
    if (homeCommunityId === undefined) return 'it names no homeCommunityId'
    if (!oidUrn.test(homeCommunityId)) return `its homeCommunityId ${shown(homeCommunityId)} is no urn:oid:`
    if (homeCommunities.length === 0 || homeCommunities.includes(homeCommunityId)) return undefined
    return `users of community ${homeCommunityId} are not let in`
  },

  ({ acting, role }) => {
    if (acting === undefined) return undefined
    if (role?.code !== 'HCP') return `nobody may act for a ${role?.code}`
    if (acting.kind === 'TCU') {
      return oidUrn.test(acting.nameId.value) ? undefined : 'its technical user is no urn:oid:'
    }
    return wrongNameId(acting.nameId)
  },
]

function wrongNameId({ value, nameQualifier, format }: NameId): string | undefined {
  if (format !== persistent) return `the Format of its NameID is ${shown(format)} instead of persistent`
  if (value === '') return 'its NameID is empty'
  return nameQualifier !== gln || /^[0-9]{13}$/.test(value) ? undefined : `its NameID ${shown(value)} is no GLN`
}

/** Who acts is told by the qualifier; undefined where it is that of nobody who may. */
export function actingKind({ nameQualifier }: NameId): ActingPerson['kind'] | undefined {
  const kinds = Object.keys(actingRules) as ActingPerson['kind'][]
  return kinds.find(kind => actingRules[kind].qualifier === nameQualifier)
}

const eprSpidCx = /^(761337[0-9]{12})\^\^\^[^&^]*&2\.16\.756\.5\.30\.1\.127\.3\.10\.3&ISO$/

/** The EPR-SPID in a CX: 18 digits, the last of which proves the others (GS1, modulo 10). */
export function eprSpidIn(cx: string | undefined): string | undefined {
  const spid = eprSpidCx.exec(cx ?? '')?.[1]
  return spid !== undefined && hasCheckDigit(spid) ? spid : undefined
}

/** 18 digits, as metadata name a patient by it: `761337…^^^&2.16.756.5.30.1.127.3.10.3&ISO`. */
export function eprSpidAsCx(eprSpid: string): string {
  return `${eprSpid}^^^&${swissCodes.eprSpid}&ISO`
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200))
}
