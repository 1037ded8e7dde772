// FindDocumentsByReferenceId: as FindDocuments, for entries that carry one of the reference ids. ITI TF-2 §3.18.4.1.2.3.7.14.
import { documentEntryCriteria, referenceIdList } from './document-entry-parameters.js'
import { required } from './parameters.js'
import { storedQuery } from './stored-query.js'

/** [ITI TF-2:3.18.4.1.2.3.7.14] */
export const findDocumentsByReferenceId = storedQuery({
  name: 'FindDocumentsByReferenceId',
  id: 'urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.14',
  parameters: { ...documentEntryCriteria, referenceIdList: required(referenceIdList) },
  select: (given, registry) => registry.documentEntries({ patientId: given.patientId }, given),
})
