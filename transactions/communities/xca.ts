// The transactions between communities, and those that a gateway passes on to what is behind it. ITI TF-2 §3.38, §3.39.
import { adhocQueryRequest } from '../adhoc-query-codec.js'
import { retrieveDocumentSetRequest, retrieveDocumentSetResponse } from '../retrieve-codec.js'
import { type Transaction, transaction } from '../transaction.js'
import { registryStoredQuery } from '../xds.js'
import { auditCrossGatewayQuery, auditCrossGatewayRetrieve } from '../xds-audit.js'
import type { AdhocQueryRequest } from '../xds-messages.js'
import { type ForeignQueryResponse, foreignQueryResponse } from './foreign-objects-codec.js'

type Query = Transaction<AdhocQueryRequest, ForeignQueryResponse>

const failure = { status: 'Failure' } as const

/** From one community to another: which documents are there? [ITI TF-2:3.38] */
export const crossGatewayQuery: Query = transaction<AdhocQueryRequest, ForeignQueryResponse>({
  id: 'ITI-38',
  name: 'Cross Gateway Query',
  action: 'urn:ihe:iti:2007:CrossGatewayQuery',
  mtom: false,
  roles: ['gateway', 'consumer', 'admin'],
  request: adhocQueryRequest,
  response: foreignQueryResponse,
  refused: errors => ({ ...failure, errors, registryObjects: [], objects: [] }),
  audit: auditCrossGatewayQuery,
})

/** From one community to another: the documents themselves. [ITI TF-2:3.39] */
export const crossGatewayRetrieve = transaction({
  id: 'ITI-39',
  name: 'Cross Gateway Retrieve',
  action: 'urn:ihe:iti:2007:CrossGatewayRetrieve',
  mtom: true,
  roles: ['gateway', 'consumer', 'admin'],
  request: retrieveDocumentSetRequest,
  response: retrieveDocumentSetResponse,
  refused: errors => ({ ...failure, errors, documents: [] }),
  audit: auditCrossGatewayRetrieve,
})

/** ITI-18 as a gateway answers and asks it: by objects that it does not take apart. */
export const storedQueryThrough: Query = {
  ...registryStoredQuery,
  response: foreignQueryResponse,
  refused: errors => ({ ...failure, errors, registryObjects: [], objects: [] }),
}
