// GetFoldersForDocument: the Folders that hold a document. ITI TF-2 §3.18.4.1.2.3.7.12.
import { among, associationStatus, level, oneDocument } from './document-entry-parameters.js'
import { keysOf, sourcesOf, storedQuery } from './stored-query.js'

/** One uniqueId may stand for several entries; the Folders of all of them are found. [ITI TF-2:3.18.4.1.2.3.7.12] */
export const getFoldersForDocument = storedQuery({
  name: 'GetFoldersForDocument',
  id: 'urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.12',
  parameters: { ...oneDocument, associationStatus, metadataLevel: level },
  exactlyOneOf: ['entryUUID', 'uniqueId'],
  async select({ associationStatus: status, metadataLevel, ...given }, registry) {
    const entries = await registry.documentEntries(among(given), {})
    const holding = { associationType: ['HasMember'], status, metadataLevel }
    const memberships = await registry.associations('target', keysOf(entries), holding, 'on the way')
    return registry.folders({ keys: sourcesOf(memberships) }, { metadataLevel })
  },
})
