// What a submission names: that is what the registry must know something of to judge it.
import { isSymbolic } from '../../metadata/entry-uuid.js'
import type { Submission } from '../../metadata/model.js'
import { replaces } from '../rules/relationships.js'
import { objectsOf } from '../store/commit.js'
import type { FactsWanted } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'

/** EntryUUIDs of its own and of what its Associations join. */
export function idsOf(submission: Submission): Set<string> {
  const ids = [
    ...objectsOf(submission).map(object => object.entryUUID),
    ...submission.associations.flatMap(association => [association.sourceObject, association.targetObject]),
  ]
  return new Set(ids.filter(id => !isSymbolic(id)))
}

/** What a replacement has at its ends, by entryUUID. */
export function replacementEndsOf({ associations }: Submission): Set<string> {
  return new Set(
    associations.filter(replaces).flatMap(({ sourceObject, targetObject }) => [sourceObject, targetObject]),
  )
}

/** As sent, each once; the objects of one submission may name several, which is for a rule to refuse. */
export function patientIdsOf({ submissionSets, documentEntries, folders }: Submission): Set<string> {
  const objects = [...submissionSets, ...documentEntries, ...folders]
  return new Set(objects.flatMap(object => (object.patientId === undefined ? [] : [object.patientId])))
}

/** Where an object does not say its logicalID, that of the one entry with its uniqueId. */
export function logicalIDsOf(
  { documentEntries, folders }: Submission,
  uniqueIds: ReadonlyMap<string, readonly RegisteredObject[]>,
): Set<string> {
  const said = [...documentEntries, ...folders].flatMap(({ logicalID }) => logicalID ?? [])
  const meant = documentEntries
    .filter(({ logicalID }) => logicalID === undefined)
    .map(({ uniqueId }) => (uniqueIds.get(uniqueId ?? '') ?? []).flatMap(({ version }) => version?.logicalID ?? []))
    .filter(logicalIDs => new Set(logicalIDs).size === 1)
  return new Set([...said, ...meant.flat()])
}

/** As sent, each once, of sets, entries and folders. */
export function uniqueIdsOf({ submissionSets, documentEntries, folders }: Submission): Set<string> {
  const objects = [...submissionSets, ...documentEntries, ...folders]
  return new Set(objects.flatMap(object => (object.uniqueId === undefined ? [] : [object.uniqueId])))
}

/** Those by which objects are looked up: where an update says of what it is a version, its uniqueId is that of all versions. */
export function uniqueIdsAsked(submission: Submission, { latestVersions }: FactsWanted): Set<string> {
  if (!latestVersions) return uniqueIdsOf(submission)
  const documentEntries = submission.documentEntries.filter(({ logicalID }) => logicalID === undefined)
  return uniqueIdsOf({ ...submission, documentEntries, folders: [] })
}
