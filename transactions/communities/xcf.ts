// Documents of another community by one question instead of two: Cross Gateway Fetch. ITI TF-2 §3.63 (XCF, trial).
import { adhocQueryRequest } from '../adhoc-query-codec.js'
import { type Transaction, transaction } from '../transaction.js'
import { auditCrossGatewayFetch } from '../xds-audit.js'
import type { AdhocQueryRequest } from '../xds-messages.js'
import { type FetchResponse, fetchResponse } from './fetch-codec.js'

/** From one community to another: the documents that fit, each with its entry. [ITI TF-2:3.63] */
export const crossGatewayFetch: Transaction<AdhocQueryRequest, FetchResponse> = transaction<
  AdhocQueryRequest,
  FetchResponse
>({
  id: 'ITI-63',
  name: 'Cross Gateway Fetch',
  action: 'urn:ihe:iti:2011:CrossGatewayFetch',
  mtom: true,
  roles: ['gateway', 'consumer', 'admin'],
  request: adhocQueryRequest,
  response: fetchResponse,
  refused: errors => ({ status: 'Failure', errors, registryObjects: [], objects: [], documents: [] }),
  audit: auditCrossGatewayFetch,
})
