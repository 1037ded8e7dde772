// GetAssociations: the Associations that begin or end at given objects. ITI TF-2 §3.18.4.1.2.3.7.7.
import { associationStatus, level } from './document-entry-parameters.js'
import { many, required } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.7] */
export const getAssociations = storedQuery({
  name: 'GetAssociations',
  id: 'urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.7',
  parameters: {
    uuid: required(many('$uuid', uuid)),
    status: associationStatus,
    metadataLevel: level,
  },
  async select({ uuid, ...given }, registry) {
    return registry.associations('either', await registry.keysOf(uuid), given)
  },
})
