// ITI-18 Registry Stored Query, as the Initiating Gateway answers it: by this community and all others that may know. ITI TF-2 §3.18.4.1.3, §3.38.4.1.2.
import { falseAnswer } from '../atna-audit/events.js'
import { type Exchange, serve } from '../server/actor.js'
import { eventFacts } from '../server/actor-service.js'
import { type ForeignQueryResponse, ofCommunity } from '../transactions/foreign-objects-codec.js'
import { crossGatewayQuery, storedQueryThrough } from '../transactions/xca.js'
import type { AdhocQueryRequest } from '../transactions/xds-messages.js'
import type { Community } from './communities.js'
import type { GatewayContext } from './context.js'
import { type Allowance, openAllowance } from './in-time.js'
import { type CommunityAnswer, merged, unavailable } from './merged.js'
import { missingHome, registriesAnswers, unknownHome } from './own-registries.js'
import { patientOf, queryFor } from './patient-parameter.js'
import { FalseAnswer, falsehoodIn } from './truthful.js'

type QueryExchange = Exchange<ForeignQueryResponse>

export const serveStoredQueryForAll = serve(storedQueryThrough, (query, context: GatewayContext, exchange) =>
  askedOfAll(query, context, exchange),
)

/** By whoever may know: the community that is named, or all of them. */
export async function askedOfAll(
  query: AdhocQueryRequest,
  context: GatewayContext,
  exchange: QueryExchange,
): Promise<ForeignQueryResponse> {
  const { config, communities } = context
  const { home } = query
  const patientId = patientOf(query)
  const isFor = { expected: 'a homeCommunityId', clause: 'ITI TF-2:3.18.4.1.2.3.8' }
  if (home === config.homeCommunityId) return merged(await registriesAnswers(query, context, exchange))
  if (home !== undefined) {
    const community = communities.named(home)
    if (community === undefined) return unknownHome(home, { ...isFor, expected: namesOf(context) }, exchange)
    return merged(await answersOf([community], { query, patientId }, [], context, exchange))
  }
  if (patientId === undefined) return missingHome(isFor, exchange)
  // All at once, each within its own time: who is silent holds nobody up for longer than that.
  const own = registriesAnswers(query, context, exchange)
  return merged(await answersOf(communities.all, { query, patientId }, own, context, exchange))
}

export function namesOf({ config, communities }: GatewayContext): string {
  return [config.homeCommunityId, ...communities.all.map(({ homeCommunityId }) => homeCommunityId)].join(' or ')
}

/** A query, and whose patient it is about. */
export interface Asked {
  query: AdhocQueryRequest
  patientId: string | undefined
}

/**
 * Of this community, and of others. What is left to do when the last of these has answered, or has had its time, is measured: so much is kept back
 * from the next ones. docs/decisions/0361
 */
async function answersOf(
  communities: readonly Community[],
  asked: Asked,
  own: Promise<CommunityAnswer[]> | CommunityAnswer[],
  context: GatewayContext,
  exchange: QueryExchange,
): Promise<CommunityAnswer[]> {
  const { ports, keptBack } = context
  const { clock } = ports
  const { startedMs: sinceMs = clock.monotonicMs() } = exchange
  const allowances = communities.map(({ timeoutMs }) =>
    openAllowance(clock, { timeoutMs, sinceMs, keptBackMs: keptBack.of(timeoutMs) }),
  )
  const answers = await Promise.all(
    communities.map((community, index) =>
      communityAnswer(community, asked, allowances[index] as Allowance, context, exchange),
    ),
  )
  const doneMs = clock.monotonicMs()
  const ours = await own
  if (communities.length > 0) {
    // To notice that the time is over is work already; to wait for our own registry is none.
    const overMs = Math.min(doneMs, Math.max(...allowances.map(({ endMs }) => endMs)))
    const waitedMs = clock.monotonicMs() - doneMs
    exchange.afterwards?.(() => keptBack.took(clock.monotonicMs() - waitedMs - overMs))
  }
  return [...ours, ...answers]
}

/** [ITI TF-2:3.38.4.1.2] */
export async function communityAnswer(
  community: Community,
  { query, patientId }: Asked,
  allowed: Allowance,
  context: GatewayContext,
  exchange: QueryExchange,
): Promise<CommunityAnswer> {
  const { homeCommunityId: home, query: url, form } = community
  // Who is not known there has nothing there.
  if (patientId !== undefined && context.correlations.isUnknownAt(community, patientId)) return nothingFrom(home)
  try {
    return await community.run(async () => {
      // Whom it knows and what it has are two questions, and one deadline.
      const there =
        patientId === undefined
          ? undefined
          : await allowed.within(context.correlations.idAt(community, patientId, exchange))
      if (patientId !== undefined && there === undefined) return nothingFrom(home)
      const asked = queryFor(query, home, there)
      const to = { url, timeoutMs: allowed.leftMs(), form, homeCommunityId: home }
      const answer = await context.onward.askForObjects(crossGatewayQuery, asked, to, exchange)
      const { objects, errors } = answer
      if (patientId !== undefined && errors.some(({ errorCode }) => errorCode === 'XDSUnknownPatientId')) {
        context.correlations.forget(community, patientId)
      }
      const falsehood = falsehoodIn(answer, asked)
      if (falsehood !== undefined) return await lied(community, falsehood, context, exchange)
      context.told.remember(home, objects)
      return {
        homeCommunityId: home,
        objects: objects.map(object => ofCommunity(object, home)),
        errors,
        hasAnswered: true,
      }
    })
  } catch (problem) {
    if (problem instanceof FalseAnswer) return lied(community, problem.message, context, exchange)
    return unavailable(home, (problem as Error).message, exchange.trace.traceId)
  }
}

export const nothingFrom = (homeCommunityId: string): CommunityAnswer => ({
  ...{ homeCommunityId, objects: [], errors: [], hasAnswered: true },
})

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
  return unavailable(homeCommunityId, `its answer is not one to the question and was refused`, trace.traceId)
}
