// Whether two submissions are the same: a digest of what they say, blind to how they say it.
// Not part of it: order, prefixes, symbolic ids, ids of Classifications and ExternalIdentifiers, what a registry ignores,
// and the hash, size and repositoryUniqueId that a repository adds.
import { createHash } from 'node:crypto'
import { isUuid } from './entry-uuid.js'
import type { Association, DocumentEntry, RegistryObjectValue, Submission } from './model.js'

/**
 * SHA-256 in hex over the decoded metadata, submissionTime included. Relations count through the uniqueIds of their ends.
 * What is to stand for the bytes of a document is for the caller to say: a repository knows their SHA-256, a registry
 * only hash and size; without it, two documents with the same metadata are the same. [ITI TF-2:3.42.4.1.3.3.7]
 */
export function submissionDigest(
  submission: Submission,
  contentOf: (entry: DocumentEntry) => string | undefined = () => undefined,
): string {
  const { documentEntries, submissionSets, folders, associations } = submission
  const references = referencesOf(submission)
  const objects = [
    ...documentEntries.map(entry => ({ ...describe(entry), content: contentOf(entry) })),
    ...[...submissionSets, ...folders].map(describe),
    ...associations.map(association => describeRelation(association, references, 0)),
  ]
  return createHash('sha256').update(canonical(objects)).digest('hex')
}

/** Set or ignored by whoever receives the object. */
const ignored = new Set([
  'availabilityStatus',
  'version',
  'lastUpdateTime',
  'hash',
  'size',
  'repositoryUniqueId',
  'identifierIds',
])

/** Of codes, authors and texts: the id of their Classification, and how their encoding is spelled. */
const ignoredInside = new Set(['id', 'charset'])

function describe(object: RegistryObjectValue): Record<string, unknown> {
  const { entryUUID, ...said } = object
  const kept = Object.entries(said).filter(([name]) => !ignored.has(name))
  // A UUID that was given stays with the object; a symbol is gone after the submission.
  return { ...Object.fromEntries(kept), ...(isUuid(entryUUID) ? { entryUUID } : {}) }
}

type Reference = (id: string, depth: number) => unknown

function describeRelation(association: Association, reference: Reference, depth: number): Record<string, unknown> {
  return {
    ...describe(association),
    sourceObject: reference(association.sourceObject, depth),
    targetObject: reference(association.targetObject, depth),
  }
}

/** Associations may be ends of Associations; nobody nests them deeper, and a circle has to end somewhere. */
const deepest = 3

function referencesOf({ documentEntries, submissionSets, folders, associations }: Submission): Reference {
  const uniqueIds = new Map<string, unknown>()
  for (const { kind, entryUUID, uniqueId } of [...documentEntries, ...submissionSets, ...folders]) {
    uniqueIds.set(entryUUID, { kind, uniqueId })
  }
  const relations = new Map(associations.map(association => [association.entryUUID, association]))
  const reference: Reference = (id, depth) => {
    const relation = relations.get(id)
    if (relation === undefined) return uniqueIds.get(id) ?? id
    return depth < deepest ? describeRelation(relation, reference, depth + 1) : {}
  }
  return reference
}

/** JSON in which order means nothing: names and members sorted, what is not there left out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([name, member]) => !ignoredInside.has(name) && !isNothing(member))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${members.sort().join()}}`
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0)
}
