// The registry behind its SOAP endpoint: one attempt a call, every ending put into the repository's terms.
import type { AuditedExchange } from '../../atna-audit/message.js'
import type { Ports } from '../../ports/ports.js'
import { auditedUserOf } from '../../server/audited-user.js'
import { auditOfCall, type Caller } from '../../server/caller.js'
import { PartnerUnavailable } from '../../soap/call.js'
import { SoapFault } from '../../soap/fault.js'
import type { Transaction } from '../../transactions/transaction.js'
import { registerDocumentSet, registryStoredQuery } from '../../transactions/xds.js'
import { isSecurityFault } from '../../xua/refusal.js'
import type { ForwardedMessage, RegistryAnswer, RegistryCall, RegistryPort } from './registry-port.js'

/** One attempt a call, never throws: see RegistryPort for how each ending is told. */
export function registryOverSoap({ caller, url, ports }: { caller: Caller; url: string; ports: Ports }): RegistryPort {
  async function attempt<Request, Response>(
    contract: Transaction<Request, Response>,
    request: Request,
    { traceparent, timeoutMs, signal, security, claims }: RegistryCall,
    message?: ForwardedMessage,
  ): Promise<RegistryAnswer<Response>> {
    const kept = message === undefined ? {} : { messageID: message.messageID, encoded: { xml: [message.body] } }
    const assertion = message?.security ?? security
    const headers = assertion === undefined ? [] : [assertion]
    const story = { request, traceparent, endpoint: url, user: auditedUserOf(claims) }
    try {
      const options = { url, traceparent, timeoutMs, wholeMs: timeoutMs, signal, headers, ...kept }
      const { response } = await caller.call(contract, request, options)
      return {
        kind: 'answered',
        response,
        auditRecords: auditOfCall(contract, { response, failure: undefined, ...story }, ports),
      }
    } catch (problem) {
      if (problem instanceof SoapFault && isSecurityFault(problem)) return refused(problem, contract, request, story)
      const reason = problem instanceof Error ? problem.message : String(problem)
      const auditRecords = auditOfCall(contract, { response: undefined, failure: reason, ...story }, ports)
      return { kind: 'unavailable', sent: wasSent(problem), reason, auditRecords }
    }
  }

  /** An assertion that the registry does not take is an answer that no trying again makes another. */
  function refused<Request, Response>(
    { message }: SoapFault,
    contract: Transaction<Request, Response>,
    request: Request,
    story: Pick<AuditedExchange<Request, Response>, 'request' | 'traceparent' | 'endpoint' | 'user'>,
  ): RegistryAnswer<Response> {
    const codeContext = `the registry refuses the assertion: ${message}`
    const response = contract.refused([{ errorCode: 'XDSRegistryError', codeContext, severity: 'Error' }], request)
    const auditRecords = auditOfCall(contract, { response: undefined, failure: codeContext, ...story }, ports)
    return { kind: 'answered', response, refusesAssertion: true, auditRecords }
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
