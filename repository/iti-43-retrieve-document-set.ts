// ITI-43 Retrieve Document Set, as the Document Repository answers it. ITI TF-2 §3.43.4.1.3.
import type { RegistryError } from '../metadata/model.js'
import { serve, type Trace } from '../server/actor.js'
import { chunkBytes } from '../soap/message.js'
import { retrieveDocumentSet } from '../transactions/xds.js'
import type {
  DocumentRequest,
  ResponseStatus,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
} from '../transactions/xds-messages.js'
import { DocumentGone, DocumentSpoilt } from './contents.js'
import type { RepositoryContext } from './context.js'
import type { KeptDocument } from './document-store.js'

export const serveRetrieveDocumentSet = serve(
  retrieveDocumentSet,
  async (request, context: RepositoryContext, { trace }): Promise<RetrieveDocumentSetResponse> => {
    const wanted = request.documents
    const most = context.config.limits.attachments
    if (wanted.length > most)
      return refused('XDSTooManyResults', `one request may name ${most} documents, not ${wanted.length}`, trace.traceId)
    if (wanted.length === 0) return refused('XDSRepositoryError', 'the request names no document', trace.traceId)
    const retrieving: Retrieving = { context, trace, heldBytes: 0 }
    const documents: RetrievedDocument[] = []
    const errors: RegistryError[] = []
    for (const document of wanted) {
      const found = await retrieved(document, retrieving)
      if ('errorCode' in found) errors.push(found)
      else documents.push(found)
    }
    return { status: statusOf(documents.length, errors.length), documents, errors }
  },
)

interface Retrieving {
  context: RepositoryContext
  trace: Trace
  /** Bytes read ahead of the answer, of all its documents. */
  heldBytes: number
}

/** What is read before the answer begins, and held until it leaves: damage that shows in it is an error, not a broken connection. */
const mostHeldBytes = 2 * chunkBytes

/** [ITI TF-2: Table 3.43.4.2.2-1] */
function statusOf(found: number, missed: number): ResponseStatus {
  if (missed === 0) return 'Success'
  return found === 0 ? 'Failure' : 'PartialSuccess'
}

async function retrieved(wanted: DocumentRequest, retrieving: Retrieving): Promise<RetrievedDocument | RegistryError> {
  const { context, trace } = retrieving
  const { traceId } = trace
  const miss = missOf(wanted, context)
  if (miss !== undefined) return errorAt(wanted, miss, traceId)
  const copies = context.documents.documents(wanted.documentUniqueId)
  let spoilt = false
  for (const copy of copies) {
    try {
      return await opened(wanted, copy, retrieving)
    } catch (problem) {
      // Every copy has the same bytes: where one is damaged the next will do.
      if (!(problem instanceof DocumentSpoilt || problem instanceof DocumentGone)) throw problem
      spoilt ||= problem instanceof DocumentSpoilt
    }
  }
  return errorAt(wanted, spoilt ? damaged : unknown(wanted), traceId)
}

async function opened(
  wanted: DocumentRequest,
  document: KeptDocument,
  retrieving: Retrieving,
): Promise<RetrievedDocument> {
  const {
    context: { contents },
    trace: { traceparent },
  } = retrieving
  const first = await inspected(document, retrieving)
  return {
    ...wanted,
    mimeType: document.mimeType,
    sizeBytes: document.sizeBytes,
    open: () => contents.pieces(document, traceparent, first),
    patientId: document.patientId,
  }
}

/** Verifies what can be before the answer begins; gives the first chunk while there is room to hold it. @throws DocumentSpoilt */
async function inspected(document: KeptDocument, retrieving: Retrieving): Promise<Buffer | undefined> {
  const {
    context: { contents },
    trace: { traceparent },
  } = retrieving
  const length = Math.min(chunkBytes, document.sizeBytes)
  const holds = retrieving.heldBytes + length <= mostHeldBytes
  if (!document.inline) await contents.checkSize(document, traceparent)
  if (!holds && !document.inline) return undefined
  const first = await contents.firstChunk(document, traceparent)
  if (!holds) return undefined
  retrieving.heldBytes += length
  return first
}

interface Miss {
  errorCode: RegistryError['errorCode']
  words: string
}

/** Why a request is not one for us. */
function missOf(wanted: DocumentRequest, { config }: RepositoryContext): Miss | undefined {
  const { homeCommunityId: home, repositoryUniqueId } = wanted
  if (home !== undefined && config.homeCommunityId !== undefined && home !== config.homeCommunityId) {
    return {
      errorCode: 'XDSUnknownCommunity',
      words: `the community ${home} is not known here, this is ${config.homeCommunityId}`,
    }
  }
  if (repositoryUniqueId.replace(/^urn:oid:/, '') !== config.repositoryUniqueId) {
    return {
      errorCode: 'XDSUnknownRepositoryId',
      words: `the repository ${repositoryUniqueId} is not known here, this is ${config.repositoryUniqueId}`,
    }
  }
  return undefined
}

const unknown = ({ documentUniqueId }: DocumentRequest): Miss => ({
  errorCode: 'XDSDocumentUniqueIdError',
  words: `there is no document with uniqueId ${documentUniqueId}`,
})

const damaged: Miss = { errorCode: 'XDSRepositoryError', words: 'the document is damaged here and was not handed out' }

function errorAt({ documentUniqueId }: DocumentRequest, { errorCode, words }: Miss, traceId: string): RegistryError {
  return { errorCode, codeContext: `${words} (trace ${traceId})`, severity: 'Error', location: documentUniqueId }
}

function refused(errorCode: string, words: string, traceId: string): RetrieveDocumentSetResponse {
  return {
    status: 'Failure',
    documents: [],
    errors: [{ errorCode, codeContext: `${words} (trace ${traceId})`, severity: 'Error' }],
  }
}
