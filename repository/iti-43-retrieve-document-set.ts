// ITI-43 Retrieve Document Set, as the Document Repository answers it. ITI TF-2 §3.43.4.1.3.
import { mostErrors } from '../metadata/errors.js'
import type { RegistryError } from '../metadata/model.js'
import { serve } from '../server/actor.js'
import { retrieveDocumentSet } from '../transactions/xds.js'
import type { DocumentRequest, RetrieveDocumentSetResponse, RetrievedDocument } from '../transactions/xds-messages.js'
import type { RepositoryContext } from './context.js'
import { errorAt, type Miss, miscounted, missOf, statusOf, type Telling } from './document-requests.js'
import { keptDocument, type Retrieving } from './kept-document.js'
import { onDemandDocument } from './on-demand/on-demand-document.js'
import { onDemandTypeOf } from './on-demand/on-demand-type.js'
import { missOfUntold } from './untold-document.js'

export const serveRetrieveDocumentSet = serve(
  retrieveDocumentSet,
  async (request, context: RepositoryContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const { traceId } = exchange.trace
    const wanted = request.documents
    const most = context.config.limits.attachments
    const telling = { traceId, rule: 'ITI TF-2:3.43.4.1.3' }
    if (wanted.length > most) return tooMany(wanted, most, telling)
    if (wanted.length === 0) return refused(miscounted('RetrieveDocumentSetRequest', 0, most, telling))
    const retrieving: Retrieving = { context, exchange, heldBytes: 0 }
    const documents: RetrievedDocument[] = []
    const errors: RegistryError[] = []
    for (const [index, document] of wanted.entries()) {
      const found = await retrieved(document, retrieving)
      if ('errorCode' in found) errors.push(errorAt(found, document, { number: index + 1, ...telling }))
      else documents.push(found)
    }
    return { status: statusOf(documents.length, errors.length), documents, errors }
  },
)

async function retrieved(wanted: DocumentRequest, retrieving: Retrieving): Promise<RetrievedDocument | Miss> {
  const { context } = retrieving
  const miss = missOf(wanted, context)
  if (miss !== undefined) return miss
  const type = onDemandTypeOf(wanted.documentUniqueId, context.config)
  // A stable document may be named like that too.
  const isStable = type === undefined || (await context.documents.documents(wanted.documentUniqueId)).length > 0
  return isStable ? toldDocument(wanted, retrieving) : onDemandDocument(wanted, type, retrieving)
}

async function toldDocument(wanted: DocumentRequest, retrieving: Retrieving): Promise<RetrievedDocument | Miss> {
  return (await missOfUntold(wanted, retrieving)) ?? keptDocument(wanted, retrieving)
}

/** Nothing is handed out, and each document is named that was not. [ITI TF-2:3.43.4.1.3] */
function tooMany(wanted: DocumentRequest[], most: number, telling: Telling): RetrieveDocumentSetResponse {
  const miss: Miss = {
    errorCode: 'XDSTooManyResults',
    attribute: 'DocumentRequest',
    expected: `at most ${most} DocumentRequests in one request`,
    found: String(wanted.length),
  }
  const named = wanted.slice(0, mostErrors)
  return refused(named.map((document, index) => errorAt(miss, document, { number: index + 1, ...telling })))
}

function refused(errors: RegistryError[]): RetrieveDocumentSetResponse {
  return { status: 'Failure', documents: [], errors }
}
