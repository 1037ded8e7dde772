// Documents of another community, by its Responding Gateway. ITI TF-2 §3.39.4.1.2.
import type { Exchange } from '../../server/actor.js'
import type { ToldDocument } from '../../transactions/communities/foreign-documents.js'
import type { DocumentRequest, RetrievedDocument } from '../../transactions/xds-messages.js'
import type { Community } from '../communities/communities.js'
import type { GatewayContext } from '../context.js'
import type { Arriving } from '../onward.js'
import { heldToInstance, otherInstance } from '../truth/held-to-instance.js'
import { lied, notAnAnswer } from '../truth/lies.js'
import type { ToldDocuments } from '../truth/told-documents.js'
import { FalseAnswer, falseDocument } from '../truth/truthful.js'
import { contradiction, heldAgainst, heldFor, passedOn } from './passing.js'
import { type Portion, refusedPortion, unexplained } from './portion.js'
import type { Fetching } from './retrieval.js'

/** In as many requests as the community wants: some take one document at a time. */
export async function fromCommunity<Wanted extends DocumentRequest, Request>(
  community: Community,
  wanted: Wanted[],
  fetching: Fetching<Wanted, Request>,
): Promise<Portion> {
  const portions: Portion[] = []
  const step = community.oneDocumentPerRequest ? 1 : wanted.length
  for (let at = 0; at < wanted.length; at += step) {
    const asked = { wanted: wanted.slice(at, at + step), isLast: at + step >= wanted.length }
    portions.push(await askedOnce(community, asked, fetching))
  }
  return { documents: portions.flatMap(each => each.documents), errors: portions.flatMap(each => each.errors) }
}

async function askedOnce<Wanted extends DocumentRequest, Request>(
  community: Community,
  { wanted, isLast }: { wanted: Wanted[]; isLast: boolean },
  { context, exchange, retrieval }: Fetching<Wanted, Request>,
): Promise<Portion> {
  const { homeCommunityId: home, retrieveTimeoutMs: timeoutMs, form } = community
  const { isOfImages } = retrieval
  const request = retrieval.requestFor(wanted.map(document => Object.assign({}, document, { homeCommunityId: home })))
  const to = { url: retrieval.communityUrl(community), timeoutMs, form }
  const ask = () => context.onward.receive(retrieval.between, request, to, exchange)
  try {
    const answer = await arriving(community, ask, exchange, ({ documents }) => {
      const falsehood = falseDocument(documents, wanted, home)
      return falsehood ?? (isOfImages ? falseImage(documents) : falseContent(documents, home, context))
    })
    const { documents, errors } = answer.response
    if (!isOfImages) community.state.untold += documents.filter(each => isUntold(each, home, context)).length
    // A connection for each would be more than it takes: what it has given is taken in before it is asked for the next.
    if (!isLast) await answer.keep()
    const refuseOf = refusing(community, answer, context, exchange)
    return {
      documents: documents.map(document => {
        const passing = passedOn(document, home)
        const refuse = refuseOf(document)
        return isOfImages ? heldToInstance(passing, refuse) : verified(passing, context.told, refuse)
      }),
      errors: [
        ...errors.map(error => (error.location === undefined ? { ...error, location: home } : error)),
        ...unexplained(wanted, answer.response, exchange.trace.traceId),
      ],
    }
  } catch (problem) {
    const { message } = problem as Error
    const isFalse = problem instanceof FalseAnswer
    if (isFalse) await lied(community, message, context, exchange)
    const why = isFalse ? notAnAnswer : `${home} did not answer: ${message}`
    return refusedPortion('XDSUnavailableCommunity', wanted, why, exchange)
  }
}

/** An answer with documents, of which all that has come is true: nothing stays of one that is not. @throws FalseAnswer */
export async function arriving<Response>(
  community: Community,
  ask: () => Promise<Arriving<Response>>,
  exchange: Pick<Exchange, 'afterwards'>,
  falsehoodIn: (response: Response) => string | undefined | Promise<string | undefined>,
): Promise<Arriving<Response>> {
  const answer = heldFor(await community.runOn(ask), exchange)
  const falsehood = await falsehoodIn(answer.response)
  if (falsehood === undefined) return answer
  await answer.discard(new Error(falsehood))
  throw new FalseAnswer(falsehood)
}

/** What becomes of an answer when one of its documents turns out to be false under way. */
export function refusing(
  community: Community,
  { discard }: Pick<Arriving<unknown>, 'discard'>,
  context: GatewayContext,
  exchange: Pick<Exchange, 'trace'>,
) {
  return (document: DocumentRequest) =>
    async (why: string): Promise<never> => {
      const falsehood = contradicting(document, why)
      await discard(new Error(falsehood))
      await lied(community, falsehood, context, exchange)
      throw new Error(`${community.homeCommunityId} lied: ${falsehood}`)
    }
}

/** Of documents that have come whole. */
export function falseContent(
  documents: readonly RetrievedDocument[],
  homeCommunityId: string,
  { told }: Pick<GatewayContext, 'told'>,
): string | undefined {
  for (const document of documents) {
    const entry = entryOf({ ...document, homeCommunityId }, told)
    const why = entry && contradiction(document, entry)
    if (why !== undefined) return contradicting(document, why)
  }
  return undefined
}

/** Of images that have come whole. */
async function falseImage(documents: readonly RetrievedDocument[]): Promise<string | undefined> {
  for (const document of documents) {
    const why = document.sha1 === undefined ? undefined : await otherInstance(document)
    if (why !== undefined) return contradicting(document, why)
  }
  return undefined
}

/** Of those that are still to come: what is false in one breaks the answer off. */
export function verified<Document extends RetrievedDocument>(
  document: Document,
  told: ToldDocuments,
  refuse: (why: string) => Promise<never>,
): Document {
  const entry = entryOf(document, told)
  return entry === undefined || document.sha1 !== undefined ? document : heldAgainst(document, entry, refuse)
}

/** It passes as it is. docs/decisions/0362 */
function isUntold(
  document: RetrievedDocument,
  homeCommunityId: string,
  { told }: Pick<GatewayContext, 'told'>,
): boolean {
  return (
    document.newDocumentUniqueId === undefined &&
    entryOf(Object.assign({}, document, { homeCommunityId }), told) === undefined
  )
}

/** What has been made anew has an entry of its own. */
function entryOf(document: RetrievedDocument, told: ToldDocuments): ToldDocument | undefined {
  const { homeCommunityId, newDocumentUniqueId } = document
  return homeCommunityId === undefined || newDocumentUniqueId !== undefined
    ? undefined
    : told.of(homeCommunityId, document)
}

function contradicting({ documentUniqueId }: DocumentRequest, why: string): string {
  return `it answered the document ${documentUniqueId.slice(0, 128)}, but ${why}`
}
