// What is known of one act of submission. ITI TF-3 Table 4.2.3.3-1; who sends what: Table 4.3.1-3.
import { type AttributesOf, byNobody, many, maybe, one } from './attribute.js'
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
import type { SubmissionSet } from './model.js'
import { classificationSchemes, identificationSchemes, limitedMetadataNodes, statusTypes } from './uuids.js'

const schemes = classificationSchemes.SubmissionSet
const identifiers = identificationSchemes.SubmissionSet

// biome-ignore format: one line for each attribute
export const submissionSetAttributes: AttributesOf<SubmissionSet> = {
  entryUUID: xmlAttribute('id', types.uuid, one, { clause: '4.2.3.3.5' }),
  logicalID: xmlAttribute('lid', types.uuid, maybe, { clause: 'XDS Metadata Update' }),
  homeCommunityId: xmlAttribute('home', types.oidUrn, maybe, { clause: '4.2.3.3.6' }),
  availabilityStatus: named('status', statusTypes, maybe, { clause: '4.2.3.3.2', ignored: true }),
  intendedRecipient: slot('intendedRecipient', types.recipient, many, { clause: '4.2.3.3.7' }),
  submissionTime: slot('submissionTime', types.dtm, one, { clause: '4.2.3.3.10' }),
  title: localized('Name', types.utf8String, maybe, { clause: '4.2.3.3.11', maxLength: 256 }),
  comments: localized('Description', types.string, maybe, { clause: '4.2.3.3.3' }),
  version: versionInfo({ clause: 'XDS Metadata Update' }),
  author: classification(schemes.author, author, many, { clause: '4.2.3.3.1', send: { 'ITI-41': 'R2', 'ITI-42': 'R2', 'ITI-61': 'R2' } }),
  contentTypeCode: classification(schemes.contentTypeCode, code, one, { clause: '4.2.3.3.4', limited: 'R2' }),
  limitedMetadata: flag(limitedMetadataNodes.SubmissionSet, { clause: '4.2.3.3.13', send: byNobody }),
  patientId: externalIdentifier(identifiers.patientId, types.cx, one, { clause: '4.2.3.3.8', fixedName: 'XDSSubmissionSet.patientId' }),
  sourceId: externalIdentifier(identifiers.sourceId, types.oid, one, { clause: '4.2.3.3.9', fixedName: 'XDSSubmissionSet.sourceId' }),
  uniqueId: externalIdentifier(identifiers.uniqueId, types.oid, one, { clause: '4.2.3.3.12', fixedName: 'XDSSubmissionSet.uniqueId' }),
}
