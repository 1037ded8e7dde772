// ITI-39 Cross Gateway Retrieve, as the Responding Gateway answers it: by the repositories of this community. ITI TF-2 §3.39.4.1.3.
import { serve } from '../server/actor.js'
import { crossGatewayRetrieve } from '../transactions/xca.js'
import type { RetrieveDocumentSetResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { documentError, fromRepositories, type Portion, togetherOf } from './retrieving.js'

export const serveCrossGatewayRetrieve = serve(
  crossGatewayRetrieve,
  async ({ documents }, context: GatewayContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const { homeCommunityId } = context.config
    const ours = documents.filter(document => document.homeCommunityId === homeCommunityId)
    const others = documents.filter(document => document.homeCommunityId !== homeCommunityId)
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
    return togetherOf([await fromRepositories(ours, context, exchange), refused])
  },
)
