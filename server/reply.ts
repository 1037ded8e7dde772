// The answer on its way out: a response of the transaction or a fault, in the form of the request; on its connection, or elsewhere.
import { reworded, SoapFault } from '../soap/fault.js'
import { chunkBytes, type Encoded } from '../soap/message.js'
import { type WrittenMessage, writeFault, writeMessage } from '../soap/write-message.js'
import type { AttachmentReference, StreamedXml, XmlPiece } from '../soap/xml.js'
import type { Trace } from './actor.js'
import { audited } from './audit-exchange.js'
import type { OutgoingReply, Place } from './replies/replies.js'
import type { Elsewhere, ExchangeAnswer, Surroundings, Trail } from './trail.js'

/** What is sent on the connection: the answer, or HTTP 202 where that goes to a wsa:ReplyTo. @throws where it cannot be written */
export function reply(trail: Trail, around: Surroundings): ExchangeAnswer | Promise<ExchangeAnswer> {
  try {
    const isFault = trail.fault !== undefined || trail.contract === undefined
    const way = isFault ? trail.ways.fault : trail.ways.reply
    const written = isFault ? faultOf(trail, way, around) : responseOf(trail, way, around)
    if (way !== undefined && trail.place !== undefined) return sentElsewhere(written, way, trail.place, trail, around)
    trail.place?.release()
    return onTheConnection(written, trail, around)
  } catch (problem) {
    trail.place?.release()
    throw problem
  }
}

interface Written {
  status: number
  /** Anew each time, for an answer that has to be sent again. */
  write(): WrittenMessage
  /** Whether something is read while it is sent, documents or found objects, that may turn out spoilt or gone under way. */
  streams: boolean
  heldBytes: number
}

function faultOf(trail: Trail, way: Elsewhere | undefined, around: Surroundings): Written {
  const fault = withTrace(trail.fault ?? new SoapFault('Receiver', 'no answer could be made'), trail.trace)
  const answerTo = { form: formOf(trail), relatesTo: relatesTo(trail), to: way?.url, headers: way?.headers }
  const { status, ...written } = writeFault(fault, answerTo, around.ports.randomness)
  return { status, write: () => written, streams: false, heldBytes: written.contentLength ?? 0 }
}

/** Most stacks show their user the reason of a fault and nothing else. */
function withTrace(fault: SoapFault, { traceId }: Trace): SoapFault {
  return fault.message.includes(traceId) ? fault : reworded(fault, `${fault.message} (trace ${traceId})`)
}

function responseOf(trail: Trail, way: Elsewhere | undefined, { ports: { randomness } }: Surroundings): Written {
  const contract = trail.contract as NonNullable<Trail['contract']>
  const body = contract.response.encode(trail.response)
  const message = {
    form: formOf(trail),
    action: contract.responseAction,
    relatesTo: relatesTo(trail),
    messageID: `urn:uuid:${randomness.uuid()}`,
    to: way?.url,
    headers: way?.headers,
    body,
  }
  return {
    status: 200,
    write: () => writeMessage(message, randomness),
    streams: body.attachments !== undefined || body.xml.some(isStreamed),
    heldBytes: way === undefined ? 0 : heldBy(body),
  }
}

/** The repository reads this much of its documents ahead. */
const mostReadAheadBytes = 2 * chunkBytes

function heldBy({ xml, attachments = [] }: Encoded): number {
  const documents = attachments.reduce((sum, { sizeBytes = mostReadAheadBytes }) => sum + sizeBytes, 0)
  const envelope = xml.reduce(
    (sum, piece) => sum + (typeof piece === 'string' || Buffer.isBuffer(piece) ? piece.length : aboutBytesOf(piece)),
    0,
  )
  return envelope + Math.min(documents, mostReadAheadBytes)
}

function aboutBytesOf(piece: AttachmentReference | StreamedXml): number {
  return isStreamed(piece) ? piece.aboutBytes : 0
}

function isStreamed(piece: XmlPiece): piece is StreamedXml {
  return typeof piece === 'object' && 'aboutBytes' in piece
}

function formOf({ partner, message, answerTo }: Trail) {
  return partner.answerForm ?? message?.form ?? answerTo?.form ?? 'plain'
}

function relatesTo({ message, answerTo }: Trail): string | undefined {
  return message?.addressing.messageID ?? answerTo?.relatesTo
}

function onTheConnection({ status, write, streams }: Written, trail: Trail, around: Surroundings): ExchangeAnswer {
  const written = write()
  const pieces = streams ? watched(written.pieces, trail, around) : written.pieces
  const headers = headersOf(written, trail.trace)
  return { status, headers: status === 415 ? { ...headers, ...accepted } : headers, pieces }
}

/** What would have been taken. [RFC 9110: 15.5.16] */
const accepted = { accept: 'multipart/related, application/soap+xml', 'accept-encoding': 'identity' }

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

/** What was done is done and written down, and the answer is kept: the 202 says so. [ITI TF-2: Appendix V.3] */
async function sentElsewhere(
  { write, heldBytes }: Written,
  { url }: Elsewhere,
  place: Place,
  trail: Trail,
  around: Surroundings,
): Promise<ExchangeAnswer> {
  const { trace, contract } = trail
  const { traceId, traceparent } = trace
  // Made now, so that an answer that waits does not keep its request in memory.
  const records = contract?.audit({ ...audited(trail, trail.response, around), failure: 'not delivered' }) ?? []
  const kept = await place.keep({ url, traceId, traceparent, heldBytes, write, records })
  return {
    status: 202,
    headers: { 'content-length': '0', traceparent },
    pieces: [],
    afterwards: () => place.send(kept),
  }
}

/** Writes down that nobody has taken an answer. */
export function undelivered({ outbox, log, ports }: Pick<Surroundings, 'outbox' | 'log' | 'ports'>) {
  return ({ records, traceId }: Pick<OutgoingReply, 'records' | 'traceId'>, why: string): void => {
    const dateTimeMs = ports.clock.now()
    outbox
      .append(records.map(record => ({ ...record, outcomeDescription: why, dateTimeMs })))
      .catch(problem => log.error({ trace: traceId, failure: String(problem) }, 'audit record could not be kept'))
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
