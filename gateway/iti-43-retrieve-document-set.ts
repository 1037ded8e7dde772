// ITI-43 Retrieve Document Set, as the Initiating Gateway answers it: each document from the community that has it. ITI TF-2 §3.39.4.1.2.
import { type Exchange, serve } from '../server/actor.js'
import { crossGatewayRetrieve } from '../transactions/xca.js'
import { retrieveDocumentSet } from '../transactions/xds.js'
import type { DocumentRequest, RetrieveDocumentSetResponse } from '../transactions/xds-messages.js'
import type { Community } from './communities.js'
import type { GatewayContext } from './context.js'
import { lied } from './iti-18-registry-stored-query.js'
import { discardAll, documentError, fromRepositories, lastingOnce, type Portion, togetherOf } from './retrieving.js'
import { falseDocument } from './truthful.js'

type RetrieveExchange = Exchange<RetrieveDocumentSetResponse>

export const serveRetrieveFromAll = serve(
  retrieveDocumentSet,
  async ({ documents }, context: GatewayContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const { config, communities } = context
    const byHome = new Map<string, DocumentRequest[]>()
    for (const document of documents) {
      const home = document.homeCommunityId ?? config.homeCommunityId
      byHome.set(home, [...(byHome.get(home) ?? []), document])
    }
    const portions = await Promise.all(
      [...byHome].map(([home, wanted]): Promise<Portion> | Portion => {
        if (home === config.homeCommunityId) return fromRepositories(wanted, context, exchange)
        const community = communities.named(home)
        if (community === undefined)
          return refusedAll('XDSUnknownCommunity', wanted, 'no such community is known here', exchange)
        return fromCommunity(community, wanted, context, exchange)
      }),
    )
    return togetherOf(portions)
  },
)

/** In as many requests as the community wants: some take one document at a time. [ITI TF-2:3.39.4.1.2] */
async function fromCommunity(
  community: Community,
  wanted: DocumentRequest[],
  context: GatewayContext,
  exchange: RetrieveExchange,
): Promise<Portion> {
  const portions: Portion[] = []
  const step = community.oneDocumentPerRequest ? 1 : wanted.length
  for (let at = 0; at < wanted.length; at += step) {
    portions.push(await askedOnce(community, wanted.slice(at, at + step), context, exchange))
  }
  return { documents: portions.flatMap(each => each.documents), errors: portions.flatMap(each => each.errors) }
}

async function askedOnce(
  community: Community,
  wanted: DocumentRequest[],
  context: GatewayContext,
  exchange: RetrieveExchange,
): Promise<Portion> {
  const { homeCommunityId: home, retrieve: url, retrieveTimeoutMs: timeoutMs, form } = community
  try {
    return await community.run(async () => {
      const request = { documents: wanted.map(document => ({ ...document, homeCommunityId: home })) }
      const answer = await context.onward.ask(crossGatewayRetrieve, request, { url, timeoutMs, form }, exchange)
      const falsehood = falseDocument(answer.documents, wanted, home)
      if (falsehood !== undefined) {
        await discardAll(answer.documents)
        await lied(community, falsehood, context, exchange)
        return refusedAll(
          'XDSUnavailableCommunity',
          wanted,
          'its answer is not one to the question and was refused',
          exchange,
        )
      }
      const documents = answer.documents.map(document =>
        lastingOnce({ ...document, homeCommunityId: home }, context.ports.clock),
      )
      const errors = answer.errors.map(error => ({ ...error, location: error.location ?? home }))
      return { documents, errors }
    })
  } catch (problem) {
    return refusedAll(
      'XDSUnavailableCommunity',
      wanted,
      `${home} did not answer: ${(problem as Error).message}`,
      exchange,
    )
  }
}

function refusedAll(
  code: 'XDSUnavailableCommunity' | 'XDSUnknownCommunity',
  wanted: readonly DocumentRequest[],
  why: string,
  { trace }: RetrieveExchange,
): Portion {
  return { documents: [], errors: wanted.map(document => documentError(code, document, why, trace.traceId)) }
}
