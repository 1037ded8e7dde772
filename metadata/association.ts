// How two objects are related. ITI TF-3 §4.2.2.
import { type AttributesOf, maybe, one } from './attribute.js'
import { classification, named, namedOrAsSent, slot, xmlAttribute } from './carriers.js'
import { code } from './classified.js'
import * as types from './data-types.js'
import type { Association } from './model.js'
import { associationTypes, classificationSchemes, statusTypes } from './uuids.js'

/** [ITI TF-3: Table 4.2.2-1] */
const submitted = ['HasMember', 'RPLC', 'XFRM', 'APND', 'XFRM_RPLC', 'signs', 'IsSnapshotOf']
/** By these two ITI-57 changes what is registered; ITI-92 says by rules of its own that it takes neither. */
const updating = [...submitted, 'UpdateAvailabilityStatus', 'SubmitAssociation']
const known = {
  ...{ 'ITI-41': submitted, 'ITI-42': submitted, 'ITI-61': submitted },
  ...{ 'ITI-57': updating, 'ITI-92': updating },
}
/** The registry assigns an id where there is none: two examples of the framework and some senders leave it out. */
const assigned = { 'ITI-41': 'O', 'ITI-42': 'O', 'ITI-57': 'O', 'ITI-61': 'O', 'ITI-92': 'O' } as const
const status = types.oneOf('URN', Object.values(statusTypes))

// biome-ignore format: one line for each attribute
export const associationAttributes: AttributesOf<Association> = {
  entryUUID: xmlAttribute('id', types.uuid, one, { clause: '4.2.2', send: assigned }),
  homeCommunityId: xmlAttribute('home', types.oidUrn, maybe, { clause: '4.2.2' }),
  availabilityStatus: named('status', statusTypes, maybe, { clause: '4.2.2', ignored: true }),
  associationType: namedOrAsSent('associationType', associationTypes, one, { clause: '4.2.2', only: known }),
  sourceObject: xmlAttribute('sourceObject', types.uuid, one, { clause: '4.2.2' }),
  targetObject: xmlAttribute('targetObject', types.uuid, one, { clause: '4.2.2' }),
  submissionSetStatus: slot('SubmissionSetStatus', types.oneOf('String', ['Original', 'Reference']), maybe, { clause: '4.2.2.1.1' }),
  previousVersion: slot('PreviousVersion', types.integer, maybe, { clause: 'XDS Metadata Update' }),
  associationPropagation: slot('AssociationPropagation', types.oneOf('String', ['yes', 'no']), maybe, { clause: 'XDS Metadata Update' }),
  originalStatus: slot('OriginalStatus', status, maybe, { clause: 'XDS Metadata Update' }),
  newStatus: slot('NewStatus', status, maybe, { clause: 'XDS Metadata Update' }),
  associationDocumentation: classification(classificationSchemes.Association.associationDocumentation, code, maybe, { clause: '4.2.2.2' }),
}
