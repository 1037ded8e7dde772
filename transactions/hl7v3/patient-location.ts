// ITI-56 Patient Location Query: a health data locator is asked which communities hold data of a patient. ITI TF-2 §3.56 (XCPD Health Data Locator, trial).
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import { mostQueryBytes } from '../../atna-audit/objects.js'
import { transactionType } from '../../atna-audit/vocabulary.js'
import { cxOf, instanceIdentifierOf } from '../../metadata/hl7.js'
import { senderFault } from '../../soap/fault.js'
import { namespaces } from '../../soap/namespaces.js'
import { childOf, childrenOf, escapeXml, type XmlElement } from '../../soap/xml.js'
import { queryRecord } from '../patient-query-audit.js'
import { expectElement } from '../registry-response-codec.js'
import { type Codec, type Transaction, transaction } from '../transaction.js'
import { instanceIdentifier, mostOfId } from './message.js'

export interface LocationQuery {
  /** As CX: by what whoever is asked knows the patient. */
  patientId: string
}

export interface PatientLocation {
  homeCommunityId: string
  /** As CX: by what that community knows the patient. */
  patientId: string
  /** As CX: what was asked for, again. */
  requestedPatientId: string
}

export interface LocationAnswer {
  /** One at least: who knows nobody of that id answers with a fault. */
  locations: PatientLocation[]
}

const { xcpd } = namespaces
const [requested, corresponding] = ['RequestedPatientId', 'CorrespondingPatientId']

export const locationRequest: Codec<LocationQuery> = {
  element: { namespace: xcpd, name: 'PatientLocationQueryRequest' },
  decode(body) {
    expectElement(body, locationRequest.element)
    const patientId = idIn(body, requested)
    if (patientId === undefined) {
      throw senderFault(`${requested}: expected root and extension of one patient id, found none [ITI TF-2:3.56.4.1.2]`)
    }
    return { patientId }
  },
  encode: ({ patientId }) => ({
    xml: [
      `<x:PatientLocationQueryRequest xmlns:x="${xcpd}">${idXml(requested, patientId)}</x:PatientLocationQueryRequest>`,
    ],
  }),
}

/** [ITI TF-2:3.56.4.2.2] */
export const locationResponse: Codec<LocationAnswer> = {
  element: { namespace: xcpd, name: 'PatientLocationQueryResponse' },
  decode(body) {
    expectElement(body, locationResponse.element)
    const locations = childrenOf(body, xcpd, 'PatientLocationResponse').map(element => ({
      homeCommunityId: childOf(element, xcpd, 'HomeCommunityId')?.text.trim() ?? '',
      patientId: idIn(element, corresponding) ?? '',
      requestedPatientId: idIn(element, requested) ?? '',
    }))
    return { locations }
  },
  encode: ({ locations }) => ({
    xml: [
      `<x:PatientLocationQueryResponse xmlns:x="${xcpd}">`,
      ...locations.map(
        ({ homeCommunityId, patientId, requestedPatientId }) =>
          `<x:PatientLocationResponse><x:HomeCommunityId>${escapeXml(homeCommunityId)}</x:HomeCommunityId>` +
          `${idXml(corresponding, patientId)}${idXml(requested, requestedPatientId)}</x:PatientLocationResponse>`,
      ),
      '</x:PatientLocationQueryResponse>',
    ],
  }),
}

function idIn(element: XmlElement, name: string): string | undefined {
  const id = childOf(element, xcpd, name)
  const { root, extension = '' } = id === undefined ? { root: '' } : instanceIdentifier(id)
  const isWhole = root !== '' && extension !== '' && root.length <= mostOfId && extension.length <= mostOfId
  return isWhole ? cxOf(root, extension) : undefined
}

function idXml(name: string, cx: string): string {
  const { root, extension } = instanceIdentifierOf(cx) ?? { root: '', extension: '' }
  return `<x:${name} root="${escapeXml(root)}" extension="${escapeXml(extension)}"/>`
}

export const patientLocationQuery: Transaction<LocationQuery, LocationAnswer> = transaction<
  LocationQuery,
  LocationAnswer
>({
  id: 'ITI-56',
  name: 'Patient Location Query',
  action: 'urn:ihe:iti:2009:PatientLocationQuery',
  mtom: false,
  roles: ['gateway', 'admin'],
  request: locationRequest,
  response: locationResponse,
  // It has no form for errors: a fault says what is the matter, and an answer without locations that nobody could look.
  refused: () => ({ locations: [] }),
  audit: auditLocationQuery,
})

/** [ITI TF-2:3.56.5.1] */
function auditLocationQuery(exchange: AuditedExchange<LocationQuery, LocationAnswer>): AuditRecord[] {
  const { request, response, failure } = exchange
  const type = transactionType('ITI-56', 'Patient Location Query')
  const found = response?.locations.length ?? 0
  return [
    queryRecord({
      ...{ type, exchange, patientIds: request === undefined ? [] : [request.patientId] },
      refusal: failure ?? (found > 0 ? undefined : 'the answer names no community'),
      query: request && {
        ...{ id: 'PatientLocationQueryRequest', typeCode: 2, role: 24, idTypeCode: type },
        query: Buffer.from(locationRequest.encode(request).xml.join('')).subarray(0, mostQueryBytes),
      },
      userIDs: { source: exchange.replyTo, destination: exchange.endpoint },
    }),
  ]
}
