// FindDocumentsByReferenceId: as FindDocuments, for entries that carry one of the reference ids. ITI TF-2 §3.18.4.1.2.3.7.14.
import { documentEntryCriteria } from './document-entry-parameters.js'
import { andOr, required } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { text } from './value-types.js'

/** The text asks for exact matches, its footnote for LIKE: % and _ are wildcards, all else is taken literally. [ITI TF-2:3.18.4.1.2.3.7.14] */
export const findDocumentsByReferenceId = storedQuery({
  name: 'FindDocumentsByReferenceId',
  id: 'urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.14',
  parameters: {
    ...documentEntryCriteria,
    referenceIdList: required(andOr('$XDSDocumentEntryReferenceIdList', text)),
  },
  select: (given, registry) => registry.documentEntries({ patientId: given.patientId }, given),
})
