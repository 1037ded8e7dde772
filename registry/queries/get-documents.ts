// GetDocuments: entries by their ids, whatever their status. ITI TF-2 §3.18.4.1.2.3.7.5.
import { among, level } from './document-entry-parameters.js'
import { many } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { text, uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.5] */
export const getDocuments = storedQuery({
  name: 'GetDocuments',
  id: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.5',
  parameters: {
    entryUUID: many('$XDSDocumentEntryEntryUUID', uuid),
    uniqueId: many('$XDSDocumentEntryUniqueId', text),
    logicalID: many('$XDSDocumentEntryLogicalID', uuid),
    metadataLevel: level,
  },
  exactlyOneOf: ['entryUUID', 'uniqueId', 'logicalID'],
  singlePatient: true,
  tellsVersions: true,
  select: (given, registry) => registry.documentEntries(among(given), { metadataLevel: given.metadataLevel }),
})
