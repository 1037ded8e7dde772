// The Document Registry: the transactions that it answers. ITI TF-1 §10.1.1.3.
import { actor } from '../server/actor.js'
import type { RegistryContext } from './context.js'
import { servePatientIdentityFeed } from './iti-8-patient-identity-feed.js'
import { serveRegistryStoredQuery } from './iti-18-registry-stored-query.js'
import { serveRegisterDocumentSet } from './iti-42-register-document-set.js'
import {
  servePatientDuplicatesResolved,
  servePatientRecordAdded,
  servePatientRecordRevised,
} from './iti-44-patient-identity-feed.js'
import { serveMultiPatientStoredQuery } from './iti-51-multi-patient-stored-query.js'
import { serveUpdateDocumentSet } from './iti-57-update-document-set.js'
import { serveRegisterOnDemandDocumentEntry } from './iti-61-register-on-demand-document-entry.js'
import { serveRemoveMetadata } from './iti-62-remove-metadata.js'
import { serveRestrictedUpdateDocumentSet } from './iti-92-restricted-update-document-set.js'

export const documentRegistry = actor<RegistryContext>('Document Registry', [
  serveRegisterDocumentSet,
  serveRegisterOnDemandDocumentEntry,
  serveUpdateDocumentSet,
  serveRestrictedUpdateDocumentSet,
  serveRegistryStoredQuery,
  serveMultiPatientStoredQuery,
  servePatientRecordAdded,
  servePatientRecordRevised,
  servePatientDuplicatesResolved,
  serveRemoveMetadata,
])

/** The feed in HL7 v2, which is no SOAP. */
export const documentRegistryOverMllp = [servePatientIdentityFeed] as const
