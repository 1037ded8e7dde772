// The other end of a transaction: sends a request of a contract to a partner and decodes what comes back.
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import type { Patience } from '../ports/clock.js'
import type { ClientTls, HttpClient, TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { anonymous } from '../soap/addressing.js'
import type { ArrivingMessage } from '../soap/arriving-message.js'
import { callSoap, PartnerUnavailable, receiveSoap, type SoapCall } from '../soap/call.js'
import type { LongList } from '../soap/list-reader.js'
import type { Encoded, HeaderShape, MessageForm, SoapMessage } from '../soap/message.js'
import type { MessageLimits } from '../soap/read-message.js'
import { openSpool, type Spool } from '../soap/spool.js'
import type { XmlPiece } from '../soap/xml.js'
import { isElement } from '../soap/xml.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Budget } from './limits.js'
import { traceOf } from './trace.js'

export interface CallOptions {
  url: string
  /** The contract's own form unless given. */
  form?: MessageForm
  /** To be sent as it is; a new trace begins without one. */
  traceparent?: string
  /** To be sent as it is; a fresh one otherwise. */
  messageID?: string
  timeoutMs?: number
  /** For the answer to be there to its end; without it only silence ends a call. */
  wholeMs?: number
  signal?: AbortSignal
  /** On a connection of its own, for what must not be sent twice because an old one turned out to be ended. */
  alone?: boolean
  /** Where the answer is wanted; what comes on the connection then is none. */
  replyTo?: string
  /** As `replyTo`, and the answer is waited for there. */
  elsewhere?: AnswerElsewhere
  /** Further headers (a wsse:Security handed on). */
  headers?: XmlPiece[]
  headerShape?: HeaderShape
  /** Sent in place of the encoded request: a message kept for sending again. */
  encoded?: Encoded
  /** The answer has such a list in it: what is taken of it is not in the response. */
  list?: LongList
}

/** An address for one answer, and how it comes from there as if it had come on the connection. */
export interface AnswerElsewhere {
  replyTo: string
  through(client: HttpClient): HttpClient
}

export interface Called<Response> {
  response: Response
  traceId: string
  messageID: string
  /** Holds the attachments that `response` reads from; forget them when done. */
  message: SoapMessage
}

/** An answer of which the documents may still be on their way. */
export interface Received<Response> extends Called<Response>, Omit<ArrivingMessage, 'message'> {}

export interface Caller {
  /** @throws SoapFault when the partner answers a fault, PartnerUnavailable when there is no answer. */
  call<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Called<Response>>
  /** As call(), but what is long in the answer arrives while it is read: whoever receives it takes all of it, or discards it. */
  receive<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    options: CallOptions & { patience: Patience },
  ): Promise<Received<Response>>
  /** Shows another certificate from the next connection on. */
  renewTls(identity: TlsIdentity): void
  close(): void
}

export interface OpenCaller {
  tls: TlsIdentity & Pick<ClientTls, 'sha1'>
  ports: Ports
  /** Where large attachments of answers go until they are taken; in memory without it. */
  folder?: string
  limits?: MessageLimits
  /** Of the bytes in that folder. */
  budget?: Budget['spooled']
}

/** Of an answer that is received, read before it is handed over. */
const aheadBytes = 262_144

const generous: MessageLimits = {
  envelopeBytes: 256 * 1024 * 1024,
  inlineDocumentBytes: 64 * 1024 * 1024,
  attachmentBytes: Number.MAX_SAFE_INTEGER,
  attachments: 10_000,
}

/** Connections are kept for further calls until it is closed. */
export function openCaller({ tls, ports, folder, limits = generous, budget }: OpenCaller): Caller {
  const client: HttpClient = ports.network.httpClient(tls)
  const spoolOf = (inMemoryBytes: number): Spool =>
    openSpool({
      files: ports.files,
      randomness: ports.randomness,
      folder: folder ?? '',
      inMemoryBytes: folder === undefined ? Number.MAX_SAFE_INTEGER : inMemoryBytes,
      ...(budget === undefined ? {} : { budget }),
    })
  const spool = spoolOf(65_536)
  const ahead = spoolOf(aheadBytes)
  const aside = spoolOf(0)

  function soapCall<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    options: CallOptions,
  ): { call: SoapCall; traceId: string; messageID: string } {
    const traceparent = options.traceparent ?? traceOf(undefined, ports.randomness).traceparent
    const messageID = options.messageID ?? `urn:uuid:${ports.randomness.uuid()}`
    const call: SoapCall = {
      url: options.url,
      message: {
        form: options.form ?? (contract.mtom ? 'MTOM' : 'plain'),
        action: contract.action,
        messageID,
        to: options.url,
        replyTo: options.elsewhere?.replyTo ?? options.replyTo,
        headers: options.headers,
        headerShape: options.headerShape,
        body: options.encoded ?? contract.request.encode(request),
      },
      headers: { traceparent },
      timeoutMs: options.timeoutMs ?? 60_000,
      wholeMs: options.wholeMs,
      signal: options.signal,
      alone: options.alone,
      limits,
      spool,
      randomness: ports.randomness,
      ...(options.list === undefined ? {} : { list: options.list }),
    }
    return { call, traceId: traceparent.slice(3, 35), messageID }
  }

  const clientFor = ({ elsewhere }: CallOptions) => elsewhere?.through(client) ?? client

  return {
    async call(contract, request, options) {
      const { call, traceId, messageID } = soapCall(contract, request, options)
      const message = await callSoap(clientFor(options), call)
      const response = await responseIn(message, contract, options.url)
      return { response, traceId, messageID, message }
    },
    async receive(contract, request, options) {
      const { call, traceId, messageID } = soapCall(contract, request, options)
      const { clock } = ports
      const more = { spool: ahead, aside, aheadBytes, clock, patience: options.patience }
      const { message, ended, keep, discard } = await receiveSoap(clientFor(options), Object.assign(call, more))
      const response = await responseIn(message, contract, options.url).catch(async problem => {
        await discard(problem)
        throw problem
      })
      return { response, traceId, messageID, message, ended, keep, discard }
    },
    renewTls: identity => client.renewTls(identity),
    close: () => client.close(),
  }
}

// Whatever is wrong with an answer, it says nothing of what the partner has done.
async function responseIn<Request, Response>(
  message: SoapMessage,
  contract: Transaction<Request, Response>,
  url: string,
): Promise<Response> {
  try {
    const { namespace, name } = contract.response.element
    if (message.body !== undefined && isElement(message.body, namespace, name))
      return contract.response.decode(message.body, message)
    throw new Error(`its Body holds ${message.body?.name ?? 'nothing'} instead of ${name}`)
  } catch (problem) {
    for (const { content } of message.attachments.values()) await content.discard()
    throw new PartnerUnavailable(
      `the answer of ${url} to ${contract.id} cannot be read: ${(problem as Error).message}`,
      'maybe',
      { cause: problem },
    )
  }
}

/** What the initiator of a transaction writes down of it. */
export function auditOfCall<Request, Response>(
  contract: Transaction<Request, Response>,
  call: Pick<
    AuditedExchange<Request, Response>,
    'request' | 'response' | 'failure' | 'traceparent' | 'endpoint' | 'user'
  > & { replyTo?: string },
  ports: Ports,
): AuditRecord[] {
  const { host, hostname } = new URL(call.endpoint)
  return contract.audit({
    side: 'initiator',
    partner: { name: host, address: hostname },
    replyTo: anonymous,
    endedMs: ports.clock.now(),
    processId: ports.processes.pid,
    hostName: ports.processes.hostName,
    ...call,
  })
}
