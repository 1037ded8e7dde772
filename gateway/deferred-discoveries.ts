// Questions of ITI-55 that are answered later, by a request of their own: each waits for the answer that relates to it, within a bound of time.
// ITI TF-2 §3.55.6.2; docs/decisions/0353.
import type { GatewayConfig } from '../config/gateway-config.js'
import type { Clock } from '../ports/clock.js'
import type { DemographicsAnswer } from '../transactions/demographics-answer-codec.js'
import type { DemographicsQuery, Wanted } from '../transactions/demographics-query-codec.js'
import type { Community } from './communities.js'
import { falsePerson } from './truthful.js'

export interface DeferredDiscoveries {
  /** What will be answered to a question. @throws Error, and rejects, where that is not to be had. */
  expect(question: DeferredQuestion): Promise<DemographicsAnswer>
  /** The question was not taken after all. */
  forget(messageID: string): void
  /** Whose answer relates to that message; undefined where nobody waits for it. */
  waitingFor(messageID: string | undefined): WaitingQuestion | undefined
  readonly size: number
  /** Who waits still is told that this gateway ends. */
  close(): void
}

export interface DeferredQuestion {
  /** wsa:MessageID of the question. */
  messageID: string
  queryId: DemographicsQuery['queryId']
  community: Community
  wanted: Wanted
}

export interface WaitingQuestion extends DeferredQuestion {
  /** Whoever waits has it; nobody waits any more. */
  answered(answer: DemographicsAnswer): void
  refused(problem: Error): void
}

/** Questions of all communities together, and of one. */
const mostWaiting = 1_000
const mostOfCommunity = 250

export function openDeferredDiscoveries(
  { deferredMinutes }: Pick<GatewayConfig, 'deferredMinutes'>,
  clock: Pick<Clock, 'after'>,
): DeferredDiscoveries {
  const waiting = new Map<string, WaitingQuestion>()

  return {
    async expect(question) {
      const { messageID, community } = question
      const ofCommunity = [...waiting.values()].filter(
        each => each.community.homeCommunityId === community.homeCommunityId,
      ).length
      if (ofCommunity >= mostOfCommunity || waiting.size >= mostWaiting) {
        throw new Error(`${ofCommunity} questions wait already for what it answers later`)
      }
      return new Promise((resolve, reject) => {
        const timer = clock.after(deferredMinutes * 60_000, () => over(), { idle: true })
        const settled = (settle: () => void) => {
          timer.cancel()
          waiting.delete(messageID)
          settle()
        }
        const refused = (problem: Error) => settled(() => reject(problem))
        const over = () => refused(new Error(`no deferred answer has come within ${deferredMinutes} minutes`))
        waiting.set(messageID, { ...question, refused, answered: answer => settled(() => resolve(answer)) })
      })
    },
    forget: messageID => waiting.get(messageID)?.refused(new Error('the question was not taken')),
    waitingFor: messageID => (messageID === undefined ? undefined : waiting.get(messageID)),
    get size() {
      return waiting.size
    },
    close() {
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
  if (senderCommunity !== undefined && senderCommunity !== home.replace(/^urn:oid:/, '')) {
    return `it was asked as ${home} and answered as ${senderCommunity.slice(0, 128)}`
  }
  return falsePerson(answer, wanted, home)
}
