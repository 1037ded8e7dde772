// A request to a partner and the answer, both in either form. [SOAP 1.2 Part 2: 7.5.1]
import type { Clock, Patience } from '../ports/clock.js'
import type { HttpAnswer, HttpClient } from '../ports/network.js'
import type { Randomness } from '../ports/randomness.js'
import { faultIn, isFault } from './answered-fault.js'
import { type ArrivingMessage, openMessage } from './arriving-message.js'
import type { LongList } from './list-reader.js'
import type { OutgoingMessage, SoapMessage } from './message.js'
import { type MessageLimits, readMessage } from './read-message.js'
import { type Spool, SpoolFull } from './spool.js'
import { writeMessage } from './write-message.js'

export interface SoapCall {
  url: string
  message: OutgoingMessage
  headers?: Record<string, string>
  /** Silence for this long ends the call. */
  timeoutMs: number
  /** So does an answer that is not there to its end after this long. */
  wholeMs?: number | undefined
  limits: MessageLimits
  spool: Spool
  randomness: Randomness
  signal?: AbortSignal
  /** On a connection of its own. */
  alone?: boolean
  /** The answer has such a list in it. */
  list?: LongList
}

interface MoreOfIt {
  cause?: unknown
  status?: number
  wasKept?: boolean
}

/** There is no answer that can be read. */
export class PartnerUnavailable extends Error {
  override readonly name = 'PartnerUnavailable'
  /** `no`: the partner has processed nothing. `maybe`: it may have. */
  readonly sent: 'no' | 'maybe'
  /** The HTTP status, where there was one. */
  readonly status?: number
  /** A connection that was kept from an earlier request broke before any byte of an answer: they may have ended it while nobody used it. */
  readonly wasKept: boolean

  constructor(message: string, sent: 'no' | 'maybe', more: MoreOfIt = {}) {
    super(message, { cause: more.cause })
    this.sent = sent
    this.status = more.status
    this.wasKept = more.wasKept === true
  }
}

/**
 * Sends a message and reads the answer to its end.
 * @throws SoapFault as the partner answered it; PartnerUnavailable; SpoolFull when the answer finds no room here
 */
export async function callSoap(client: HttpClient, call: SoapCall): Promise<SoapMessage> {
  const answer = await answerOf(client, call)
  if (!isSoap(answer)) throw await notSoap(answer, call.url)
  const message = await readMessage(answer, Object.assign({}, call, { isAnswer: true })).catch(problem => {
    answer.body.destroy()
    if (problem instanceof SpoolFull) throw problem
    throw unreadable(problem, answer, call.url)
  })
  if (message.body === undefined || !isFault(message.body)) return message
  for (const { content } of message.attachments.values()) await content.discard()
  throw faultIn(message.body)
}

export interface ReceivingCall extends SoapCall {
  /** As openMessage() has them. */
  aheadBytes: number
  aside: Spool
  clock: Pick<Clock, 'after'>
  /** Told when it is the partner who is waited for; who runs out of it aborts `signal`. */
  patience: Patience
}

/** As callSoap(), but what is long arrives while it is taken. A fault is read whole. */
export async function receiveSoap(client: HttpClient, call: ReceivingCall): Promise<ArrivingMessage> {
  const answer = await answerOf(client, call)
  if (!isSoap(answer)) throw await notSoap(answer, call.url)
  const source = { headers: answer.headers, body: call.patience.over(answer.body) }
  const breakOff = () => void answer.body.destroy()
  const arriving = await openMessage(source, Object.assign({}, call, { breakOff, isAnswer: true })).catch(problem => {
    answer.body.destroy()
    if (problem instanceof SpoolFull) throw problem
    throw unreadable(problem, answer, call.url)
  })
  const { body } = arriving.message
  if (body === undefined || !isFault(body)) return arriving
  await arriving.discard(new Error('a fault needs no attachments'))
  throw faultIn(body)
}

async function answerOf(
  client: HttpClient,
  { url, message, headers, timeoutMs, wholeMs, randomness, signal, alone }: SoapCall,
): Promise<HttpAnswer> {
  const { contentType, contentLength, pieces } = writeMessage(message, randomness)
  const length: Record<string, string> = contentLength === undefined ? {} : { 'content-length': String(contentLength) }
  const fixed = { 'content-type': contentType, accept: 'multipart/related, application/soap+xml', ...length }
  try {
    return await client.call({
      url,
      method: 'POST',
      headers: Object.assign({}, headers, fixed),
      body: pieces,
      timeoutMs,
      wholeMs,
      signal,
      alone,
    })
  } catch (problem) {
    throw notAnswered(problem as NodeJS.ErrnoException, url)
  }
}

// ---- no answer -------------------------------------------------------------------------------------------------------

const words: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name cannot be resolved now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was closed on their side',
  ETIMEDOUT: 'it does not answer in time',
}

/** Found before any byte of the request has left. */
const beforeSending = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EMFILE', 'ENFILE']

const brokenOff = ['ECONNRESET', 'EPIPE']

/** In words, whatever protocol was to be spoken. */
export function notAnswered(
  problem: NodeJS.ErrnoException & { onKeptConnection?: boolean },
  url: string,
): PartnerUnavailable {
  const { code = '' } = problem
  const reason = words[code] ?? problem.message
  return new PartnerUnavailable(`${url} cannot be reached: ${reason}`, neverLeft(problem) ? 'no' : 'maybe', {
    cause: problem,
    wasKept: problem.onKeptConnection === true && brokenOff.includes(code),
  })
}

// A connection that breaks after it was made says nothing of what the partner did: the caller has to ask or send again.
function neverLeft({ code = '', syscall, message }: NodeJS.ErrnoException): boolean {
  if (beforeSending.includes(code) || code === 'EPROTO' || syscall === 'connect') return true
  // TLS: their certificate does not satisfy us, ours does not satisfy them, or the handshake itself failed.
  if (/CERT|SELF_SIGNED|VERIFY|ERR_TLS|UNABLE_TO|HANDSHAKE|ALERT/.test(code)) return true
  return message.includes('before secure TLS connection was established')
}

// ---- an answer that is not ours to read ------------------------------------------------------------------------------

function isSoap({ headers }: HttpAnswer): boolean {
  return /^\s*(multipart\/related|application\/(soap|xop)\+xml|text\/xml|application\/xml)\b/i.test(
    headers['content-type'] ?? '',
  )
}

/** With these a server says that it has not looked at the request. */
const refusals = [400, 401, 403, 404, 405, 411, 413, 414, 415, 421, 429, 431]

async function notSoap({ status, headers, body }: HttpAnswer, url: string): Promise<PartnerUnavailable> {
  const text = await startOf(body)
  const type = headers['content-type'] ?? 'no Content-Type'
  const sent = refusals.includes(status) ? 'no' : 'maybe'
  return new PartnerUnavailable(`${url} answered HTTP ${status} (${type}) instead of SOAP: ${text}`, sent, { status })
}

/** A little of a text for people, the rest unread. */
async function startOf(body: HttpAnswer['body']): Promise<string> {
  let text = ''
  try {
    for await (const bytes of body) {
      text += Buffer.from(bytes).toString('utf8')
      if (text.length > 200) break
    }
  } catch {
    // What came before it broke has to do.
  }
  return text
    .replace(/[^ -~]+/g, ' ')
    .trim()
    .slice(0, 200)
}

function unreadable(problem: unknown, { status }: HttpAnswer, url: string): PartnerUnavailable {
  const reason =
    problem instanceof Error
      ? (words[(problem as NodeJS.ErrnoException).code ?? ''] ?? problem.message)
      : String(problem)
  return new PartnerUnavailable(`the answer of ${url} (HTTP ${status}) cannot be read: ${reason}`, 'maybe', {
    cause: problem,
    status,
  })
}
