// What becomes of a community that has answered what is none to the question: it is counted, logged and audited. docs/decisions/0336
import { falseAnswer } from '../../atna-audit/security-events.js'
import type { Exchange } from '../../server/actor.js'
import { eventFacts } from '../../server/actor-service.js'
import type { Community } from '../communities/communities.js'
import type { GatewayContext } from '../context.js'
import { mayNotAnswerFor } from '../later/answering-partner.js'
import { type CommunityAnswer, unavailable } from '../queries/merged.js'

export const notAnAnswer = 'its answer is not one to the question and was refused'

/** Nothing of an answer that is false in one thing is handed on. */
export async function lied(
  { homeCommunityId, state }: Community,
  why: string,
  { outbox, ports, log }: GatewayContext,
  { trace }: Pick<Exchange, 'trace'>,
): Promise<CommunityAnswer> {
  state.refused += 1
  log.error({ trace: trace.traceId, community: homeCommunityId, why }, 'false answer')
  const told = { homeCommunityId, why, traceparent: trace.traceparent }
  await outbox.append([falseAnswer(told, eventFacts('Initiating Gateway', ports))])
  return unavailable(homeCommunityId, notAnAnswer, trace.traceId)
}

/** An answer to what nobody waits for, or to what somebody else was asked: it is the lie of whoever has sent it. docs/decisions/0369 */
export async function notTheirs(
  why: string,
  { communities, outbox, ports, log }: Pick<GatewayContext, 'communities' | 'outbox' | 'ports' | 'log'>,
  { partner, trace }: Pick<Exchange, 'partner'> & { trace: Pick<Exchange['trace'], 'traceId' | 'traceparent'> },
): Promise<void> {
  const community = communities.all.find(each => mayNotAnswerFor(each, partner) === undefined)
  if (community !== undefined) community.state.refused += 1
  const homeCommunityId = community?.homeCommunityId ?? partner.name
  log.error({ trace: trace.traceId, partner: partner.name, why }, 'an answer that is not theirs to give')
  const told = { homeCommunityId, why, traceparent: trace.traceparent }
  await outbox.append([falseAnswer(told, eventFacts('Initiating Gateway', ports))])
}
