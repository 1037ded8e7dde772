// A FHIR AuditEvent as a DICOM AuditMessage: what DICOM has no place for (narrative, period, policies) is left out.
// FHIR R4 AuditEvent, mapping "DICOM Tag Mapping"; DICOM PS3.15 §A.5.1.
import { escapeXml } from '../../../soap/xml.js'
import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventEntity,
  CodeableConcept,
  Coding,
  FhirReference,
} from './audit-event.js'
import { digits, displayOf, nameOf } from './code-systems.js'

/** Well-formed whatever the event says: text is escaped, and nothing of it becomes a tag. */
export function auditMessageOf(event: AuditEvent): string {
  return (
    `<AuditMessage>${identification(event)}${event.agent.map(participant).join('')}` +
    `${source(event.source)}${(event.entity ?? []).map(object).join('')}</AuditMessage>`
  )
}

function identification({ type, subtype = [], purposeOfEvent = [], agent, ...event }: AuditEvent): string {
  const purposes = [...purposeOfEvent, ...agent.flatMap(({ purposeOfUse = [] }) => purposeOfUse)]
  return (
    `<EventIdentification${attribute('EventActionCode', event.action)}${attribute('EventDateTime', event.recorded)}` +
    `${attribute('EventOutcomeIndicator', event.outcome ?? '0')}>${coded('EventID', type)}` +
    `${subtype.map(one => coded('EventTypeCode', one)).join('')}${element('EventOutcomeDescription', event.outcomeDesc)}` +
    `${purposes.map(one => coded('PurposeOfUse', codeIn(one))).join('')}</EventIdentification>`
  )
}

function participant({ type, role = [], who, altId, name, requestor, media, network }: AuditEventAgent): string {
  const codes = [...(type === undefined ? [] : [type]), ...role].map(one => coded('RoleIDCode', codeIn(one))).join('')
  const medium = media === undefined ? '' : `<MediaIdentifier>${coded('MediaType', media)}</MediaIdentifier>`
  return (
    `<ActiveParticipant${attribute('UserID', named(who) ?? altId ?? name ?? 'unknown')}` +
    `${attribute('AlternativeUserID', altId)}${attribute('UserName', name)} UserIsRequestor="${requestor}"` +
    `${attribute('NetworkAccessPointID', network?.address)}${attribute('NetworkAccessPointTypeCode', network?.type)}>` +
    `${codes}${medium}</ActiveParticipant>`
  )
}

function source({ site, observer, type = [] }: AuditEvent['source']): string {
  return (
    `<AuditSourceIdentification${attribute('AuditEnterpriseSiteID', site)}` +
    `${attribute('AuditSourceID', named(observer) ?? 'unknown')}>${type.map(sourceType).join('')}</AuditSourceIdentification>`
  )
}

function sourceType(type: Coding): string {
  if (type.system !== digits.sourceType) return coded('AuditSourceTypeCode', type)
  const { code = '9', display = displayOf('sourceType', code) } = type
  return coded('AuditSourceTypeCode', { system: 'http://dicom.nema.org/resources/ontology/DCM', code, display })
}

function object(entity: AuditEventEntity): string {
  const { what, type, role, lifecycle, securityLabel = [], name, query, detail = [], description } = entity
  const typeCode = typeCodeOf(type, role)
  const idType = what?.identifier?.type === undefined ? usualIdType(typeCode, role?.code) : codeIn(what.identifier.type)
  const content =
    query === undefined ? element('ParticipantObjectName', name) : element('ParticipantObjectQuery', query)
  return (
    `<ParticipantObjectIdentification${attribute('ParticipantObjectID', objectId(what))}` +
    `${attribute('ParticipantObjectTypeCode', typeCode)}${attribute('ParticipantObjectTypeCodeRole', role?.code)}` +
    `${attribute('ParticipantObjectDataLifeCycle', lifecycle?.code)}` +
    `${attribute('ParticipantObjectSensitivity', securityLabel[0] && sensitivity(securityLabel[0]))}>` +
    `${coded('ParticipantObjectIDTypeCode', idType)}${content}${detail.map(detailElement).join('')}` +
    `${element('ParticipantObjectDescription', description)}</ParticipantObjectIdentification>`
  )
}

const typesOfResources: ReadonlyMap<string, string> = new Map([
  ['Patient', '1'],
  ['Person', '1'],
  ['Practitioner', '1'],
  ['RelatedPerson', '1'],
  ['Organization', '3'],
])

/** FHIR R4 takes the name of a resource as well as the digit, or neither. [FHIR R4 AuditEvent: audit-entity-type] */
function typeCodeOf(type: Coding | undefined, role: Coding | undefined): string | undefined {
  if (type === undefined) return role?.code === '1' ? '1' : undefined
  if (type.system !== 'http://hl7.org/fhir/resource-types') return type.code
  return typesOfResources.get(type.code ?? '') ?? '2'
}

/** A patient's id with an authority becomes a CX again. [ITI TF-2:3.20.8] */
function objectId(what: FhirReference | undefined): string | undefined {
  const { system, value } = what?.identifier ?? {}
  if (value === undefined) return what?.reference ?? what?.display
  return system?.startsWith('urn:oid:') === true ? `${value}^^^&${system.slice(8)}&ISO` : value
}

const rfc3881 = 'urn:ietf:rfc:3881'
const idTypes: Readonly<Record<string, Coding>> = {
  '1/1': { system: rfc3881, code: '2', display: 'Patient Number' },
  '2/3': { system: rfc3881, code: '9', display: 'Report Number' },
  '2/24': { system: rfc3881, code: '10', display: 'Search Criteria' },
  '4/26': { system: 'urn:e-health-suisse:event-type-code', code: 'traceparent', display: 'traceparent' },
}

/** DICOM asks for one; in FHIR type and role are enough. */
function usualIdType(type = '', role = ''): Coding {
  return idTypes[`${type}/${role}`] ?? { system: rfc3881, code: '12', display: 'URI' }
}

function sensitivity({ system, code, display }: Coding): string | undefined {
  if (code === undefined) return display
  return `${code}^${display ?? ''}^${system === undefined ? '' : nameOf(system)}`
}

function detailElement({ type, valueString, valueBase64Binary }: NonNullable<AuditEventEntity['detail']>[number]) {
  const value = valueBase64Binary ?? Buffer.from(valueString ?? '').toString('base64')
  return `<ParticipantObjectDetail${attribute('type', type)} value="${value}"/>`
}

function named(reference: FhirReference | undefined): string | undefined {
  return reference?.identifier?.value ?? reference?.reference ?? reference?.display
}

function codeIn({ coding = [], text }: CodeableConcept): Coding {
  return coding[0] ?? { display: text ?? 'unknown' }
}

function coded(name: string, { system, code, display }: Coding): string {
  return (
    `<${name}${attribute('csd-code', code ?? display ?? 'unknown')}` +
    `${attribute('codeSystemName', system === undefined ? undefined : nameOf(system))}` +
    `${attribute('originalText', display)}/>`
  )
}

function element(name: string, content: string | undefined): string {
  return content === undefined ? '' : `<${name}>${escapeXml(content)}</${name}>`
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeXml(value)}"`
}
