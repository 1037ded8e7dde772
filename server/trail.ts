// What an exchange is made of: the request as it came, what it leaves on its way, the answer as it goes.
import type { AuditRecord } from '../atna-audit/message.js'
import type { Ports } from '../ports/ports.js'
import type { AnswerTo, SoapFault } from '../soap/fault.js'
import type { SoapMessage } from '../soap/message.js'
import type { MessageLimits } from '../soap/read-message.js'
import type { Spool } from '../soap/spool.js'
import type { MemoryBudget, QName, XmlPiece } from '../soap/xml.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Claims } from '../xua/claims.js'
import type { Partner, Trace } from './actor.js'
import type { Assertions } from './assertions.js'
import type { ChangesDoor } from './changes-door.js'
import type { HeldRecords } from './held-records.js'
import type { Log } from './log.js'
import type { Metrics } from './metrics.js'
import type { Place, Replies } from './replies/replies.js'
import type { Tracing } from './tracing.js'

export interface ExchangeRequest {
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  body: AsyncIterable<Uint8Array>
  partner: Partner
  /** DER of the certificate of the connection. */
  certificate?: Buffer | undefined
  /** URL under which the partner reached us. */
  endpoint: string
  /** There are too many requests under way: it is read, but refused as Busy. */
  late?: boolean
  /** For its envelope, where that is long. */
  memory?: MemoryBudget
}

export interface ExchangeAnswer {
  status: number
  headers: Record<string, string>
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** What is to be done when the answer has left, or the partner has gone. */
  afterwards?(): void
}

/** What all exchanges of a service share. */
export interface Surroundings {
  ports: Ports
  log: Log
  metrics: Metrics
  limits: MessageLimits
  spool: Spool
  /** Header blocks that the actor understands beside SOAP's own family. */
  understood?: readonly QName[]
  outbox: { append(records: AuditRecord[]): Promise<void> }
  /** Whether records are written for patients too. */
  patientTrail?: boolean | undefined
  /** Whether anything may be changed now; always without it. */
  changes?: Pick<ChangesDoor, 'assertOpen'>
  /** For records that there is no room for; without it such an exchange is not answered. */
  held?: Pick<HeldRecords, 'hold'>
  /** What is remembered of exchanges, if anything is. */
  explanations?: Memory
  /** Where answers may be sent elsewhere; without it nobody's are. */
  replies?: Replies
  /** Who asks, where assertions are looked at. */
  assertions?: Pick<Assertions, 'claimsOf'> | undefined
  /** For whoever collects spans. */
  tracing?: Tracing | undefined
}

/** Explanations, as an exchange that is over knows them. */
export interface Memory {
  /** Whether this exchange is one to be remembered, once it is over. */
  wants(trail: Trail): boolean
  /** Takes what it needs at once, and writes it later; never throws. */
  remember(trail: Trail, actor: string, around: Surroundings): void
}

/** Grows while the exchange goes on; audit, log and answer are made of it. */
export interface Trail {
  trace: Trace
  partner: Partner
  endpoint: string
  startedMs: number
  message?: SoapMessage
  contract?: Transaction<unknown, unknown>
  /** Of the assertion in its wsse:Security, verified. */
  claims?: Claims | undefined
  request?: unknown
  response?: unknown
  fault?: SoapFault
  ways: WaysBack
  /** Room for an answer that goes elsewhere. */
  place?: Place
  /** Of a request that could not be read to its end. */
  answerTo?: AnswerTo
  /** In words, for the audit record; set when the exchange did not end in a handler's own answer. */
  failure?: string
  /** What the database said, for the log alone. */
  because?: string
  /** What its handler wants done when it is over, and that it is. */
  afterwards: (() => void)[]
  isOver?: boolean
  /** A handler has committed the records together with its work. */
  auditCommitted: boolean
}

/** An endpoint of the partner, as it stands in ReplyTo or FaultTo. */
export interface Elsewhere {
  url: string
  /** What it wants to find again among the headers. */
  headers: XmlPiece[]
}

/** Undefined is the connection of the request. */
export interface WaysBack {
  reply?: Elsewhere
  fault?: Elsewhere
}
