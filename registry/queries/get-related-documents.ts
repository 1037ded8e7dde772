// GetRelatedDocuments: documents joined to a given one by Associations of given types. ITI TF-2 §3.18.4.1.2.3.7.13.
import { among, associationStatus, level, oneDocument, type } from './document-entry-parameters.js'
import { many, required } from './parameters.js'
import { joining, keysOf, sourcesOf, storedQuery, targetsOf } from './stored-query.js'
import { associationType } from './value-types.js'

/** The given document is in the result when an Association is; without one there is nothing. [ITI TF-2:3.18.4.1.2.3.7.13] */
export const getRelatedDocuments = storedQuery({
  name: 'GetRelatedDocuments',
  id: 'urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.13',
  parameters: {
    ...oneDocument,
    associationType: required(many('$AssociationTypes', associationType)),
    type,
    associationStatus,
    metadataLevel: level,
  },
  exactlyOneOf: ['entryUUID', 'uniqueId'],
  async select({ associationStatus: status, metadataLevel, ...given }, registry) {
    const documents = await registry.documentEntries(among(given), {})
    const ofTypes = { associationType: given.associationType, status, metadataLevel }
    const touching = await registry.associations('either', keysOf(documents), ofTypes, 'on the way')
    const ends = [...sourcesOf(touching), ...targetsOf(touching)]
    const entries = await registry.documentEntries({ keys: ends }, { type: given.type, metadataLevel })
    const relations = joining(touching, entries)
    const related = new Set([...sourcesOf(relations), ...targetsOf(relations)])
    return [...entries.filter(({ key }) => related.has(key)), ...relations]
  },
})
