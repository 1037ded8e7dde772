// Parameters that several queries for DocumentEntries share. ITI TF-2 §3.18.4.1.2.3.7.1.
import type { Among } from '../store/reader.js'
import { andOr, many, one, otherwise, required } from './parameters.js'
import { code, documentEntryType, metadataLevel, status, text, time, uuid } from './value-types.js'

/** Stable entries alone unless more is asked for. [ITI TF-2:3.18.4.1.2.3.6.2] */
export const type = otherwise(many('$XDSDocumentEntryType', documentEntryType), ['stable'])

export const level = otherwise(one('$MetadataLevel', metadataLevel), 1)

export const associationStatus = otherwise(many('$XDSAssociationStatus', status), ['Approved'])

/** [ITI TF-2:3.18.4.1.2.3.7.1] */
export const documentEntryCriteria = {
  patientId: required(one('$XDSDocumentEntryPatientId', text)),
  classCode: many('$XDSDocumentEntryClassCode', code),
  typeCode: many('$XDSDocumentEntryTypeCode', code),
  practiceSettingCode: many('$XDSDocumentEntryPracticeSettingCode', code),
  creationTimeFrom: one('$XDSDocumentEntryCreationTimeFrom', time),
  creationTimeTo: one('$XDSDocumentEntryCreationTimeTo', time),
  serviceStartTimeFrom: one('$XDSDocumentEntryServiceStartTimeFrom', time),
  serviceStartTimeTo: one('$XDSDocumentEntryServiceStartTimeTo', time),
  serviceStopTimeFrom: one('$XDSDocumentEntryServiceStopTimeFrom', time),
  serviceStopTimeTo: one('$XDSDocumentEntryServiceStopTimeTo', time),
  healthcareFacilityTypeCode: many('$XDSDocumentEntryHealthcareFacilityTypeCode', code),
  eventCodeList: andOr('$XDSDocumentEntryEventCodeList', code),
  confidentialityCode: andOr('$XDSDocumentEntryConfidentialityCode', code),
  authorPerson: many('$XDSDocumentEntryAuthorPerson', text),
  formatCode: many('$XDSDocumentEntryFormatCode', code),
  status: required(many('$XDSDocumentEntryStatus', status)),
  type,
  metadataLevel: level,
  documentAvailability: many('$XDSDocumentEntryDocumentAvailability', text),
}

/**
 * The text asks for exact matches, its footnote for LIKE: % and _ are wildcards, all else is taken literally.
 * [ITI TF-2:3.18.4.1.2.3.7.14]
 */
export const referenceIdList = andOr('$XDSDocumentEntryReferenceIdList', text)

/** By which contents of a SubmissionSet or Folder are chosen. [ITI TF-2:3.18.4.1.2.3.7.10] */
export const contentCriteria = {
  formatCode: many('$XDSDocumentEntryFormatCode', code),
  confidentialityCode: andOr('$XDSDocumentEntryConfidentialityCode', code),
  type,
  metadataLevel: level,
}

/** One document, by either of its ids. */
export const oneDocument = {
  entryUUID: one('$XDSDocumentEntryEntryUUID', uuid),
  uniqueId: one('$XDSDocumentEntryUniqueId', text),
}

/** The objects whose ids were given; exactly one of the ways has been used. */
export function among(given: {
  entryUUID?: string | readonly string[]
  uniqueId?: string | readonly string[]
  logicalID?: readonly string[]
}): Among {
  if (given.uniqueId !== undefined) return { uniqueIds: [given.uniqueId].flat() }
  if (given.logicalID !== undefined) return { logicalIDs: given.logicalID }
  return { entryUUIDs: [given.entryUUID ?? []].flat() }
}
