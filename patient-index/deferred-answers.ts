// Sends the answers that were asked for in deferred mode: worked out when they are sent, as requests of their own, until each is
// acknowledged or its time is over. ITI TF-2 §3.55.6.2; docs/decisions/0326
import type { AuditRecord } from '../atna-audit/message.js'
import { auditOfCall, type Caller } from '../server/caller.js'
import type { Log } from '../server/log.js'
import { listedAs } from '../server/replies/address.js'
import { traceOf } from '../server/trace.js'
import { namespaces } from '../soap/namespaces.js'
import { escapeXml } from '../soap/xml.js'
import { deferredDiscoveryAnswer } from '../transactions/hl7v3/patient-discovery.js'
import type { PatientIndexContext } from './context.js'
import type { DeferredQuestion } from './deferred-store.js'
import { discovered } from './iti-55-patient-discovery.js'
import { locate } from './located.js'

export interface DeferredAnswers {
  /** Sends what is due, and returns when all of it was tried. */
  send(): Promise<void>
  close(): Promise<void>
}

export interface StartDeferredAnswers {
  context: PatientIndexContext
  caller: Pick<Caller, 'call'>
  log: Log
  outbox: { append(records: AuditRecord[]): Promise<void> }
  /** Where a partner may have answers sent, as it is now. */
  listedFor(partner: string): readonly string[]
}

const lookMs = 1_000
const sideBySide = 8
/** However many of its answers are due: who does not take them holds up nobody else. */
const mostOfPartner = 2
const longestPauseMs = 60_000
const timeoutMs = 20_000

/** An answer is worked out when it is sent, and anew for each try: it tells what is known then. [ITI TF-2:3.55.6.2] */
export function startDeferredAnswers(options: StartDeferredAnswers): DeferredAnswers {
  const { context, caller, log, outbox, listedFor } = options
  const { store, deferred, ports, config } = context
  const { clock, randomness } = ports
  let working: Promise<void> | undefined

  async function send(): Promise<void> {
    const due = deferred.due(clock.now(), { most: sideBySide, mostOfPartner })
    // One that fails ends nothing of the others, which would be sent again beside themselves.
    const ended = await Promise.allSettled(due.map(one))
    for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason
  }

  async function one(question: DeferredQuestion): Promise<void> {
    const { url, partner, tries, atMs } = question
    const isListed = listedAs(url, listedFor(partner)) === url
    const why = isListed ? await tried(question).catch(unforeseen) : 'the address is not listed any more'
    const isOver = !isListed || clock.now() - atMs > config.replies.minutes * 60_000
    if (why !== undefined && isOver)
      log.warn({ partner, url, failure: why }, 'a deferred answer could not be delivered')
    const pauseMs = Math.min(longestPauseMs, 1_000 * 2 ** Math.min(tries, 6))
    await store.write(() =>
      why === undefined || isOver
        ? deferred.forget(question.question)
        : deferred.later(question.question, clock.now() + pauseMs),
    )
  }

  /** What cannot be worked out now is tried again like what cannot be sent. */
  function unforeseen(problem: unknown): string {
    log.error({ failure: String(problem) }, 'a deferred answer could not be worked out')
    return String(problem)
  }

  /** Undefined when it was acknowledged, or refused for good. */
  async function tried({ query, url, messageID }: DeferredQuestion): Promise<string | undefined> {
    const answer = discovered(query, context)
    await locate(query, answer, context)
    const { traceparent } = traceOf(undefined, randomness)
    const story = { request: answer, traceparent, endpoint: url }
    const headers = [`<wsa:RelatesTo xmlns:wsa="${namespaces.wsa}">${escapeXml(messageID)}</wsa:RelatesTo>`]
    try {
      const { response } = await caller.call(deferredDiscoveryAnswer, answer, { url, traceparent, headers, timeoutMs })
      await outbox.append(auditOfCall(deferredDiscoveryAnswer, { ...story, response, failure: undefined }, ports))
      return response.typeCode === 'CR' ? (response.detail ?? 'it could not work') : undefined
    } catch (problem) {
      const failure = (problem as Error).message
      const records = auditOfCall(deferredDiscoveryAnswer, { ...story, response: undefined, failure }, ports)
      await outbox.append(records).catch(() => {})
      return failure
    }
  }

  const looking = clock.every(lookMs, () => {
    working ??= send()
      .catch(problem => log.error({ failure: String(problem) }, 'deferred answers have stopped for now'))
      .finally(() => {
        working = undefined
      })
  })
  return {
    send,
    async close() {
      looking.cancel()
      await working
    },
  }
}
