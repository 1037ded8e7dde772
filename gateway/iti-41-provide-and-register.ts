// ITI-41 Provide and Register Document Set-b, as the Initiating Gateway takes it from a source of its own: for the community that the source names.
// ITI TF-2 §3.41.4.1.2.2, §3.80.4.1.2 (XCDR); docs/decisions/0367.
import { serve } from '../server/actor.js'
import { provideAndRegisterThrough } from '../transactions/communities/xcdr.js'
import type { ProvideToCommunityRequest, RegistryResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { answered, type ProvideExchange, refusalOf, refused } from './documents/provided.js'
import { providedHere } from './documents/provided-here.js'
import { providedTo } from './documents/provided-to.js'
import { knownHomes } from './queries/own-registries.js'
import { targetOf } from './target.js'

export const serveProvideToCommunity = serve(
  provideAndRegisterThrough,
  (request, context: GatewayContext, exchange): Promise<RegistryResponse> => providedForOwn(request, context, exchange),
)

/** To the community that is named; what is for our own goes to its repository, as if it had been sent there. */
export async function providedForOwn(
  request: ProvideToCommunityRequest,
  context: GatewayContext,
  exchange: ProvideExchange,
): Promise<RegistryResponse> {
  const { config, communities } = context
  const refusal = refusalOf(request, config.limits.attachments, exchange)
  if (refusal !== undefined) return refusal
  const target = targetOf(request, knownHomes(context))
  if ('finding' in target) return refused([target.finding], exchange)
  const { home } = target
  if (home === config.homeCommunityId)
    return answered(await providedHere(request, context, exchange), request, exchange)
  const community = communities.named(home)
  if (community === undefined) return refused([target.unknown], exchange)
  return answered(await providedTo(community, request, context, exchange), request, exchange)
}
