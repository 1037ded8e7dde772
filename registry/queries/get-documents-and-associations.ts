// GetDocumentsAndAssociations: entries by their ids, and the Associations that touch them. ITI TF-2 §3.18.4.1.2.3.7.8.
import { among, associationStatus, level } from './document-entry-parameters.js'
import { many } from './parameters.js'
import { keysOf, storedQuery } from './stored-query.js'
import { text, uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.8] */
export const getDocumentsAndAssociations = storedQuery({
  name: 'GetDocumentsAndAssociations',
  id: 'urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.8',
  parameters: {
    entryUUID: many('$XDSDocumentEntryEntryUUID', uuid),
    uniqueId: many('$XDSDocumentEntryUniqueId', text),
    associationStatus,
    metadataLevel: level,
  },
  exactlyOneOf: ['entryUUID', 'uniqueId'],
  singlePatient: true,
  async select({ associationStatus: status, metadataLevel, ...given }, registry) {
    const entries = await registry.documentEntries(among(given), { metadataLevel })
    return [...entries, ...(await registry.associations('either', keysOf(entries), { status, metadataLevel }))]
  },
})
