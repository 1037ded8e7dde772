// Documents that pass a gateway on their way to a repository: what is refused before they leave, and what the answer becomes. Whether they are what they
// have to be is judged where they are kept. ITI TF-2 §3.80.4.1.3 (XCDR); docs/decisions/0367.
import { foundByRepository, registryErrorsOf } from '../../metadata/errors.js'
import type { ErrorCode, Finding, RegistryError } from '../../metadata/model.js'
import type { Exchange } from '../../server/actor.js'
import { PartnerUnavailable } from '../../soap/call.js'
import { SoapFault } from '../../soap/fault.js'
import { documentsWithoutContent, documentsWithoutId, tooManyDocuments } from '../../transactions/document-faults.js'
import { bytesOfContent } from '../../transactions/submission-codec.js'
import type { ProvideAndRegisterRequest, RegistryResponse } from '../../transactions/xds-messages.js'

export type ProvideExchange = Exchange<RegistryResponse>

/** What cannot be written again as it came, or is more than is taken at once; undefined where it can. [ITI TF-2:3.41.4.1.2] */
export function refusalOf(
  request: ProvideAndRegisterRequest,
  most: number,
  exchange: Pick<Exchange, 'trace'>,
): RegistryResponse | undefined {
  const tooMany = tooManyDocuments(request, most)
  if (tooMany.length > 0) return refused(tooMany, exchange)
  const { submission, faultyDocuments = [] } = request
  const findings = [
    ...foundByRepository(submission.findings.filter(({ severity }) => severity !== 'Warning')),
    ...documentsWithoutId(faultyDocuments),
    ...documentsWithoutContent(faultyDocuments, submission),
  ]
  return findings.length === 0 ? undefined : refused(findings, exchange)
}

/** All that was found at once. [ITI TF-3:4.2.4] */
export function refused(findings: readonly Finding[], { trace }: Pick<Exchange, 'trace'>): RegistryResponse {
  return { status: 'Failure', errors: registryErrorsOf(findings, trace.traceId) }
}

/** One error, its words followed by the trace; `location` is the community or repository that it came from. [ITI TF-3:4.2.4.2] */
export function failure(errorCode: ErrorCode, words: string, traceId: string, location?: string): RegistryResponse {
  const error: RegistryError = { errorCode, codeContext: `${words} (trace ${traceId})`, severity: 'Error' }
  return { status: 'Failure', errors: [location === undefined ? error : { ...error, location }] }
}

/** With our trace in every error, and what was remarked on the way in. */
export function answered(
  response: RegistryResponse,
  { submission }: ProvideAndRegisterRequest,
  { trace }: Pick<Exchange, 'trace'>,
): RegistryResponse {
  const { traceId } = trace
  const remarks = registryErrorsOf(submission.findings, traceId)
  const told = new Set(response.errors.map(({ codeContext }) => codeContext))
  const errors = response.errors.map(error =>
    error.codeContext.includes(traceId)
      ? error
      : { ...error, codeContext: `${error.codeContext.slice(0, longestContext)} (trace ${traceId})` },
  )
  return {
    status: response.status,
    errors: [...errors, ...remarks.filter(({ codeContext }) => !told.has(codeContext))],
  }
}

const longestContext = 1_000

/** For how long an answer is waited: what is long takes long. */
export function timeFor(timeoutMs: number, { documents }: Pick<ProvideAndRegisterRequest, 'documents'>): number {
  const sizes = documents.map(({ content }) => bytesOfContent(content).sizeBytes ?? 0)
  return timeoutMs + Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / bytesPerMs)
}

/** A MiB a second. */
const bytesPerMs = 1_048_576 / 1_000

/** Why there is no answer, and whether it may have been taken all the same. */
export function whyNot(problem: unknown): string {
  const { message, cause } = problem as Error
  const hasRefused = cause instanceof SoapFault && cause.code !== 'Receiver'
  const isUnsent = cause instanceof PartnerUnavailable && cause.sent === 'no'
  return hasRefused || isUnsent ? message : `${message}; it may have taken them all the same`
}
