// ITI-63 Cross Gateway Fetch: another community is answered by what this one has, a consumer of our own by what all have that may know. ITI TF-2 §3.63.4.1.3
// (XCF); docs/decisions/0351.
import { type Exchange, serve } from '../server/actor.js'
import type { FetchResponse } from '../transactions/communities/fetch-codec.js'
import { fetchFaults } from '../transactions/communities/fetch-query.js'
import type { ForeignQueryResponse } from '../transactions/communities/foreign-objects-codec.js'
import { crossGatewayFetch } from '../transactions/communities/xcf.js'
import type { AdhocQueryRequest } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { fetchedFrom, fetchedHere, together } from './documents/fetched.js'
import { atHome } from './homes.js'
import { isOwnConsumer } from './own-consumers.js'
import { locatedAt } from './queries/merged.js'
import { knownHomes, missingHome, unknownHome } from './queries/own-registries.js'
import { patientOf } from './queries/patient-parameter.js'

export const serveCrossGatewayFetch = serve(
  crossGatewayFetch,
  async (asked, context: GatewayContext, exchange): Promise<FetchResponse> => {
    const query = atHome(asked)
    const isOwn = isOwnConsumer(exchange.partner)
    const errors = fetchFaults(query, exchange.trace.traceId)
    const refused: FetchResponse = { status: 'Failure', errors, registryObjects: [], objects: [], documents: [] }
    if (errors.length > 0) return isOwn ? refused : locatedAt(context.config.homeCommunityId, refused)
    if (isOwn) return fetchedFromAll(query, context, exchange)
    return locatedAt(context.config.homeCommunityId, await fetchedForOthers(query, context, exchange))
  },
)

/** By whoever may know: the community that is named, or all of them at once, each within its own time. */
async function fetchedFromAll(
  query: AdhocQueryRequest,
  context: GatewayContext,
  exchange: Exchange<FetchResponse>,
): Promise<FetchResponse> {
  const { config, communities } = context
  const { home } = query
  const asked = { query, patientId: patientOf(query) }
  if (home === config.homeCommunityId) return together([await fetchedHere(query, context, exchange)])
  if (home === undefined) {
    const [own, ...elsewhere] = await Promise.all([
      fetchedHere(query, context, exchange),
      ...communities.all.map(community => fetchedFrom(community, asked, context, exchange)),
    ])
    return together([own, ...elsewhere])
  }
  const community = communities.named(home)
  if (community !== undefined) return together([await fetchedFrom(community, asked, context, exchange)])
  return answered(unknownHome(home, { expected: knownHomes(context), clause: 'ITI TF-2:3.63.4.1.2' }, exchange))
}

/** What is of this community, which they have to name. [ITI TF-2:3.63.4.1.2] */
async function fetchedForOthers(
  query: AdhocQueryRequest,
  context: GatewayContext,
  exchange: Exchange<FetchResponse>,
): Promise<FetchResponse> {
  const { homeCommunityId } = context.config
  const { home } = query
  const isFor = { expected: homeCommunityId, clause: 'ITI TF-2:3.63.4.1.2', because: 'as in every Fetch' }
  if (home === undefined) return answered(missingHome(isFor, exchange))
  if (home !== homeCommunityId) return answered(unknownHome(home, isFor, exchange))
  return together([await fetchedHere(query, context, exchange)])
}

function answered({ status, errors, registryObjects, objects }: ForeignQueryResponse): FetchResponse {
  return { status, errors, registryObjects, objects, documents: [] }
}
