// ITI-43 Retrieve Document Set, as the Initiating Gateway answers it: each document from the community that has it. ITI TF-2 §3.39.4.1.2.
import { serve } from '../server/actor.js'
import { retrieveDocumentSet } from '../transactions/xds.js'
import type { DocumentRequest, RetrieveDocumentSetResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { distinct, groupedBy } from './documents/asked.js'
import { fromCommunity } from './documents/from-community.js'
import { fromRepositories } from './documents/from-repositories.js'
import { miscounted, type Portion, refusedPortion, togetherOf } from './documents/portion.js'
import { type Fetching, ofDocuments } from './documents/retrieval.js'
import { atHomes } from './homes.js'

export const serveRetrieveFromAll = serve(
  retrieveDocumentSet,
  async ({ documents }, context: GatewayContext, exchange): Promise<RetrieveDocumentSetResponse> =>
    miscounted(documents, context.config.limits.attachments, exchange.trace.traceId) ??
    retrievedFromAll(documents, { context, exchange, retrieval: ofDocuments }),
)

/** By its homeCommunityId; what has none is of this community. */
export async function retrievedFromAll<Wanted extends DocumentRequest, Request>(
  documents: readonly Wanted[],
  fetching: Fetching<Wanted, Request>,
): Promise<RetrieveDocumentSetResponse> {
  const { config, communities } = fetching.context
  const byHome = groupedBy(
    distinct(atHomes(documents)),
    ({ homeCommunityId = config.homeCommunityId }) => homeCommunityId,
  )
  const portions = await Promise.all(
    byHome.map(([home, wanted]): Promise<Portion> | Portion => {
      if (home === config.homeCommunityId) return fromRepositories(wanted, fetching)
      const community = communities.named(home)
      return community === undefined
        ? refusedPortion('XDSUnknownCommunity', wanted, 'no such community is known here', fetching.exchange)
        : fromCommunity(community, wanted, fetching)
    }),
  )
  return togetherOf(portions)
}
