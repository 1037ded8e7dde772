// The operations of an update, told apart by shape: what is a new version of what, which statuses change, which
// Associations are new. ITI TF-2 §3.57.4.1.3.2, §3.57.4.1.3.3.
import type { Association, DocumentEntry, Folder, Submission } from '../metadata/model.js'
import type { Reference } from './rules/rule.js'
import { objectsOf } from './store/commit.js'
import type { Facts, LatestVersion } from './store/facts.js'

export interface Operations {
  newVersions: readonly NewVersion[]
  statusChanges: readonly StatusChange[]
  newAssociations: readonly NewAssociation[]
  /** Associations that belong to none of these. */
  strays: readonly Association[]
  /** By the id of the new version, and by that of the former one. */
  versionsById: ReadonlyMap<string, NewVersion>
  /** The Associations that the request submits. */
  submitted: ReadonlySet<unknown>
}

export interface NewVersion {
  object: DocumentEntry | Folder
  /** How the SubmissionSet holds it: by one HasMember, where all is right. */
  memberships: readonly Association[]
  /** What it follows upon. */
  latest: LatestVersion | undefined
}

export interface StatusChange {
  order: Association
  target: Reference | undefined
}

export interface NewAssociation {
  order: Association
  target: Reference | undefined
}

/** By submission: each of some thirty rules asks for the same. */
const told = new WeakMap<Submission, { facts: Facts; operations: Operations }>()

/** Worked out once for the same `facts`; pure otherwise. Whether the operations are allowed is for the rules to say. [ITI TF-2:3.57.4.1.3.2] */
export function operationsOf(submission: Submission, facts: Facts): Operations {
  const known = told.get(submission)
  if (known?.facts === facts) return known.operations
  const operations = toldApart(submission, facts)
  told.set(submission, { facts, operations })
  return operations
}

function toldApart(submission: Submission, facts: Facts): Operations {
  const { documentEntries, folders, associations } = submission
  const setId = submission.submissionSets[0]?.entryUUID
  const byId = new Map(objectsOf(submission).map(object => [object.entryUUID, object]))
  byId.delete('')
  const resolve = (id: string): Reference | undefined => {
    const submitted = byId.get(id)
    if (submitted !== undefined) return { in: 'submission', object: submitted }
    const registered = facts.objects.get(id)
    return registered === undefined ? undefined : { in: 'registry', object: registered }
  }

  const membershipsOf = new Map<string, Association[]>()
  for (const { entryUUID } of [...documentEntries, ...folders]) membershipsOf.set(entryUUID, [])
  const isMembership = ({ associationType, sourceObject, targetObject }: Association) =>
    associationType === 'HasMember' && sourceObject === setId && membershipsOf.has(targetObject)
  for (const each of associations.filter(isMembership)) membershipsOf.get(each.targetObject)?.push(each)
  const newVersions = [...documentEntries, ...folders].map(object => ({
    object,
    memberships: membershipsOf.get(object.entryUUID) ?? [],
    latest: latestVersionOf(object, facts),
  }))
  const byFormer = new Map(newVersions.map(version => [version.latest?.object.entryUUID ?? '', version]))
  byFormer.delete('')
  // Who names the former version of what this request updates means the new one. [ITI TF-2:3.57.4.1.3.1]
  const succeeded = (id: string): Reference | undefined => {
    const successor = byFormer.get(id)
    return successor === undefined ? resolve(id) : { in: 'submission', object: successor.object }
  }

  const ordersOf = (type: string) => associations.filter(each => each.associationType === type)
  const newAssociations = ordersOf('SubmitAssociation').map(order => ({ order, target: resolve(order.targetObject) }))
  const submitted = new Set<unknown>(newAssociations.map(({ target }) => target?.object))
  return {
    newVersions,
    statusChanges: ordersOf('UpdateAvailabilityStatus').map(order => ({
      order,
      target: succeeded(order.targetObject),
    })),
    newAssociations,
    strays: associations.filter(each => !isOrder(each) && !isMembership(each) && !submitted.has(each)),
    versionsById: new Map([...byFormer, ...newVersions.map(version => [version.object.entryUUID, version] as const)]),
    submitted,
  }
}

/** What asks for a change and is not kept. */
export function isOrder({ associationType }: Association): boolean {
  return associationType === 'UpdateAvailabilityStatus' || associationType === 'SubmitAssociation'
}

/** Unless it is said otherwise. [ITI TF-2:3.57.4.1.3.3.1.5] */
export function propagates({ memberships }: NewVersion): boolean {
  return memberships[0]?.associationPropagation !== 'no'
}

/** By logicalID; without one (ITI-92) it is the one entry with the uniqueId. */
function latestVersionOf(object: DocumentEntry | Folder, facts: Facts): LatestVersion | undefined {
  const latest = facts.latestVersions.get(object.logicalID ?? onlyLogicalIDOf(object.uniqueId ?? '', facts) ?? '')
  return latest?.object.kind === object.kind ? latest : undefined
}

function onlyLogicalIDOf(uniqueId: string, facts: Facts): string | undefined {
  const found = (facts.uniqueIds.get(uniqueId) ?? []).flatMap(({ version }) => version?.logicalID ?? [])
  return new Set(found).size === 1 ? found[0] : undefined
}
