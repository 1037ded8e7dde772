// Rules for HasMember: who may hold whom, and that the SubmissionSet holds everything. ITI TF-3 §4.2.2.1.
import type { Association } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { Facts } from '../store/facts.js'
import { type Breach, isMembership, patientAt, type Reference, type Rule, type Submitted } from './rule.js'

const code = 'XDSRegistryMetadataError'

/** What may stand at the two ends of a HasMember. [ITI TF-3: Table 4.2.2-1] */
const shapes: Readonly<Record<string, (membership: Membership, submitted: Submitted, facts: Facts) => Breach[]>> = {
  'SubmissionSet DocumentEntry': setHoldsEntry,
  'SubmissionSet Folder': setHoldsFolder,
  'SubmissionSet Association': setHoldsMembership,
  'Folder DocumentEntry': folderHoldsEntry,
}

interface Membership {
  association: Association
  source: Reference
  target: Reference
}

/** [ITI TF-3:4.2.1.4] */
export const setHasMembers: Rule = {
  clause: 'ITI TF-3:4.2.1.4',
  breaches({ submissionSet, members }) {
    if (submissionSet === undefined || members.size > 0) return []
    const expected = 'to be the source of a HasMember Association at the least'
    return [{ code, object: submissionSet, attribute: 'HasMember', expected, found: 'none' }]
  },
}

/** [ITI TF-3:4.2.1.4] */
export const everythingIsMember: Rule = {
  clause: 'ITI TF-3:4.2.1.4',
  breaches({ submissionSet, documentEntries, folders, members, sound }) {
    // A set without any member has been named already; each of the objects would only say the same.
    if (submissionSet === undefined || !sound(submissionSet, 'HasMember')) return []
    return [...documentEntries, ...folders]
      .filter(object => !members.has(object.entryUUID))
      .map(object => ({
        code,
        object,
        attribute: 'HasMember',
        expected: 'to be the target of a HasMember Association from the SubmissionSet',
        found: 'none',
      }))
  },
}

/** [ITI TF-3:4.2.2.2] */
export const noDocumentationOfMembership: Rule = {
  clause: 'ITI TF-3:4.2.2.2',
  breaches: ({ associations }) =>
    associations
      .filter(each => isMembership(each) && each.associationDocumentation !== undefined)
      .map(object => ({
        code,
        object,
        attribute: 'associationDocumentation',
        expected: 'no documentation code on a HasMember Association',
        found: quoted(object.associationDocumentation?.code ?? ''),
      })),
}

/** [ITI TF-2:3.42.4.1.3.5, TF-3:4.2.1.5] */
export const membershipResolves: Rule = {
  clause: 'ITI TF-3:4.2.1.5',
  breaches: (submitted, facts) =>
    submitted.associations.filter(isMembership).flatMap(object =>
      (['sourceObject', 'targetObject'] as const)
        .filter(end => object[end] !== '' && submitted.sound(object, end))
        .filter(end => submitted.resolve(object[end], facts) === undefined && !submitted.isUnread(object[end]))
        .map(attribute => ({
          code: 'UnresolvedReferenceException' as const,
          object,
          attribute,
          expected: 'the id of an object in the submission or in the registry',
          found: quoted(object[attribute]),
        })),
    ),
}

/** [ITI TF-3:4.2.2.1] */
export const membershipHasShape: Rule = {
  clause: 'ITI TF-3:4.2.2.1',
  breaches: (submitted, facts) =>
    submitted.associations.filter(isMembership).flatMap((association): Breach[] => {
      const source = submitted.resolve(association.sourceObject, facts)
      const target = submitted.resolve(association.targetObject, facts)
      if (source === undefined || target === undefined) return []
      const shape = `${source.object.kind} ${target.object.kind}`
      const check = Object.hasOwn(shapes, shape) ? shapes[shape] : undefined
      if (check !== undefined) return check({ association, source, target }, submitted, facts)
      // Folders are never nested. [ITI TF-3:4.2.1.3]
      const expected =
        'a SubmissionSet holding a DocumentEntry, a Folder or an FD-DE HasMember, or a Folder holding a DocumentEntry'
      const found = `a ${source.object.kind} holding a ${target.object.kind}`
      return [{ code, object: association, attribute: 'targetObject', expected, found }]
    }),
}

/** Original entries are in this submission, referenced ones in the registry, of whatever patient. [ITI TF-3:4.2.2.1.1] */
function setHoldsEntry(membership: Membership, submitted: Submitted): Breach[] {
  return [...statusBreaches(membership, submitted), ...deprecatedEntry(membership)]
}

function statusBreaches(membership: Membership, submitted: Submitted): Breach[] {
  const { association, target } = membership
  if (!submitted.sound(association, 'submissionSetStatus')) return []
  const expected = target.in === 'submission' ? 'Original' : 'Reference'
  if (association.submissionSetStatus === expected) return setOfThisSubmission(membership)
  return [
    {
      code,
      object: association,
      attribute: 'submissionSetStatus',
      expected: `${expected}: the DocumentEntry is in the ${target.in}`,
      found: association.submissionSetStatus === undefined ? 'nothing' : quoted(association.submissionSetStatus),
    },
  ]
}

/** [ITI TF-3:4.2.2.1.2] */
function setHoldsFolder(membership: Membership): Breach[] {
  if (membership.target.in === 'submission') return setOfThisSubmission(membership)
  const expected = 'a Folder of this submission'
  return [{ code, object: membership.association, attribute: 'targetObject', expected, found: 'a registered Folder' }]
}

/** [ITI TF-3:4.2.2.1.4] */
function setHoldsMembership(membership: Membership, submitted: Submitted, facts: Facts): Breach[] {
  const { association, target } = membership
  if (isFolderMembership(target, submitted, facts)) return setOfThisSubmission(membership)
  const expected = 'a HasMember Association between a Folder and a DocumentEntry'
  return [{ code, object: association, attribute: 'targetObject', expected, found: 'another Association' }]
}

function setOfThisSubmission({ association, source }: Membership): Breach[] {
  if (source.in === 'submission') return []
  const expected = 'the SubmissionSet of this submission'
  return [{ code, object: association, attribute: 'sourceObject', expected, found: 'a registered SubmissionSet' }]
}

function isFolderMembership(target: Reference, submitted: Submitted, facts: Facts): boolean {
  if (target.in === 'registry') {
    const { association } = target.object
    return association?.associationType === 'HasMember' && association.source === 'Folder'
  }
  if (target.object.kind !== 'Association' || !isMembership(target.object)) return false
  // An end that nobody has is named with that Association, not here.
  const source = submitted.resolve(target.object.sourceObject, facts)
  return source === undefined || source.object.kind === 'Folder'
}

/** [ITI TF-3:4.2.2.1.3] */
function folderHoldsEntry(membership: Membership, submitted: Submitted): Breach[] {
  const { association, source } = membership
  const breaches: Breach[] = []
  if (isDeprecated(source)) {
    const expected = 'a Folder that is Approved'
    breaches.push({ code, object: association, attribute: 'sourceObject', expected, found: 'a Deprecated Folder' })
  }
  breaches.push(...deprecatedEntry(membership))
  if (!isHeldBySet(association, submitted)) {
    const expected = 'to be the target of a HasMember Association from the SubmissionSet'
    breaches.push({ code, object: association, attribute: 'HasMember', expected, found: 'none' })
  }
  return breaches
}

/** Once deprecated, a DocumentEntry is no end of new Associations. [ITI TF-3:4.2.2] */
function deprecatedEntry({ association, target }: Membership): Breach[] {
  if (!isDeprecated(target)) return []
  return [
    {
      code: 'XDSRegistryDeprecatedDocumentError',
      object: association,
      attribute: 'targetObject',
      expected: 'a DocumentEntry that is Approved',
      found: `Deprecated ${quoted(association.targetObject)}`,
    },
  ]
}

function isDeprecated(reference: Reference): boolean {
  return reference.in === 'registry' && reference.object.availabilityStatus === 'Deprecated'
}

function isHeldBySet({ entryUUID }: Association, { submissionSet, members }: Submitted): boolean {
  return submissionSet === undefined || members.has(entryUUID)
}

/** A Folder holds entries of its own patient, who is the patient of the submission. [ITI TF-2:3.42.4.1.3.3.2, TF-3:4.2.2.1.4] */
export const folderOfSamePatient: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.2',
  breaches: (submitted, facts) =>
    submitted.associations.filter(isMembership).flatMap((object): Breach[] => {
      const source = submitted.resolve(object.sourceObject, facts)
      const target = submitted.resolve(object.targetObject, facts)
      if (source?.object.kind !== 'Folder' || target?.object.kind !== 'DocumentEntry') return []
      const folder = patientAt(source, submitted, facts)
      const entry = patientAt(target, submitted, facts)
      const { submissionSet } = submitted
      const set =
        submissionSet === undefined
          ? undefined
          : patientAt({ in: 'submission', object: submissionSet }, submitted, facts)
      if (folder === undefined || entry === undefined || set === undefined) return []
      if (folder === entry && entry === set) return []
      return [
        {
          code: 'XDSPatientIdDoesNotMatch',
          object,
          attribute: 'patientId',
          expected: `SubmissionSet, Folder and DocumentEntry of one patient, ${quoted(set)}`,
          found: `a Folder of ${quoted(folder)} and a DocumentEntry of ${quoted(entry)}`,
        },
      ]
    }),
}
