// The Document Repository, by what it answers. ITI TF-1 §10.1.1.3.
import { actor } from '../server/actor.js'
import { serveProvideAndRegister } from './iti-41-provide-and-register.js'
import { serveRetrieveDocumentSet } from './iti-43-retrieve-document-set.js'
import { serveRemoveDocuments } from './iti-86-remove-documents.js'

export const documentRepository = actor('Document Repository', [
  serveProvideAndRegister,
  serveRetrieveDocumentSet,
  serveRemoveDocuments,
])
