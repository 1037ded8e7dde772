// GetFolderAndContents: a Folder with the entries in it. ITI TF-2 §3.18.4.1.2.3.7.11.
import { among, associationStatus, contentCriteria } from './document-entry-parameters.js'
import { one } from './parameters.js'
import { joining, keysOf, storedQuery, targetsOf } from './stored-query.js'
import { text, uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.11] */
export const getFolderAndContents = storedQuery({
  name: 'GetFolderAndContents',
  id: 'urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.11',
  parameters: {
    entryUUID: one('$XDSFolderEntryUUID', uuid),
    uniqueId: one('$XDSFolderUniqueId', text),
    associationStatus,
    ...contentCriteria,
  },
  exactlyOneOf: ['entryUUID', 'uniqueId'],
  singlePatient: true,
  async select({ associationStatus: status, metadataLevel, ...given }, registry) {
    const folders = await registry.folders(among(given), { metadataLevel })
    // A Folder also holds what has a newer version, or is not asked for.
    const holding = { associationType: ['HasMember'], status, metadataLevel }
    const memberships = await registry.associations('source', keysOf(folders), holding, 'on the way')
    const { formatCode, confidentialityCode, type } = given
    const entries = await registry.documentEntries(
      { keys: targetsOf(memberships) },
      { formatCode, confidentialityCode, type, metadataLevel },
    )
    const objects = [...folders, ...entries]
    return [...objects, ...joining(memberships, objects)]
  },
})
