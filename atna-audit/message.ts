// An audit record as a value, and how it becomes a DICOM AuditMessage. DICOM PS3.15 §A.5, ITI TF-2 §3.20.

/** A code of the audit vocabulary, as `['110112', 'DCM', 'Query']`. */
export type AuditCode = readonly [code: string, codeSystemName: string, originalText: string]

export interface AuditRecord {
  eventID: AuditCode
  /** Absent where the event is of one type only. */
  eventTypeCode?: AuditCode
  action: 'C' | 'R' | 'U' | 'D' | 'E'
  /** 0 success, 4 minor, 8 serious, 12 major failure. */
  outcome: 0 | 4 | 8 | 12
  outcomeDescription?: string
  /** What for, where a person's assertion says it. [ITI TF-2:3.20.7.1.2] */
  purposesOfUse?: readonly AuditCode[]
  dateTimeMs: number
  participants: ActiveParticipant[]
  objects: ParticipantObject[]
}

export interface ActiveParticipant {
  userID: string
  alternativeUserID?: string
  userName?: string
  userIsRequestor: boolean
  roleIDCode?: AuditCode
  /** Machine name (type 1) or IP address (type 2). */
  networkAccessPointID?: string
}

export interface ParticipantObject {
  id: string
  typeCode: 1 | 2 | 3 | 4
  role: number
  idTypeCode: AuditCode
  name?: string
  /** Bytes, written as base64. */
  query?: Buffer
  /** Values as text; written as base64. */
  details?: { type: string; value: string }[]
  dataLifeCycle?: number
  sensitivity?: string
}

/** A person as a verified assertion names them, and whoever acts for them. [ITI TF-2:3.40.4.1.3, 3.40.4.2] */
export interface AuditedUser {
  /** SPProvidedID of the subject. */
  alias?: string
  /** Content of Subject/NameID. */
  nameID: string
  issuer: string
  /** Their real name, the attribute subject-id. */
  name?: string
  role?: AuditCode
  purposeOfUse?: AuditCode
  /** Groups to which they belong. */
  organisations?: readonly { id: string; name: string }[]
  /** National id of the patient for whom the assertion was issued, as CX. */
  patientId?: string
  /** An assistant or a technical user, from the SubjectConfirmation. */
  delegate?: { id: string; name?: string; role: AuditCode }
}

/** What one side of an exchange knows when it is over; the audit of every transaction is made of this. */
export interface AuditedExchange<Request, Response> {
  side: 'initiator' | 'responder'
  /** Undefined when the request could not be read. */
  request: Request | undefined
  response: Response | undefined
  /** In words, when the exchange ended in a fault or an exception. */
  failure: string | undefined
  /** The other side: the name that its certificate stands for, and its network address. */
  partner: { name: string; address: string }
  /** The person for whom it was, where an assertion came with the request and held. */
  user?: AuditedUser | undefined
  /** URL of the serving side's endpoint. */
  endpoint: string
  /** wsa:ReplyTo of the request. */
  replyTo: string
  /** The whole header value that this side writes down (client: of the request, server: of the answer). */
  traceparent: string
  endedMs: number
  processId: number
  /** This machine. */
  hostName: string
}
