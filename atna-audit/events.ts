// Audit records of what is no transaction: a service has started or stopped, and the service itself as who writes them. ITI TF-2 Table 3.20.4.1.1.1-1,
// DICOM PS3.15 §A.5.3.
import type { ActiveParticipant, AuditCode, AuditRecord } from './message.js'
import { eventIDs, eventTypes, roles } from './vocabulary.js'

/** Who writes an event of its own, and when. */
export interface EventFacts {
  /** The actor as the Technical Framework names it: `Document Registry`. */
  actor: string
  processId: number
  hostName: string
  dateTimeMs: number
}

/** [DICOM PS3.15 A.5.3.1] */
export function applicationStarted(facts: EventFacts): AuditRecord {
  return applicationActivity(eventTypes.applicationStart, facts)
}

/** [DICOM PS3.15 A.5.3.1] */
export function applicationStopped(facts: EventFacts): AuditRecord {
  return applicationActivity(eventTypes.applicationStop, facts)
}

function applicationActivity(eventTypeCode: AuditCode, facts: EventFacts): AuditRecord {
  return {
    eventID: eventIDs.applicationActivity,
    eventTypeCode,
    action: 'E',
    outcome: 0,
    dateTimeMs: facts.dateTimeMs,
    participants: [application(facts)],
    objects: [],
  }
}

/** The service that writes a record of its own. */
export function application({ actor, processId, hostName }: Omit<EventFacts, 'dateTimeMs'>): ActiveParticipant {
  return {
    userID: actor,
    alternativeUserID: String(processId),
    userIsRequestor: false,
    roleIDCode: roles.application,
    networkAccessPointID: hostName,
  }
}
