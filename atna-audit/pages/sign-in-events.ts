// Audit records of those who sign in and out. DICOM PS3.15 §A.5.3.12 (User Authentication).
import type { EventFacts } from '../events.js'
import type { AuditCode, AuditRecord } from '../message.js'

const dcm = (code: string, text: string): AuditCode => [code, 'DCM', text]

const types = { in: dcm('110122', 'Login'), out: dcm('110123', 'Logout') }

export interface SignIn {
  person: { name: string; address: string }
  /** Of the pages. */
  uri: string
  outcome: 0 | 4 | 8
  why?: string
}

export function signedIn(signIn: SignIn, facts: EventFacts): AuditRecord {
  return authentication(types.in, signIn, facts)
}

export function signedOut(signIn: SignIn, facts: EventFacts): AuditRecord {
  return authentication(types.out, signIn, facts)
}

/** The person is the requestor, the node that let them in is not. [DICOM PS3.15 A.5.3.12] */
function authentication(type: AuditCode, { person, uri, outcome, why }: SignIn, facts: EventFacts): AuditRecord {
  return {
    eventID: dcm('110114', 'User Authentication'),
    eventTypeCode: type,
    action: 'E',
    outcome,
    ...(why === undefined ? {} : { outcomeDescription: why }),
    dateTimeMs: facts.dateTimeMs,
    participants: [
      { userID: person.name, userIsRequestor: true, networkAccessPointID: person.address },
      {
        userID: facts.actor,
        alternativeUserID: String(facts.processId),
        userIsRequestor: false,
        roleIDCode: dcm('110150', 'Application'),
        networkAccessPointID: facts.hostName,
      },
    ],
    objects: [{ id: uri, typeCode: 2, role: 13, idTypeCode: ['12', 'RFC-3881', 'URI'] }],
  }
}
