// What is known of a folder. ITI TF-3 Table 4.2.3.4-1; who sends what: Table 4.3.1-3.
import { type AttributesOf, byNobody, maybe, one, some } from './attribute.js'
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
import { code } from './classified.js'
import * as types from './data-types.js'
import type { Folder } from './model.js'
import { classificationSchemes, identificationSchemes, limitedMetadataNodes, statusTypes } from './uuids.js'

const identifiers = identificationSchemes.Folder

// biome-ignore format: one line for each attribute
export const folderAttributes: AttributesOf<Folder> = {
  entryUUID: xmlAttribute('id', types.uuid, one, { clause: '4.2.3.4.4' }),
  logicalID: xmlAttribute('lid', types.uuid, maybe, { clause: 'XDS Metadata Update' }),
  homeCommunityId: xmlAttribute('home', types.oidUrn, maybe, { clause: '4.2.3.4.5' }),
  availabilityStatus: named('status', statusTypes, maybe, { clause: '4.2.3.4.1', ignored: true }),
  lastUpdateTime: slot('lastUpdateTime', types.dtmWithSeconds, maybe, { clause: '4.2.3.4.6', ignored: true }),
  title: localized('Name', types.string, one, { clause: '4.2.3.4.8', limited: 'O', maxLength: 256 }),
  comments: localized('Description', types.string, maybe, { clause: '4.2.3.4.3' }),
  version: versionInfo({ clause: 'XDS Metadata Update' }),
  codeList: classification(classificationSchemes.Folder.codeList, code, some, { clause: '4.2.3.4.2', limited: 'R2' }),
  limitedMetadata: flag(limitedMetadataNodes.Folder, { clause: '4.2.3.4.10', send: byNobody }),
  patientId: externalIdentifier(identifiers.patientId, types.cx, one, { clause: '4.2.3.4.7', fixedName: 'XDSFolder.patientId' }),
  uniqueId: externalIdentifier(identifiers.uniqueId, types.oid, one, { clause: '4.2.3.4.9', fixedName: 'XDSFolder.uniqueId' }),
}
