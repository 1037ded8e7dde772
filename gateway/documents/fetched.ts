// What one community gives to a Cross Gateway Fetch: its entries, each with its document. Another one is asked by ITI-63 where it speaks that, else by ITI-38
// and ITI-39. ITI TF-1 §29.3.2, ITI TF-2 §3.63.4.1.3 (XCF); docs/decisions/0351.
import { registryErrorOf } from '../../metadata/errors.js'
import type { RegistryError } from '../../metadata/model.js'
import type { Exchange } from '../../server/actor.js'
import type { FetchedDocument, FetchResponse } from '../../transactions/communities/fetch-codec.js'
import { findDocumentsFor } from '../../transactions/communities/fetch-query.js'
import { type ForeignObject, ofCommunity } from '../../transactions/communities/foreign-objects-codec.js'
import { crossGatewayFetch } from '../../transactions/communities/xcf.js'
import type { AdhocQueryRequest, DocumentRequest } from '../../transactions/xds-messages.js'
import type { Community } from '../communities/communities.js'
import { openAllowance } from '../communities/in-time.js'
import type { GatewayContext } from '../context.js'
import { type Asked, aboutItsPatient, communityAnswer, isSpared, nothingFrom } from '../queries/community-answer.js'
import { type CommunityAnswer, merged } from '../queries/merged.js'
import { registriesAnswers } from '../queries/own-registries.js'
import { falseDocument, falsehoodIn } from '../truth/truthful.js'
import { documentKey } from './asked.js'
import { arriving, falseContent, fromCommunity, refusing, verified } from './from-community.js'
import { fromRepositories } from './from-repositories.js'
import { passedOn } from './passing.js'
import { documentError, type Portion } from './portion.js'
import { ofDocuments } from './retrieval.js'

export interface FetchAnswer extends CommunityAnswer {
  documents: FetchedDocument[]
}

type FetchExchange = Exchange<FetchResponse>

/** Whoever wants more asks by ITI-38 first, and chooses. [ITI TF-1: 29] */
const mostFetched = 100

/** As one answer, in which each document follows its entry. */
export function together(answers: readonly FetchAnswer[]): FetchResponse {
  const { status, errors, registryObjects, objects } = merged(answers)
  return { status, errors, registryObjects, objects, documents: answers.flatMap(({ documents }) => documents) }
}

/** From the registries and repositories of this community. [ITI TF-1: 29.3.2.1] */
export async function fetchedHere(
  query: AdhocQueryRequest,
  context: GatewayContext,
  exchange: FetchExchange,
): Promise<FetchAnswer> {
  const { homeCommunityId } = context.config
  const answers = await registriesAnswers(findDocumentsFor(query), context, exchange)
  const { objects, errors } = merged(answers)
  const found = { homeCommunityId, objects, errors, hasAnswered: answers.some(({ hasAnswered }) => hasAnswered) }
  const fetching = { context, exchange, retrieval: ofDocuments }
  return withDocuments(found, wanted => fromRepositories(wanted, fetching), exchange)
}

/**
 * An answer without entries where it is known that the community does not know the patient: then nothing is sent. Else by ITI-63 where it has an
 * address for that.
 */
export async function fetchedFrom(
  community: Community,
  asked: Asked,
  context: GatewayContext,
  exchange: FetchExchange,
): Promise<FetchAnswer> {
  if (await isSpared(community, asked, context, exchange)) return asFetched(nothingFrom(community.homeCommunityId))
  return community.fetch === undefined
    ? inTwoSteps(community, asked, context, exchange)
    : atOnce(community, community.fetch, asked, { context, exchange })
}

/** [ITI TF-1: 29.3.2.2] */
async function inTwoSteps(
  community: Community,
  { query, patientId }: Asked,
  context: GatewayContext,
  exchange: FetchExchange,
): Promise<FetchAnswer> {
  const asked = { query: findDocumentsFor(query), patientId }
  const allowed = openAllowance(context.ports.clock, community)
  const found = await communityAnswer(community, asked, allowed, context, exchange)
  const fetching = { context, exchange, retrieval: ofDocuments }
  return withDocuments(found, wanted => fromCommunity(community, wanted, fetching), exchange)
}

/** The documents of entries that were found; what cannot be had is told, and its entry left out. */
async function withDocuments(
  found: CommunityAnswer,
  retrieve: (wanted: DocumentRequest[]) => Promise<Portion>,
  exchange: FetchExchange,
): Promise<FetchAnswer> {
  const { homeCommunityId, errors, hasAnswered } = found
  const entries = found.objects.filter(isEntry)
  if (entries.length > mostFetched) return tooMany(homeCommunityId, entries.length, exchange)
  const entryOf = new Map(
    entries.flatMap(entry => (entry.document === undefined ? [] : [[documentKey(entry.document), entry] as const])),
  )
  const wanted = [...entryOf.values()].flatMap(({ document }) => document ?? [])
  const named = wanted.map(({ repositoryUniqueId, documentUniqueId }) => ({
    ...{ homeCommunityId, repositoryUniqueId, documentUniqueId },
  }))
  const given = named.length === 0 ? { documents: [], errors: [] } : await retrieve(named)
  const documents = given.documents.flatMap(document => {
    const entry = entryOf.get(documentKey(document))
    return entry === undefined ? [] : [Object.assign({}, document, { entryUUID: entry.id })]
  })
  return whole({ homeCommunityId, hasAnswered }, { entries, documents, errors: [...errors, ...given.errors] }, exchange)
}

/** [ITI TF-2:3.63.4.1.2] */
async function atOnce(
  community: Community,
  url: string,
  asked: Asked,
  { context, exchange }: { context: GatewayContext; exchange: FetchExchange },
): Promise<FetchAnswer> {
  const { homeCommunityId: home, retrieveTimeoutMs: timeoutMs, form } = community
  if (asked.patientId === undefined) return asFetched(nothingFrom(home))
  const allowed = openAllowance(context.ports.clock, community)
  const answer = await aboutItsPatient(community, asked, { allowed, context, exchange }, async query => {
    const ask = () => context.onward.receive(crossGatewayFetch, query, { url, timeoutMs, form }, exchange)
    const fetched = await arriving(community, ask, exchange, response => {
      const { objects, documents } = response
      context.told.remember(home, objects.filter(isEntry))
      return falsehoodIn(response, query) ?? falseFetch(response, home) ?? falseContent(documents, home, context)
    })
    const { objects, documents, errors } = fetched.response
    const refuse = refusing(community, fetched, context, exchange)
    const passing = documents.map(document => verified(passedOn(document, home), context.told, refuse(document)))
    const entries = objects.filter(isEntry)
    return whole({ homeCommunityId: home, hasAnswered: true }, { entries, documents: passing, errors }, exchange)
  })
  return asFetched(answer)
}

const isEntry = ({ element }: ForeignObject) => element.name === 'ExtrinsicObject'

/** Why an answer is none to a fetch; undefined when it is one. */
function falseFetch({ objects, documents }: FetchResponse, home: string): string | undefined {
  const ids = new Set<string>()
  const again = objects.map(({ id }) => id).find(id => ids.size === ids.add(id).size)
  if (documents.length > mostFetched) return `it answered ${documents.length} documents at once`
  if (again !== undefined) return `it answered the object ${again.slice(0, 128)} twice`
  return falseDocument(documents, documents, home)
}

/** Entries with their documents; of those without one it is said, where nothing else says why. */
function whole(
  from: Pick<FetchAnswer, 'homeCommunityId' | 'hasAnswered'>,
  { entries, documents, errors }: { entries: ForeignObject[]; documents: FetchedDocument[]; errors: RegistryError[] },
  { trace }: Pick<Exchange, 'trace'>,
): FetchAnswer {
  const { homeCommunityId, hasAnswered } = from
  const given = new Set(documents.map(({ entryUUID }) => entryUUID))
  const isExplained = errors.some(({ severity }) => severity === 'Error')
  const missing = isExplained ? [] : entries.filter(({ id }) => !given.has(id))
  const why = 'it was not given, and nobody says why'
  const told = missing.map(({ id, document = { repositoryUniqueId: '', documentUniqueId: id } }) =>
    documentError('XDSRepositoryError', document, why, trace.traceId),
  )
  const objects = entries.filter(({ id }) => given.has(id)).map(entry => ofCommunity(entry, homeCommunityId))
  return { homeCommunityId, hasAnswered, objects, documents, errors: [...errors, ...told] }
}

/** Without documents where it has none. */
const asFetched = (answer: CommunityAnswer | FetchAnswer): FetchAnswer => Object.assign({ documents: [] }, answer)

/** [ITI TF-1: 29] */
function tooMany(homeCommunityId: string, count: number, { trace }: Pick<Exchange, 'trace'>): FetchAnswer {
  const finding = {
    ...({ code: 'XDSTooManyResults', object: 'Fetch', rule: 'ITI TF-2:3.63.4.1.3' } as const),
    ...{
      expected: `at most ${mostFetched} documents (ask by a Cross Gateway Query, then for some)`,
      found: String(count),
    },
  }
  return {
    homeCommunityId,
    hasAnswered: true,
    objects: [],
    documents: [],
    errors: [registryErrorOf(finding, trace.traceId)],
  }
}
