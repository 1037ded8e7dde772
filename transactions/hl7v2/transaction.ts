// What a transaction in HL7 v2 is: data that its receiver is built on, as transaction.ts has it for SOAP.
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import type { PeerRole } from '../../config/peer-roles.js'
import type { Hl7Answer } from '../../hl7v2/acknowledgement.js'
import type { Hl7Error } from '../../hl7v2/errors.js'
import type { Hl7Header, ReadHl7 } from '../../hl7v2/message.js'
import type { Change } from '../transaction.js'
import { headerErrors, type TakenMessages } from './header.js'

export interface Hl7Transaction<Request extends { header: Hl7Header }, Outcome extends Hl7Outcome = Hl7Outcome> {
  /** As `ITI-8`. */
  id: string
  name: string
  /** Peers with one of these roles may send it. */
  roles: readonly PeerRole[]
  takes: TakenMessages
  /** Whether it changes what is kept, and how. */
  changes?: Change
  /** As much as the message says, and what is wrong with it behind its header. */
  decode(message: ReadHl7 & { header: Hl7Header }): { request: Request; errors: Hl7Error[] }
  /** Where a plain acknowledgement is not enough. */
  answer?(request: Request, outcome: Outcome): Hl7Answer | undefined
  audit(exchange: AuditedExchange<Request, Outcome>): AuditRecord[]
}

/** What the acknowledgement says: nothing wrong is AA. */
export interface Hl7Outcome {
  errors: readonly Hl7Error[]
  warnings?: readonly Hl7Error[]
}

/** What is wrong with a header makes all that stands behind it doubtful. */
export function decodeHl7<Request extends { header: Hl7Header }>(
  contract: Pick<Hl7Transaction<Request>, 'takes' | 'decode'>,
  message: ReadHl7 & { header: Hl7Header },
  taken: readonly TakenMessages[] = [contract.takes],
): { request: Request; errors: Hl7Error[] } {
  const errors = [...headerErrors(message.header, taken), ...message.errors]
  const decoded = contract.decode(message)
  return errors.length > 0 ? { request: decoded.request, errors } : decoded
}
