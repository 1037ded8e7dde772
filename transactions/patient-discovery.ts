// ITI-55 Cross Gateway Patient Discovery: does another community know this person, and by what id? ITI TF-2 §3.55.
import {
  type DemographicsAnswer,
  type DemographicsQuery,
  demographicsRequest,
  discoveryAnswer,
} from './demographics-codec.js'
import { foundBy } from './patient-demographics.js'
import { auditQuery } from './patient-query-audit.js'
import { refusedQuery } from './pix-query.js'
import { type Transaction, transaction } from './transaction.js'

export const crossGatewayPatientDiscovery: Transaction<DemographicsQuery, DemographicsAnswer> = transaction({
  id: 'ITI-55',
  name: 'Cross Gateway Patient Discovery',
  action: 'urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery',
  responseAction: 'urn:hl7-org:v3:PRPA_IN201306UV02:CrossGatewayPatientDiscovery',
  mtom: false,
  roles: ['gateway', 'admin'],
  request: demographicsRequest,
  response: discoveryAnswer,
  refused: (errors, request) => ({ ...refusedQuery(errors, request), patients: [] }),
  // Who asks names no patient; who answers each that it told. [ITI TF-2:3.55.5.1]
  audit: exchange =>
    auditQuery({
      ...{ id: 'ITI-55', name: 'Cross Gateway Patient Discovery', exchange },
      patientIds: exchange.side === 'responder' ? foundBy(exchange.response) : [],
      homeCommunityId: homeOf(exchange.request),
    }),
})

/** Of the community that asks. [ITI TF-2:3.55.5.1] */
function homeOf(request: DemographicsQuery | undefined): string {
  return request?.senderCommunity === undefined ? '' : `urn:oid:${request.senderCommunity}`
}
