// RAD-75 Cross Gateway Retrieve Imaging Document Set, as the Responding Imaging Gateway answers it: by the sources of this community. IHE RAD TF-3 §4.75.4.1.3.
import { serve } from '../server/actor.js'
import { crossGatewayRetrieveImagingDocumentSet } from '../transactions/imaging.js'
import { imagingFaults } from '../transactions/imaging-faults.js'
import type { RetrieveDocumentSetResponse } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { ofImages } from './documents/retrieval.js'
import { retrievedForOthers } from './iti-39-cross-gateway-retrieve.js'

export const serveCrossGatewayRetrieveImages = serve(
  crossGatewayRetrieveImagingDocumentSet,
  async (request, context: GatewayContext, exchange): Promise<RetrieveDocumentSetResponse> => {
    const errors = imagingFaults(request, context.config.limits.attachments, exchange.trace.traceId)
    if (errors.length > 0) return { status: 'Failure', errors, documents: [] }
    return retrievedForOthers(request.documents, { context, exchange, retrieval: ofImages(request.transferSyntaxUIDs) })
  },
)
