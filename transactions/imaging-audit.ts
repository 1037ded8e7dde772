// What the audit says of images that were retrieved: each instance with its study and series. IHE RAD TF-2 §4.69.5, RAD TF-3 §4.75.5; DICOM PS3.15 §A.5.3.6, §A.5.3.7.
import type { AuditedExchange, AuditRecord, ParticipantObject } from '../atna-audit/message.js'
import { imageObject, patientObject } from '../atna-audit/objects.js'
import { failureOf, inChunks, isNamed, keyOf, record, succeeded } from './exchange-record.js'
import type { ImageRequest, RetrieveDocumentSetResponse, RetrieveImagingDocumentSetRequest } from './xds-messages.js'

type Retrieval = AuditedExchange<RetrieveImagingDocumentSetRequest, RetrieveDocumentSetResponse>

export const auditRetrieveImages = (exchange: Retrieval) => auditAs('RAD-69', exchange)
export const auditCrossGatewayRetrieveImages = (exchange: Retrieval) => auditAs('RAD-75', exchange)

/** What was fetched and what was not stand in records of their own, and each patient has one. */
function auditAs(id: 'RAD-69' | 'RAD-75', exchange: Retrieval): AuditRecord[] {
  const requested = exchange.request?.documents ?? []
  const patientOf = new Map(
    exchange.failure === undefined
      ? (exchange.response?.documents ?? []).map(document => [keyOf(document), document.patientId ?? ''])
      : [],
  )
  const fetched = requested.filter(document => patientOf.has(keyOf(document)))
  const missed = requested.filter(document => !patientOf.has(keyOf(document)))
  const patients = [...new Set(fetched.map(document => patientOf.get(keyOf(document)) ?? ''))]
  const objectOf = (document: ImageRequest): ParticipantObject => imageObject(document, homeDetails[id])
  const records = patients.flatMap(patientId => {
    const ofPatient = fetched.filter(document => patientOf.get(keyOf(document)) === patientId)
    const patient = patientId === '' ? [] : [patientObject(patientId)]
    return inChunks(ofPatient).map(chunk => record(id, exchange, succeeded, [...patient, ...chunk.map(objectOf)]))
  })
  if (missed.length === 0 && records.length > 0) return records
  const outcome = failureOf(exchange)
  const isWhole = (document: ImageRequest) => isNamed(document) && document.studyInstanceUID !== ''
  return [
    ...records,
    ...inChunks(missed).map(chunk => record(id, exchange, outcome, chunk.filter(isWhole).map(objectOf))),
  ]
}

/** As the two transactions call the community that an instance is of. */
const homeDetails = { 'RAD-69': 'ihe:homeCommunityID', 'RAD-75': 'urn:ihe:iti:xca:2010:homeCommunityId' } as const
