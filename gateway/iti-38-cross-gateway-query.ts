// ITI-38 Cross Gateway Query: another community is answered by what the registries of this one say, a consumer of our own as if it had
// sent an ITI-18. ITI TF-2 §3.38.4.1.3.
import { type Exchange, serve } from '../server/actor.js'
import type { ForeignQueryResponse } from '../transactions/communities/foreign-objects-codec.js'
import { crossGatewayQuery } from '../transactions/communities/xca.js'
import type { AdhocQueryRequest } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { atHome } from './homes.js'
import { askedOfAll } from './iti-18-registry-stored-query.js'
import { isOwnConsumer } from './own-consumers.js'
import { locatedAt, merged } from './queries/merged.js'
import { missingHome, registriesAnswers, unknownHome } from './queries/own-registries.js'
import { patientOf } from './queries/patient-parameter.js'

export const serveCrossGatewayQuery = serve(
  crossGatewayQuery,
  async (query, context: GatewayContext, exchange): Promise<ForeignQueryResponse> => {
    if (isOwnConsumer(exchange.partner)) return askedOfAll(query, context, exchange)
    return locatedAt(context.config.homeCommunityId, await askedByOthers(atHome(query), context, exchange))
  },
)

async function askedByOthers(
  query: AdhocQueryRequest,
  context: GatewayContext,
  exchange: Exchange<ForeignQueryResponse>,
): Promise<ForeignQueryResponse> {
  const { homeCommunityId } = context.config
  const { home } = query
  const isFor = { expected: homeCommunityId, clause: 'ITI TF-2:3.38.4.1.3' }
  if (home === undefined && patientOf(query) === undefined) return missingHome(isFor, exchange)
  if (home !== undefined && home !== homeCommunityId) return unknownHome(home, isFor, exchange)
  return merged(await registriesAnswers(query, context, exchange))
}
