// The one road of a request: read, identify, decode, handle, audit, reply. Every actor's every transaction takes it.

import { unreadableRequest } from '../atna-audit/events.js'
import type { AuditedExchange, AuditRecord } from '../atna-audit/message.js'
import type { ErrorCode } from '../metadata/model.js'
import type { Ports } from '../ports/ports.js'
import { anonymous } from '../soap/addressing.js'
import { type AnswerTo, actionNotSupported, invalidAddressing, SoapFault } from '../soap/fault.js'
import type { SoapMessage } from '../soap/message.js'
import { type MessageLimits, readMessage } from '../soap/read-message.js'
import { type Spool, SpoolFull } from '../soap/spool.js'
import { writeFault, writeMessage } from '../soap/write-message.js'
import { isElement } from '../soap/xml.js'
import { StoreFull } from '../store/failures.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Actor, Exchange, Partner, Served, Trace } from './actor.js'
import type { Log } from './log.js'
import type { Metrics } from './metrics.js'
import { traceOf } from './trace.js'

export interface ExchangeRequest {
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  body: AsyncIterable<Uint8Array>
  partner: Partner
  /** URL under which the partner reached us. */
  endpoint: string
  /** There are too many requests under way: it is read, but refused as Busy. */
  late?: boolean
}

export interface ExchangeAnswer {
  status: number
  headers: Record<string, string>
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** What all exchanges of a service share. */
export interface Surroundings {
  ports: Ports
  log: Log
  metrics: Metrics
  limits: MessageLimits
  spool: Spool
  outbox: { append(records: AuditRecord[]): Promise<void> }
}

interface Trail {
  trace: Trace
  partner: Partner
  endpoint: string
  startedMs: number
  message?: SoapMessage
  contract?: Transaction<unknown, unknown>
  request?: unknown
  response?: unknown
  fault?: SoapFault
  /** Of a request that could not be read to its end. */
  answerTo?: AnswerTo
  /** In words, for the audit record; set when the exchange did not end in a handler's own answer. */
  failure?: string
  /** A handler has committed the records together with its work. */
  auditCommitted: boolean
}

export async function exchange<Context>(
  request: ExchangeRequest,
  actor: Actor<Context>,
  context: Context,
  around: Surroundings,
): Promise<ExchangeAnswer> {
  const { clock, randomness } = around.ports
  const trail: Trail = {
    trace: traceOf(request.headers.traceparent, randomness),
    partner: request.partner,
    endpoint: request.endpoint,
    startedMs: clock.monotonicMs(),
    auditCommitted: false,
  }
  try {
    const message = await readMessage(request, around)
    trail.message = message
    refuseForeignReplies(message)
    const line = servedBy(actor, message)
    trail.contract = line.contract
    refuseStrangers(line.contract, trail.partner)
    trail.request = line.contract.request.decode(bodyOf(message, line.contract), message)
    if (request.late === true) throw new Busy()
    trail.response = await line.handle(trail.request, context, exchangeOf(trail, around))
  } catch (failure) {
    // Without a message there is no exchange: the partner went away in the middle of its request.
    if (trail.message === undefined && isBrokenConnection(failure)) throw failure
    fail(trail, failure, actor, around)
  } finally {
    await forget(trail.message)
  }
  await audit(trail, actor, around)
  report(trail, around)
  return reply(trail, around)
}

/** More requests are under way than this process takes on. */
class Busy extends Error {
  override message = 'too much is under way here; send this one again a little later'
}

// ---- who answers what ------------------------------------------------------------------------------------------------

function servedBy<Context>(actor: Actor<Context>, message: SoapMessage): Served<Context> {
  const line = message.action === '' ? servedByBody(actor, message) : actor.served.get(message.action)
  if (line !== undefined) return line
  const answered = [...actor.served.values()].map(({ contract }) => `${contract.id} (${contract.action})`).join(', ')
  const { message: why, subcode, problemAction } = actionNotSupported(message.action.slice(0, 200))
  throw new SoapFault('Sender', `${why}; this ${actor.name} answers ${answered}`, { subcode, problemAction })
}

/** Some partners send no action at all: what only one transaction carries says enough. */
function servedByBody<Context>(actor: Actor<Context>, { body }: SoapMessage): Served<Context> | undefined {
  const fitting = [...actor.served.values()].filter(({ contract }) => {
    return body !== undefined && isElement(body, contract.request.element.namespace, contract.request.element.name)
  })
  return fitting.length === 1 ? fitting[0] : undefined
}

function bodyOf(message: SoapMessage, contract: Transaction<unknown, unknown>) {
  const { body } = message
  const { namespace, name } = contract.request.element
  if (body !== undefined && isElement(body, namespace, name)) return body
  const found = body === undefined ? 'an empty Body' : `{${body.namespace}}${body.name}`
  throw new SoapFault('Sender', `${contract.id} carries {${namespace}}${name} in its SOAP Body, but here is ${found}`)
}

const none = 'http://www.w3.org/2005/08/addressing/none'

// Answers go back on the same connection and nowhere else, until partners can be listed for the asynchronous exchange.
function refuseForeignReplies({ addressing }: SoapMessage): void {
  for (const [name, address] of [
    ['ReplyTo', addressing.replyTo],
    ['FaultTo', addressing.faultTo],
  ] as const) {
    if (address === undefined || address === anonymous || (name === 'FaultTo' && address === none)) continue
    throw invalidAddressing(
      'OnlyAnonymousAddressSupported',
      name,
      `wsa:${name} asks for an answer at ${address.slice(0, 200)}; only ${anonymous} is served`,
    )
  }
}

function refuseStrangers(contract: Transaction<unknown, unknown>, partner: Partner): void {
  if (contract.roles.some(role => partner.roles.has(role))) return
  throw new SoapFault(
    'Sender',
    `the certificate of ${partner.name} may not send ${contract.id} ${contract.name}; that takes the role ${contract.roles.join(' or ')} in "peers"`,
  )
}

// ---- what a handler sees ---------------------------------------------------------------------------------------------

function exchangeOf(trail: Trail, around: Surroundings): Exchange {
  return {
    partner: trail.partner,
    messageID: trail.message?.addressing.messageID,
    trace: trail.trace,
    replayed: () => around.metrics.replayed(trail.contract?.id ?? 'unknown'),
    auditRecords(response) {
      trail.auditCommitted = true
      return trail.contract?.audit(audited(trail, response, around)) ?? []
    },
  }
}

// ---- when it does not end well ---------------------------------------------------------------------------------------

function fail<Context>(trail: Trail, failure: unknown, actor: Actor<Context>, around: Surroundings): void {
  trail.auditCommitted = false
  if (failure instanceof SpoolFull || failure instanceof SoapFault) trail.answerTo = failure.answerTo
  if (failure instanceof SpoolFull) trail.contract ??= actor.served.get(failure.action ?? '')?.contract
  if (failure instanceof SoapFault) {
    trail.fault = failure
    trail.failure = failure.message
    return
  }
  const kind =
    failure instanceof Busy
      ? 'Busy'
      : failure instanceof SpoolFull || failure instanceof StoreFull
        ? 'OutOfResources'
        : 'Error'
  const known = kind !== 'Error'
  // What we did not foresee goes to the log whole; the partner gets a reference and no details of our insides.
  if (!known)
    around.log.error(
      { trace: trail.trace.traceId, transaction: trail.contract?.id, failure: detailsOf(failure) },
      'unforeseen failure',
    )
  const words = known ? (failure as Error).message : 'an internal error; its details are in the log of this service'
  trail.failure = words
  if (trail.contract === undefined) {
    trail.fault = new SoapFault('Receiver', `${words} (trace ${trail.trace.traceId})`)
    return
  }
  const codeContext = `${words} (trace ${trail.trace.traceId})`
  trail.response = trail.contract.refused(
    [{ errorCode: codeFor(actor, kind), codeContext, severity: 'Error' }],
    trail.request,
  )
}

function isBrokenConnection(failure: unknown): boolean {
  const code = (failure as { code?: unknown }).code
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR'
}

function codeFor(actor: { name: string }, kind: 'Error' | 'Busy' | 'OutOfResources'): ErrorCode {
  return actor.name === 'Document Repository' ? `XDSRepository${kind}` : `XDSRegistry${kind}`
}

function detailsOf(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
}

async function forget(message: SoapMessage | undefined): Promise<void> {
  if (message === undefined) return
  for (const { content } of message.attachments.values()) await content.discard().catch(() => {})
}

// ---- audit -----------------------------------------------------------------------------------------------------------

// Written before the answer begins: no byte of an answer leaves unaudited. Where that cannot be done, nothing leaves.
async function audit<Context>(trail: Trail, actor: Actor<Context>, around: Surroundings): Promise<void> {
  if (trail.auditCommitted) return
  try {
    const story = audited(trail, trail.response, around)
    await around.outbox.append(
      trail.contract === undefined ? [unreadableRequest(story, actor.name)] : trail.contract.audit(story),
    )
  } catch (problem) {
    around.log.error(
      { trace: trail.trace.traceId, failure: detailsOf(problem) },
      'audit record could not be kept; the answer is withheld',
    )
    trail.fault = new SoapFault(
      'Receiver',
      `the audit record of this exchange could not be kept, so it was not answered (trace ${trail.trace.traceId})`,
    )
  }
}

function audited(trail: Trail, response: unknown, around: Surroundings): AuditedExchange<unknown, unknown> {
  return {
    side: 'responder',
    request: trail.request,
    response,
    failure: trail.failure,
    partner: { name: trail.partner.name, address: trail.partner.address },
    endpoint: trail.endpoint,
    replyTo: trail.message?.addressing.replyTo ?? anonymous,
    traceparent: trail.trace.traceparent,
    endedMs: around.ports.clock.now(),
    processId: around.ports.processes.pid,
    hostName: around.ports.processes.hostName,
  }
}

// ---- reply -----------------------------------------------------------------------------------------------------------

function reply(trail: Trail, around: Surroundings): ExchangeAnswer {
  const { contract, message, trace } = trail
  const form = trail.partner.answerForm ?? message?.form ?? trail.answerTo?.form ?? 'plain'
  const relatesTo = message?.addressing.messageID ?? trail.answerTo?.relatesTo
  const { randomness } = around.ports
  if (trail.fault !== undefined || contract === undefined) {
    const fault = writeFault(
      trail.fault ?? new SoapFault('Receiver', 'no answer could be made'),
      { form, relatesTo },
      randomness,
    )
    return { status: fault.status, headers: headersOf(fault, trace), pieces: fault.pieces }
  }
  const body = contract.response.encode(trail.response)
  const messageID = `urn:uuid:${randomness.uuid()}`
  const written = writeMessage({ form, action: contract.responseAction, relatesTo, messageID, body }, randomness)
  const pieces = body.attachments === undefined ? written.pieces : watched(written.pieces, trail, around)
  return { status: 200, headers: headersOf(written, trace), pieces }
}

// The record of success is written by then: what breaks off in the middle of an answer gets one of failure beside it.
async function* watched(
  pieces: ExchangeAnswer['pieces'],
  trail: Trail,
  around: Surroundings,
): AsyncIterable<Uint8Array> {
  try {
    yield* pieces
  } catch (problem) {
    trail.failure = `the answer broke off: ${problem instanceof Error ? problem.message : String(problem)}`
    await around.outbox.append(trail.contract?.audit(audited(trail, trail.response, around)) ?? [])
    throw problem
  }
}

function headersOf(
  written: { contentType: string; contentLength: number | undefined },
  trace: Trace,
): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': written.contentType, traceparent: trace.traceparent }
  if (written.contentLength !== undefined) headers['content-length'] = String(written.contentLength)
  return headers
}

function report(trail: Trail, { log, metrics, ports }: Surroundings): void {
  const seconds = (ports.clock.monotonicMs() - trail.startedMs) / 1000
  const { contract, fault } = trail
  const response = trail.response as { status?: string; errors?: { errorCode: string }[] } | undefined
  const outcome = fault === undefined ? (response?.status ?? 'answered') : `fault ${fault.code}`
  metrics.exchange(contract?.id ?? 'unknown', outcome, seconds)
  log.info(
    {
      trace: trail.trace.traceId,
      transaction: contract?.id,
      partner: trail.partner.name,
      messageID: trail.message?.addressing.messageID,
      outcome,
      errorCodes: response?.errors?.length ? [...new Set(response.errors.map(error => error.errorCode))] : undefined,
      failure: trail.failure,
      ms: Math.round(seconds * 10_000) / 10,
    },
    'exchange',
  )
}
