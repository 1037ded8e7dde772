// FindDocuments: the entries of a patient that meet all criteria. ITI TF-2 §3.18.4.1.2.3.7.1.
import { documentEntryCriteria } from './document-entry-parameters.js'
import { storedQuery } from './stored-query.js'

/** [ITI TF-2:3.18.4.1.2.3.7.1] */
export const findDocuments = storedQuery({
  name: 'FindDocuments',
  id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.1',
  parameters: documentEntryCriteria,
  select: (given, registry) => registry.documentEntries({ patientId: given.patientId }, given),
})
