// Documents of this community, from the repositories behind the gateway. ITI TF-2 §3.39.4.1.3.
import type { ErrorCode } from '../../metadata/model.js'
import type { DocumentRequest } from '../../transactions/xds-messages.js'
import { falseDocument } from '../truth/truthful.js'
import { groupedBy } from './asked.js'
import { heldFor, passedOn } from './passing.js'
import { type Portion, refusedPortion, unexplained } from './portion.js'
import type { Fetching } from './retrieval.js'

/** Each repository is asked once for all that it has, by its repositoryUniqueId. */
export async function fromRepositories<Wanted extends DocumentRequest, Request>(
  wanted: readonly Wanted[],
  fetching: Fetching<Wanted, Request>,
): Promise<Portion> {
  const byRepository = groupedBy(wanted, ({ repositoryUniqueId }) => repositoryUniqueId.replace(/^urn:oid:/, ''))
  const portions = await Promise.all(byRepository.map(([id, documents]) => fromRepository(id, documents, fetching)))
  return { documents: portions.flatMap(each => each.documents), errors: portions.flatMap(each => each.errors) }
}

async function fromRepository<Wanted extends DocumentRequest, Request>(
  id: string,
  documents: Wanted[],
  { context, exchange, retrieval }: Fetching<Wanted, Request>,
): Promise<Portion> {
  const { homeCommunityId, repositories } = context.config
  const to = repositories.find(({ repositoryUniqueId }) => repositoryUniqueId === id)
  const failed = (code: ErrorCode, why: string) => refusedPortion(code, documents, why, exchange)
  if (to === undefined) return failed('XDSUnknownRepositoryId', `no repository ${id} is behind this gateway`)
  try {
    const where = { url: retrieval.repositoryUrl(to), timeoutMs: to.timeoutMs }
    const request = retrieval.requestFor(documents)
    const answer = heldFor(await context.onward.receive(retrieval.inside, request, where, exchange), exchange)
    const { response } = answer
    const falsehood = falseDocument(response.documents, documents, homeCommunityId)
    if (falsehood !== undefined) throw new Error(falsehood)
    return {
      documents: response.documents.map(each => passedOn(each, homeCommunityId)),
      errors: [...response.errors, ...unexplained(documents, response, exchange.trace.traceId)],
    }
  } catch (problem) {
    return failed('XDSRepositoryError', `the repository ${id} did not answer: ${(problem as Error).message}`)
  }
}
