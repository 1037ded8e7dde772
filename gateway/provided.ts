// Documents that pass a gateway on their way to a repository: what is refused before they leave, and what the answer becomes. Whether they are what they
// have to be is judged where they are kept. ITI TF-2 §3.80.4.1.3 (XCDR); docs/decisions/0367.
import { foundByRepository, registryErrorOf } from '../metadata/errors.js'
import type { ErrorCode, Finding, RegistryError } from '../metadata/model.js'
import type { Exchange } from '../server/actor.js'
import { PartnerUnavailable } from '../soap/call.js'
import { SoapFault } from '../soap/fault.js'
import { bytesOfContent } from '../transactions/submission-codec.js'
import type { FaultyDocument, ProvideAndRegisterRequest, RegistryResponse } from '../transactions/xds-messages.js'

export type ProvideExchange = Exchange<RegistryResponse>

/** What cannot be written again as it came, or is more than is taken at once; undefined where it can. [ITI TF-2:3.41.4.1.2] */
export function refusalOf(
  { submission, documents, faultyDocuments = [] }: ProvideAndRegisterRequest,
  most: number,
  exchange: Pick<Exchange, 'trace'>,
): RegistryResponse | undefined {
  const count = documents.length + faultyDocuments.length
  if (count > most) return refused([tooMany(count, most)], exchange)
  const broken = submission.findings.filter(({ severity }) => severity !== 'Warning')
  const findings = [...foundByRepository(broken), ...faultyDocuments.map(faultOf)]
  return findings.length === 0 ? undefined : refused(findings, exchange)
}

function tooMany(count: number, most: number): Finding {
  return { ...ofRequest, code: 'XDSRepositoryError', expected: `at most ${most} Documents`, found: String(count) }
}

function faultOf({ number, id, fault }: FaultyDocument): Finding {
  const object = id === '' ? `Document number ${number} (without id)` : `Document ${id}`
  if (fault === undefined) {
    const expected = 'the id of its DocumentEntry'
    return { ...ofRequest, object, attribute: 'id', code: 'XDSMissingDocumentMetadata', expected, found: 'nothing' }
  }
  const code: ErrorCode = fault.kind === 'missing' ? 'XDSMissingDocument' : 'XDSRepositoryMetadataError'
  return { ...ofRequest, object, code, expected: fault.expected, found: fault.found }
}

const ofRequest = {
  object: 'ProvideAndRegisterDocumentSetRequest',
  attribute: 'Document',
  rule: 'ITI TF-2:3.41.4.1.2',
}

/** A sender who broke a rule this often has understood it. */
const mostErrors = 500

export function refused(findings: readonly Finding[], { trace }: Pick<Exchange, 'trace'>): RegistryResponse {
  const told = findings.slice(0, mostErrors)
  return { status: 'Failure', errors: told.map(finding => registryErrorOf(finding, trace.traceId)) }
}

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
  const remarks = submission.findings.slice(0, mostErrors).map(finding => registryErrorOf(finding, traceId))
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
