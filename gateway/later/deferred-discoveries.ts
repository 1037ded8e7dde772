// Questions of ITI-55 that are answered later, by a request of their own: each waits for the answer that relates to it, within a bound of time, and
// over the end of this process. ITI TF-2 §3.55.6.2; docs/decisions/0353, 0370.
import type { GatewayConfig } from '../../config/gateway-config.js'
import type { Clock } from '../../ports/clock.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type { Communities, Community } from '../communities/communities.js'
import { homeMeant } from '../homes.js'
import { falsePerson } from '../truth/truthful.js'
import type { DeferredQuestion, DeferredQuestions, HeldAgainst } from './deferred-questions.js'

export interface DeferredDiscoveries {
  /** From here on it waits, over restarts too. @throws Error where it cannot. */
  expect(question: DeferredQuestion): Promise<ExpectedAnswer>
  /** What was asked before this process began and is waited for still. */
  resume(communities: Pick<Communities, 'named'>): Promise<(DeferredQuestion & ExpectedAnswer)[]>
  /** The question was not taken after all. */
  forget(messageID: string): void
  /** Whose answer relates to that message; undefined where nobody waits for it. */
  waitingFor(messageID: string | undefined): WaitingQuestion | undefined
  readonly size: number
  /** Who waits still is told that this gateway ends; the next one waits on. */
  close(): void
}

export interface ExpectedAnswer {
  /** Rejects where it does not come, or is none. */
  answer: Promise<DemographicsAnswer>
}

export interface WaitingQuestion extends DeferredQuestion {
  /** Whoever waits has it; nobody waits any more. */
  answered(answer: DemographicsAnswer): void
  refused(problem: Error): void
}

interface OpenDeferredDiscoveries {
  config: Pick<GatewayConfig, 'deferredMinutes'>
  clock: Pick<Clock, 'after' | 'now'>
  questions: DeferredQuestions
  /** One that is over could not be removed; it goes with its time. */
  notForgotten(problem: unknown): void
}

/** Questions of all communities together, and of one. */
const mostWaiting = 1_000
const mostOfCommunity = 250

/**
 * At most 1,000 wait, 250 of one community; beyond that `expect` rejects before anything is sent. A question waits for `deferredMinutes`. [ITI
 * TF-2:3.55.6.2]
 */
export function openDeferredDiscoveries(options: OpenDeferredDiscoveries): DeferredDiscoveries {
  const { config, clock, questions, notForgotten } = options
  const waiting = new Map<string, WaitingQuestion>()
  let isEnding = false

  function wait(question: DeferredQuestion, forMs: number): ExpectedAnswer {
    const { messageID } = question
    const answer = new Promise<DemographicsAnswer>((resolve, reject) => {
      const timer = clock.after(forMs, () => over(), { idle: true })
      const settled = (settle: () => void) => {
        timer.cancel()
        waiting.delete(messageID)
        if (!isEnding) questions.forget(messageID).catch(notForgotten)
        settle()
      }
      const refused = (problem: Error) => settled(() => reject(problem))
      const over = () => refused(new Error(`no deferred answer has come within ${config.deferredMinutes} minutes`))
      waiting.set(messageID, { ...question, refused, answered: said => settled(() => resolve(said)) })
    })
    // It may be refused before anybody waits for it.
    answer.catch(() => {})
    return { answer }
  }

  function assertRoom({ homeCommunityId }: Community): void {
    const ofCommunity = [...waiting.values()].filter(each => each.community.homeCommunityId === homeCommunityId).length
    if (ofCommunity < mostOfCommunity && waiting.size < mostWaiting) return
    throw new Error(`${ofCommunity} questions wait already for what it answers later`)
  }

  return {
    async expect(question) {
      const { messageID, community, patientId, queryId } = question
      const { patientIds, born } = question.wanted
      assertRoom(community)
      const forMs = config.deferredMinutes * 60_000
      const wanted: HeldAgainst = born === undefined ? { patientIds } : { patientIds, born }
      const expected = wait({ messageID, community, patientId, queryId, wanted }, forMs)
      const { homeCommunityId } = community
      const untilMs = clock.now() + forMs
      try {
        await questions.keep({ messageID, homeCommunityId, patientId, queryId, wanted, untilMs })
        return expected
      } catch (problem) {
        waiting.get(messageID)?.refused(problem as Error)
        throw problem
      }
    },
    async resume(communities) {
      const nowMs = clock.now()
      const left = await questions.left(nowMs)
      const resumed: (DeferredQuestion & ExpectedAnswer)[] = []
      for (const { homeCommunityId, untilMs, ...kept } of left) {
        const community = communities.named(homeCommunityId)
        const leftMs = Math.min(untilMs - nowMs, config.deferredMinutes * 60_000)
        if (community === undefined || waiting.size >= mostWaiting) await questions.forget(kept.messageID)
        else {
          const question = { ...kept, community }
          resumed.push({ ...question, ...wait(question, leftMs) })
        }
      }
      return resumed
    },
    forget: messageID => waiting.get(messageID)?.refused(new Error('the question was not taken')),
    waitingFor: messageID => (messageID === undefined ? undefined : waiting.get(messageID)),
    get size() {
      return waiting.size
    },
    close() {
      isEnding = true
      for (const { refused } of [...waiting.values()]) refused(new Error('the gateway ends'))
    },
  }
}

/** Why an answer is none to the question that it relates to; undefined when it is one. [ITI TF-2:3.55.6.2] */
export function falseLater(
  answer: DemographicsAnswer,
  { queryId, wanted, community }: DeferredQuestion,
): string | undefined {
  const home = community.homeCommunityId
  const { senderCommunity } = answer
  if (answer.queryId.root !== queryId.root || answer.queryId.extension !== queryId.extension) {
    return 'it relates its answer to a question, and answers another query'
  }
  if (senderCommunity !== undefined && homeMeant(senderCommunity) !== home) {
    return `it was asked as ${home} and answered as ${senderCommunity.slice(0, 128)}`
  }
  return falsePerson(answer, wanted, home)
}
