// An audit message read as leniently as the field asks: whatever it says is found, whatever it lacks is left out.
// DICOM PS3.15 §A.5.1, and the older forms of RFC 3881.
import type { XmlElement } from '../../soap/xml.js'
import { attribute, auditMessageIn, type CodedView, childrenNamed, codesIn, isBase64 } from './audit-xml.js'

export type { CodedView }

/** What is absent was not said. Values as they were written, so that a search shows what a sender meant. */
export interface AuditView {
  event?: CodedView
  types: CodedView[]
  action?: string
  /** As written. */
  dateTime?: string
  outcome?: number
  description?: string
  purposes: CodedView[]
  participants: ParticipantView[]
  sourceID?: string
  enterpriseSiteID?: string
  objects: ObjectView[]
}

export interface ParticipantView {
  userID?: string
  alternativeUserID?: string
  userName?: string
  /** Absent in some records, although the schema asks for it. */
  isRequestor?: boolean
  roles: CodedView[]
  networkAccessPointID?: string
}

export interface ObjectView {
  id?: string
  typeCode?: string
  role?: string
  idType?: CodedView
  name?: string
  sensitivity?: string
  lifeCycle?: string
  /** As text, decoded where it was base64. */
  query?: string
  details: { type: string; value: string }[]
}

/** @throws Error, in words, when there is no AuditMessage in these bytes. */
export function readAuditMessage(message: Buffer): AuditView {
  const root = auditMessageIn(message)
  const event = childrenNamed(root, 'EventIdentification')[0]
  if (event === undefined) throw new Error('the AuditMessage has no EventIdentification')
  const source = childrenNamed(root, 'AuditSourceIdentification')[0]
  const outcome = attribute(event, 'EventOutcomeIndicator')
  return {
    event: codesIn(event, 'EventID')[0],
    types: codesIn(event, 'EventTypeCode'),
    action: attribute(event, 'EventActionCode'),
    dateTime: attribute(event, 'EventDateTime'),
    outcome: outcome !== undefined && /^\d{1,2}$/.test(outcome) ? Number(outcome) : undefined,
    description: childrenNamed(event, 'EventOutcomeDescription')[0]?.text.trim() || undefined,
    purposes: codesIn(event, 'PurposeOfUse'),
    participants: childrenNamed(root, 'ActiveParticipant').map(participant),
    sourceID: source && attribute(source, 'AuditSourceID'),
    enterpriseSiteID: source && attribute(source, 'AuditEnterpriseSiteID'),
    objects: childrenNamed(root, 'ParticipantObjectIdentification').map(object),
  }
}

function participant(element: XmlElement): ParticipantView {
  const requestor = attribute(element, 'UserIsRequestor')
  return {
    userID: attribute(element, 'UserID'),
    alternativeUserID: attribute(element, 'AlternativeUserID'),
    userName: attribute(element, 'UserName'),
    isRequestor: requestor === undefined ? undefined : requestor === 'true' || requestor === '1',
    roles: codesIn(element, 'RoleIDCode'),
    networkAccessPointID: attribute(element, 'NetworkAccessPointID'),
  }
}

function object(element: XmlElement): ObjectView {
  const query = childrenNamed(element, 'ParticipantObjectQuery')[0]?.text.trim()
  return {
    id: attribute(element, 'ParticipantObjectID'),
    typeCode: attribute(element, 'ParticipantObjectTypeCode'),
    role: attribute(element, 'ParticipantObjectTypeCodeRole'),
    idType: codesIn(element, 'ParticipantObjectIDTypeCode')[0],
    name: childrenNamed(element, 'ParticipantObjectName')[0]?.text.trim() || undefined,
    sensitivity: attribute(element, 'ParticipantObjectSensitivity'),
    lifeCycle: attribute(element, 'ParticipantObjectDataLifeCycle'),
    query: query === undefined || query === '' ? undefined : decoded(query),
    details: childrenNamed(element, 'ParticipantObjectDetail').map(one => ({
      type: attribute(one, 'type') ?? '',
      value: decoded(attribute(one, 'value') ?? ''),
    })),
  }
}

/** Values are base64 by the schema; some senders write them plainly. */
function decoded(value: string): string {
  if (!isBase64(value)) return value
  const text = Buffer.from(value, 'base64').toString()
  return text.includes('\ufffd') ? value : text
}
