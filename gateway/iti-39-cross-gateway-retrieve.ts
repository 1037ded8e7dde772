// ITI-39 Cross Gateway Retrieve: another community is answered by the repositories of this one, a consumer of our own as if it had sent an
// ITI-43. ITI TF-2 §3.39.4.1.3.
import { serve } from '../server/actor.js'
import { crossGatewayRetrieve } from '../transactions/communities/xca.js'
import type { DocumentRequest, RetrieveDocumentSetResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { distinct } from './documents/asked.js'
import { fromRepositories } from './documents/from-repositories.js'
import { documentError, miscounted, type Portion, togetherOf } from './documents/portion.js'
import { type Fetching, ofDocuments } from './documents/retrieval.js'
import { atHomes } from './homes.js'
import { retrievedFromAll } from './iti-43-retrieve-document-set.js'
import { isOwnConsumer } from './own-consumers.js'
import { locatedAt } from './queries/merged.js'

export const serveCrossGatewayRetrieve = serve(
  crossGatewayRetrieve,
  async ({ documents }, context: GatewayContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const fetching = { context, exchange, retrieval: ofDocuments }
    const refusal = miscounted(documents, context.config.limits.attachments, exchange.trace.traceId)
    if (refusal !== undefined) return refusal
    return isOwnConsumer(exchange.partner)
      ? retrievedFromAll(documents, fetching)
      : retrievedForOthers(documents, fetching)
  },
)

/** What is of this community, and nothing else. */
export async function retrievedForOthers<Wanted extends DocumentRequest, Request>(
  documents: readonly Wanted[],
  fetching: Fetching<Wanted, Request>,
): Promise<RetrieveDocumentSetResponse> {
  const { context, exchange } = fetching
  const { homeCommunityId } = context.config
  const named = atHomes(documents)
  const ours = distinct(named).filter(document => document.homeCommunityId === homeCommunityId)
  const others = named.filter(document => document.homeCommunityId !== homeCommunityId)
  const refused: Portion = {
    documents: [],
    errors: others.map(document =>
      documentError(
        document.homeCommunityId === undefined ? 'XDSMissingHomeCommunityId' : 'XDSUnknownCommunity',
        document,
        `expected ${homeCommunityId}, found ${document.homeCommunityId ?? 'nothing'} [ITI TF-2:3.39.4.1.3]`,
        exchange.trace.traceId,
      ),
    ),
  }
  return locatedAt(homeCommunityId, togetherOf([await fromRepositories(ours, fetching), refused]))
}
