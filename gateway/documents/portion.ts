// What one place gives to a retrieval, and the answer that several make together. ITI TF-2 §3.43.4.2.2.
import { mostErrors } from '../../metadata/errors.js'
import type { ErrorCode, RegistryError } from '../../metadata/model.js'
import type { Exchange } from '../../server/actor.js'
import type {
  DocumentRequest,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
} from '../../transactions/xds-messages.js'

/** What came from one place. */
export interface Portion {
  documents: RetrievedDocument[]
  errors: RegistryError[]
}

/** [ITI TF-2: Table 3.43.4.2.2-1] */
export function togetherOf(portions: readonly Portion[]): RetrieveDocumentSetResponse {
  const documents = portions.flatMap(portion => portion.documents)
  const errors = portions.flatMap(portion => portion.errors)
  const hasFailed = errors.some(({ severity }) => severity === 'Error')
  return { status: !hasFailed ? 'Success' : documents.length > 0 ? 'PartialSuccess' : 'Failure', documents, errors }
}

/** As ITI-43 tells it of one document: `location` is its uniqueId. [ITI TF-2:3.43.4.2.2] */
export function documentError(
  errorCode: ErrorCode,
  { documentUniqueId }: DocumentRequest,
  why: string,
  traceId: string,
): RegistryError {
  return {
    errorCode,
    codeContext: `document ${documentUniqueId.slice(0, 256)}: ${why} (trace ${traceId})`,
    severity: 'Error',
    location: documentUniqueId.slice(0, 256),
  }
}

/** None of them, each for the same reason. */
export function refusedPortion(
  errorCode: ErrorCode,
  documents: readonly DocumentRequest[],
  why: string,
  { trace }: Pick<Exchange, 'trace'>,
): Portion {
  return { documents: [], errors: documents.map(each => documentError(errorCode, each, why, trace.traceId)) }
}

/** What is said to a request for nothing, or for more than is given at once; undefined where it is neither. [ITI TF-2:3.43.4.1.3] */
export function miscounted(
  documents: readonly DocumentRequest[],
  most: number,
  traceId: string,
): RetrieveDocumentSetResponse | undefined {
  if (documents.length >= 1 && documents.length <= most) return undefined
  const why = `expected 1 to ${most} DocumentRequests in one request, found ${documents.length} [ITI TF-2:3.43.4.1.3]`
  const nothing = { repositoryUniqueId: '', documentUniqueId: 'RetrieveDocumentSetRequest' }
  const errors =
    documents.length === 0
      ? [documentError('XDSRepositoryError', nothing, why, traceId)]
      : documents.slice(0, mostErrors).map(each => documentError('XDSTooManyResults', each, why, traceId))
  return togetherOf([{ documents: [], errors }])
}

/** Documents that an answer neither has nor says why not. */
export function unexplained(
  wanted: readonly DocumentRequest[],
  { documents, errors }: Portion,
  traceId: string,
): RegistryError[] {
  if (documents.length >= wanted.length || errors.some(({ severity }) => severity === 'Error')) return []
  const given = new Set(documents.map(({ documentUniqueId }) => documentUniqueId))
  const missing = wanted.filter(({ documentUniqueId }) => !given.has(documentUniqueId))
  const why = 'it was not given, and nobody says why'
  return missing.map(document => documentError('XDSRepositoryError', document, why, traceId))
}
