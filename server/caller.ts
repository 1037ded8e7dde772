// The other end of a transaction: sends a request of a contract to a partner and decodes what comes back.
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import type { HttpClient, TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { callSoap, PartnerUnavailable } from '../soap/call.js'
import type { Encoded, MessageForm, SoapMessage } from '../soap/message.js'
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
  signal?: AbortSignal
  /** Where the answer is wanted; what comes on the connection then is none. */
  replyTo?: string
  /** Further headers (a wsse:Security handed on). */
  headers?: XmlPiece[]
  /** Sent in place of the encoded request: a message kept for sending again. */
  encoded?: Encoded
}

export interface Called<Response> {
  response: Response
  traceId: string
  messageID: string
  /** Holds the attachments that `response` reads from; forget them when done. */
  message: SoapMessage
}

export interface Caller {
  /** @throws SoapFault when the partner answers a fault, PartnerUnavailable when there is no answer. */
  call<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Called<Response>>
  /** Shows another certificate from the next connection on. */
  renewTls(identity: TlsIdentity): void
  close(): void
}

export interface OpenCaller {
  tls: TlsIdentity
  ports: Ports
  /** Where large attachments of answers go until they are taken; in memory without it. */
  folder?: string
  limits?: MessageLimits
  /** Of the bytes in that folder. */
  budget?: Budget['spooled']
}

const generous: MessageLimits = {
  envelopeBytes: 256 * 1024 * 1024,
  inlineDocumentBytes: 64 * 1024 * 1024,
  attachmentBytes: Number.MAX_SAFE_INTEGER,
  attachments: 10_000,
}

export function openCaller({ tls, ports, folder, limits = generous, budget }: OpenCaller): Caller {
  const client: HttpClient = ports.network.httpClient(tls)
  const spool: Spool = openSpool({
    files: ports.files,
    randomness: ports.randomness,
    folder: folder ?? '',
    inMemoryBytes: folder === undefined ? Number.MAX_SAFE_INTEGER : 65_536,
    ...(budget === undefined ? {} : { budget }),
  })
  return {
    async call(contract, request, options) {
      const traceparent = options.traceparent ?? traceOf(undefined, ports.randomness).traceparent
      const messageID = options.messageID ?? `urn:uuid:${ports.randomness.uuid()}`
      const message = await callSoap(client, {
        url: options.url,
        message: {
          form: options.form ?? (contract.mtom ? 'MTOM' : 'plain'),
          action: contract.action,
          messageID,
          to: options.url,
          replyTo: options.replyTo,
          headers: options.headers,
          body: options.encoded ?? contract.request.encode(request),
        },
        headers: { traceparent },
        timeoutMs: options.timeoutMs ?? 60_000,
        signal: options.signal,
        limits,
        spool,
        randomness: ports.randomness,
      })
      return {
        response: await responseIn(message, contract, options.url),
        traceId: traceparent.slice(3, 35),
        messageID,
        message,
      }
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
  >,
  ports: Ports,
): AuditRecord[] {
  const { host, hostname } = new URL(call.endpoint)
  return contract.audit({
    side: 'initiator',
    partner: { name: host, address: hostname },
    replyTo: 'http://www.w3.org/2005/08/addressing/anonymous',
    endedMs: ports.clock.now(),
    processId: ports.processes.pid,
    hostName: ports.processes.hostName,
    ...call,
  })
}
