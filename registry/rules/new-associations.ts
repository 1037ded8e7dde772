// Rules for Associations that are submitted between objects which are there already. ITI TF-2 §3.57.4.1.3.3.6.
import type { Association } from '../../metadata/model.js'
import { associationTypes } from '../../metadata/uuids.js'
import { quoted } from '../../metadata/words.js'
import { type Operations, operationsOf, propagates } from '../operations.js'
import { relationOf } from '../store/commit.js'
import type { Facts } from '../store/facts.js'
import { replaces } from './relationships.js'
import { type Breach, isMembership, patientAt, type Reference, type Rule, type Submitted } from './rule.js'

const code = 'XDSMetadataUpdateError'
const ends = ['sourceObject', 'targetObject'] as const

/** [ITI TF-2:3.57.4.1.3.3.6] */
export const orderedAssociationIsThere: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.3.6',
  breaches(submitted, facts) {
    const seen = new Set<unknown>()
    return operationsOf(submitted, facts).newAssociations.flatMap(({ order, target }): Breach[] => {
      const breach = (code: Breach['code'], found: string): Breach[] => {
        const expected = 'the id of an Association in this request, once'
        return [{ code, object: order, attribute: 'targetObject', expected, found }]
      }
      if (!submitted.sound(order, 'targetObject')) return []
      if (target === undefined) return breach('UnresolvedReferenceException', quoted(order.targetObject))
      if (target.in === 'registry') return breach(code, `a ${target.object.kind} that is registered already`)
      if (target.object.kind !== 'Association') return breach(code, `a ${target.object.kind}`)
      if (seen.has(target.object)) return breach('XDSMetadataUpdateOperationError', 'one that is submitted twice')
      seen.add(target.object)
      return []
    })
  },
}

/** [ITI TF-2:3.57.4.1.3.3.6.3] */
export const newAssociationResolves: Rule = forEachNew('ITI TF-2:3.57.4.1.3.3.6.3', (object, { submitted, facts }) =>
  ends
    .filter(end => submitted.sound(object, end) && submitted.resolve(object[end], facts) === undefined)
    .map(attribute => ({
      code: 'UnresolvedReferenceException',
      object,
      attribute,
      expected: 'the id of a DocumentEntry or Folder in the registry, or of a new version in this request',
      found: quoted(object[attribute]),
    })),
)

/** A Folder holds entries, entries are related to entries. [ITI TF-2:3.57.4.1.3.3.6.3] */
export const newAssociationHasShape: Rule = forEachNew('ITI TF-2:3.57.4.1.3.3.6.3', (object, { submitted, facts }) => {
  if (!Object.hasOwn(associationTypes, object.associationType)) return []
  const source = isMembership(object) ? 'Folder' : 'DocumentEntry'
  const kinds = { sourceObject: source, targetObject: 'DocumentEntry' }
  return ends.flatMap((attribute): Breach[] => {
    const end = submitted.resolve(object[attribute], facts)
    if (end === undefined || end.object.kind === kinds[attribute]) return []
    const expected = `a ${kinds[attribute]} on this ${object.associationType} Association`
    return [{ code, object, attribute, expected, found: `a ${end.object.kind}` }]
  })
})

/** What is not in force any more, or will not be after this request, is no end of new Associations. [ITI TF-2:3.57.4.1.3.3.6.3] */
export const newAssociationEndsInForce: Rule = forEachNew('ITI TF-2:3.57.4.1.3.3.6.3', (object, given) =>
  ends.flatMap((attribute): Breach[] => {
    const end = given.submitted.resolve(object[attribute], given.facts)
    const found = end === undefined ? undefined : whyNotInForce(end, given.operations)
    if (found === undefined) return []
    return [{ code, object, attribute, expected: 'an object that is Approved', found }]
  }),
)

/** What is taken over and what is submitted would get in one another's way. [ITI TF-2:3.57.4.1.3.1] */
export const notBesidePropagation: Rule = forEachNew('ITI TF-2:3.57.4.1.3.1', (object, { operations }) =>
  ends.flatMap((attribute): Breach[] => {
    const version = operations.versionsById.get(object[attribute])
    if (version === undefined || !propagates(version)) return []
    const expected = `AssociationPropagation "no" on the update of this ${version.object.kind}`
    return [{ code: 'XDSMetadataUpdateOperationError', object, attribute, expected, found: 'propagation' }]
  }),
)

/** [ITI TF-2:3.57.4.1.3.3.6.7] */
export const newAssociationOfSamePatient: Rule = forEachNew(
  'ITI TF-2:3.57.4.1.3.3.6.7',
  (object, { submitted, facts }) => {
    const { submissionSet } = submitted
    if (submissionSet === undefined) return []
    const set = patientAt({ in: 'submission', object: submissionSet }, submitted, facts)
    const others = ends.flatMap(end => {
      const reference = submitted.resolve(object[end], facts)
      return reference === undefined ? [] : (patientAt(reference, submitted, facts) ?? [])
    })
    const other = set === undefined ? undefined : others.find(patient => patient !== set)
    if (other === undefined) return []
    const expected = `both ends and the SubmissionSet of one patient, ${quoted(set ?? '')}`
    return [{ code: 'XDSPatientIDReconciliationError', object, attribute: 'patientId', expected, found: quoted(other) }]
  },
)

/** [ITI TF-2:3.57.4.1.3.3.6.3] */
export const newAssociationIsNew: Rule = {
  clause: 'ITI TF-2:3.57.4.1.3.3.6.3',
  breaches(submitted, facts) {
    const seen = new Set(facts.relations)
    return newOnes(operationsOf(submitted, facts)).flatMap((object): Breach[] => {
      const relation = relationOf(object)
      if (!seen.has(relation)) {
        seen.add(relation)
        return []
      }
      const expected = 'an Association that is not there already'
      const found = `another ${object.associationType} between the same objects, Approved`
      return [{ code, object, expected, found }]
    })
  },
}

/** What is replaced is registered, and is not what is just updated. [ITI TF-2:3.42.4.1.3.5] */
export const replacesRegistered: Rule = forEachNew('ITI TF-2:3.42.4.1.3.5', (object, { submitted, facts }) => {
  if (!replaces(object) || submitted.resolve(object.targetObject, facts)?.in !== 'submission') return []
  const expected = 'a registered DocumentEntry to be replaced'
  return [{ code, object, attribute: 'targetObject', expected, found: 'a new version of this request' }]
})

/** Replacing reaches the Folders, transformations and addenda of what is replaced: not while these change themselves. [ITI TF-2:3.57.4.1.3.1] */
export const replacesUndisturbed: Rule = forEachNew('ITI TF-2:3.57.4.1.3.1', (object, { facts, operations }) => {
  const replaced = replaces(object) ? facts.objects.get(object.targetObject)?.document?.reach : undefined
  if (replaced === undefined) return []
  const reached = [
    ...replaced.folders.map(({ entryUUID }) => entryUUID),
    ...replaced.dependents.map(each => each.entryUUID),
  ]
  const version = reached.map(id => operations.versionsById.get(id)).find(found => found !== undefined)
  if (version === undefined) return []
  const expected = 'to replace an entry in a request of its own'
  const found = `an update of a ${version.object.kind} that this reaches, ${quoted(version.object.logicalID ?? '')}`
  return [{ code: 'XDSMetadataUpdateOperationError', object, attribute: 'targetObject', expected, found }]
})

/** [ITI TF-3:4.2.2.2.6] */
export const newSnapshotOfOnDemand: Rule = forEachNew('ITI TF-3:4.2.2.2.6', (object, { submitted, facts }) => {
  if (object.associationType !== 'IsSnapshotOf') return []
  const wanted = { sourceObject: 'stable', targetObject: 'on-demand' }
  return ends.flatMap((attribute): Breach[] => {
    const type = objectTypeOf(submitted.resolve(object[attribute], facts))
    if (type === undefined || type === wanted[attribute]) return []
    return [
      {
        code,
        object,
        attribute,
        expected: `a DocumentEntry that is ${wanted[attribute]}`,
        found: `one that is ${type}`,
      },
    ]
  })
})

/** As in a registration: an on-demand entry may take the place of a stable one, never the other way round. [ITI TF-2:3.61.4.1.2] */
export const newStableReplacesStable: Rule = forEachNew('ITI TF-2:3.61.4.1.2', (object, { submitted, facts }) => {
  if (!replaces(object)) return []
  const [source, target] = ends.map(end => objectTypeOf(submitted.resolve(object[end], facts)))
  if (source !== 'stable' || target !== 'on-demand') return []
  const expected = 'a DocumentEntry that is stable'
  return [{ code, object, attribute: 'targetObject', expected, found: `one that is ${target}` }]
})

/** [ITI TF-3:4.2.2.2.1] */
export const newAddendumOfOriginal: Rule = forEachNew('ITI TF-3:4.2.2.2.1', (object, { submitted, facts }) => {
  if (object.associationType !== 'APND') return []
  const target = submitted.resolve(object.targetObject, facts)
  if (target?.in !== 'registry' || target.object.document?.isTransformation !== true) return []
  const expected = 'a DocumentEntry that is not the transformation of another'
  return [{ code, object, attribute: 'targetObject', expected, found: 'a transformation' }]
})

function whyNotInForce(end: Reference, { versionsById }: Operations): string | undefined {
  if (end.in === 'submission') {
    return versionsById.get(end.object.entryUUID)?.object === end.object
      ? undefined
      : `a ${end.object.kind} that this request does not update`
  }
  if (end.object.availabilityStatus === 'Deprecated') return `Deprecated ${quoted(end.object.entryUUID)}`
  return versionsById.has(end.object.entryUUID)
    ? `${quoted(end.object.entryUUID)}, which this request supersedes`
    : undefined
}

function objectTypeOf(reference: Reference | undefined): string | undefined {
  if (reference?.object.kind !== 'DocumentEntry') return undefined
  return reference.in === 'registry' ? reference.object.document?.objectType : reference.object.objectType
}

interface Given {
  submitted: Submitted
  facts: Facts
  operations: Operations
}

function forEachNew(clause: string, breaches: (association: Association, given: Given) => Breach[]): Rule {
  return {
    clause,
    breaches(submitted, facts) {
      const operations = operationsOf(submitted, facts)
      return newOnes(operations).flatMap(association => breaches(association, { submitted, facts, operations }))
    },
  }
}

/** Those that are submitted as they must be. */
function newOnes({ newAssociations }: Operations): Association[] {
  const found = newAssociations.flatMap(({ target }) =>
    target?.in === 'submission' && target.object.kind === 'Association' ? [target.object] : [],
  )
  return [...new Set(found)]
}
