// What a transaction is: data that both of its ends agree on. The handlers of the actors and the callers are built on it.

import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import type { PeerRole } from '../config/peer-roles.js'
import type { RegistryError } from '../metadata/model.js'
import type { Steps } from '../ports/turns.js'
import type { Encoded, SoapMessage } from '../soap/message.js'
import type { QName, XmlElement } from '../soap/xml.js'

/** How one message of a transaction becomes a value and back. */
export interface Codec<Value> {
  /** The element in the SOAP Body. */
  element: QName
  /** What some senders put in its place, which means the same. */
  orElement?: QName
  /** @throws SoapFault (Sender) when the element does not have the shape at all; what can be named as an XDS error is a finding in the value. */
  decode(body: XmlElement, message: SoapMessage): Value
  /** The same, for what may be long. */
  decodeInSteps?(body: XmlElement, message: SoapMessage): Steps<Value>
  encode(value: Value): Encoded
}

/** What removes makes room, and goes on where there is none for more. */
export type Change = 'adds' | 'removes'

/** A contract: the same value for whoever sends and whoever answers. */
export interface Transaction<Request, Response> {
  /** As `ITI-42`. */
  id: string
  name: string
  /** wsa:Action of the request. */
  action: string
  /** wsa:Action of the answer; the request's with `Response` behind it unless given. */
  responseAction: string
  /** Whether its messages travel as MTOM packages when we are the ones to choose. */
  mtom: boolean
  /** Whether it changes what is kept, and how. */
  changes?: Change
  /** Header blocks that its requests may have beside SOAP's own family, and that whoever answers it understands. */
  headers?: readonly QName[]
  /** Peers with one of these roles may send it. */
  roles: readonly PeerRole[]
  request: Codec<Request>
  response: Codec<Response>
  /** The answer that says no, in the transaction's own form. */
  refused(errors: RegistryError[], request: Request | undefined): Response
  /** What the audit has to say of an exchange, as the side that writes it. [ITI TF-2:3.20] */
  audit(exchange: AuditedExchange<Request, Response>): AuditRecord[]
}

type Described<Request, Response> = Omit<Transaction<Request, Response>, 'responseAction'> & { responseAction?: string }

/** Its answer has the action of its request with `Response` behind it, unless it says another. */
export function transaction<Request, Response>(
  described: Described<Request, Response>,
): Transaction<Request, Response> {
  return { ...described, responseAction: described.responseAction ?? `${described.action}Response` }
}
