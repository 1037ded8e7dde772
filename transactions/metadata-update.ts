// ITI-57 and ITI-92: metadata that are registered are updated, by a Document Administrator. ITI TF-2 §3.57, §3.92.
import { registryResponse } from './registry-response-codec.js'
import { submitObjectsRequest } from './submission-codec.js'
import { transaction } from './transaction.js'
import { auditRestrictedUpdate, auditUpdate } from './xds-audit.js'

const failure = { status: 'Failure' } as const

/** New versions, other statuses, new Associations. [ITI TF-2:3.57] */
export const updateDocumentSet = transaction({
  id: 'ITI-57',
  changes: 'adds',
  name: 'Update Document Set',
  action: 'urn:ihe:iti:2010:UpdateDocumentSet',
  mtom: false,
  roles: ['source', 'document-administrator', 'admin'],
  request: submitObjectsRequest,
  response: registryResponse,
  refused: errors => ({ ...failure, errors }),
  audit: auditUpdate,
})

/** New versions of DocumentEntries, and of those only what is theirs alone to say. [ITI TF-2:3.92] */
export const restrictedUpdateDocumentSet = transaction({
  id: 'ITI-92',
  changes: 'adds',
  name: 'Restricted Update Document Set',
  action: 'urn:ihe:iti:2018:RestrictedUpdateDocumentSet',
  mtom: false,
  roles: ['source', 'document-administrator', 'admin'],
  request: submitObjectsRequest,
  response: registryResponse,
  refused: errors => ({ ...failure, errors }),
  audit: auditRestrictedUpdate,
})
