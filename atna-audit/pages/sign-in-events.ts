// Audit records of those who sign in and out. DICOM PS3.15 §A.5.3.12 (User Authentication).
import { application, type EventFacts } from '../events.js'
import type { AuditCode, AuditRecord } from '../message.js'
import { eventIDs, eventTypes, idTypes } from '../vocabulary.js'

export interface SignIn {
  person: { name: string; address: string }
  /** Of the pages. */
  uri: string
  outcome: 0 | 4 | 8
  why?: string
}

export function signedIn(signIn: SignIn, facts: EventFacts): AuditRecord {
  return authentication(eventTypes.login, signIn, facts)
}

export function signedOut(signIn: SignIn, facts: EventFacts): AuditRecord {
  return authentication(eventTypes.logout, signIn, facts)
}

/** The person is the requestor, the node that let them in is not. [DICOM PS3.15 A.5.3.12] */
function authentication(type: AuditCode, { person, uri, outcome, why }: SignIn, facts: EventFacts): AuditRecord {
  return {
    eventID: eventIDs.userAuthentication,
    eventTypeCode: type,
    action: 'E',
    outcome,
    ...(why === undefined ? {} : { outcomeDescription: why }),
    dateTimeMs: facts.dateTimeMs,
    participants: [
      { userID: person.name, userIsRequestor: true, networkAccessPointID: person.address },
      application(facts),
    ],
    objects: [{ id: uri, typeCode: 2, role: 13, idTypeCode: idTypes.uri }],
  }
}
