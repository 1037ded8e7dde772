// RAD-69 Retrieve Imaging Document Set, as the Initiating Imaging Gateway answers it: each image from the community that has it. IHE RAD TF-2 §4.69.4.1.3.
import { serve } from '../server/actor.js'
import { retrieveImagingDocumentSet } from '../transactions/imaging.js'
import { imagingFaults } from '../transactions/imaging-faults.js'
import type { RetrieveDocumentSetResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { ofImages } from './documents/retrieval.js'
import { retrievedFromAll } from './iti-43-retrieve-document-set.js'

export const serveRetrieveImagesFromAll = serve(
  retrieveImagingDocumentSet,
  async (request, context: GatewayContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const errors = imagingFaults(request, context.config.limits.attachments, exchange.trace.traceId)
    if (errors.length > 0) return { status: 'Failure', errors, documents: [] }
    return retrievedFromAll(request.documents, { context, exchange, retrieval: ofImages(request.transferSyntaxUIDs) })
  },
)
