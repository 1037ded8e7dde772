// What a Document Administrator sends: Remove Metadata to a registry, Remove Documents to a repository. ITI TF-2 §3.62, §3.86 (RMD).
import { registryResponse } from './registry-response-codec.js'
import { auditRemoveDocuments, auditRemoveMetadata } from './remove-audit.js'
import { removeDocumentsRequest, removeObjectsRequest } from './remove-codec.js'
import { type Codec, transaction } from './transaction.js'
import type { RemoveDocumentsResponse, RemoveMetadataResponse } from './xds-messages.js'

/** Objects and all that is known of them. [ITI TF-2:3.62] */
export const removeMetadata = transaction({
  id: 'ITI-62',
  changes: 'removes',
  name: 'Remove Metadata',
  action: 'urn:ihe:iti:2010:DeleteDocumentSet',
  mtom: false,
  roles: ['document-administrator', 'admin'],
  request: removeObjectsRequest,
  response: registryResponse as Codec<RemoveMetadataResponse>,
  refused: errors => ({ ...failure, errors }),
  audit: auditRemoveMetadata,
})

/** The bytes of documents; what the registry knows of them stays there. [ITI TF-2:3.86] */
export const removeDocuments = transaction({
  id: 'ITI-86',
  changes: 'removes',
  name: 'Remove Documents',
  action: 'urn:ihe:iti:2017:RemoveDocuments',
  mtom: false,
  roles: ['document-administrator', 'admin'],
  request: removeDocumentsRequest,
  response: registryResponse as Codec<RemoveDocumentsResponse>,
  refused: errors => ({ ...failure, errors }),
  audit: auditRemoveDocuments,
})

const failure = { status: 'Failure' } as const
