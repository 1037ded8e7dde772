// A request of a gateway to whoever is behind it or beside it: under the trace and the assertion of the one that made it necessary,
// with a deadline, and written down as its initiator's. ITI TF-2 §3.38.4.1.3, §3.38.5.
import { setMaxListeners } from 'node:events'
import type { AuditRecord } from '../atna-audit/message.js'
import { openPatience, within } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import type { Exchange } from '../server/actor.js'
import { auditedUserOf } from '../server/audited-user.js'
import { auditOfCall, type Called, type Caller, type CallOptions, type Received } from '../server/caller.js'
import { anonymous } from '../soap/addressing.js'
import { NotTaken } from '../soap/arriving-parts.js'
import { PartnerUnavailable } from '../soap/call.js'
import { SoapFault } from '../soap/fault.js'
import type { MessageForm } from '../soap/message.js'
import type { Spool } from '../soap/spool.js'
import type { ForeignQueryResponse } from '../transactions/communities/foreign-objects-codec.js'
import type { Transaction } from '../transactions/transaction.js'
import type { AdhocQueryRequest } from '../transactions/xds-messages.js'
import { asMeant, asSent, asWanted, type Peer } from './communities/quirks.js'
import { isAskedAsynchronously } from './later/asynchronous.js'
import type { AwaitedAnswer, AwaitedAnswers } from './later/awaited-answers.js'
import { openKeptObjects } from './queries/kept-objects.js'
import { FalseAnswer } from './truth/truthful.js'

export interface OnwardTo {
  url: string
  /** From the first byte sent to the last one that came. */
  timeoutMs: number
  form?: MessageForm | undefined
  /** What an answer that comes later relates to; a fresh one without it. */
  messageID?: string
}

export interface Onward {
  /** @throws Error with why there is no answer. */
  ask<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    to: OnwardTo,
    /** On whose behalf; nobody's where the gateway asks for itself. */
    because: Because,
  ): Promise<Response>
  /** As ask() a stored query: its objects are of `homeCommunityId`, and their text is kept until the answer that it is for has left. */
  askForObjects(
    contract: Transaction<AdhocQueryRequest, ForeignQueryResponse>,
    request: AdhocQueryRequest,
    to: OnwardTo & { homeCommunityId: string },
    because: Because,
  ): Promise<ForeignQueryResponse>
  /**
   * As ask(), but documents arrive while they are taken. `timeoutMs` counts what the other side is waited for, not what whoever takes them
   * makes it wait. @throws Error with why there is no answer.
   */
  receive<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    to: OnwardTo,
    because: Because,
  ): Promise<Arriving<Response>>
  close(): void
}

/** An answer whose documents may still be on their way. */
export type Arriving<Response> = Pick<Received<Response>, 'response' | 'ended' | 'keep' | 'discard'>

type Because = Pick<Exchange, 'trace' | 'claims' | 'security' | 'afterwards'>

const lateAfter = ({ timeoutMs }: OnwardTo) => new Error(`there was no answer within ${timeoutMs} ms`)

function reasonOf(problem: unknown, { aborted, reason }: AbortSignal): string {
  return ((aborted ? reason : problem) as Error).message
}

/**
 * Some stacks leave it out, and the connection has to do, where there is one; an answer to something else is none to this.
 * [WS-Addressing 1.0 Core: 3.4]
 */
function assertRelated(
  { message, messageID }: Pick<Called<unknown>, 'message' | 'messageID'>,
  awaited: AwaitedAnswer | undefined,
): void {
  const { relatesTo } = message.addressing
  if (relatesTo === messageID || (relatesTo === undefined && awaited === undefined)) return
  const found = relatesTo?.slice(0, 128) ?? 'without wsa:RelatesTo'
  throw new FalseAnswer(`it was asked by the message ${messageID} and answered ${found}`)
}

export interface OpenOnward {
  caller: Caller
  /** For peers whose certificates are signed with SHA-1; made when one is asked. */
  sha1Caller?(): Caller
  /** Whose address a URL is; undefined where it is none of another community. */
  peerAt?(url: string): Peer | undefined
  /** Where peers answer who are asked asynchronously; without it none is. */
  answers?: AwaitedAnswers
  /** Where objects of answers wait. */
  spool: Spool
  ports: Ports
  outbox: { append(records: AuditRecord[]): Promise<void> }
}

/** Every request is audited as its initiator's, whether it is answered or not; `close` breaks off all that are under way. [ITI TF-2:3.38.5] */
export function openOnward({ caller, sha1Caller, peerAt, answers, spool, ports, outbox }: OpenOnward): Onward {
  const closing = new AbortController()
  // As many listen as requests are under way.
  setMaxListeners(0, closing.signal)

  /** One request: how it goes out, and how it is written down. */
  function begin<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    { url, timeoutMs, form, messageID }: OnwardTo,
    { trace, claims, security }: Because,
  ) {
    const peer = peerAt?.(url)
    const by = (peer?.quirks.sha1Certificates === 'taken' ? sha1Caller?.() : undefined) ?? caller
    const traceparent = trace.next()
    const header = security?.()
    const headers = header === undefined ? [] : [header]
    const options: CallOptions = { url, traceparent, timeoutMs, headers }
    if (form !== undefined) options.form = form
    // What changes something is sent once: it must not meet a connection that turns out to be ended.
    if (contract.changes !== undefined) options.alone = true
    if (messageID !== undefined) options.messageID = messageID
    const awaited = isAskedAsynchronously(contract, peer)
      ? answers?.expect({ community: peer, traceparent })
      : undefined
    if (awaited !== undefined) options.elsewhere = awaited
    const replyTo = awaited?.replyTo ?? anonymous
    const story = { request, traceparent, endpoint: url, user: auditedUserOf(claims), replyTo }
    const write = (end: { response: Response | undefined; failure: string | undefined }) =>
      outbox.append(auditOfCall(contract, { ...story, ...end }, ports))
    return {
      ...{ by, peer, awaited, options: asSent(options, peer), wanted: asWanted(contract, request, peer) },
      answered: (response: Response) => write({ response, failure: undefined }),
      failed: (failure: string) => write({ response: undefined, failure }).catch(() => {}),
    }
  }

  async function ask<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    to: OnwardTo,
    because: Because,
    list: Pick<CallOptions, 'list'> = {},
  ): Promise<Response> {
    const { by, peer, awaited, options, wanted, answered, failed } = begin(contract, request, to, because)
    const { signal, end } = within(ports.clock, to.timeoutMs, closing.signal, { late: lateAfter(to) })
    try {
      const call = () => by.call(contract, wanted, { ...options, ...list, signal })
      const answer = contract.changes === undefined ? onceMore(call, signal) : call()
      const called = await answer.catch(faultTaken(awaited))
      assertRelated(called, awaited)
      const response = await meant(contract, called, peer)
      awaited?.taken()
      await answered(response)
      return response
    } catch (problem) {
      const failure = reasonOf(problem, signal)
      settle(awaited, problem, failure)
      await failed(failure)
      throw problem instanceof FalseAnswer ? problem : new Error(failure, { cause: problem })
    } finally {
      end()
    }
  }

  return {
    ask: (contract, request, to, because) => ask(contract, request, to, because),
    async askForObjects(contract, request, to, because) {
      const kept = openKeptObjects(spool, to.homeCommunityId)
      const response = await ask(contract, request, to, because, { list: kept.list }).catch(async problem => {
        await kept.abort()
        throw problem
      })
      const { objects, discard } = await kept.end()
      because.afterwards?.(() => void discard())
      return asMeant(contract, { ...response, objects: [...objects, ...response.objects] }, peerAt?.(to.url))
    },
    async receive(contract, request, to, because) {
      const { by, peer, awaited, options, wanted, answered, failed } = begin(contract, request, to, because)
      const over = new AbortController()
      const { signal } = over
      let giveUp = (why: Error) => over.abort(why)
      const stop = () => giveUp(closing.signal.reason)
      closing.signal.addEventListener('abort', stop)
      const patience = openPatience(ports.clock, to.timeoutMs, () => giveUp(lateAfter(to)))
      const end = () => {
        patience.end()
        closing.signal.removeEventListener('abort', stop)
      }
      const fail = async (problem: unknown): Promise<never> => {
        end()
        const failure = reasonOf(problem, signal)
        settle(awaited, problem, failure)
        await failed(failure)
        throw problem instanceof FalseAnswer ? problem : new Error(failure, { cause: problem })
      }
      const call = () => by.receive(contract, wanted, { ...options, signal, patience })
      const received = await onceMore(call, signal).catch(faultTaken(awaited)).catch(fail)
      const { keep, discard } = received
      giveUp = why => {
        void discard(why)
        over.abort(why)
      }
      let response: typeof received.response
      try {
        assertRelated(received, awaited)
        response = await meant(contract, received, peer)
        await answered(response)
      } catch (problem) {
        received.ended.catch(() => {})
        await discard(problem as Error)
        return fail(problem)
      }
      // The record of success is written by then: what breaks off gets one of failure beside it.
      const ended = received.ended.then(
        () => {
          end()
          awaited?.taken()
        },
        problem => fail(problem),
      )
      ended.catch(() => {})
      return {
        response,
        ended,
        async keep() {
          await keep().catch(() => {})
          return ended
        },
        discard,
      }
    },
    close: () => closing.abort(new Error('the gateway ends')),
  }
}

/** A fault is an answer too. */
function faultTaken(awaited: AwaitedAnswer | undefined) {
  return (problem: unknown): never => {
    if (problem instanceof SoapFault) awaited?.taken()
    throw problem
  }
}

/** That nobody here wants the rest of an answer is not the fault of whoever sends it. */
function settle(awaited: AwaitedAnswer | undefined, problem: unknown, failure: string): void {
  if (problem instanceof NotTaken) awaited?.taken()
  else awaited?.refused(new Error(failure))
}

/**
 * A connection that the other side has ended while it was idle shows that to whoever uses it next. What goes on such connections are questions, which nothing
 * comes of when they are asked twice; and what had begun to answer is never asked again.
 */
async function onceMore<Answer>(call: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  try {
    return await call()
  } catch (problem) {
    if (signal.aborted || !(problem instanceof PartnerUnavailable && problem.wasKept)) throw problem
    return call()
  }
}

/** Of an answer that is not to be taken nothing stays on the disk. */
async function meant<Request, Response>(
  contract: Transaction<Request, Response>,
  { response, message }: Pick<Called<Response>, 'response' | 'message'>,
  peer: Peer | undefined,
): Promise<Response> {
  try {
    return asMeant(contract, response, peer)
  } catch (problem) {
    for (const { content } of message.attachments.values()) await content.discard().catch(() => {})
    throw problem
  }
}
