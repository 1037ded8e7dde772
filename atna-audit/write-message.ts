// An audit record as a DICOM AuditMessage. DICOM PS3.15 §A.5.1 as IHE adapts it: csd-code attributes, no namespace.
import { isoOf } from '../ports/clock.js'
import type { ActiveParticipant, AuditCode, AuditRecord, ParticipantObject } from './message.js'
import { applicationServerProcess } from './vocabulary.js'

/** Who writes the records of this process. */
export interface AuditSource {
  auditSourceID: string
  /** Of the site; the Swiss EPR requires it. */
  auditEnterpriseSiteID?: string
}

// What partners send us ends up here; a record must stay within what any sink takes, and one value must not fill it.
const mostAttributeLength = 2_048
const mostDescriptionLength = 8_192

/** The message as text, without XML declaration. Element order is that of the schema. [DICOM PS3.15 A.5.1] */
export function writeMessage(record: AuditRecord, source: AuditSource): string {
  return `<AuditMessage>${event(record)}${record.participants.map(participant).join('')}${sourceOf(source)}${record.objects
    .map(object)
    .join('')}</AuditMessage>`
}

function event(record: AuditRecord): string {
  const { eventID, eventTypeCode, action, outcome, outcomeDescription, dateTimeMs, purposesOfUse } = record
  const purposes = purposesOfUse === undefined ? '' : purposesOfUse.map(one => coded('PurposeOfUse', one)).join('')
  const description =
    outcomeDescription === undefined
      ? ''
      : `<EventOutcomeDescription>${text(outcomeDescription, mostDescriptionLength)}</EventOutcomeDescription>`
  return (
    `<EventIdentification EventActionCode="${action}" EventDateTime="${isoOf(dateTimeMs)}" ` +
    `EventOutcomeIndicator="${outcome}">${coded('EventID', eventID)}${eventTypeCode === undefined ? '' : coded('EventTypeCode', eventTypeCode)}` +
    `${description}${purposes}</EventIdentification>`
  )
}

function participant(one: ActiveParticipant): string {
  const { userID, alternativeUserID, userName, userIsRequestor, roleIDCode, networkAccessPointID } = one
  const start =
    `<ActiveParticipant${attribute('UserID', userID)}${attribute('AlternativeUserID', alternativeUserID)}` +
    `${attribute('UserName', userName)} UserIsRequestor="${userIsRequestor}"${accessPoint(networkAccessPointID)}`
  return roleIDCode === undefined ? `${start}/>` : `${start}>${coded('RoleIDCode', roleIDCode)}</ActiveParticipant>`
}

function sourceOf({ auditSourceID, auditEnterpriseSiteID }: AuditSource): string {
  return (
    `<AuditSourceIdentification${attribute('AuditEnterpriseSiteID', auditEnterpriseSiteID)}` +
    `${attribute('AuditSourceID', auditSourceID)}>${coded('AuditSourceTypeCode', applicationServerProcess)}` +
    '</AuditSourceIdentification>'
  )
}

function object(one: ParticipantObject): string {
  const { id, typeCode, role, dataLifeCycle, sensitivity, idTypeCode, name, query, details = [] } = one
  // Name and Query exclude each other in the schema.
  const named = query === undefined && name !== undefined
  return (
    `<ParticipantObjectIdentification${attribute('ParticipantObjectID', id)} ParticipantObjectTypeCode="${typeCode}" ` +
    `ParticipantObjectTypeCodeRole="${role}"${attribute('ParticipantObjectDataLifeCycle', dataLifeCycle?.toString())}` +
    `${attribute('ParticipantObjectSensitivity', sensitivity)}>${coded('ParticipantObjectIDTypeCode', idTypeCode)}` +
    `${named ? `<ParticipantObjectName>${text(name)}</ParticipantObjectName>` : ''}` +
    `${query === undefined ? '' : `<ParticipantObjectQuery>${query.toString('base64')}</ParticipantObjectQuery>`}` +
    `${details.map(detail).join('')}</ParticipantObjectIdentification>`
  )
}

function detail({ type, value }: { type: string; value: string }): string {
  const bytes = Buffer.from(value.slice(0, mostDescriptionLength))
  return `<ParticipantObjectDetail${attribute('type', type)} value="${bytes.toString('base64')}"/>`
}

function coded(element: string, [code, codeSystemName, originalText]: AuditCode): string {
  return `<${element}${attribute('csd-code', code)}${attribute('codeSystemName', codeSystemName)}${attribute('originalText', originalText)}/>`
}

/** 2 is an IP address, 1 a name. An IPv4 address that came over an IPv6 socket is written as what it is. */
function accessPoint(id: string | undefined): string {
  if (id === undefined) return ''
  const address = id.replace(/^::ffff:(?=[0-9.]+$)/i, '')
  const type = /^[0-9.]+$|:/.test(address) ? 2 : 1
  return `${attribute('NetworkAccessPointID', address)} NetworkAccessPointTypeCode="${type}"`
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${text(value)}"`
}

const special = /[<>&"\t\n\r]/g
const escapes: Record<string, string> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}
// Not in XML at all: texts of TLS errors and names of partners may hold them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
const plain = /^[\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x7e]*$/

function text(value: string, most = mostAttributeLength): string {
  const bounded = value.length > most ? `${value.slice(0, most)}…` : value
  if (plain.test(bounded)) return bounded
  return bounded.replace(forbidden, '\ufffd').replace(special, found => escapes[found] ?? '')
}
