// GetAll: everything of a patient, and all Associations that touch it. ITI TF-2 §3.18.4.1.2.3.7.4.
import { associationStatus, contentCriteria } from './document-entry-parameters.js'
import { many, one, required } from './parameters.js'
import { keysOf, storedQuery } from './stored-query.js'
import { status, text } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.4] */
export const getAll = storedQuery({
  name: 'GetAll',
  id: 'urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.4',
  parameters: {
    patientId: required(one('$patientId', text)),
    documentEntryStatus: required(many('$XDSDocumentEntryStatus', status)),
    submissionSetStatus: required(many('$XDSSubmissionSetStatus', status)),
    folderStatus: required(many('$XDSFolderStatus', status)),
    associationStatus,
    ...contentCriteria,
  },
  async select({ patientId, metadataLevel, ...given }, registry) {
    const found = [
      ...(await registry.submissionSets({ patientId }, { status: given.submissionSetStatus })),
      ...(await registry.documentEntries(
        { patientId },
        {
          status: given.documentEntryStatus,
          formatCode: given.formatCode,
          confidentialityCode: given.confidentialityCode,
          type: given.type,
          metadataLevel,
        },
      )),
      ...(await registry.folders({ patientId }, { status: given.folderStatus, metadataLevel })),
    ]
    // The other end may be outside of the result: a replaced entry, an entry of another patient included by reference.
    const associations = await registry.associations('either', keysOf(found), {
      status: given.associationStatus,
      metadataLevel,
    })
    return [...found, ...associations]
  },
})
