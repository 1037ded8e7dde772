// An actor is a name and the transactions it answers; a handler is a function of the request and of what it is given.
import type { AuditRecord } from '../atna-audit/message.js'
import type { PeerRole } from '../config/peer-roles.js'
import type { MessageForm } from '../soap/message.js'
import type { QName } from '../soap/xml.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Claims } from '../xua/claims.js'

/** Who is on the other side: a configured peer, or in development any holder of a certificate of our own CA. */
export interface Partner {
  /** Stable over renewals of the certificate. */
  name: string
  roles: ReadonlySet<PeerRole>
  /** Network address of the connection. */
  address: string
  /** Overrides the form of answers for partners that want it otherwise. */
  answerForm?: MessageForm
  /** Listed as a repository: what it sends for others carries their assertions. */
  handsOn?: boolean
  /** Where answers may be sent, each with all paths below it. */
  replyTo?: readonly string[]
}

/** What a handler may know of, and do with, the exchange that it is part of. */
export interface Exchange<Response = unknown> {
  partner: Partner
  /** Who asks, of a verified assertion; undefined where none was sent and none had to be. */
  claims?: Claims | undefined
  /** The wsse:Security of the request as it came, for what is sent on because of it. */
  security?(): string | undefined
  /** wsa:MessageID of the request, byte for byte. */
  messageID: string | undefined
  /** wsa:RelatesTo of the request: of one that is itself an answer. */
  relatesTo?: string | undefined
  trace: Trace
  /** When its request began to come, by the clock that never runs backwards. */
  startedMs?: number
  /**
   * The audit records of this exchange should it end with this response. For handlers that commit them together with
   * their own work (`outbox.insert` inside `store.write`); once they are asked for here, nobody else writes them.
   */
  auditRecords(response: Response): AuditRecord[]
  /** The commit that those were for did not come about: where a work is run again it may end otherwise, and without one. */
  uncommitted?(): void
  /** To be done when the answer has left, or nobody will take it: for handlers that hold something until then. */
  afterwards?(work: () => void): void
  /** Says that an earlier answer is given again; counted. */
  replayed?(): void
}

/** W3C trace context of an exchange. [RULES of the Swiss EPR: traceparent is accepted, passed on, written down] */
export interface Trace {
  /** 32 hex digits, the same over all exchanges that one request induces; what people quote when they ask. */
  traceId: string
  /** The header value of our answer: same trace-id, a parent-id of our own. */
  traceparent: string
  /** A header value for an induced request. */
  next(): string
}

export interface Served<Context> {
  contract: Transaction<unknown, unknown>
  handle(request: unknown, context: Context, exchange: Exchange): Promise<unknown>
}

/** Its transactions by their WS-Addressing actions. */
export interface Actor<Context> {
  /** As the Technical Framework names it: `Document Registry`. */
  name: string
  served: ReadonlyMap<string, Served<Context>>
  /** Header blocks that its transactions have. */
  understood: readonly QName[]
}

/** The line of a transaction in the list of an actor: its contract, and who answers it. */
export function serve<Request, Response, Context>(
  contract: Transaction<Request, Response>,
  handle: (request: Request, context: Context, exchange: Exchange<Response>) => Promise<Response>,
): Served<Context> {
  return { contract, handle } as unknown as Served<Context>
}

/** `name` as the Technical Framework has it; each line has an action of its own. */
export function actor<Context>(name: string, served: Served<Context>[]): Actor<Context> {
  const understood = served.flatMap(({ contract }) => contract.headers ?? [])
  return { name, served: new Map(served.map(line => [line.contract.action, line])), understood }
}
