// GetFolders: Folders by their ids, whatever their status. ITI TF-2 §3.18.4.1.2.3.7.6.
import { among, level } from './document-entry-parameters.js'
import { many } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { text, uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.6] */
export const getFolders = storedQuery({
  name: 'GetFolders',
  id: 'urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.6',
  parameters: {
    entryUUID: many('$XDSFolderEntryUUID', uuid),
    uniqueId: many('$XDSFolderUniqueId', text),
    logicalID: many('$XDSFolderLogicalID', uuid),
    metadataLevel: level,
  },
  exactlyOneOf: ['entryUUID', 'uniqueId', 'logicalID'],
  singlePatient: true,
  select: (given, registry) => registry.folders(among(given), { metadataLevel: given.metadataLevel }),
})
