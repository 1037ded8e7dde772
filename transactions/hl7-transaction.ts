// What a transaction in HL7 v2 is: data that its receiver is built on, as transaction.ts has it for SOAP.
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import type { PeerRole } from '../config/peer-roles.js'
import type { Hl7Error } from '../hl7v2/errors.js'
import type { Hl7Header, ReadHl7 } from '../hl7v2/message.js'

export interface Hl7Transaction<Request extends { header: Hl7Header }> {
  /** As `ITI-8`. */
  id: string
  name: string
  /** Peers with one of these roles may send it. */
  roles: readonly PeerRole[]
  /** As much as the message says, and what is wrong with it. */
  decode(message: ReadHl7 & { header: Hl7Header }): { request: Request; errors: Hl7Error[] }
  audit(exchange: AuditedExchange<Request, Hl7Outcome>): AuditRecord[]
}

/** What the acknowledgement says: nothing wrong is AA. */
export interface Hl7Outcome {
  errors: readonly Hl7Error[]
}
