// What a rule is, and how all of them judge one submission. ITI TF-2 §3.42.4.1.3.
import { mayHoldMore } from '../../metadata/errors.js'
import type {
  Association,
  DocumentEntry,
  Finding,
  Folder,
  RegistryObjectValue,
  Submission,
  SubmissionSet,
} from '../../metadata/model.js'
import { labelOf } from '../../metadata/registry-object-list.js'
import { objectsOf } from '../store/commit.js'
import type { Facts } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'

/** Pure: the same submission and facts, the same breaches. Every rule runs, so that one answer tells all. */
export interface Rule {
  /** Clause tag, as `ITI TF-2:3.42.4.1.3.5`. */
  clause: string
  /** Says what breaks the rule; what an earlier finding already explains it leaves out. */
  breaches(submitted: Submitted, facts: Facts): Breach[]
}

export type Breach = Omit<Finding, 'rule' | 'object'> & { object: RegistryObjectValue | string }

export type PatientObject = DocumentEntry | SubmissionSet | Folder

/** One end of an Association, wherever it is. */
export type Reference = { in: 'submission'; object: RegistryObjectValue } | { in: 'registry'; object: RegisteredObject }

/** A submission, indexed for the rules. */
export interface Submitted extends Submission {
  objects: readonly RegistryObjectValue[]
  /** The SubmissionSet, when there is exactly one. */
  submissionSet: SubmissionSet | undefined
  /** Ids of what the SubmissionSet holds by HasMember. */
  members: ReadonlySet<string>
  /** Those that belong to a patient. */
  patientObjects: readonly PatientObject[]
  find(id: string): RegistryObjectValue | undefined
  /** Undefined when nobody has the id. */
  resolve(id: string, facts: Facts): Reference | undefined
  /** Whether the id belongs to a package that could not be read as SubmissionSet or Folder. */
  isUnread(id: string): boolean
  /** Whether nothing has been found wrong with the attribute so far. */
  sound(object: RegistryObjectValue, attribute: string): boolean
}

/** All findings in the order of the rules, after those that were there before. [ITI TF-2:3.42.4.1.3] */
export function findingsOf(
  rules: readonly Rule[],
  submission: Submission,
  facts: Facts,
  before: readonly Finding[],
): Finding[] {
  // What is not known to be faulty would be taken for sound.
  if (mayHoldMore(before)) return [...before]
  const labels = labelsOf(submission)
  const findings = [...before]
  const faulty = new Set(before.map(faultOf))
  const submitted = indexed(submission, (object, attribute) => !faulty.has(`${labels.get(object)} ${attribute}`))
  for (const { clause, breaches } of rules) {
    // The findings of one rule count for the rules after it, not for its own.
    const found = breaches(submitted, facts)
      .map(breach => ({
        ...breach,
        rule: clause,
        object: typeof breach.object === 'string' ? breach.object : (labels.get(breach.object) ?? ''),
      }))
      .filter(
        finding =>
          finding.attribute === undefined ||
          finding.code !== 'XDSRegistryMetadataError' ||
          !faulty.has(faultOf(finding)),
      )
    findings.push(...found)
    for (const finding of found) faulty.add(faultOf(finding))
  }
  return findings
}

/** The words by which a sender knows its object. */
export function labelsOf(submission: Submission): ReadonlyMap<RegistryObjectValue, string> {
  const labels = new Map<RegistryObjectValue, string>()
  const { submissionSets, documentEntries, folders, associations } = submission
  for (const objects of [submissionSets, documentEntries, folders, associations]) {
    for (const [index, object] of objects.entries()) {
      labels.set(object, labelOf(object.kind, object.entryUUID, index + 1))
    }
  }
  return labels
}

/** The patient that an object belongs to, in the one spelling; undefined while that is in doubt. */
export function patientAt(reference: Reference, submitted: Submitted, facts: Facts): string | undefined {
  if (reference.in === 'registry') return reference.object.patientId
  const { object } = reference
  if (object.kind === 'Association' || object.patientId === undefined) return undefined
  return submitted.sound(object, 'patientId') ? facts.patients.get(object.patientId) : undefined
}

/** HasMember, of a SubmissionSet or of a Folder: whose, its source says. [ITI TF-3:4.2.2] */
export function isMembership(association: Association): boolean {
  return association.associationType === 'HasMember'
}

function indexed(submission: Submission, sound: Submitted['sound']): Submitted {
  const objects = objectsOf(submission)
  const byId = new Map(objects.map(object => [object.entryUUID, object]))
  byId.delete('')
  const unread = new Set(submission.findings.map(finding => finding.object))
  const { submissionSets, documentEntries, folders } = submission
  const submissionSet = submissionSets.length === 1 ? submissionSets[0] : undefined
  const held = submission.associations.filter(
    each => isMembership(each) && submissionSet !== undefined && each.sourceObject === submissionSet.entryUUID,
  )
  return {
    objects,
    submissionSet,
    members: new Set(held.map(each => each.targetObject)),
    patientObjects: [...submissionSets, ...documentEntries, ...folders],
    find: id => byId.get(id),
    resolve(id, facts) {
      const submitted = byId.get(id)
      if (submitted !== undefined) return { in: 'submission', object: submitted }
      const registered = facts.objects.get(id)
      return registered === undefined ? undefined : { in: 'registry', object: registered }
    },
    isUnread: id => unread.has(labelOf('RegistryPackage', id, 0)),
    sound,
    ...submission,
  }
}

function faultOf({ object, attribute }: Pick<Finding, 'object' | 'attribute'>): string {
  return `${object} ${attribute}`
}
