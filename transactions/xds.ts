// The transactions of XDS.b, as whoever sends and whoever answers them agrees on. ITI TF-2 §3.18, §3.41, §3.42, §3.43, §3.61.
import type { RegistryError } from '../metadata/model.js'
import { adhocQueryRequest, adhocQueryResponse } from './adhoc-query-codec.js'
import { registryResponse } from './registry-response-codec.js'
import { retrieveDocumentSetRequest, retrieveDocumentSetResponse } from './retrieve-codec.js'
import { provideAndRegisterRequest, submitObjectsRequest } from './submission-codec.js'
import { transaction } from './transaction.js'
import {
  auditProvideAndRegister,
  auditRegister,
  auditRegisterOnDemand,
  auditRetrieve,
  auditStoredQuery,
} from './xds-audit.js'

/** From a source to a repository: documents and what is to be known of them. [ITI TF-2:3.41] */
export const provideAndRegisterDocumentSet = transaction({
  id: 'ITI-41',
  changes: 'adds',
  name: 'Provide and Register Document Set-b',
  action: 'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b',
  mtom: true,
  roles: ['source'],
  request: provideAndRegisterRequest,
  response: registryResponse,
  refused: errors => ({ ...failure, errors }),
  audit: auditProvideAndRegister,
})

/** From a repository to its registry: the same without the documents. [ITI TF-2:3.42] */
export const registerDocumentSet = transaction({
  id: 'ITI-42',
  changes: 'adds',
  name: 'Register Document Set-b',
  action: 'urn:ihe:iti:2007:RegisterDocumentSet-b',
  mtom: false,
  roles: ['repository'],
  request: submitObjectsRequest,
  response: registryResponse,
  refused: errors => ({ ...failure, errors }),
  audit: auditRegister,
})

/** From an On-Demand Document Source to a registry: what can be made when it is asked for. [ITI TF-2:3.61] */
export const registerOnDemandDocumentEntry = transaction({
  id: 'ITI-61',
  changes: 'adds',
  name: 'Register On-Demand Document Entry',
  action: 'urn:ihe:iti:2010:RegisterOnDemandDocumentEntry',
  // The answer's action lacks the word Entry. [ITI TF-2:3.61.4.2.2]
  responseAction: 'urn:ihe:iti:2010:RegisterOnDemandDocumentResponse',
  mtom: false,
  roles: ['repository', 'admin'],
  request: submitObjectsRequest,
  response: registryResponse,
  refused: errors => ({ ...failure, errors }),
  audit: auditRegisterOnDemand,
})

/** From a consumer to a registry: which documents are there? [ITI TF-2:3.18] */
export const registryStoredQuery = transaction({
  id: 'ITI-18',
  name: 'Registry Stored Query',
  action: 'urn:ihe:iti:2007:RegistryStoredQuery',
  mtom: false,
  roles: ['consumer', 'repository', 'registry', 'document-administrator', 'admin'],
  request: adhocQueryRequest,
  response: adhocQueryResponse,
  refused: (errors: RegistryError[]) => ({ ...failure, errors, registryObjects: [] }),
  audit: auditStoredQuery,
})

/** From a consumer to a repository: the documents themselves. [ITI TF-2:3.43] */
export const retrieveDocumentSet = transaction({
  id: 'ITI-43',
  name: 'Retrieve Document Set',
  action: 'urn:ihe:iti:2007:RetrieveDocumentSet',
  mtom: true,
  roles: ['consumer'],
  request: retrieveDocumentSetRequest,
  response: retrieveDocumentSetResponse,
  refused: (errors: RegistryError[]) => ({ ...failure, errors, documents: [] }),
  audit: auditRetrieve,
})

const failure = { status: 'Failure' } as const
