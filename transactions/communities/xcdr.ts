// Documents for another community: Cross-Gateway Document Provide, and ITI-41 as a gateway takes it, which says what community it is for.
// ITI TF-1 §40, ITI TF-2 §3.80 (XCDR, trial).
import { registryResponse } from '../registry-response-codec.js'
import { type Transaction, transaction } from '../transaction.js'
import { provideAndRegisterDocumentSet } from '../xds.js'
import { auditCrossGatewayProvide } from '../xds-audit.js'
import type { ProvideToCommunityRequest, RegistryResponse } from '../xds-messages.js'
import { homeCommunityBlock, provideToCommunityRequest } from './target-community.js'

type Provide = Transaction<ProvideToCommunityRequest, RegistryResponse>

/** From one community to another: documents and what is to be known of them. [ITI TF-2:3.80] */
export const crossGatewayDocumentProvide: Provide = transaction<ProvideToCommunityRequest, RegistryResponse>({
  id: 'ITI-80',
  changes: 'adds',
  name: 'Cross-Gateway Document Provide',
  action: 'urn:ihe:iti:2015:CrossGatewayDocumentProvide',
  mtom: true,
  headers: [homeCommunityBlock],
  roles: ['gateway', 'source'],
  request: provideToCommunityRequest,
  response: registryResponse,
  refused: errors => ({ status: 'Failure', errors }),
  audit: auditCrossGatewayProvide,
})

/** From a source to the gateway of its community, with the option Transmit Home Community Id. [ITI TF-2:3.41.4.1.2.2] */
export const provideAndRegisterThrough: Provide = {
  ...provideAndRegisterDocumentSet,
  headers: [homeCommunityBlock],
  request: provideToCommunityRequest,
}
