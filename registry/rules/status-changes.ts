// Rules for changes of availabilityStatus. ITI TF-2 §3.57.4.1.3.3.2, §3.57.4.1.3.3.4, §3.57.4.1.3.3.5.
import type { AvailabilityStatus } from '../../metadata/model.js'
import { statusTypes } from '../../metadata/uuids.js'
import { quoted } from '../../metadata/words.js'
import { type Operations, operationsOf, type StatusChange } from '../operations.js'
import { relationOf } from '../store/commit.js'
import type { Breach, Reference, Rule, Submitted } from './rule.js'

const operationError = 'XDSMetadataUpdateOperationError'
const code = 'XDSMetadataUpdateError'

/** [ITI TF-2:3.57.4.1.3.3.2.2] */
export const statusesGiven: Rule = forEachOrder('ITI TF-2:3.57.4.1.3.3.2.2', ({ order: object }, { sound }) =>
  (['originalStatus', 'newStatus'] as const)
    .filter(attribute => object[attribute] === undefined && sound(object, attribute))
    .map(attribute => ({
      code: operationError,
      object,
      attribute,
      expected: `one of ${Object.values(statusTypes).join(', ')}`,
      found: 'nothing',
    })),
)

/** [ITI TF-2:3.57.4.1.3.3.2.2] */
export const statusesDiffer: Rule = forEachOrder('ITI TF-2:3.57.4.1.3.3.2.2', ({ order: object }) => {
  if (object.newStatus === undefined || object.newStatus !== object.originalStatus) return []
  const expected = 'another status than OriginalStatus'
  return [{ code: operationError, object, attribute: 'newStatus', expected, found: quoted(object.newStatus) }]
})

/** [ITI TF-2:3.57.4.1.3.3.2.3] */
export const statusTargetResolves: Rule = forEachOrder('ITI TF-2:3.57.4.1.3.3.2.3', ({ order, target }, { sound }) => {
  if (target !== undefined || !sound(order, 'targetObject')) return []
  const expected = 'the id of an object in the request or in the registry'
  const found = quoted(order.targetObject)
  return [{ code: 'UnresolvedReferenceException', object: order, attribute: 'targetObject', expected, found }]
})

/** [ITI TF-2:3.57.4.1.3.3.2.3, 3.57.4.1.3.3.4, 3.57.4.1.3.3.5] */
export const statusMayChange: Rule = forEachOrder('ITI TF-2:3.57.4.1.3.3.5', ({ order, target }, _, operations) => {
  const found = target === undefined ? undefined : whyNot(target, operations)
  if (found === undefined) return []
  const expected =
    'the latest version of a DocumentEntry or Folder, or an Association that is no HasMember of a SubmissionSet'
  return [{ code, object: order, attribute: 'targetObject', expected, found }]
})

/** Nobody changes what he has not seen. [ITI TF-2:3.57.4.1.3.3.2.3] */
export const originalStatusIsPresent: Rule = forEachOrder(
  'ITI TF-2:3.57.4.1.3.3.2.3',
  ({ order, target }, { sound }, operations) => {
    const status = target === undefined ? undefined : statusOf(target, operations)
    if (status === undefined || order.originalStatus === undefined || !sound(order, 'originalStatus')) return []
    if (order.originalStatus === statusTypes[status]) return []
    const expected = `the status that it has, ${statusTypes[status]}`
    return [{ code, object: order, attribute: 'originalStatus', expected, found: quoted(order.originalStatus) }]
  },
)

/** [ITI TF-2:3.57.4.1.3.1] */
export const oneStatusForEach: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.1',
  breaches(submitted, facts) {
    const seen = new Set<string>()
    return operationsOf(submitted, facts).statusChanges.flatMap(({ order, target }): Breach[] => {
      const id = target?.object.entryUUID ?? order.targetObject
      if (!seen.has(id)) {
        seen.add(id)
        return []
      }
      const expected = 'one change of the status of an object in a request'
      return [
        { code: operationError, object: order, attribute: 'targetObject', expected, found: 'another of the same' },
      ]
    })
  },
}

/** Of Associations alike one is Approved at most, as where they are submitted. [ITI TF-2:3.57.4.1.3.3.5, 3.57.4.1.3.3.6.3] */
export const approvedOnce: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.3.5',
  breaches(submitted, facts) {
    const { statusChanges, submitted: added } = operationsOf(submitted, facts)
    const deprecated = new Set(
      statusChanges
        .filter(({ order }) => order.newStatus === statusTypes.Deprecated)
        .map(({ target }) => target?.object.entryUUID),
    )
    const approved = new Map(
      submitted.associations
        .filter(each => added.has(each) && !deprecated.has(each.entryUUID))
        .map(each => [relationOf(each), each.entryUUID]),
    )
    return statusChanges.flatMap(({ order, target }): Breach[] => {
      const reapproved = facts.reapproved.get(target?.object.entryUUID ?? '')
      if (reapproved === undefined || order.newStatus !== statusTypes.Approved) return []
      const { relation, alike } = reapproved
      const other = alike.find(id => !deprecated.has(id)) ?? approved.get(relation)
      approved.set(relation, order.targetObject)
      if (other === undefined || other === order.targetObject) return []
      const expected = 'no other Association of that type between the same objects to be Approved'
      return [{ code, object: order, attribute: 'targetObject', expected, found: quoted(other) }]
    })
  },
}

function whyNot(target: Reference, operations: Operations): string | undefined {
  const { object } = target
  if (object.kind === 'SubmissionSet') return 'a SubmissionSet, which is Approved for good'
  if (target.in === 'registry') {
    if (target.object.version?.isLatest === false) return `version ${target.object.version.number}, not the latest`
    const { association } = target.object
    const isOfSet = association?.associationType === 'HasMember' && association.source === 'SubmissionSet'
    return isOfSet ? 'a HasMember of a SubmissionSet' : undefined
  }
  if (object.kind !== 'Association') return undefined
  return operations.submitted.has(object) ? undefined : 'an Association that this request does not submit'
}

/** Undefined where it cannot change anyway. */
function statusOf(target: Reference, { versionsById }: Operations): AvailabilityStatus | undefined {
  if (target.in === 'registry') return target.object.availabilityStatus
  if (target.object.kind === 'Association') return 'Approved'
  return versionsById.get(target.object.entryUUID)?.latest?.object.availabilityStatus
}

function forEachOrder(
  clause: string,
  breaches: (change: StatusChange, submitted: Submitted, operations: Operations) => Breach[],
): Rule {
  return {
    clause,
    breaches(submitted, facts) {
      const operations = operationsOf(submitted, facts)
      return operations.statusChanges.flatMap(change => breaches(change, submitted, operations))
    },
  }
}
