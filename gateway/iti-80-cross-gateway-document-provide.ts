// ITI-80 Cross-Gateway Document Provide: documents of another community go to a repository of this one, those of a source of our own where an ITI-41
// would. ITI TF-2 §3.80.4.1.3 (XCDR); docs/decisions/0367.
import { serve } from '../server/actor.js'
import { crossGatewayDocumentProvide } from '../transactions/communities/xcdr.js'
import type { ProvideToCommunityRequest, RegistryResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { answered, failure, type ProvideExchange, refusalOf, refused } from './documents/provided.js'
import { providedHere } from './documents/provided-here.js'
import { providedForOwn } from './iti-41-provide-and-register.js'
import { isOwnSource } from './own-consumers.js'
import { locatedAt } from './queries/merged.js'
import { targetOf } from './target.js'

export const serveCrossGatewayDocumentProvide = serve(
  crossGatewayDocumentProvide,
  async (request, context: GatewayContext, exchange): Promise<RegistryResponse> =>
    isOwnSource(exchange.partner)
      ? providedForOwn(request, context, exchange)
      : locatedAt(context.config.homeCommunityId, await providedByOthers(request, context, exchange)),
)

async function providedByOthers(
  request: ProvideToCommunityRequest,
  context: GatewayContext,
  exchange: ProvideExchange,
): Promise<RegistryResponse> {
  const { homeCommunityId, documentsOfOthers, limits } = context.config
  const { traceId } = exchange.trace
  if (documentsOfOthers === 'refused') {
    return failure('XDSRepositoryError', 'this community takes no documents of others [ITI TF-2:3.80.4.1.3]', traceId)
  }
  const refusal = refusalOf(request, limits.attachments, exchange)
  if (refusal !== undefined) return refusal
  const target = targetOf(request, homeCommunityId)
  if ('finding' in target) return refused([target.finding], exchange)
  if (target.home !== homeCommunityId) return refused([target.unknown], exchange)
  return answered(await providedHere(request, context, exchange), request, exchange)
}
