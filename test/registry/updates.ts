// Requests of ITI-57 and ITI-92, put together operation by operation.
import type { Association, DocumentEntry, Folder, Submission } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { anAssociation, aSubmission, aUuid, type SubmissionChanges } from '../samples/submission.js'
import { heldBySet } from './submissions.js'

/** A SubmissionSet alone: a request that asks for nothing yet. */
export function aRequest(changes: Pick<SubmissionChanges, 'patientId' | 'submissionSet'> = {}): Submission {
  return aSubmission({ ...changes, documentEntries: [] })
}

/** The sample's registered entry or Folder in a new version. */
export function anUpdate<Value extends DocumentEntry | Folder>(
  object: Value,
  changes: Partial<Value> = {},
  membership: Partial<Association> = {},
): Submission {
  const request = aRequest(changes.patientId === undefined ? {} : { patientId: changes.patientId })
  addUpdate(request, object, changes, membership)
  return request
}

/** Version 2, unless the membership says otherwise; its id is new. */
export function addUpdate<Value extends DocumentEntry | Folder>(
  request: Submission,
  object: Value,
  changes: Partial<Value> = {},
  membership: Partial<Association> = {},
): Value {
  const logicalID = object.logicalID ?? object.entryUUID
  const version: DocumentEntry | Folder = { ...object, entryUUID: aUuid(), logicalID, ...changes }
  if (version.kind === 'DocumentEntry') request.documentEntries.push(version)
  else request.folders.push(version)
  request.associations.push({
    ...heldBySet(request, version.entryUUID),
    ...(version.kind === 'DocumentEntry' ? { submissionSetStatus: 'Original' } : {}),
    previousVersion: '1',
    ...membership,
  })
  return version as Value
}

/** From Approved to Deprecated, unless it is said otherwise. */
export function addStatusOrder(
  request: Submission,
  targetObject: string,
  changes: Partial<Association> = {},
): Association {
  const order = anAssociation({
    associationType: 'UpdateAvailabilityStatus',
    sourceObject: request.submissionSets[0]?.entryUUID ?? '',
    targetObject,
    originalStatus: statusTypes.Approved,
    newStatus: statusTypes.Deprecated,
    ...changes,
  })
  request.associations.push(order)
  return order
}

export const approving = { originalStatus: statusTypes.Deprecated, newStatus: statusTypes.Approved }

export function addAssociation(request: Submission, changes: Partial<Association>): Association {
  const association = anAssociation(changes)
  const order = anAssociation({
    associationType: 'SubmitAssociation',
    sourceObject: request.submissionSets[0]?.entryUUID ?? '',
    targetObject: association.entryUUID,
  })
  request.associations.push(association, order)
  return association
}
