// Audit records of the audit log itself: who has read it, and what retention has taken out of it. DICOM PS3.15 §A.5.3.2, ITI TF-2 §3.81.5.
import { application, type EventFacts } from './events.js'
import type { AuditedUser, AuditRecord, ParticipantObject } from './message.js'
import { traceObject } from './objects.js'
import { purposesOf, userParticipants } from './users.js'
import { eventIDs, idTypes, lifeCycles, roles, transactionType } from './vocabulary.js'

export interface AuditLogReading {
  /** Of the log. */
  uri: string
  /** What was asked for, as it was asked. */
  query: string
  reader: { name: string; address: string }
  /** The person for whom it is read, where an assertion tells. */
  user?: AuditedUser | undefined
  outcome?: AuditRecord['outcome']
  outcomeDescription?: string
  traceparent?: string
}

/** [DICOM PS3.15 A.5.3.2] */
export function auditLogUsed(reading: AuditLogReading, facts: EventFacts): AuditRecord {
  const { uri, query, reader, outcome = 0, outcomeDescription, traceparent } = reading
  const log: ParticipantObject = {
    id: uri,
    typeCode: 2,
    role: 13,
    idTypeCode: idTypes.uri,
    name: 'Security Audit Log',
    details: [{ type: 'Request', value: query }],
  }
  return {
    eventID: eventIDs.auditLogUsed,
    action: 'R',
    outcome,
    outcomeDescription,
    dateTimeMs: facts.dateTimeMs,
    participants: [
      { userID: reader.name, userIsRequestor: true, networkAccessPointID: reader.address },
      { ...application(facts), userIsRequestor: false },
    ],
    objects: traceparent === undefined ? [log] : [log, traceObject(traceparent)],
  }
}

/** ITI-81: as a reading of the log, with the two systems in the roles that a transaction has. [ITI TF-2:3.81.5] */
export function auditLogRetrieved(reading: AuditLogReading, facts: EventFacts): AuditRecord {
  const { reader, uri, user } = reading
  return {
    ...auditLogUsed(reading, facts),
    eventTypeCode: transactionType('ITI-81', 'Retrieve ATNA Audit Event'),
    purposesOfUse: purposesOf(user),
    participants: [
      {
        userID: reader.name,
        userIsRequestor: user === undefined,
        roleIDCode: roles.source,
        networkAccessPointID: reader.address,
      },
      {
        userID: uri,
        alternativeUserID: String(facts.processId),
        userIsRequestor: false,
        roleIDCode: roles.destination,
        networkAccessPointID: facts.hostName,
      },
      ...userParticipants(user),
    ],
  }
}

export interface RemovedAuditRecords {
  /** Of the log. */
  uri: string
  /** Stands for the list of records. */
  urn: string
  /** In words. */
  rule: string
  count: number
}

/** Records of the log were removed, as the rules of retention say. [DICOM PS3.15 A.5.3.2] */
export function auditRecordsRemoved({ uri, urn, rule, count }: RemovedAuditRecords, facts: EventFacts): AuditRecord {
  return {
    eventID: eventIDs.auditLogUsed,
    action: 'D',
    outcome: 0,
    dateTimeMs: facts.dateTimeMs,
    participants: [application(facts)],
    objects: [
      { id: uri, typeCode: 2, role: 13, idTypeCode: idTypes.uri, name: 'Security Audit Log' },
      {
        id: urn,
        typeCode: 2,
        role: 13,
        idTypeCode: idTypes.uri,
        dataLifeCycle: lifeCycles.permanentErasure,
        details: [{ type: 'Retention Rule', value: `${rule}: ${count} records` }],
      },
    ],
  }
}
