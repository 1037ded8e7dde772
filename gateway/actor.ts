// The two gateways of a community behind one door: the Initiating Gateway for its own consumers, the Responding Gateway for other
// communities. ITI TF-1 §18.
import { actor } from '../server/actor.js'
import type { GatewayContext } from './context.js'
import { serveStoredQueryForAll } from './iti-18-registry-stored-query.js'
import { serveCrossGatewayQuery } from './iti-38-cross-gateway-query.js'
import { serveCrossGatewayRetrieve } from './iti-39-cross-gateway-retrieve.js'
import { serveProvideToCommunity } from './iti-41-provide-and-register.js'
import { serveRetrieveFromAll } from './iti-43-retrieve-document-set.js'
import { serveDeferredDiscoveryAnswer } from './iti-55-deferred-discovery-answer.js'
import { serveCrossGatewayFetch } from './iti-63-cross-gateway-fetch.js'
import { serveCrossGatewayDocumentProvide } from './iti-80-cross-gateway-document-provide.js'
import { serveRetrieveImagesFromAll } from './rad-69-retrieve-imaging-document-set.js'
import { serveCrossGatewayRetrieveImages } from './rad-75-cross-gateway-retrieve-imaging-document-set.js'

export const gateway = actor<GatewayContext>('Gateway', [
  serveStoredQueryForAll,
  serveRetrieveFromAll,
  serveCrossGatewayQuery,
  serveCrossGatewayRetrieve,
  serveCrossGatewayFetch,
  serveProvideToCommunity,
  serveCrossGatewayDocumentProvide,
  serveDeferredDiscoveryAnswer,
  serveRetrieveImagesFromAll,
  serveCrossGatewayRetrieveImages,
])
