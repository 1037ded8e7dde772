// A document that is kept here, ready to be handed out: what can be verified of it is, before the answer begins.
import type { Exchange } from '../server/actor.js'
import { chunkBytes } from '../soap/message.js'
import type { DocumentRequest, RetrievedDocument } from '../transactions/xds-messages.js'
import { ContentUnreachable } from './content-store.js'
import { DocumentGone, DocumentSpoilt } from './contents.js'
import type { RepositoryContext } from './context.js'
import { type Miss, unknown } from './document-requests.js'
import type { KeptDocument } from './document-store.js'

/** One ITI-43 or RAD-69 under way. */
export interface Retrieving {
  context: RepositoryContext
  exchange: Pick<Exchange, 'trace' | 'partner' | 'claims' | 'security' | 'afterwards'>
  /** Bytes read ahead of the answer, of all its documents. */
  heldBytes: number
}

/** What is read before the answer begins, and held until it leaves: damage that shows in it is an error, not a broken connection. */
const mostHeldBytes = 2 * chunkBytes
const smallBytes = 65_536

/** A Miss is an error of the answer, with its code: unknown, damaged, unreachable. What turns out damaged later breaks the connection. [ITI TF-2:3.43.4.1.3] */
export async function keptDocument(wanted: DocumentRequest, retrieving: Retrieving): Promise<RetrievedDocument | Miss> {
  return keptCopy(await retrieving.context.documents.documents(wanted.documentUniqueId), wanted, retrieving)
}

/** The first that is whole. */
export async function keptCopy(
  copies: readonly KeptDocument[],
  wanted: DocumentRequest,
  retrieving: Retrieving,
): Promise<RetrievedDocument | Miss> {
  let miss: Miss = unknown(wanted)
  for (const copy of copies) {
    try {
      return await opened(wanted, copy, retrieving)
    } catch (problem) {
      // Every copy has the same bytes: where one is damaged the next will do.
      if (problem instanceof DocumentSpoilt) miss = damaged
      else if (problem instanceof ContentUnreachable) miss = unreachable
      else if (!(problem instanceof DocumentGone)) throw problem
    }
  }
  return miss
}

async function opened(
  wanted: DocumentRequest,
  document: KeptDocument,
  retrieving: Retrieving,
): Promise<RetrievedDocument> {
  const {
    context: { contents },
    exchange: {
      trace: { traceparent },
    },
  } = retrieving
  let first = await inspected(document, retrieving)
  return {
    mimeType: document.mimeType,
    sizeBytes: document.sizeBytes,
    open(how) {
      // An answer that is sent again reads it again.
      const firstChunk = first
      first = undefined
      return contents.pieces(document, traceparent, Object.assign({ firstChunk }, how))
    },
    patientId: document.patientId,
    ...wanted,
  }
}

/** Verifies what can be before the answer begins; gives the first chunk while there is room to hold it. @throws DocumentSpoilt */
async function inspected(document: KeptDocument, retrieving: Retrieving): Promise<Buffer | undefined> {
  const {
    context: { contents },
    exchange: {
      trace: { traceparent },
    },
  } = retrieving
  const length = Math.min(chunkBytes, document.sizeBytes)
  const holds = retrieving.heldBytes + length <= mostHeldBytes
  // Of what is small all is verified, held or not.
  const isSmall = document.sizeBytes <= smallBytes
  if (!isSmall) await contents.checkSize(document, traceparent)
  if (!holds && !isSmall) return undefined
  const first = await contents.firstChunk(document, traceparent)
  if (!holds) return undefined
  retrieving.heldBytes += length
  return first
}

const damaged: Miss = { errorCode: 'XDSRepositoryError', words: 'the document is damaged here and was not handed out' }
const unreachable: Miss = {
  errorCode: 'XDSRepositoryError',
  words: 'the document cannot be read at the moment; ask for it again later',
}
