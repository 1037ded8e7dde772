// The transaction of Multi-Patient Queries, as whoever asks and whoever answers agrees on. ITI TF-2 §3.51.
import type { RegistryError } from '../metadata/model.js'
import { adhocQueryRequest, adhocQueryResponse } from './adhoc-query-codec.js'
import { transaction } from './transaction.js'
import { auditMultiPatientQuery } from './xds-audit.js'

/** From a consumer to a registry: whose documents are such? Not for everybody who may ask for one patient's. [ITI TF-2:3.51.4.1] */
export const multiPatientStoredQuery = transaction({
  id: 'ITI-51',
  name: 'Multi-Patient Stored Query',
  action: 'urn:ihe:iti:2009:MultiPatientStoredQuery',
  mtom: false,
  roles: ['multi-patient'],
  request: adhocQueryRequest,
  response: adhocQueryResponse,
  refused: (errors: RegistryError[]) => ({ status: 'Failure' as const, errors, registryObjects: [] }),
  audit: auditMultiPatientQuery,
})
