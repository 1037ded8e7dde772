// The answer on its way out: a response of the transaction or a fault, in the form of the request.
import { SoapFault } from '../soap/fault.js'
import { writeFault, writeMessage } from '../soap/write-message.js'
import type { Trace } from './actor.js'
import { audited } from './audit-exchange.js'
import type { ExchangeAnswer, Surroundings, Trail } from './trail.js'

export function reply(trail: Trail, around: Surroundings): ExchangeAnswer {
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
