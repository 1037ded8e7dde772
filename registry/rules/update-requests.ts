// Rules for the shape of an update: what may stand in it, and where. ITI TF-2 §3.57.4.1.3.1, §3.92.4.1.2.
import type { Association, ErrorCode, Finding, Submission } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import { isOrder, operationsOf } from '../operations.js'
import type { Breach, Rule } from './rule.js'

const code = 'XDSMetadataUpdateOperationError'

/** [ITI TF-2:3.57.4.1.3.1] */
export const somethingToDo: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.1',
  breaches(submitted, facts) {
    const { newVersions, statusChanges, newAssociations, strays } = operationsOf(submitted, facts)
    if (newVersions.length + statusChanges.length + newAssociations.length + strays.length > 0) return []
    const expected = 'an update of metadata or of a status, or the submission of an Association'
    return [{ code, object: submitted.submissionSet ?? 'SubmitObjectsRequest', expected, found: 'nothing to do' }]
  },
}

/** As many documents as one submission brings. Nobody else is served while they are held against the former versions: docs/decisions/0152. */
const mostUpdated = 1_000

/** [ITI TF-2:3.57.4.1.3.1] */
export function tooManyUpdates({ documentEntries, folders }: Submission): Finding[] {
  const count = documentEntries.length + folders.length
  if (count <= mostUpdated) return []
  const expected = `at most ${mostUpdated} new versions of DocumentEntries and Folders in one request`
  const where = { object: 'SubmitObjectsRequest', rule: 'ITI TF-2:3.57.4.1.3.1' }
  return [{ code: 'XDSRegistryError', ...where, expected, found: String(count) }]
}

/** An Association that nothing refers to could mean anything. [ITI TF-2:3.57.4.1.3.2] */
export const noStrayAssociations: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.2',
  breaches: (submitted, facts) =>
    operationsOf(submitted, facts)
      .strays.filter(each => submitted.sound(each, 'associationType'))
      .map(object => ({
        code,
        object,
        attribute: 'associationType',
        expected:
          'a HasMember from the SubmissionSet to a new version, an UpdateAvailabilityStatus, a SubmitAssociation, or its target',
        found: `${quoted(object.associationType)} from ${quoted(object.sourceObject)} to ${quoted(object.targetObject)}`,
      })),
}

/** Which Associations these Slots have a meaning on. */
const ownersOf = {
  previousVersion: isMembershipOfSet,
  associationPropagation: isMembershipOfSet,
  submissionSetStatus: isMembershipOfSet,
  originalStatus: isStatusOrder,
  newStatus: isStatusOrder,
} as const

/** [ITI TF-2:3.57.4.1.3.3.1.2, 3.57.4.1.3.3.2.2] */
export function annotationsWhereTheyBelong(annotationError: ErrorCode): Rule {
  return {
    clause: 'ITI TF-2:3.57.4.1.3.3.2.2',
    breaches: ({ associations, submissionSet }) =>
      associations.flatMap(object =>
        (Object.keys(ownersOf) as (keyof typeof ownersOf)[]).flatMap((attribute): Breach[] => {
          const value = object[attribute]
          if (value === undefined || ownersOf[attribute](object, submissionSet?.entryUUID)) return []
          const expected = `no ${attribute} on this ${object.associationType} Association`
          return [{ code: annotationError, object, attribute, expected, found: quoted(value) }]
        }),
      ),
  }
}

/** [ITI TF-2:3.92.4.1.2] */
export const entriesOnly: Rule = {
  clause: 'ITI TF-2:3.92.4.1.2',
  breaches(submitted, facts) {
    const strays = new Set(operationsOf(submitted, facts).strays)
    const others = submitted.associations.filter(each => isOrder(each) || strays.has(each))
    return [
      ...submitted.folders.map(
        (object): Breach => ({
          code: 'XDSObjectTypeError',
          object,
          expected: 'DocumentEntries (Folders are updated by ITI-57)',
          found: 'a Folder',
        }),
      ),
      ...others.map(
        (object): Breach => ({
          code: 'UnmodifiableMetadataError',
          object,
          attribute: 'associationType',
          expected: 'a HasMember from the SubmissionSet to a new version (statuses and Associations are for ITI-57)',
          found: quoted(object.associationType),
        }),
      ),
    ]
  },
}

/** Who sends an order is the SubmissionSet. [ITI TF-2:3.57.4.1.3.2] */
export const ordersOfSubmissionSet: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.2',
  breaches: ({ associations, submissionSet, sound }) =>
    associations
      .filter(isOrder)
      .filter(each => submissionSet !== undefined && sound(each, 'sourceObject'))
      .filter(each => each.sourceObject !== submissionSet?.entryUUID)
      .map(object => ({
        code: 'XDSMetadataUpdateError',
        object,
        attribute: 'sourceObject',
        expected: `the SubmissionSet of this request, ${quoted(submissionSet?.entryUUID ?? '')}`,
        found: quoted(object.sourceObject),
      })),
}

function isMembershipOfSet({ associationType, sourceObject }: Association, setId: string | undefined): boolean {
  return associationType === 'HasMember' && (setId === undefined || sourceObject === setId)
}

function isStatusOrder({ associationType }: Association): boolean {
  return associationType === 'UpdateAvailabilityStatus'
}
