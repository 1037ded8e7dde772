// ITI-55 Cross Gateway Patient Discovery: does another community know this person, and by what id? ITI TF-2 §3.55.
import type { RegistryError } from '../../metadata/model.js'
import { auditQuery } from '../patient-query-audit.js'
import { type Transaction, transaction } from '../transaction.js'
import type { FeedAcknowledgement } from '../xds-messages.js'
import { type DemographicsAnswer, discoveryAnswer, type Unavailable } from './demographics-answer-codec.js'
import { type DemographicsQuery, demographicsRequest } from './demographics-query-codec.js'
import { isOursToMend } from './message.js'
import { foundBy } from './patient-demographics.js'
import { acknowledged } from './patient-feed.js'
import { feedAcknowledgement } from './patient-feed-codec.js'
import { refusedQuery } from './pix-query.js'
import { answerTo, type QueryAnswer, type QueryMessage } from './query.js'

export const crossGatewayPatientDiscovery: Transaction<DemographicsQuery, DemographicsAnswer> = transaction({
  id: 'ITI-55',
  name: 'Cross Gateway Patient Discovery',
  action: 'urn:hl7-org:v3:PRPA_IN201305UV02:CrossGatewayPatientDiscovery',
  responseAction: 'urn:hl7-org:v3:PRPA_IN201306UV02:CrossGatewayPatientDiscovery',
  mtom: false,
  roles: ['gateway', 'admin'],
  request: demographicsRequest,
  response: discoveryAnswer,
  refused: (errors, request) => ({
    ...refusedQuery(errors, request),
    patients: [],
    unavailable: unavailableFor(errors),
  }),
  // Who asks names no patient; who answers each that it told. [ITI TF-2:3.55.5.1]
  audit: exchange =>
    auditQuery({
      ...{ id: 'ITI-55', name: 'Cross Gateway Patient Discovery', exchange, codec: demographicsRequest },
      patientIds: exchange.side === 'responder' ? foundBy(exchange.response) : [],
      homeCommunityId: homeOf(exchange.request),
    }),
})

/** [ITI TF-2: Table 3.55.4.2.2.7-1] */
function unavailableFor(errors: readonly RegistryError[]): Unavailable {
  if (errors.some(({ errorCode }) => errorCode === 'XDSRegistryBusy')) return 'ResponderBusy'
  return isOursToMend(errors) ? 'InternalError' : 'AnswerNotAvailable'
}

const deferred = {
  ...{ id: 'ITI-55', name: 'Cross Gateway Patient Discovery', mtom: false },
  responseAction: 'urn:hl7-org:v3:MCCI_IN000002UV01',
  response: feedAcknowledgement,
} as const

/** The same question, whose answer is wanted later and elsewhere. [ITI TF-2:3.55.6.2] */
export const deferredPatientDiscovery: Transaction<DemographicsQuery, FeedAcknowledgement> = transaction({
  ...deferred,
  action: 'urn:hl7-org:v3:PRPA_IN201305UV02:Deferred:CrossGatewayPatientDiscovery',
  roles: ['gateway', 'admin'],
  request: demographicsRequest,
  refused: (errors, request) =>
    acknowledged(
      { messageId: { root: '' }, ...request, patientIds: [] },
      isOursToMend(errors) ? 'CR' : 'CE',
      inWords(errors),
    ),
  audit: exchange =>
    auditQuery({
      ...{ id: deferred.id, name: deferred.name, patientIds: [], homeCommunityId: homeOf(exchange.request) },
      exchange: { ...exchange, response: asAnswer(exchange.request, exchange.response) },
      codec: demographicsRequest,
    }),
})

/** That answer, as a request of its own to whoever asked. [ITI TF-2:3.55.6.2] */
export const deferredDiscoveryAnswer: Transaction<DemographicsAnswer, FeedAcknowledgement> = transaction({
  ...deferred,
  action: 'urn:hl7-org:v3:PRPA_IN201306UV02:Deferred:CrossGatewayPatientDiscovery',
  roles: ['gateway', 'admin'],
  request: discoveryAnswer,
  refused: (errors, request) =>
    acknowledged(
      { messageId: request?.messageId ?? { root: '' }, patientIds: [] },
      isOursToMend(errors) ? 'CR' : 'CE',
      inWords(errors),
    ),
  audit: exchange => {
    const { request, response } = exchange
    const asked = request && { ...request, messageId: request.targetMessageId }
    return auditQuery({
      ...{ id: deferred.id, name: deferred.name, patientIds: foundBy(request) },
      exchange: { ...exchange, request: asked, response: asAnswer(asked, response) },
      homeCommunityId: request?.receiverCommunity === undefined ? '' : `urn:oid:${request.receiverCommunity}`,
    })
  },
})

function inWords(errors: readonly RegistryError[]): string {
  return errors.map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`).join('\n')
}

/** An acknowledgement in the words of a query's answer, for the audit. */
function asAnswer(query: QueryMessage | undefined, said: FeedAcknowledgement | undefined): QueryAnswer | undefined {
  if (query === undefined || said === undefined) return undefined
  const isTaken = said.typeCode === 'CA'
  return {
    ...answerTo(query),
    ...{ acknowledgement: isTaken ? 'AA' : 'AE', responseCode: isTaken ? 'OK' : 'AE' },
    problems: said.detail === undefined ? [] : [{ text: said.detail }],
  }
}

/** Of the community that asks. [ITI TF-2:3.55.5.1] */
function homeOf(request: DemographicsQuery | undefined): string {
  return request?.senderCommunity === undefined ? '' : `urn:oid:${request.senderCommunity}`
}
