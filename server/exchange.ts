// The one road of a request: read, identify, decode, handle, audit, reply. Every actor's every transaction takes it.
import type { Clock } from '../ports/clock.js'
import { inTurns } from '../ports/turns.js'
import { handedOn } from '../soap/handed-on.js'
import type { SoapMessage } from '../soap/message.js'
import { readMessage } from '../soap/read-message.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Actor, Exchange } from './actor.js'
import { bodyOf, refuseStrangers, servedBy } from './addressee.js'
import { audit, audited, exchangeRecords } from './audit-exchange.js'
import { Busy, fail, isBrokenConnection } from './failing.js'
import { findWaysBack } from './replies/address.js'
import { reply } from './reply.js'
import { report, spanOf } from './report.js'
import { traceOf } from './trace.js'
import type { ExchangeAnswer, ExchangeRequest, Surroundings, Trail } from './trail.js'

export type { ExchangeAnswer, ExchangeRequest, Surroundings } from './trail.js'

/**
 * Whatever fails becomes an answer, in the transaction's own words or as a fault, and an audit record. @throws only where nobody is there to be
 * answered, or the answer cannot be written
 */
export async function exchange<Context>(
  request: ExchangeRequest,
  actor: Actor<Context>,
  context: Context,
  around: Surroundings,
): Promise<ExchangeAnswer> {
  const { clock, randomness } = around.ports
  const { traceparent } = request.headers
  const span = around.tracing?.begin(traceparent)
  const trail: Trail = {
    trace: span?.trace ?? traceOf(traceparent, randomness),
    partner: request.partner,
    endpoint: request.endpoint,
    startedMs: clock.monotonicMs(),
    ways: {},
    afterwards: [],
    auditCommitted: false,
  }
  try {
    const message = await readMessage(request, around)
    trail.message = message
    findWaysBack(trail, message, around)
    const line = servedBy(actor, message)
    trail.contract = line.contract
    refuseStrangers(line.contract, trail.partner)
    const claims = around.assertions?.claimsOf({
      transaction: line.contract.id,
      security: message.security,
      partner: trail.partner,
      certificate: request.certificate,
    })
    trail.claims = claims instanceof Promise ? await claims : claims
    const decoded = decode(line.contract, message, clock)
    trail.request = decoded instanceof Promise ? await decoded : decoded
    if (request.late === true) throw new Busy()
    if (line.contract.changes !== undefined) around.changes?.assertOpen(line.contract.changes)
    const handled = () => line.handle(trail.request, context, exchangeOf(trail, around))
    trail.response = await (span === undefined ? handled() : span.within(handled))
  } catch (failure) {
    // Without a message there is no exchange: the partner went away in the middle of its request.
    if (trail.message === undefined && isBrokenConnection(failure)) {
      span?.end({ failure: 'the partner went away' })
      throw failure
    }
    fail(trail, failure, actor, around)
    end(trail)
  } finally {
    await forget(trail.message)
  }
  try {
    await audit(trail, actor, around)
    report(trail, around)
    span?.end(spanOf(trail))
    const answer = reply(trail, around)
    return remembered(ending(answer instanceof Promise ? await answer : answer, trail), trail, actor, around)
  } catch (problem) {
    end(trail)
    throw problem
  }
}

/** A promise where it takes long. */
function decode(contract: Transaction<unknown, unknown>, message: SoapMessage, clock: Clock): unknown {
  const { request } = contract
  const body = bodyOf(message, contract)
  return request.decodeInSteps === undefined
    ? request.decode(body, message)
    : inTurns(request.decodeInSteps(body, message), clock)
}

/** What a handler holds for its answer is let go when that has left. */
function ending(answer: ExchangeAnswer, trail: Trail): ExchangeAnswer {
  if (trail.afterwards.length === 0) return answer
  const before = answer.afterwards
  answer.afterwards = () => {
    before?.()
    end(trail)
  }
  return answer
}

function end(trail: Trail): void {
  trail.isOver = true
  for (const work of trail.afterwards.splice(0)) work()
}

/** Nobody waits for it: what is to be remembered is taken when the answer has left. */
function remembered<Context>(
  answer: ExchangeAnswer,
  trail: Trail,
  actor: Actor<Context>,
  around: Surroundings,
): ExchangeAnswer {
  const { explanations } = around
  if (explanations?.wants(trail) !== true) return answer
  return {
    ...answer,
    afterwards() {
      answer.afterwards?.()
      explanations.remember(trail, actor.name, around)
    },
  }
}

/** What a handler sees of it. */
function exchangeOf(trail: Trail, around: Surroundings): Exchange {
  return {
    partner: trail.partner,
    claims: trail.claims,
    security: () => handedOn(trail.message?.security),
    messageID: trail.message?.addressing.messageID,
    relatesTo: trail.message?.addressing.relatesTo,
    trace: trail.trace,
    startedMs: trail.startedMs,
    afterwards: work => (trail.isOver === true ? work() : void trail.afterwards.push(work)),
    replayed: () => around.metrics.replayed(trail.contract?.id ?? 'unknown'),
    auditRecords(response) {
      trail.auditCommitted = true
      return exchangeRecords(trail, audited(trail, response, around), around)
    },
    uncommitted() {
      trail.auditCommitted = false
    },
  }
}

async function forget(message: SoapMessage | undefined): Promise<void> {
  if (message === undefined) return
  for (const { content } of message.attachments.values()) await content.discard().catch(() => {})
}
