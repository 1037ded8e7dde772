// How two objects are related. ITI TF-3 §4.2.2.
import { type AttributesOf, maybe, one } from './attribute.js'
import { classification, named, namedOrAsSent, slot, xmlAttribute } from './carriers.js'
import { code } from './classified.js'
import * as types from './data-types.js'
import type { Association } from './model.js'
import { associationTypes, classificationSchemes, statusTypes } from './uuids.js'

/** All but the two by which ITI-57 changes what is registered. [ITI TF-3: Table 4.2.2-1] */
const submitted = ['HasMember', 'RPLC', 'XFRM', 'APND', 'XFRM_RPLC', 'signs', 'IsSnapshotOf']
const submittedOnly = { 'ITI-41': submitted, 'ITI-42': submitted, 'ITI-61': submitted }
const status = types.oneOf('URN', Object.values(statusTypes))

// biome-ignore format: one line for each attribute
export const associationAttributes: AttributesOf<Association> = {
  // Two examples of the framework and some senders leave the id out; the registry assigns one.
  entryUUID: xmlAttribute('id', types.uuid, one, { clause: '4.2.2', send: { 'ITI-41': 'O', 'ITI-42': 'O', 'ITI-61': 'O' } }),
  homeCommunityId: xmlAttribute('home', types.oidUrn, maybe, { clause: '4.2.2' }),
  availabilityStatus: named('status', statusTypes, maybe, { clause: '4.2.2', ignored: true }),
  associationType: namedOrAsSent('associationType', associationTypes, one, { clause: '4.2.2', only: submittedOnly }),
  sourceObject: xmlAttribute('sourceObject', types.uuid, one, { clause: '4.2.2' }),
  targetObject: xmlAttribute('targetObject', types.uuid, one, { clause: '4.2.2' }),
  submissionSetStatus: slot('SubmissionSetStatus', types.oneOf('String', ['Original', 'Reference']), maybe, { clause: '4.2.2.1.1' }),
  previousVersion: slot('PreviousVersion', types.integer, maybe, { clause: 'XDS Metadata Update' }),
  associationPropagation: slot('AssociationPropagation', types.oneOf('String', ['yes', 'no']), maybe, { clause: 'XDS Metadata Update' }),
  originalStatus: slot('OriginalStatus', status, maybe, { clause: 'XDS Metadata Update' }),
  newStatus: slot('NewStatus', status, maybe, { clause: 'XDS Metadata Update' }),
  associationDocumentation: classification(classificationSchemes.Association.associationDocumentation, code, maybe, { clause: '4.2.2.2' }),
}
