// What a patient is told of their documents, as records beside those for auditors: people and groups, no machines.
// CH:ATC, Document Audit Event Content Profile.
import type { ActiveParticipant, AuditCode, AuditedUser, AuditRecord, ParticipantObject } from './message.js'
import { patientObject, traceObject } from './objects.js'
import { purposesOf } from './users.js'
import { eventIDs, idTypes } from './vocabulary.js'

const eventType = (code: string, words: string): AuditCode => [code, '2.16.756.5.30.1.127.3.10.7', words]

/** [CH:ATC Table 4] */
export const patientEventTypes = {
  create: eventType('ATC_DOC_CREATE', 'Document upload'),
  read: eventType('ATC_DOC_READ', 'Document retrieval'),
  update: eventType('ATC_DOC_UPDATE', 'Document or Document Metadata update'),
  delete: eventType('ATC_DOC_DELETE', 'Document removal'),
  search: eventType('ATC_DOC_SEARCH', 'Document search'),
  logRead: eventType('ATC_LOG_READ', 'Accessing the Patient Audit Record Repository'),
} as const
export type PatientEvent = keyof typeof patientEventTypes

const actions = { create: 'C', read: 'R', update: 'U', delete: 'D', search: 'E', logRead: 'C' } as const

const groupRole: AuditCode = ['GRP', '2.16.756.5.30.1.127.3.10.14', 'Group']
const technicalUser: AuditCode = ['TCU', '2.16.756.5.30.1.127.3.10.6', 'Technical user']

export interface PatientEventFacts {
  event: PatientEvent
  /** As CX, where the assertion does not name them. */
  patientId: string
  user: AuditedUser | undefined
  /** Who has asked, where no person is known. */
  partner: { name: string }
  object: ParticipantObject | undefined
  traceparent: string
  dateTimeMs: number
}

export function patientEvent(facts: PatientEventFacts): AuditRecord {
  const { event, user, partner, patientId, object, traceparent, dateTimeMs } = facts
  return {
    eventID: eventIDs.export,
    eventTypeCode: patientEventTypes[event],
    action: actions[event],
    outcome: 0,
    purposesOfUse: purposesOf(user),
    dateTimeMs,
    participants: user === undefined ? [unknownPerson(partner)] : personsOf(user),
    objects: [
      patientObject(user?.patientId ?? patientId),
      ...(object === undefined ? [] : [object]),
      traceObject(traceparent),
    ],
  }
}

/** Where a deployment asks for no assertions, a system stands for whoever sits at it. */
function unknownPerson({ name }: { name: string }): ActiveParticipant {
  return { userID: name, userName: name, userIsRequestor: true, roleIDCode: technicalUser }
}

/** The initiator first, then who answers for them, then their groups. */
function personsOf({ nameID, name, role, delegate, organisations = [] }: AuditedUser): ActiveParticipant[] {
  const responsible = {
    userID: nameID,
    userName: name ?? nameID,
    userIsRequestor: delegate === undefined,
    roleIDCode: role,
  }
  const groups = organisations.map(({ id, name }) => ({
    userID: id === '' ? name : id,
    userName: name === '' ? id : name,
    userIsRequestor: false,
    roleIDCode: groupRole,
  }))
  if (delegate === undefined) return [responsible, ...groups]
  const initiator = {
    userID: delegate.id,
    userName: delegate.name ?? delegate.id,
    userIsRequestor: true,
    roleIDCode: delegate.role,
  }
  return [initiator, responsible, ...groups]
}

export interface TrailDocument {
  uniqueId: string
  repositoryUniqueId: string | undefined
  homeCommunityId: string | undefined
  typeCode?: string | undefined
  title?: string | undefined
}

/** What is not known is left out; homeCommunityID stands without `urn:oid:`. [CH:ATC ITI-81] */
export function trailDocument(document: TrailDocument): ParticipantObject {
  const details = Object.entries({
    'Repository Unique Id': document.repositoryUniqueId,
    homeCommunityID: document.homeCommunityId?.replace(/^urn:oid:/, ''),
    EprDocumentTypeCode: document.typeCode,
    title: document.title,
  }).flatMap(([type, value]) => (value === undefined || value === '' ? [] : [{ type, value }]))
  return { id: document.uniqueId, typeCode: 2, role: 3, idTypeCode: idTypes.reportNumber, details }
}
