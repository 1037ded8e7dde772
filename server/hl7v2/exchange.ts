// The road of a message of HL7 v2: read, identify, decode, handle, audit, acknowledge. What exchange.ts is for SOAP.
import type { AuditedExchange } from '../../atna-audit/message.js'
import { unreadableRequest } from '../../atna-audit/security-events.js'
import { acknowledgementOf, type Hl7Answer } from '../../hl7v2/acknowledgement.js'
import { codeFor, errorsInWords, type Hl7Error } from '../../hl7v2/errors.js'
import { type Hl7Header, type ReadHl7, readHl7 } from '../../hl7v2/message.js'
import type { MllpFrame } from '../../hl7v2/mllp.js'
import { dtmOf } from '../../ports/clock.js'
import { StoreAway, StoreFull } from '../../store/failures.js'
import { decodeHl7, type Hl7Outcome, type Hl7Transaction } from '../../transactions/hl7v2/transaction.js'
import type { Exchange, Partner, Trace } from '../actor.js'
import { ReadOnly } from '../changes-door.js'
import { hl7StoryOf } from '../explanations/hl7-story.js'
import { Busy, detailsOf } from '../failing.js'
import { traceOf } from '../trace.js'
import type { Ended } from '../tracing.js'
import type { ArrivedHl7, Hl7Surroundings } from './surroundings.js'

/** A transaction with its handler. */
export interface ServedHl7<Context> {
  contract: Hl7Transaction<{ header: Hl7Header }>
  handle(request: unknown, context: Context, exchange: Exchange<Hl7Outcome>): Promise<Hl7Outcome>
}

/** The line of an actor's table: from here on the types of request and outcome are known to contract and handler alone. */
export function serveHl7<Request extends { header: Hl7Header }, Outcome extends Hl7Outcome, Context>(
  contract: Hl7Transaction<Request, Outcome>,
  handle: (request: Request, context: Context, exchange: Exchange<Outcome>) => Promise<Outcome>,
): ServedHl7<Context> {
  return { contract, handle } as unknown as ServedHl7<Context>
}

interface Trail {
  trace: Trace
  arrived: ArrivedHl7
  startedMs: number
  /** Until it is known, the first of those that are served here. */
  contract: Hl7Transaction<{ header: Hl7Header }>
  header?: Hl7Header
  request?: { header: Hl7Header }
  outcome: Hl7Outcome
  /** A handler has committed the records together with its work. */
  auditCommitted: boolean
}

/** The acknowledgement. Never throws. */
export async function hl7Exchange<Context>(
  arrived: ArrivedHl7,
  served: ServedAtDoor<Context>,
  context: Context,
  around: Hl7Surroundings,
): Promise<Buffer> {
  const { clock, randomness } = around.ports
  const span = around.tracing?.begin(undefined)
  const trail: Trail = {
    trace: span?.trace ?? traceOf(undefined, randomness),
    arrived,
    startedMs: clock.monotonicMs(),
    contract: served[0].contract,
    outcome: { errors: [] },
    auditCommitted: false,
  }
  try {
    const read = readHl7(arrived.frame.bytes, around)
    trail.header = read.header
    trail.outcome = { errors: framed(arrived.frame, read.errors) }
    const { header } = read
    if (header !== undefined) {
      const followed = () => follow(trail, { ...read, header }, served, context, around)
      await (span === undefined ? followed() : span.within(followed))
    }
  } catch (failure) {
    trail.auditCommitted = false
    trail.outcome = { errors: [failureOf(failure, trail, around)] }
  }
  await audit(trail, around)
  const answer = answerOf(trail, around)
  report(trail, around)
  span?.end(spanOf(trail))
  remember(trail, around)
  const controlId = randomness.bytes(10).toString('hex')
  const { header, outcome, trace } = trail
  const { errors, warnings } = outcome
  const time = dtmOf(clock.now())
  return acknowledgementOf({ header, errors, warnings, answer, controlId, time, traceId: trace.traceId })
}

/** What is answered at one door: one transaction at least. */
export type ServedAtDoor<Context> = readonly [ServedHl7<Context>, ...ServedHl7<Context>[]]

/** Whichever takes the message, else whichever takes others of its kind: it says what is wrong. */
function servedFor<Context>({ messageCode, triggerEvent }: Hl7Header, served: ServedAtDoor<Context>) {
  const ofCode = served.filter(({ contract: { takes } }) => takes.code === messageCode)
  return ofCode.find(({ contract: { takes } }) => takes.events.includes(triggerEvent)) ?? ofCode[0] ?? served[0]
}

async function follow<Context>(
  trail: Trail,
  read: ReadHl7 & { header: Hl7Header },
  served: ServedAtDoor<Context>,
  context: Context,
  around: Hl7Surroundings,
): Promise<void> {
  const { contract, handle } = servedFor(read.header, served)
  trail.contract = contract
  const { partner, late, frame } = trail.arrived
  const taken = served.map(each => each.contract.takes)
  const { request, errors } = decodeHl7(contract, read, taken)
  trail.request = request
  const refusals = [...refusedPartner(partner, contract), ...framed(frame, errors)]
  trail.outcome = { errors: refusals }
  if (refusals.length > 0) return
  if (late) throw new Busy()
  if (contract.changes !== undefined) around.changes?.assertOpen(contract.changes)
  trail.outcome = await handle(request, context, {
    partner,
    messageID: read.header.controlId,
    trace: trail.trace,
    auditRecords(outcome) {
      trail.auditCommitted = true
      return contract.audit(story(trail, outcome, around))
    },
    uncommitted() {
      trail.auditCommitted = false
    },
  })
}

/** Of a message without an end whatever was read of it is in doubt. */
function framed({ problem, condition }: MllpFrame, errors: Hl7Error[]): Hl7Error[] {
  return problem === undefined
    ? errors
    : [{ condition: condition ?? '100', text: problem, clause: 'ITI TF-2: Appendix C.2.1' }]
}

function refusedPartner(partner: Partner, { id, name, roles }: Hl7Transaction<{ header: Hl7Header }>): Hl7Error[] {
  if (roles.some(role => partner.roles.has(role))) return []
  const text = `${partner.name} may not send ${id} ${name}; that takes the role ${roles.join(' or ')} in "peers"`
  return [{ condition: '207', text, clause: 'ITI TF-2:3.19' }]
}

/** What we did not foresee goes to the log whole; the partner gets a reference and no details of our insides. */
function failureOf(failure: unknown, { trace }: Trail, { log }: Hl7Surroundings): Hl7Error {
  const known = failure instanceof Error && [Busy, ReadOnly, StoreFull, StoreAway].some(kind => failure instanceof kind)
  if (!known) log.error({ trace: trace.traceId, failure: detailsOf(failure) }, 'unforeseen failure')
  const words = known ? failure.message : 'an internal error; its details are in the log of this service'
  return { condition: '207', text: `${words} (trace ${trace.traceId})` }
}

// Written before the acknowledgement leaves. Where that cannot be done the message is not acknowledged as done.
async function audit(trail: Trail, around: Hl7Surroundings): Promise<void> {
  if (trail.auditCommitted) return
  const { contract } = trail
  const told = story(trail, trail.outcome, around)
  const records =
    trail.request === undefined
      ? [unreadableRequest({ ...told, failure: errorsInWords(trail.outcome.errors) }, around.actor)]
      : contract.audit(told)
  try {
    await around.outbox.append(records)
  } catch (problem) {
    const { traceId } = trail.trace
    around.log.error({ trace: traceId, failure: detailsOf(problem) }, 'audit record could not be kept')
    const text = `the audit record of this message could not be kept, so it was not followed (trace ${traceId})`
    trail.outcome = { errors: [{ condition: '207', text }] }
  }
}

/** What cannot be written down is refused: half an answer would be another. */
function answerOf(trail: Trail, around: Hl7Surroundings): Hl7Answer | undefined {
  const { contract, request } = trail
  if (request === undefined) return undefined
  try {
    return contract.answer?.(request, trail.outcome)
  } catch (failure) {
    trail.outcome = { errors: [failureOf(failure, trail, around)] }
    return undefined
  }
}

function story(
  { arrived, trace, request }: Trail,
  outcome: Hl7Outcome,
  { ports }: Hl7Surroundings,
): AuditedExchange<{ header: Hl7Header }, Hl7Outcome> {
  return {
    side: 'responder',
    request,
    response: outcome,
    failure: undefined,
    partner: { name: arrived.partner.name, address: arrived.partner.address },
    endpoint: arrived.endpoint,
    replyTo: '',
    traceparent: trace.traceparent,
    endedMs: ports.clock.now(),
    processId: ports.processes.pid,
    hostName: ports.processes.hostName,
  }
}

function remember(trail: Trail, around: Hl7Surroundings): void {
  const { arrived, startedMs, header, outcome, trace, contract } = trail
  const { errors } = outcome
  const told = { traceId: trace.traceId, arrived, startedMs, header, errors, transaction: contract }
  around.explanations?.rememberIfWanted({ isRefused: errors.length > 0, story: () => hl7StoryOf(told, around) })
}

function report(trail: Trail, { log, metrics, ports }: Hl7Surroundings): void {
  const { id } = trail.contract
  const seconds = (ports.clock.monotonicMs() - trail.startedMs) / 1000
  const { header, outcome, trace, arrived } = trail
  const code = codeFor(outcome.errors)
  // An event that is none of ours was refused with 201: its name is the sender's to choose and must not become a label.
  const isOurs = header !== undefined && !outcome.errors.some(({ condition }) => /^20[01]$/.test(condition))
  const transaction = isOurs && /^[A-Z]\d\d$/.test(header.triggerEvent) ? `${id} ${header.triggerEvent}` : id
  metrics.exchange(transaction, code, seconds)
  log.info(
    {
      trace: trace.traceId,
      transaction,
      partner: arrived.partner.name,
      messageID: header?.controlId,
      outcome: code,
      failure: outcome.errors.length > 0 ? errorsInWords(outcome.errors) : undefined,
      ms: Math.round(seconds * 10_000) / 10,
    },
    'exchange',
  )
}

function spanOf({ arrived, outcome, contract: { id, name } }: Trail): Ended {
  const partner = arrived.partner.name
  return {
    name: `${id} ${name}`,
    attributes: { 'ihe.transaction': id, 'ihe.outcome': codeFor(outcome.errors), 'carnet.partner': partner },
  }
}
