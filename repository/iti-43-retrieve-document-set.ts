// ITI-43 Retrieve Document Set, as the Document Repository answers it. ITI TF-2 §3.43.4.1.3.
import type { RegistryError } from '../metadata/model.js'
import { shortened } from '../metadata/words.js'
import { serve, type Trace } from '../server/actor.js'
import { chunkBytes } from '../soap/message.js'
import { retrieveDocumentSet } from '../transactions/xds.js'
import type {
  DocumentRequest,
  ResponseStatus,
  RetrieveDocumentSetResponse,
  RetrievedDocument,
} from '../transactions/xds-messages.js'
import { errorOf } from './answers.js'
import { DocumentGone, DocumentSpoilt } from './contents.js'
import type { RepositoryContext } from './context.js'
import type { KeptDocument } from './document-store.js'

export const serveRetrieveDocumentSet = serve(
  retrieveDocumentSet,
  async (request, context: RepositoryContext, { trace }): Promise<RetrieveDocumentSetResponse> => {
    const wanted = request.documents
    const most = context.config.limits.attachments
    if (wanted.length > most) return tooMany(wanted, most, trace.traceId)
    if (wanted.length === 0) {
      return refused([errorOf('XDSRepositoryError', 'the request holds no DocumentRequest', trace.traceId)])
    }
    const retrieving: Retrieving = { context, trace, heldBytes: 0 }
    const documents: RetrievedDocument[] = []
    const errors: RegistryError[] = []
    for (const [index, document] of wanted.entries()) {
      const found = await retrieved(document, retrieving)
      if ('errorCode' in found) errors.push(errorAt(found, document, { number: index + 1, traceId: trace.traceId }))
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

async function retrieved(wanted: DocumentRequest, retrieving: Retrieving): Promise<RetrievedDocument | Miss> {
  const { context } = retrieving
  const miss = missOf(wanted, context)
  if (miss !== undefined) return miss
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
  return spoilt ? damaged : unknown(wanted)
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
  const { homeCommunityId: home, repositoryUniqueId, documentUniqueId } = wanted
  if (home !== undefined && config.homeCommunityId !== undefined && home !== config.homeCommunityId) {
    return {
      errorCode: 'XDSUnknownCommunity',
      words: `the community ${shownId(home)} is not known here, this is ${config.homeCommunityId}`,
    }
  }
  if (repositoryUniqueId.replace(/^urn:oid:/, '') !== config.repositoryUniqueId) {
    const which =
      repositoryUniqueId === ''
        ? 'the DocumentRequest names no RepositoryUniqueId'
        : `the repository ${shownId(repositoryUniqueId)} is not known here`
    return { errorCode: 'XDSUnknownRepositoryId', words: `${which}, this is ${config.repositoryUniqueId}` }
  }
  if (documentUniqueId !== '') return undefined
  return { errorCode: 'XDSDocumentUniqueIdError', words: 'the DocumentRequest names no DocumentUniqueId' }
}

const unknown = ({ documentUniqueId }: DocumentRequest): Miss => ({
  errorCode: 'XDSDocumentUniqueIdError',
  words: `there is no document with uniqueId ${shownId(documentUniqueId)}`,
})

const damaged: Miss = { errorCode: 'XDSRepositoryError', words: 'the document is damaged here and was not handed out' }

/** A sender who is told this often has understood it. */
const mostErrors = 500

/** Nothing is handed out, and each document is named that was not. [ITI TF-2:3.43.4.1.3] */
function tooMany(wanted: DocumentRequest[], most: number, traceId: string): RetrieveDocumentSetResponse {
  const miss: Miss = {
    errorCode: 'XDSTooManyResults',
    words: `one request may name ${most} documents, not ${wanted.length}`,
  }
  const named = wanted.slice(0, mostErrors)
  return refused(named.map((document, index) => errorAt(miss, document, { number: index + 1, traceId })))
}

/** [ITI TF-2:3.43.4.1.3] */
function errorAt(
  { errorCode, words }: Miss,
  { documentUniqueId }: DocumentRequest,
  { number, traceId }: { number: number; traceId: string },
): RegistryError {
  const location = documentUniqueId === '' ? `DocumentRequest number ${number}` : shownId(documentUniqueId)
  return { errorCode, codeContext: `${words} (trace ${traceId})`, severity: 'Error', location }
}

const shownId = (id: string) => shortened(id, 256)

function refused(errors: RegistryError[]): RetrieveDocumentSetResponse {
  return { status: 'Failure', documents: [], errors }
}
