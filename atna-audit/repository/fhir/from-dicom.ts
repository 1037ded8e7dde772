// A DICOM AuditMessage as a FHIR AuditEvent. FHIR R4 AuditEvent, mapping "DICOM Tag Mapping".
import type { XmlElement } from '../../../soap/xml.js'
import { attribute, type CodedView, childrenNamed, codesIn, isBase64 } from '../audit-xml.js'
import { isPatient } from '../terms.js'
import { type AuditEvent, type AuditEventAgent, type AuditEventEntity, type Coding, compact } from './audit-event.js'
import { digits, displayOf, uriOf } from './code-systems.js'
import { holdsParticipation } from './participation.js'

export interface Arrived {
  /** For a message that tells no time. */
  receivedAt: string
}

/** What the message does not say is left out, or said to be unknown where FHIR wants something; `recorded` is the arrival where it tells no time. */
export function auditEventOf(message: XmlElement, { receivedAt }: Arrived): AuditEvent {
  const event = childrenNamed(message, 'EventIdentification')[0]
  const source = childrenNamed(message, 'AuditSourceIdentification')[0]
  const [type] = event === undefined ? [] : codesIn(event, 'EventID')
  const participants = childrenNamed(message, 'ActiveParticipant').map(agentOf)
  return compact<AuditEvent>({
    resourceType: 'AuditEvent',
    type: type === undefined ? { code: 'unknown' } : codingOf(type),
    subtype: event && codesIn(event, 'EventTypeCode').map(codingOf),
    action: event && only(/^[CRUDE]$/, attribute(event, 'EventActionCode')),
    recorded: instantOf(event && attribute(event, 'EventDateTime')) ?? receivedAt,
    outcome: event && only(/^(?:0|4|8|12)$/, attribute(event, 'EventOutcomeIndicator')),
    outcomeDesc: event && filled(childrenNamed(event, 'EventOutcomeDescription')[0]?.text),
    purposeOfEvent: event && codesIn(event, 'PurposeOfUse').map(one => ({ coding: [codingOf(one)] })),
    // FHIR wants at least one.
    agent: participants.length > 0 ? participants : [{ requestor: false }],
    source: compact({
      site: filled(source && attribute(source, 'AuditEnterpriseSiteID')),
      observer: identified(filled(source && attribute(source, 'AuditSourceID')) ?? 'unknown'),
      type: source && codesIn(source, 'AuditSourceTypeCode').map(sourceTypeOf),
    }),
    entity: childrenNamed(message, 'ParticipantObjectIdentification').map(entityOf),
  })
}

function agentOf(participant: XmlElement): AuditEventAgent {
  const codes = codesIn(participant, 'RoleIDCode')
  const [first] = codes
  const hasType = first !== undefined && holdsParticipation(uriOf(first.system ?? ''))
  const roles = hasType ? codes.slice(1) : codes
  const id = filled(attribute(participant, 'UserID'))
  const media = childrenNamed(participant, 'MediaIdentifier')[0]
  const address = filled(attribute(participant, 'NetworkAccessPointID'))
  const network = compact({ address, type: only(/^[1-5]$/, attribute(participant, 'NetworkAccessPointTypeCode')) })
  const requestor = attribute(participant, 'UserIsRequestor')
  return compact<AuditEventAgent>({
    type: hasType ? { coding: [codingOf(first)] } : undefined,
    role: roles.map(one => ({ coding: [codingOf(one)] })),
    who: id === undefined ? undefined : identified(id),
    altId: filled(attribute(participant, 'AlternativeUserID')),
    name: filled(attribute(participant, 'UserName')),
    requestor: requestor === 'true' || requestor === '1',
    media: media && codesIn(media, 'MediaType').map(codingOf)[0],
    network: network.address === undefined && network.type === undefined ? undefined : network,
  })
}

function entityOf(object: XmlElement): AuditEventEntity {
  const query = filled(childrenNamed(object, 'ParticipantObjectQuery')[0]?.text)
  const name = filled(childrenNamed(object, 'ParticipantObjectName')[0]?.text)
  const details = childrenNamed(object, 'ParticipantObjectDetail').map(detailOf)
  const sensitivity = filled(attribute(object, 'ParticipantObjectSensitivity'))
  return compact<AuditEventEntity>({
    what: whatOf(object),
    type: digitOf('entityType', attribute(object, 'ParticipantObjectTypeCode')),
    role: digitOf('objectRole', attribute(object, 'ParticipantObjectTypeCodeRole')),
    lifecycle: digitOf('lifeCycle', attribute(object, 'ParticipantObjectDataLifeCycle')),
    securityLabel: sensitivity === undefined ? undefined : [labelOf(sensitivity)],
    // Either a name or a query. [FHIR R4 AuditEvent: sev-1]
    name: query === undefined ? name : undefined,
    description: filled(childrenNamed(object, 'ParticipantObjectDescription')[0]?.text),
    query: query === undefined ? undefined : base64Of(query),
    detail: details,
  })
}

const oid = '[0-2](?:\\.(?:0|[1-9][0-9]*))+'
const cx = new RegExp(`^([^^]+)\\^\\^\\^&(${oid})&ISO$`)
/** Some senders name the authority twice, and say what kind of number it is. [HL7 V2.5: 2.A.14] */
const cxOfPatient = new RegExp(`^([^^]+)\\^[^^]*\\^[^^]*\\^[^^&]*&(${oid})&ISO(?:\\^.*)?$`)

/** A patient's id is split, so that readers of FHIR find its authority. */
function whatOf(object: XmlElement): AuditEventEntity['what'] {
  const id = filled(attribute(object, 'ParticipantObjectID'))
  const [idType] = codesIn(object, 'ParticipantObjectIDTypeCode')
  const type = idType === undefined ? undefined : { coding: [codingOf(idType)] }
  if (id === undefined && type === undefined) return undefined
  const isOfPatient = isPatient({
    typeCode: attribute(object, 'ParticipantObjectTypeCode'),
    role: attribute(object, 'ParticipantObjectTypeCodeRole'),
  })
  const [, value, authority] = (isOfPatient ? cxOfPatient : cx).exec(id ?? '') ?? []
  const system = authority === undefined ? undefined : uriOf(authority)
  return { identifier: compact({ type, system, value: value ?? id }) }
}

function detailOf(detail: XmlElement): NonNullable<AuditEventEntity['detail']>[number] {
  const type = filled(attribute(detail, 'type')) ?? 'unknown'
  const value = attribute(detail, 'value') ?? ''
  if (isBase64(value)) return { type, valueBase64Binary: value.replace(/\s/g, '') }
  return value.trim() === '' ? { type, valueBase64Binary: '' } : { type, valueString: value }
}

function base64Of(query: string): string {
  return isBase64(query) ? query.replace(/\s/g, '') : Buffer.from(query).toString('base64')
}

/** `code^name^oid`; what is not of this form is shown as it is. */
function labelOf(sensitivity: string): Coding {
  const [, code, display, oid] = /^([^\s^]+)\^([^^]*)\^([0-2](?:\.(?:0|[1-9][0-9]*))+)$/.exec(sensitivity) ?? []
  if (code === undefined || oid === undefined) return { display: sensitivity }
  return compact({ system: `urn:oid:${oid}`, code, display: filled(display) })
}

function codingOf({ code, system, text }: CodedView): Coding {
  return compact({
    system: system === undefined || system === '' ? undefined : uriOf(system),
    code: filled(code),
    display: filled(text),
  })
}

/** One digit, with the system that FHIR has for it. */
function digitOf(system: keyof typeof digits, code: string | undefined): Coding | undefined {
  if (code === undefined || code === '') return undefined
  return compact({ system: digits[system], code, display: displayOf(system, code) })
}

// Written with DCM, RFC-3881 or no system at all; the digits are the same.
const bareSystems = new Set([undefined, '', 'DCM', 'RFC-3881'])

function sourceTypeOf(coded: CodedView): Coding {
  if (!/^[1-9]$/.test(coded.code) || !bareSystems.has(coded.system)) return codingOf(coded)
  return compact({
    system: digits.sourceType,
    code: coded.code,
    display: filled(coded.text) ?? displayOf('sourceType', coded.code),
  })
}

/** A time without zone is taken for UTC, as everywhere here. */
function instantOf(dateTime: string | undefined): string | undefined {
  if (dateTime === undefined) return undefined
  const zoned = /(?:Z|[+-]\d{2}:\d{2})$/.test(dateTime) ? dateTime : `${dateTime}Z`
  const good = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(zoned)
  return good && !Number.isNaN(Date.parse(zoned)) ? zoned : undefined
}

function identified(value: string): { identifier: { value: string } } {
  return { identifier: { value } }
}

function only(pattern: RegExp, value: string | undefined): string | undefined {
  return value !== undefined && pattern.test(value) ? value : undefined
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}
