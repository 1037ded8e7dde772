// The registry as the repository sees it. Who implements this sends the messages; the repository decides what follows.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { Submission } from '../../metadata/model.js'
import type { AdhocQueryRequest, AdhocQueryResponse, RegistryResponse } from '../../transactions/xds-messages.js'
import type { Claims } from '../../xua/claims.js'

/**
 * Each call is one attempt, ends after `timeoutMs`, also where a little moves all the while, or when `signal` is aborted, and never throws. Its initiator's
 * audit records are part of what it returns: the repository writes them, with the outcome that they belong to. Who
 * implements this writes none.
 */
export interface RegistryPort {
  /** ITI-42, sent exactly as given. [ITI TF-2:3.42.4.1] */
  register(itI42: Registration, call: RegistryCall): Promise<RegistryAnswer<RegistryResponse>>
  /** ITI-18. [ITI TF-2:3.18.4.1] */
  query(query: AdhocQueryRequest, call: RegistryCall): Promise<RegistryAnswer<AdhocQueryResponse>>
}

export interface ForwardedMessage {
  /** wsa:MessageID, the repository's own. */
  messageID: string
  /** The lcm:SubmitObjectsRequest. */
  body: Buffer
  /** The wsse:Security of the ITI-41, as it came. */
  security?: string | undefined
}

export interface Registration extends ForwardedMessage {
  /** The same as `body`, for the audit record. */
  submission: Submission
}

export interface RegistryCall {
  /** The wsse:Security of the request for which this is sent, to be handed on as it came. */
  security?: string | undefined
  /** Who asked, where it is known. */
  claims?: Claims | undefined
  /** Header value to be sent as it is. */
  traceparent: string
  timeoutMs: number
  signal: AbortSignal
}

export type RegistryAnswer<Response> = (Answered<Response> | Unavailable) & { auditRecords: AuditRecord[] }

interface Answered<Response> {
  kind: 'answered'
  response: Response
  /** The registry does not take the assertion that was handed on: the response says so. */
  refusesAssertion?: true
}

/**
 * No answer in the transaction's terms. `no`: the registry has surely not taken the message (no connection, or a fault that
 * says so: Sender, MustUnderstand, VersionMismatch). `maybe`: it may have (a connection lost, a timeout,
 * a Receiver fault, an answer that cannot be read).
 */
interface Unavailable {
  kind: 'unavailable'
  sent: 'no' | 'maybe'
  /** In words. */
  reason: string
}
