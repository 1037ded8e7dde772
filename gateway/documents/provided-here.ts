// Documents for this community: to a repository behind the gateway, as ITI-41. ITI TF-2 §3.80.4.1.3 (XCDR).
import { provideAndRegisterDocumentSet } from '../../transactions/xds.js'
import type { ProvideAndRegisterRequest, RegistryResponse } from '../../transactions/xds-messages.js'
import type { GatewayContext } from '../context.js'
import { failure, type ProvideExchange, timeFor, whyNot } from './provided.js'

/**
 * To the first repository with `provide`, else to the first there is. Never rejects: what fails is an XDSRepositoryError, and says that the same
 * documents may be sent again.
 */
export async function providedHere(
  { submission, documents }: ProvideAndRegisterRequest,
  { config, onward }: Pick<GatewayContext, 'config' | 'onward'>,
  exchange: ProvideExchange,
): Promise<RegistryResponse> {
  const { repositories } = config
  const { traceId } = exchange.trace
  const to = repositories.find(({ provide }) => provide !== undefined) ?? repositories[0]
  if (to === undefined) {
    return failure('XDSRepositoryError', 'no repository that takes documents is behind this gateway', traceId)
  }
  const { repositoryUniqueId, url, provide = url } = to
  const request = { submission, documents }
  try {
    const where = { url: provide, timeoutMs: timeFor(to.timeoutMs, request) }
    return await onward.ask(provideAndRegisterDocumentSet, request, where, exchange)
  } catch (problem) {
    const why = `the repository ${repositoryUniqueId} did not answer: ${whyNot(problem)}`
    return failure('XDSRepositoryError', `${why}; the same documents may be sent again`, traceId)
  }
}
