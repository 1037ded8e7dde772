// Images, from where they are kept: Retrieve Imaging Document Set, inside a community and between communities.
// IHE RAD TF-2 §4.69 (XDS-I.b), RAD TF-3 §4.75 (XCA-I).
import type { RegistryError } from '../metadata/model.js'
import { auditCrossGatewayRetrieveImages, auditRetrieveImages } from './imaging-audit.js'
import { retrieveImagingDocumentSetRequest } from './imaging-codec.js'
import { retrieveDocumentSetResponse } from './retrieve-codec.js'
import { transaction } from './transaction.js'

/** From a consumer to an Imaging Document Source: the instances that a manifest names. [IHE RAD TF-2: 4.69] */
export const retrieveImagingDocumentSet = transaction({
  id: 'RAD-69',
  name: 'Retrieve Imaging Document Set',
  action: 'urn:ihe:rad:2009:RetrieveImagingDocumentSet',
  // It has the answer of ITI-43, action and all.
  responseAction: 'urn:ihe:iti:2007:RetrieveDocumentSetResponse',
  mtom: true,
  roles: ['consumer'],
  request: retrieveImagingDocumentSetRequest,
  response: retrieveDocumentSetResponse,
  refused: (errors: RegistryError[]) => ({ ...failure, errors, documents: [] }),
  audit: auditRetrieveImages,
})

/** From one community to another. [IHE RAD TF-3: 4.75] */
export const crossGatewayRetrieveImagingDocumentSet = transaction({
  id: 'RAD-75',
  name: 'Cross Gateway Retrieve Imaging Document Set',
  action: 'urn:ihe:rad:2011:CrossGatewayRetrieveImagingDocumentSet',
  mtom: true,
  roles: ['gateway', 'admin'],
  request: retrieveImagingDocumentSetRequest,
  response: retrieveDocumentSetResponse,
  refused: (errors: RegistryError[]) => ({ ...failure, errors, documents: [] }),
  audit: auditCrossGatewayRetrieveImages,
})

const failure = { status: 'Failure' } as const
