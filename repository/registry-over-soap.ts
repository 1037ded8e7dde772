// The registry behind its SOAP endpoint: one attempt a call, every ending put into the repository's terms.
import type { Ports } from '../ports/ports.js'
import { auditOfCall, type Caller } from '../server/caller.js'
import { PartnerUnavailable } from '../soap/call.js'
import { SoapFault } from '../soap/fault.js'
import type { Transaction } from '../transactions/transaction.js'
import { registerDocumentSet, registryStoredQuery } from '../transactions/xds.js'
import type { ForwardedMessage } from './document-store.js'
import type { RegistryAnswer, RegistryCall, RegistryPort } from './registry-port.js'

export function registryOverSoap({ caller, url, ports }: { caller: Caller; url: string; ports: Ports }): RegistryPort {
  async function attempt<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    { traceparent, timeoutMs, signal }: RegistryCall,
    message?: ForwardedMessage,
  ): Promise<RegistryAnswer<Response>> {
    const kept = message === undefined ? {} : { messageID: message.messageID, encoded: { xml: [message.body] } }
    const story = { request, traceparent, endpoint: url }
    try {
      const { response } = await caller.call(contract, request, { url, traceparent, timeoutMs, signal, ...kept })
      return {
        kind: 'answered',
        response,
        auditRecords: auditOfCall(contract, { response, failure: undefined, ...story }, ports),
      }
    } catch (problem) {
      const reason = problem instanceof Error ? problem.message : String(problem)
      const auditRecords = auditOfCall(contract, { response: undefined, failure: reason, ...story }, ports)
      return { kind: 'unavailable', sent: wasSent(problem), reason, auditRecords }
    }
  }

  return {
    register: (itI42, call) => attempt(registerDocumentSet, itI42.submission, call, itI42),
    query: (query, call) => attempt(registryStoredQuery, query, call),
  }
}

// A fault that lays it on the sender says that nothing was done; any other ending leaves it open.
function wasSent(problem: unknown): 'no' | 'maybe' {
  if (problem instanceof PartnerUnavailable) return problem.sent
  return problem instanceof SoapFault && problem.code !== 'Receiver' ? 'no' : 'maybe'
}
