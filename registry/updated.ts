// An update as it will be kept, and what it changes of what is registered. ITI TF-2 §3.57.4.1.3.3.
import { fragmentOf } from '../metadata/fragment.js'
import type { Association, AvailabilityStatus, DocumentEntry, Folder, Submission } from '../metadata/model.js'
import { statusTypes } from '../metadata/uuids.js'
import { effectsOf } from './effects.js'
import { type NewAssociation, type Operations, operationsOf } from './operations.js'
import { type Registering, type Registrar, registrarFor, type VersionToBe } from './registrable.js'
import { repeatedAssociations } from './repeated-associations.js'
import { type Effects, relationOf } from './store/commit.js'
import type { Facts } from './store/facts.js'
import type { Changes } from './submission-kind.js'

/** `submission` breaks no rule. [ITI TF-2:3.57.4.1.3.3] */
export function updated(submission: Submission, facts: Facts, registering: Registering): Changes {
  const registrar = registrarFor(registering)
  const operations = operationsOf(submission, facts)
  const statuses = newStatuses(operations)
  const ofVersion = (object: DocumentEntry | Folder) => versionToBe(object, operations, statuses)
  const added = operations.newAssociations.flatMap(each => addedAssociation(each, statuses, registrar))
  const kept: Submission = {
    submissionSets: submission.submissionSets.map(set => registrar.object(set)),
    documentEntries: submission.documentEntries.map(entry => registrar.object(entry, ofVersion(entry))),
    folders: submission.folders.map(folder => registrar.object(folder, ofVersion(folder))),
    associations: [
      ...operations.newVersions.flatMap(({ memberships }) => memberships.map(each => registrar.association(each))),
      ...added,
      ...operations.newAssociations.flatMap(each => holdingAssociation(each, registrar)),
    ],
    findings: [],
  }
  // An Association that is submitted has the effects that it would have had in a registration.
  const inForce = added.filter(({ availabilityStatus }) => availabilityStatus === 'Approved')
  const ofAssociations = effectsOf({ ...kept, associations: inForce }, facts, registering.newUuid)
  const repeated = repeatedAssociations(operations.newVersions, kept, registrar, registering)
  const effects = together(ofAssociations, operations, statuses, { ...repeated, kept, registering })
  return { kept, effects, ...alsoOf(operations) }
}

/** The patient of a former version, and of whatever changes its status, need not be that of the request. */
function alsoOf({ newVersions, statusChanges }: Operations): Pick<Changes, 'patientIds'> {
  const former = newVersions.flatMap(({ latest }) => latest?.object.patientId ?? [])
  const changed = statusChanges.flatMap(({ target }) => (target?.in === 'registry' ? target.object.patientId : []))
  const patientIds = [...new Set([...former, ...changed])]
  return patientIds.length === 0 ? {} : { patientIds }
}

/** By the id that the request, or the registry, has for the object. */
function newStatuses({ statusChanges }: Operations): Map<string, AvailabilityStatus> {
  const named = Object.entries(statusTypes) as [AvailabilityStatus, string][]
  return new Map(
    statusChanges.flatMap(({ order, target }) => {
      const [status] = named.find(([, urn]) => urn === order.newStatus) ?? []
      return target === undefined || status === undefined ? [] : [[target.object.entryUUID, status]]
    }),
  )
}

/** Of the status of the former version, unless the same request changes it. [ITI TF-2:3.57.4.1.3.1] */
function versionToBe(
  object: DocumentEntry | Folder,
  { versionsById }: Operations,
  statuses: ReadonlyMap<string, AvailabilityStatus>,
): VersionToBe | undefined {
  const { latest } = versionsById.get(object.entryUUID) ?? {}
  if (latest?.object.version === undefined) return undefined
  const { logicalID, number } = latest.object.version
  const availabilityStatus = statuses.get(object.entryUUID) ?? latest.object.availabilityStatus
  return { logicalID, version: number + 1, availabilityStatus }
}

function addedAssociation(
  { target }: NewAssociation,
  statuses: ReadonlyMap<string, AvailabilityStatus>,
  registrar: Registrar,
): Association[] {
  if (target?.in !== 'submission' || target.object.kind !== 'Association') return []
  const availabilityStatus = statuses.get(target.object.entryUUID) ?? 'Approved'
  return [registrar.association(target.object, { availabilityStatus })]
}

/** Whoever places an entry into a Folder holds that membership, as in a registration. [ITI TF-3:4.2.2.1.4] */
function holdingAssociation({ order, target }: NewAssociation, registrar: Registrar): Association[] {
  const holds = target?.object.kind === 'Association' && target.in === 'submission' ? target.object : undefined
  if (holds?.associationType !== 'HasMember') return []
  return [registrar.association(order, { associationType: 'HasMember' })]
}

function together(
  ofAssociations: Effects,
  { newVersions, statusChanges }: Operations,
  statuses: ReadonlyMap<string, AvailabilityStatus>,
  {
    associations,
    touchedFolders,
    kept,
    registering,
  }: { associations: Association[]; touchedFolders: string[]; kept: Submission; registering: Registering },
): Effects {
  const changed = new Map(ofAssociations.statuses)
  for (const { target } of statusChanges) {
    const status = statuses.get(target?.object.entryUUID ?? '')
    if (target?.in === 'registry' && status !== undefined) changed.set(target.object.entryUUID, status)
  }
  const superseded = newVersions.flatMap(({ latest }) => latest?.object.entryUUID ?? [])
  for (const id of superseded) changed.set(id, 'Deprecated')
  // The same may be said in the request, or follow from it, and be repeated besides.
  const said = [...kept.associations, ...ofAssociations.associations.map(({ association }) => association)]
  const relations = new Set(said.map(relationOf))
  const repeated = associations.filter(association => !relations.has(relationOf(association)))
  return {
    statuses: changed,
    associations: [
      ...ofAssociations.associations,
      ...repeated.map(association => ({ association, fragment: fragmentOf(association, registering.newUuid) })),
    ],
    touchedFolders: [...new Set([...ofAssociations.touchedFolders, ...touchedFolders])],
    superseded,
  }
}
