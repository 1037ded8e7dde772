// The Document Repository, by what it answers, and the Imaging Document Source that shares its door. ITI TF-1 §10.1.1.3, RAD TF-1 §18 (XDS-I.b).
import { actor } from '../server/actor.js'
import { serveProvideAndRegister } from './iti-41-provide-and-register.js'
import { serveRetrieveDocumentSet } from './iti-43-retrieve-document-set.js'
import { serveRemoveDocuments } from './iti-86-remove-documents.js'
import { serveRetrieveImagingDocumentSet } from './rad-69-retrieve-imaging-document-set.js'

export const documentRepository = actor('Document Repository', [
  serveProvideAndRegister,
  serveRetrieveDocumentSet,
  serveRemoveDocuments,
  serveRetrieveImagingDocumentSet,
])
