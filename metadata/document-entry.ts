// What is known of one document. ITI TF-3 Table 4.2.3.2-1; who sends what: Table 4.3.1-3.
import { type AttributesOf, byNobody, many, maybe, one, some, toRegistry } from './attribute.js'
import {
  classification,
  externalIdentifier,
  flag,
  localized,
  named,
  slot,
  versionInfo,
  xmlAttribute,
} from './carriers.js'
import { author, code } from './classified.js'
import * as types from './data-types.js'
import type { DocumentEntry } from './model.js'
import {
  classificationSchemes,
  documentAvailabilities,
  documentEntryTypes,
  identificationSchemes,
  limitedMetadataNodes,
  statusTypes,
} from './uuids.js'

const schemes = classificationSchemes.DocumentEntry
const identifiers = identificationSchemes.DocumentEntry
const onDemand = { 'ITI-61': 'X' } as const
const stableOnly = { 'ITI-41': ['stable'], 'ITI-42': ['stable'], 'ITI-61': ['on-demand'] }

// biome-ignore format: one line for each attribute
export const documentEntryAttributes: AttributesOf<DocumentEntry> = {
  entryUUID: xmlAttribute('id', types.uuid, one, { clause: '4.2.3.2.7' }),
  logicalID: xmlAttribute('lid', types.uuid, maybe, { clause: 'XDS Metadata Update' }),
  homeCommunityId: xmlAttribute('home', types.oidUrn, maybe, { clause: '4.2.3.2.12' }),
  objectType: named('objectType', documentEntryTypes, one, { clause: '4.2.3.2.30', only: stableOnly }),
  mimeType: xmlAttribute('mimeType', types.mimeType, one, { clause: '4.2.3.2.15', maxLength: 256 }),
  availabilityStatus: named('status', statusTypes, maybe, { clause: '4.2.3.2.2', ignored: true }),
  creationTime: slot('creationTime', types.dtm, one, { clause: '4.2.3.2.6', limited: 'R2', send: onDemand }),
  documentAvailability: slot('documentAvailability', types.oneOf('URN', Object.values(documentAvailabilities)), maybe, { clause: 'XDS Metadata Update' }),
  hash: slot('hash', types.sha1, maybe, { clause: '4.2.3.2.10', send: { ...toRegistry, 'ITI-61': 'X' } }),
  languageCode: slot('languageCode', types.language, one, { clause: '4.2.3.2.13', limited: 'R2' }),
  legalAuthenticator: slot('legalAuthenticator', types.xcn, maybe, { clause: '4.2.3.2.14' }),
  referenceIdList: slot('urn:ihe:iti:xds:2013:referenceIdList', types.cxi, many, { clause: '4.2.3.2.28' }),
  repositoryUniqueId: slot('repositoryUniqueId', types.oid, maybe, { clause: '4.2.3.2.18', send: { ...toRegistry, 'ITI-61': 'R' } }),
  serviceStartTime: slot('serviceStartTime', types.dtm, maybe, { clause: '4.2.3.2.19', send: { 'ITI-41': 'R2', 'ITI-42': 'R2' } }),
  serviceStopTime: slot('serviceStopTime', types.dtm, maybe, { clause: '4.2.3.2.20', send: { 'ITI-41': 'R2', 'ITI-42': 'R2' } }),
  size: slot('size', types.integer, maybe, { clause: '4.2.3.2.21', send: { ...toRegistry, 'ITI-61': 'X' } }),
  sourcePatientId: slot('sourcePatientId', types.cx, one, { clause: '4.2.3.2.22', limited: 'R2' }),
  sourcePatientInfo: slot('sourcePatientInfo', types.field, many, { clause: '4.2.3.2.23', together: eachOnce('PID-7', 'PID-8') }),
  URI: slot('URI', types.uri, maybe, { clause: '4.2.3.2.27', join: joinedParts }),
  title: localized('Name', types.utf8String, maybe, { clause: '4.2.3.2.24', maxLength: 128 }),
  comments: localized('Description', types.string, maybe, { clause: '4.2.3.2.4' }),
  version: versionInfo({ clause: 'XDS Metadata Update' }),
  author: classification(schemes.author, author, many, { clause: '4.2.3.2.1', send: { 'ITI-41': 'R2', 'ITI-42': 'R2', 'ITI-61': 'R2' } }),
  classCode: classification(schemes.classCode, code, one, { clause: '4.2.3.2.3', limited: 'R2' }),
  confidentialityCode: classification(schemes.confidentialityCode, code, some, { clause: '4.2.3.2.5', limited: 'R2' }),
  eventCodeList: classification(schemes.eventCodeList, code, many, { clause: '4.2.3.2.8' }),
  formatCode: classification(schemes.formatCode, code, one, { clause: '4.2.3.2.9', limited: 'R2' }),
  healthcareFacilityTypeCode: classification(schemes.healthcareFacilityTypeCode, code, one, { clause: '4.2.3.2.11', limited: 'R2' }),
  practiceSettingCode: classification(schemes.practiceSettingCode, code, one, { clause: '4.2.3.2.17', limited: 'R2' }),
  typeCode: classification(schemes.typeCode, code, one, { clause: '4.2.3.2.25', limited: 'R2' }),
  limitedMetadata: flag(limitedMetadataNodes.DocumentEntry, { clause: '4.2.3.2.29', send: byNobody }),
  patientId: externalIdentifier(identifiers.patientId, types.cx, one, { clause: '4.2.3.2.16', fixedName: 'XDSDocumentEntry.patientId' }),
  uniqueId: externalIdentifier(identifiers.uniqueId, types.identifier, one, { clause: '4.2.3.2.26', fixedName: 'XDSDocumentEntry.uniqueId' }),
}

/** Editions before Rev. 10 split a long URI over values `1|http://…`, `2|…`; read, never written. [ITI TF-3:4.2.3.2.27] */
function joinedParts(values: string[]): string[] {
  const parts = values.map(value => /^([0-9]+)\|(.*)$/s.exec(value))
  if (values.length === 0 || parts.some(part => part === null)) return values
  const inOrder = parts.map(part => ({ at: Number(part?.[1]), text: part?.[2] ?? '' })).sort((a, b) => a.at - b.at)
  return [inOrder.map(part => part.text).join('')]
}

/** PID fields that have one value only. [ITI TF-3:4.2.3.2.23] */
function eachOnce(...fields: string[]) {
  return (values: readonly string[]) => {
    const repeated = fields.find(field => values.filter(value => value.startsWith(`${field}|`)).length > 1)
    return repeated === undefined
      ? undefined
      : { expected: `${repeated} once at the most`, found: `more than one ${repeated}` }
  }
}
