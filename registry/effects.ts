// What a submission changes beside adding its own objects. ITI TF-2 §3.42.4.1.3.5, §3.42.4.1.3.6.
import { fragmentOf } from '../metadata/fragment.js'
import type { Association, AvailabilityStatus, Submission } from '../metadata/model.js'
import { replaces } from './rules/relationships.js'
import type { Effects } from './store/commit.js'
import type { Facts } from './store/facts.js'
import type { Dependent } from './store/registered-object.js'

/** `submission` has its final ids and breaks no rule. */
export function effectsOf(submission: Submission, facts: Facts, newUuid: () => string): Effects {
  const home = submission.submissionSets[0]?.homeCommunityId
  const statuses = new Map<string, AvailabilityStatus>()
  const touchedFolders = new Set<string>()
  const carriedOn: Association[] = []
  const memberships = new Set(submission.associations.filter(isHasMember).map(ends))
  const setId = submission.submissionSets[0]?.entryUUID ?? ''
  const ownFolders = new Set(submission.folders.map(({ entryUUID }) => entryUUID))
  const placedIn = foldersByEntry(submission, ownFolders, facts)

  for (const replacement of submission.associations.filter(replaces)) {
    const replaced = facts.objects.get(replacement.targetObject)
    const reach = replaced?.document?.reach
    if (replaced === undefined || reach === undefined) continue
    // What replaces is registered already where an update relates it. [ITI TF-2:3.57.4.1.3.3.6]
    const inAlready = facts.objects.get(replacement.sourceObject)?.document?.reach?.folders ?? []
    const foldersAlready = new Set(inAlready.map(({ entryUUID }) => entryUUID))
    const folders = new Set([
      ...reach.folders.map(({ entryUUID }) => entryUUID),
      // Placed there by this very submission: whatever is said first, the Folder has what is in force.
      ...(placedIn.get(replaced.entryUUID) ?? []),
    ])
    for (const folder of folders) {
      if (foldersAlready.has(folder)) continue
      const holds = hasMember(folder, replacement.sourceObject, { newUuid, home })
      // The submission may have said so itself, or the entry may replace two of one Folder.
      if (memberships.has(ends(holds))) continue
      memberships.add(ends(holds))
      carriedOn.push(holds, hasMember(setId, holds.entryUUID, { newUuid, home }))
      if (!ownFolders.has(folder)) touchedFolders.add(folder)
    }
  }
  for (const id of endedBy(submission, facts)) statuses.set(id, 'Deprecated')
  for (const { sourceObject } of submission.associations.filter(isHasMember)) {
    if (facts.objects.get(sourceObject)?.kind === 'Folder') touchedFolders.add(sourceObject)
  }
  return {
    statuses,
    associations: carriedOn.map(association => ({ association, fragment: fragmentOf(association, newUuid) })),
    touchedFolders: [...touchedFolders],
    superseded: [],
  }
}

/**
 * Transformations and addenda of a document that is no longer in force are not either, nor are theirs; but for one that takes its
 * place, and what leans on that. docs/decisions/0357
 */
function* endedBy({ associations }: Submission, { objects }: Facts): Iterable<string> {
  const replacements = new Map<string, string[]>()
  for (const { sourceObject, targetObject } of associations.filter(replaces)) {
    const others = replacements.get(targetObject)
    if (others === undefined) replacements.set(targetObject, [sourceObject])
    else others.push(sourceObject)
  }
  for (const [targetObject, inItsPlace] of replacements) {
    const replaced = objects.get(targetObject)
    const dependents = replaced?.document?.reach?.dependents
    if (replaced === undefined || dependents === undefined) continue
    const all = withDependents(replaced.entryUUID, dependents)
    // Nearly always new, and then nothing that leans on the document stays, however many take its place.
    if (!inItsPlace.every(id => all.has(id))) yield* all
    else for (const id of inItsPlace) yield* withDependents(replaced.entryUUID, dependents, id)
  }
}

function withDependents(entryUUID: string, dependents: readonly Dependent[], staying?: string): Set<string> {
  const leaningOn = new Map<string, string[]>()
  for (const { entryUUID: id, of } of dependents) {
    const others = leaningOn.get(of)
    if (others === undefined) leaningOn.set(of, [id])
    else others.push(id)
  }
  const ended = new Set([entryUUID])
  for (const id of ended) {
    for (const dependent of leaningOn.get(id) ?? []) if (dependent !== staying) ended.add(dependent)
  }
  return ended
}

/** Of ours, Approved: for what a submission brings about that nobody has submitted. [ITI TF-2:3.42.4.1.3.6] */
export function hasMember(
  sourceObject: string,
  targetObject: string,
  { newUuid, home }: { newUuid(): string; home?: string },
): Association {
  return {
    kind: 'Association',
    entryUUID: newUuid(),
    associationType: 'HasMember',
    sourceObject,
    targetObject,
    homeCommunityId: home,
    availabilityStatus: 'Approved',
    extraMetadata: [],
  }
}

function isHasMember({ associationType }: Association): boolean {
  return associationType === 'HasMember'
}

/** Into which Folders this submission places what. */
function foldersByEntry(
  { associations }: Submission,
  ownFolders: ReadonlySet<string>,
  { objects }: Facts,
): Map<string, string[]> {
  const placedIn = new Map<string, string[]>()
  for (const { sourceObject, targetObject } of associations.filter(isHasMember)) {
    if (!ownFolders.has(sourceObject) && objects.get(sourceObject)?.kind !== 'Folder') continue
    const folders = placedIn.get(targetObject)
    if (folders === undefined) placedIn.set(targetObject, [sourceObject])
    else folders.push(sourceObject)
  }
  return placedIn
}

function ends({ sourceObject, targetObject }: Association): string {
  return `${sourceObject} ${targetObject}`
}
