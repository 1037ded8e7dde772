// ITI-47 Patient Demographics Query HL7 V3, with its continuation: who is it? ITI TF-2 §3.47.
import type { AuditedExchange } from '../../atna-audit/message.js'
import { auditQuery } from '../patient-query-audit.js'
import { type Transaction, transaction } from '../transaction.js'
import type { FeedAcknowledgement } from '../xds-messages.js'
import { type DemographicsAnswer, demographicsAnswer } from './demographics-answer-codec.js'
import { type DemographicsQuery, demographicsRequest } from './demographics-query-codec.js'
import { feedAcknowledgement } from './patient-feed-codec.js'
import { refusedQuery } from './pix-query.js'
import { type Continuation, continuation } from './query-continuation-codec.js'

const id = 'ITI-47'
const name = 'Patient Demographics Query'
const roles = ['consumer', 'feed', 'repository', 'registry', 'admin'] as const

export const patientDemographicsQuery: Transaction<DemographicsQuery, DemographicsAnswer> = transaction({
  ...{ id, name, roles, mtom: false },
  action: 'urn:hl7-org:v3:PRPA_IN201305UV02',
  responseAction: 'urn:hl7-org:v3:PRPA_IN201306UV02',
  request: demographicsRequest,
  response: demographicsAnswer,
  refused: (errors, request) => ({ ...refusedQuery(errors, request), patients: [] }),
  audit: exchange =>
    auditQuery({ id, name, exchange, codec: demographicsRequest, patientIds: foundBy(exchange.response) }),
})

const goesOn = continuation('QUQI_IN000003UV01')

/** More of what an earlier answer had no room for. [ITI TF-2:3.47.4.3] */
export const demographicsContinued: Transaction<Continuation, DemographicsAnswer> = transaction({
  ...{ id, name, roles, mtom: false },
  action: 'urn:hl7-org:v3:QUQI_IN000003UV01_Continue',
  responseAction: 'urn:hl7-org:v3:PRPA_IN201306UV02',
  request: goesOn,
  response: demographicsAnswer,
  refused: (errors, request) => ({ ...refusedQuery(errors, request), patients: [] }),
  audit: exchange =>
    auditQuery({
      ...{ id, name, exchange: withText(exchange), codec: goesOn, patientIds: foundBy(exchange.response) },
    }),
})

/** The text is that of the query which goes on, as the answer says it again; where there is none, what was sent. [ITI TF-2:3.47.5.1] */
function withText(
  exchange: AuditedExchange<Continuation, DemographicsAnswer>,
): AuditedExchange<Continuation, DemographicsAnswer> {
  const { request, response } = exchange
  if (request === undefined) return exchange
  return { ...exchange, request: { ...request, queryXml: response?.queryXml ?? '' } }
}

/** No more is wanted. [ITI TF-2:3.47.4.3] */
export const demographicsCancelled: Transaction<Continuation, FeedAcknowledgement> = transaction({
  ...{ id, name, roles, mtom: false },
  action: 'urn:hl7-org:v3:QUQI_IN000003UV01_Cancel',
  responseAction: 'urn:hl7-org:v3:MCCI_IN000002UV01',
  request: continuation('QUQI_IN000003UV01_Cancel'),
  response: feedAcknowledgement,
  refused: (errors, request) => ({
    typeCode: 'CE',
    targetMessageId: request?.messageId ?? { root: '' },
    detail: errors.map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`).join('\n'),
  }),
  audit: () => [],
})

/** The first id of each; the others are the same person's. */
export function foundBy(answer: DemographicsAnswer | undefined): string[] {
  return (answer?.patients ?? []).flatMap(({ patientIds }) => patientIds.slice(0, 1))
}
