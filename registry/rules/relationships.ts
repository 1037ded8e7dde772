// Rules for relations between documents: replacement, transformation, addendum, signature, snapshot. ITI TF-2 §3.42.4.1.3.5.
import type { Association, DocumentEntryType } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { Facts } from '../store/facts.js'
import { type Breach, isMembership, patientAt, type Reference, type Rule, type Submitted } from './rule.js'

/** Where the target of a relation may be. [ITI TF-2:3.42.4.1.3.5] */
const targetIn: Readonly<Record<string, readonly Reference['in'][]>> = {
  RPLC: ['registry'],
  XFRM_RPLC: ['registry'],
  IsSnapshotOf: ['registry'],
  XFRM: ['registry', 'submission'],
  APND: ['registry', 'submission'],
  signs: ['registry', 'submission'],
}

const places = { registry: 'a DocumentEntry in the registry', submission: 'a DocumentEntry in the submission' } as const

interface Relation {
  association: Association
  source: Reference
  target: Reference
}

/** [ITI TF-2:3.42.4.1.3.5] */
export const relationResolves: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.5',
  breaches: (submitted, facts) =>
    relationsOf(submitted).flatMap(object => [
      ...unresolved(object, 'sourceObject', ['submission'], submitted, facts),
      ...unresolved(object, 'targetObject', targetIn[object.associationType] ?? [], submitted, facts),
    ]),
}

function unresolved(
  object: Association,
  attribute: 'sourceObject' | 'targetObject',
  allowed: readonly Reference['in'][],
  submitted: Submitted,
  facts: Facts,
): Breach[] {
  if (object[attribute] === '' || !submitted.sound(object, attribute)) return []
  const reference = submitted.resolve(object[attribute], facts)
  if (isEntryIn(reference, allowed)) return []
  const where = reference === undefined ? '' : `, a ${reference.object.kind} in the ${reference.in}`
  return [
    {
      code: 'UnresolvedReferenceException',
      object,
      attribute,
      expected: allowed.map(place => places[place]).join(' or '),
      found: `${quoted(object[attribute])}${where}`,
    },
  ]
}

function isEntryIn(reference: Reference | undefined, allowed: readonly Reference['in'][]): boolean {
  return reference?.object.kind === 'DocumentEntry' && allowed.includes(reference.in)
}

/** [ITI TF-2:3.42.4.1.3.5] */
export const relationIsToAnother: Rule = {
  clause: 'ITI TF-3:4.2.2.2',
  breaches: submitted =>
    relationsOf(submitted)
      .filter(each => each.sourceObject !== '' && each.sourceObject === each.targetObject)
      .map(object => ({
        code: 'XDSRegistryMetadataError',
        object,
        attribute: 'targetObject',
        expected: 'another DocumentEntry than the source',
        found: 'the source itself',
      })),
}

/** Only the version in force can be replaced, transformed, added to or signed. [ITI TF-2:3.42.4.1.3.5] */
export const targetIsApproved: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.5',
  breaches: (submitted, facts) =>
    resolvedRelations(submitted, facts)
      .filter(({ target }) => target.in === 'registry' && target.object.availabilityStatus === 'Deprecated')
      .map(({ association }) => ({
        code: 'XDSRegistryDeprecatedDocumentError',
        object: association,
        attribute: 'targetObject',
        expected: 'a DocumentEntry that is Approved',
        found: `Deprecated ${quoted(association.targetObject)}`,
      })),
}

/** Merges counted in; so are the Folders that the new entry takes over. [ITI TF-2:3.42.4.1.3.5] */
export const relationOfSamePatient: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.5',
  breaches: (submitted, facts) =>
    resolvedRelations(submitted, facts).flatMap(({ association, source, target }): Breach[] => {
      const patients = [source, target].map(end => patientAt(end, submitted, facts))
      // Two entries of this submission have been compared already.
      if (target.in === 'submission' || patients.includes(undefined)) return []
      const folders =
        replaces(association) && target.in === 'registry' ? (target.object.document?.reach?.folders ?? []) : []
      const other = [patients[1], ...folders.map(folder => folder.patientId)].find(patient => patient !== patients[0])
      if (other === undefined) return []
      return [
        {
          code: 'XDSPatientIdDoesNotMatch',
          object: association,
          attribute: 'patientId',
          expected: `both DocumentEntries, and the Folders they are in, of one patient, ${quoted(patients[0] ?? '')}`,
          found: quoted(other),
        },
      ]
    }),
}

/** A snapshot is stable, and of something that is not. [ITI TF-3:4.2.2.2.6, TF-2:3.42.4.1.3.5] */
export const snapshotOfOnDemand: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.5',
  breaches: (submitted, facts) =>
    resolvedRelations(submitted, facts)
      .filter(({ association }) => association.associationType === 'IsSnapshotOf')
      .flatMap(({ association, source, target }) => [
        ...entryTypeIs('stable', source, association, 'sourceObject'),
        ...entryTypeIs('on-demand', target, association, 'targetObject'),
      ]),
}

/** An on-demand entry may take the place of a stable one, never the other way round. [ITI TF-2:3.61.4.1.2] */
export const stableReplacesStable: Rule = {
  clause: 'ITI TF-2:3.61.4.1.2',
  breaches: (submitted, facts) =>
    resolvedRelations(submitted, facts)
      .filter(({ association, source }) => replaces(association) && entryTypeOf(source) === 'stable')
      .flatMap(({ association, target }) => entryTypeIs('stable', target, association, 'targetObject')),
}

function entryTypeIs(
  type: DocumentEntryType,
  reference: Reference,
  object: Association,
  attribute: 'sourceObject' | 'targetObject',
): Breach[] {
  const found = entryTypeOf(reference)
  // One that is neither has been named with its objectType.
  if (found === type || found === undefined) return []
  const expected = `${article[type]} DocumentEntry`
  return [{ code: 'XDSRegistryMetadataError', object, attribute, expected, found: `${article[found]} one` }]
}

const article: Readonly<Record<DocumentEntryType, string>> = { stable: 'a stable', 'on-demand': 'an on-demand' }

function entryTypeOf(reference: Reference): DocumentEntryType | undefined {
  if (reference.in === 'registry') return reference.object.document?.objectType
  return reference.object.kind === 'DocumentEntry' ? reference.object.objectType : undefined
}

/** [ITI TF-3:4.2.2.2.1] */
export const transformationHasNoAddendum: Rule = {
  clause: 'ITI TF-3:4.2.2.2.1',
  breaches(submitted, facts) {
    const transformed = new Set(
      submitted.associations.filter(each => each.associationType === 'XFRM').map(each => each.sourceObject),
    )
    return resolvedRelations(submitted, facts)
      .filter(({ association }) => association.associationType === 'APND')
      .filter(({ association, target }) =>
        target.in === 'registry'
          ? target.object.document?.isTransformation === true
          : transformed.has(association.targetObject),
      )
      .map(({ association }) => ({
        code: 'XDSRegistryMetadataError',
        object: association,
        attribute: 'targetObject',
        expected: 'a DocumentEntry that is not the transformation of another',
        found: 'a transformation',
      }))
  },
}

/** Whether the Association deprecates what it is about. [ITI TF-2:3.42.4.1.3.5] */
export function replaces({ associationType }: Association): boolean {
  return associationType === 'RPLC' || associationType === 'XFRM_RPLC'
}

function relationsOf(submitted: Submitted): Association[] {
  return submitted.associations.filter(each => !isMembership(each) && Object.hasOwn(targetIn, each.associationType))
}

/** Those whose ends are where they may be: what else is wrong with them can be said. */
function resolvedRelations(submitted: Submitted, facts: Facts): Relation[] {
  return relationsOf(submitted).flatMap(association => {
    const source = submitted.resolve(association.sourceObject, facts)
    const target = submitted.resolve(association.targetObject, facts)
    if (source === undefined || !isEntryIn(source, ['submission'])) return []
    if (target === undefined || !isEntryIn(target, targetIn[association.associationType] ?? [])) return []
    return [{ association, source, target }]
  })
}
