// The participant objects that audit records name: patient, submission set, document, query, trace. ITI TF-2 §3.20.7, §3.20.8.
import type { AuditCode, ParticipantObject } from './message.js'
import { idTypes, lifeCycles } from './vocabulary.js'

/** A query longer than this is written down cut, and says so: a sink has a bound, and one record must never block the rest. */
export const mostQueryBytes = 4 * 1024 * 1024

/** `id` as CX. [ITI TF-2:3.20.8] */
export function patientObject(id: string, details?: ParticipantObject['details']): ParticipantObject {
  return { id, typeCode: 1, role: 1, idTypeCode: idTypes.patientNumber, ...(details && { details }) }
}

/** [ITI TF-2:3.41.5.1, 3.42.5.1] */
export function submissionSetObject(uniqueId: string): ParticipantObject {
  return { id: uniqueId, typeCode: 2, role: 20, idTypeCode: idTypes.submissionSet }
}

export interface AuditedDocument {
  documentUniqueId: string
  repositoryUniqueId: string
  homeCommunityId?: string
}

/** [ITI TF-2:3.43.6.1] */
export function documentObject(document: AuditedDocument): ParticipantObject {
  const details = [{ type: 'Repository Unique Id', value: document.repositoryUniqueId }]
  if (document.homeCommunityId !== undefined) {
    details.push({ type: 'ihe:homeCommunityID', value: document.homeCommunityId })
  }
  return { id: document.documentUniqueId, typeCode: 2, role: 3, idTypeCode: idTypes.reportNumber, details }
}

export interface AuditedImage extends AuditedDocument {
  studyInstanceUID: string
  seriesInstanceUID: string
}

/** [IHE RAD TF-2: 4.69.5; DICOM PS3.15: A.5.3.7] */
export function imageObject(image: AuditedImage, homeDetail: string): ParticipantObject {
  const { studyInstanceUID, seriesInstanceUID, repositoryUniqueId, documentUniqueId, homeCommunityId } = image
  const details = [
    { type: 'ihe:DocumentUniqueId', value: documentUniqueId },
    { type: 'Series Instance Unique Id', value: seriesInstanceUID },
    { type: 'Repository Unique Id', value: repositoryUniqueId },
  ]
  if (homeCommunityId !== undefined) details.push({ type: homeDetail, value: homeCommunityId })
  // The name is the UID again, for there has to be one.
  const name = studyInstanceUID
  return { id: studyInstanceUID, typeCode: 2, role: 3, idTypeCode: idTypes.study, name, details }
}

/** A document that a repository was told to remove. [ITI TF-2:3.86.5] */
export function removedDocumentObject(document: AuditedDocument): ParticipantObject {
  return { ...documentObject(document), dataLifeCycle: lifeCycles.logicalDeletion }
}

/** An object that a registry was told to remove. [ITI TF-2:3.62.5] */
export function removedObject(entryUUID: string): ParticipantObject {
  const [typeCode, role] = [2, 3] as const
  return {
    id: entryUUID,
    typeCode,
    role,
    idTypeCode: idTypes.registryObject,
    dataLifeCycle: lifeCycles.permanentErasure,
  }
}

/** [ITI TF-2:3.18.5.1] */
export function queryObject(
  transaction: AuditCode,
  query: { id: string; xml: Buffer; home?: string },
): ParticipantObject {
  const details = [{ type: 'QueryEncoding', value: 'UTF-8' }]
  if (query.home !== undefined) details.push({ type: 'urn:ihe:iti:xca:2010:homeCommunityId', value: query.home })
  if (query.xml.byteLength > mostQueryBytes) {
    details.push({ type: 'QueryTruncatedFrom', value: `${query.xml.byteLength} bytes` })
  }
  return {
    id: query.id,
    typeCode: 2,
    role: 24,
    idTypeCode: transaction,
    query: query.xml.subarray(0, mostQueryBytes),
    details,
  }
}

/** The whole header value, so that the records of both sides can be laid side by side. [Swiss EPR: trace context] */
export function traceObject(traceparent: string): ParticipantObject {
  return { id: traceparent, typeCode: 4, role: 26, idTypeCode: idTypes.traceparent }
}
