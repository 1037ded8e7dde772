// The registry as the repository sees it, each call a span of its own: what is sent leads to that.
import type { Ended, Tracing } from '../../server/tracing.js'
import { registerDocumentSet, registryStoredQuery } from '../../transactions/xds.js'
import type { RegistryAnswer, RegistryPort } from './registry-port.js'

/** The same registry where nothing is traced. */
export function tracedRegistry(registry: RegistryPort, tracing: Tracing | undefined): RegistryPort {
  if (tracing === undefined) return registry
  return {
    register: (itI42, call) =>
      tracing.call(
        `${registerDocumentSet.id} ${registerDocumentSet.name}`,
        call.traceparent,
        traceparent => registry.register(itI42, { ...call, traceparent }),
        endedBy,
      ),
    query: (query, call) =>
      tracing.call(
        `${registryStoredQuery.id} ${registryStoredQuery.name}`,
        call.traceparent,
        traceparent => registry.query(query, { ...call, traceparent }),
        endedBy,
      ),
  }
}

function endedBy(answer: RegistryAnswer<{ status: string }>): Ended {
  return answer.kind === 'answered'
    ? { attributes: { 'ihe.outcome': answer.response.status } }
    : { failure: 'the registry did not answer' }
}
