// ITI-18 Registry Stored Query, as the Initiating Gateway answers it: by this community and all others that may know. ITI TF-2 §3.18.4.1.3, §3.38.4.1.2.
import { type Exchange, serve } from '../server/actor.js'
import type { ForeignQueryResponse } from '../transactions/communities/foreign-objects-codec.js'
import { storedQueryThrough } from '../transactions/communities/xca.js'
import type { AdhocQueryRequest } from '../transactions/xds-messages.js'
import type { Community } from './communities/communities.js'
import { type Allowance, openAllowance } from './communities/in-time.js'
import type { GatewayContext } from './context.js'
import { atHome } from './homes.js'
import { type Asked, communityAnswer, isSpared, nothingFrom } from './queries/community-answer.js'
import { type CommunityAnswer, merged } from './queries/merged.js'
import { knownHomes, missingHome, registriesAnswers, unknownHome } from './queries/own-registries.js'
import { patientOf } from './queries/patient-parameter.js'

type QueryExchange = Exchange<ForeignQueryResponse>

export const serveStoredQueryForAll = serve(storedQueryThrough, (query, context: GatewayContext, exchange) =>
  askedOfAll(query, context, exchange),
)

/** By whoever may know: the community that is named, or all of them. */
export async function askedOfAll(
  asked: AdhocQueryRequest,
  context: GatewayContext,
  exchange: QueryExchange,
): Promise<ForeignQueryResponse> {
  const { config, communities } = context
  const query = atHome(asked)
  const { home } = query
  const patientId = patientOf(query)
  const isFor = { expected: 'a homeCommunityId', clause: 'ITI TF-2:3.18.4.1.2.3.8' }
  if (home === config.homeCommunityId) return merged(await registriesAnswers(query, context, exchange))
  if (home !== undefined) {
    const community = communities.named(home)
    if (community === undefined) return unknownHome(home, { ...isFor, expected: knownHomes(context) }, exchange)
    return merged(await answersOf([community], { query, patientId }, [], context, exchange))
  }
  if (patientId === undefined) return missingHome(isFor, exchange)
  // All at once, each within its own time: who is silent holds nobody up for longer than that.
  const own = registriesAnswers(query, context, exchange)
  return merged(await answersOf(communities.all, { query, patientId }, own, context, exchange))
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
    communities.map(async (community, index) =>
      (await isSpared(community, asked, context, exchange))
        ? nothingFrom(community.homeCommunityId)
        : communityAnswer(community, asked, allowances[index] as Allowance, context, exchange),
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
