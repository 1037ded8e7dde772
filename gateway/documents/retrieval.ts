// What is fetched through a gateway, documents or images: by which transactions, from where, and what an answer is held against.
// docs/decisions/0341.
import type { GatewayConfig } from '../../config/gateway-config.js'
import type { Exchange } from '../../server/actor.js'
import { crossGatewayRetrieve } from '../../transactions/communities/xca.js'
import { crossGatewayRetrieveImagingDocumentSet, retrieveImagingDocumentSet } from '../../transactions/imaging.js'
import type { Transaction } from '../../transactions/transaction.js'
import { retrieveDocumentSet } from '../../transactions/xds.js'
import type {
  DocumentRequest,
  ImageRequest,
  RetrieveDocumentSetRequest,
  RetrieveDocumentSetResponse,
  RetrieveImagingDocumentSetRequest,
} from '../../transactions/xds-messages.js'
import type { Community } from '../communities/communities.js'
import type { GatewayContext } from '../context.js'

export interface Retrieval<Wanted extends DocumentRequest, Request> {
  /** From repositories of this community. */
  inside: Transaction<Request, RetrieveDocumentSetResponse>
  /** From other communities. */
  between: Transaction<Request, RetrieveDocumentSetResponse>
  requestFor(wanted: Wanted[]): Request
  repositoryUrl(repository: GatewayConfig['repositories'][number]): string
  communityUrl(community: Community): string
  /** Whether what comes are DICOM instances. */
  isOfImages: boolean
}

/** A retrieval under way. */
export interface Fetching<Wanted extends DocumentRequest, Request> {
  context: GatewayContext
  exchange: Exchange<RetrieveDocumentSetResponse>
  retrieval: Retrieval<Wanted, Request>
}

export const ofDocuments: Retrieval<DocumentRequest, RetrieveDocumentSetRequest> = {
  inside: retrieveDocumentSet,
  between: crossGatewayRetrieve,
  requestFor: documents => ({ documents }),
  repositoryUrl: ({ url }) => url,
  communityUrl: ({ retrieve }) => retrieve,
  isOfImages: false,
}

/** In the transfer syntaxes that a consumer takes. [IHE RAD TF-3: 4.75.4.1.2] */
export function ofImages(
  transferSyntaxUIDs: readonly string[],
): Retrieval<ImageRequest, RetrieveImagingDocumentSetRequest> {
  return {
    inside: retrieveImagingDocumentSet,
    between: crossGatewayRetrieveImagingDocumentSet,
    requestFor: documents => ({ documents, transferSyntaxUIDs: [...transferSyntaxUIDs] }),
    repositoryUrl: ({ url, imaging }) => imaging ?? url,
    communityUrl: ({ retrieve, imaging }) => imaging ?? retrieve,
    isOfImages: true,
  }
}
