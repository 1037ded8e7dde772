// GetSubmissionSetAndContents: a SubmissionSet with all that was submitted in it. ITI TF-2 §3.18.4.1.2.3.7.10.
import { among, contentCriteria } from './document-entry-parameters.js'
import { one } from './parameters.js'
import { joining, keysOf, storedQuery, targetsOf } from './stored-query.js'
import { text, uuid } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.10] */
export const getSubmissionSetAndContents = storedQuery({
  name: 'GetSubmissionSetAndContents',
  id: 'urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.10',
  parameters: {
    entryUUID: one('$XDSSubmissionSetEntryUUID', uuid),
    uniqueId: one('$XDSSubmissionSetUniqueId', text),
    ...contentCriteria,
  },
  exactlyOneOf: ['entryUUID', 'uniqueId'],
  singlePatient: true,
  async select(given, registry) {
    const { metadataLevel } = given
    const sets = await registry.submissionSets(among(given), {})
    const holding = { associationType: ['HasMember'], metadataLevel }
    const memberships = await registry.associations('source', keysOf(sets), holding, 'on the way')
    const members = targetsOf(memberships)
    const { formatCode, confidentialityCode, type } = given
    const entries = await registry.documentEntries(
      { keys: members },
      { formatCode, confidentialityCode, type, metadataLevel },
    )
    const objects = [...sets, ...entries, ...(await registry.folders({ keys: members }, { metadataLevel }))]
    const submitted = joining(await registry.associations('itself', members, { metadataLevel }, 'on the way'), objects)
    return [...objects, ...submitted, ...joining(memberships, [...objects, ...submitted])]
  },
})
