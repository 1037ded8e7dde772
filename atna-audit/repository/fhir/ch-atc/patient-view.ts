// A record as its patient reads it: people and groups by name, the national id, the document by title. CH:ATC, Content Profiles.

import {
  type AuditEvent,
  type AuditEventAgent,
  type AuditEventEntity,
  type Coding,
  compact,
  type Identifier,
} from '../audit-event.js'
import { nameOf } from '../code-systems.js'
import { narrative } from '../fhir-xml.js'

const profiles = 'http://fhir.ch/ig/ch-epr-fhir/StructureDefinition'
const eventTypeSystem = 'urn:oid:2.16.756.5.30.1.127.3.10.7'
export const nationalIdSystem = 'urn:oid:2.16.756.5.30.1.127.3.10.3'
const roleSystems = new Set(['urn:oid:2.16.756.5.30.1.127.3.10.6', 'urn:oid:2.16.756.5.30.1.127.3.10.14'])

/** Of the profile that its subtype belongs to. */
function profileOf(code: string): string {
  if (code.startsWith('ATC_POL_')) return `${profiles}/PolicyAuditEvent`
  if (code.startsWith('ATC_HPD_')) return `${profiles}/HpdAuditEvent`
  return `${profiles}/${code === 'ATC_LOG_READ' ? 'AccessAuditTrailEvent' : 'DocumentAuditEvent'}`
}

/** Only these are ever shown to a patient; whatever else a record tells stays with the auditors. [CH:ATC ITI-81] */
export function isForPatients({ subtype = [] }: AuditEvent): boolean {
  return subtype.some(({ system }) => system === eventTypeSystem)
}

/** What is known elsewhere of a document whose record does not tell. */
export type DocumentDetails = (uniqueId: string) => Promise<{ [type: string]: string }>

export interface Shown {
  /** 18 digits. */
  eprSpid: string
  /** OID of the community, where it is known. */
  site: string | undefined
  detailsOf: DocumentDetails
}

/** A new resource, made of what a patient may read, never the record with something taken out: what is not known here is not shown. */
export async function patientView(event: AuditEvent, { eprSpid, site, detailsOf }: Shown): Promise<AuditEvent> {
  const subtype = (event.subtype ?? []).filter(({ system }) => system === eventTypeSystem).slice(0, 1)
  const agent = event.agent.flatMap(personOf)
  const observer = event.source.site ?? site
  return compact<AuditEvent>({
    resourceType: 'AuditEvent',
    ...(event.id === undefined ? {} : { id: event.id }),
    meta: compact({ profile: [profileOf(subtype[0]?.code ?? '')], lastUpdated: event.meta?.lastUpdated }),
    text: narrative(sentence(event, subtype[0], agent)),
    type: event.type,
    subtype,
    action: event.action,
    recorded: event.recorded,
    outcome: event.outcome,
    outcomeDesc: event.outcomeDesc,
    purposeOfEvent: event.purposeOfEvent?.slice(0, 1),
    agent: agent.length > 0 ? agent : event.agent,
    source:
      observer === undefined || event.source.observer.identifier?.system !== undefined
        ? event.source
        : {
            observer: {
              identifier: { system: 'urn:ietf:rfc:3986', value: `urn:oid:${observer.replace(/^urn:oid:/, '')}` },
            },
          },
    entity: await entitiesOf(event, eprSpid, detailsOf),
  })
}

/** Machines have no role among people. */
function personOf({ role = [], type, who, name, requestor }: AuditEventAgent): AuditEventAgent[] {
  const coding = [...role, ...(type === undefined ? [] : [type])]
    .flatMap(({ coding = [] }) => coding)
    .find(({ system }) => system !== undefined && roleSystems.has(system))
  if (coding === undefined) return []
  const identifier = identifierOf(coding.code ?? '', who?.identifier)
  return [
    compact<AuditEventAgent>({
      role: [{ coding: [coding] }],
      who: identifier && { identifier },
      name: name ?? who?.identifier?.value ?? 'unknown',
      requestor,
    }),
  ]
}

const gln = 'urn:oid:2.51.1.3'
const systemsOfRoles: Readonly<Record<string, string>> = { HCP: gln, ASS: gln, REP: nationalIdSystem }

/** The patient's own id is theirs already; where the number is not of the kind that the role has, it stands without a system. */
function identifierOf(role: string, identifier: Identifier | undefined): Identifier | undefined {
  if (identifier?.value === undefined || role === 'PAT') return undefined
  const { value } = identifier
  if (identifier.system !== undefined) return { system: identifier.system, value }
  const isOfKind = role === 'REP' ? /^\d{18}$/.test(value) : /^\d{13}$/.test(value)
  const system = Object.hasOwn(systemsOfRoles, role) && isOfKind ? systemsOfRoles[role] : undefined
  return compact({
    system: system ?? (value.startsWith('urn:') && role !== 'GRP' ? 'urn:ietf:rfc:3986' : undefined),
    value,
  })
}

async function entitiesOf(
  { entity = [] }: AuditEvent,
  eprSpid: string,
  detailsOf: DocumentDetails,
): Promise<AuditEventEntity[]> {
  const others = entity.filter(({ role }) => role?.code !== '1')
  const type = { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1', display: 'Person' }
  const role = { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1', display: 'Patient' }
  const patient = { what: { identifier: { system: nationalIdSystem, value: eprSpid } }, type, role }
  return [patient, ...(await Promise.all(others.map(one => entityView(one, detailsOf))))]
}

async function entityView(entity: AuditEventEntity, detailsOf: DocumentDetails): Promise<AuditEventEntity> {
  const { what, type, role, detail = [] } = entity
  const value = what?.identifier?.value
  if (value === undefined || what?.identifier?.system !== undefined) return entity
  if (role?.code === '24') return { what: { identifier: { system: 'urn:ietf:rfc:3986', value } }, ...codes(type, role) }
  if (role?.code === '26') return { what: { identifier: { value } }, ...codes(type, role) }
  if (role?.code !== '3') return entity
  const told = new Set(detail.map(({ type }) => type))
  const more = Object.entries(await detailsOf(value))
    .filter(([name]) => !told.has(name))
    .map(([type, value]) => ({ type, valueBase64Binary: value }))
  const identifier = { system: 'urn:ihe:iti:xds:2013:uniqueId', value }
  return compact({ what: { identifier }, ...codes(type, role), detail: [...detail, ...more] })
}

function codes(type: Coding | undefined, role: Coding | undefined): Pick<AuditEventEntity, 'type' | 'role'> {
  return compact({ type, role })
}

function sentence(event: AuditEvent, subtype: Coding | undefined, agent: readonly AuditEventAgent[]): string {
  const initiator = agent.find(({ requestor }) => requestor) ?? agent[0]
  const people = agent.filter(one => one !== initiator).map(({ name }) => name)
  const purpose = event.purposeOfEvent?.[0]?.coding?.[0]
  return [
    `${subtype?.display ?? nameOf(subtype?.code ?? 'event')} ${event.recorded.slice(0, 16).replace('T', ' ')} UTC`,
    `by ${initiator?.name ?? 'an unknown person'}`,
    ...(people.length === 0 ? [] : [`for ${people.join(', ')}`]),
    ...(purpose === undefined ? [] : [`(${purpose.display ?? purpose.code})`]),
  ].join(' ')
}
