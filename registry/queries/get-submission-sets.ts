// GetSubmissionSets: the SubmissionSets that hold given entries or Folders, and how they hold them. ITI TF-2 §3.18.4.1.2.3.7.9.
import { level } from './document-entry-parameters.js'
import { many, required } from './parameters.js'
import { keysOf, sourcesOf, storedQuery } from './stored-query.js'
import { uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.9] */
export const getSubmissionSets = storedQuery({
  name: 'GetSubmissionSets',
  id: 'urn:uuid:51224314-5390-4169-9b91-b1980040715a',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.9',
  parameters: { uuid: required(many('$uuid', uuid)), metadataLevel: level },
  singlePatient: true,
  async select({ uuid, metadataLevel }, registry) {
    const memberships = await registry.associations('target', await registry.keysOf(uuid), {
      associationType: ['HasMember'],
      metadataLevel,
    })
    const sets = await registry.submissionSets({ keys: sourcesOf(memberships) }, {})
    const holding = new Set(keysOf(sets))
    return [...sets, ...memberships.filter(({ source = -1 }) => holding.has(source))]
  },
})
