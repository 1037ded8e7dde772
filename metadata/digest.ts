// Whether two submissions are the same: a digest of what they say, blind to how they say it.
// Not part of it: order, prefixes, symbolic ids, ids of Classifications and ExternalIdentifiers, what a registry ignores,
// and the hash, size and repositoryUniqueId that a repository adds.
import { hash } from 'node:crypto'
import { atOnce, type Steps } from '../ports/turns.js'
import { isUuid } from './entry-uuid.js'
import type { Association, DocumentEntry, RegistryObjectValue, Submission } from './model.js'
import { objectTables } from './object-tables.js'

/**
 * SHA-256 in hex over the decoded metadata, submissionTime included. Relations count through the uniqueIds of their ends.
 * What is to stand for the bytes of a document is for the caller to say: a repository knows their SHA-256, a registry
 * only hash and size; without it, two documents with the same metadata are the same. [ITI TF-2:3.42.4.1.3.3.7]
 */
export function submissionDigest(
  submission: Submission,
  contentOf: (entry: DocumentEntry) => string | undefined = () => undefined,
): string {
  return atOnce(digestInSteps(submission, contentOf))
}

/** As submissionDigest, object by object. */
export function* digestInSteps(
  submission: Submission,
  contentOf: (entry: DocumentEntry) => string | undefined,
): Steps<string> {
  const { documentEntries, submissionSets, folders, associations } = submission
  const reference = referencesOf(submission)
  const objects: string[] = []
  for (const entry of documentEntries) {
    objects.push(`${describe(entry)} content=${canonical(contentOf(entry))}`)
    yield
  }
  for (const object of [...submissionSets, ...folders]) {
    objects.push(describe(object))
    yield
  }
  for (const association of associations) {
    objects.push(describeRelation(association, reference, 0))
    yield
  }
  return hash('sha256', objects.sort().join(), 'hex')
}

/** Set or ignored by whoever receives the object; the ends of Associations are described apart. */
const ignored = new Set([
  'availabilityStatus',
  'version',
  'lastUpdateTime',
  'hash',
  'size',
  'repositoryUniqueId',
  'sourceObject',
  'targetObject',
])

/** Of codes, authors and texts: the id of their Classification, and how their encoding is spelled. */
const ignoredInside = new Set(['id', 'charset'])

/** What counts of each kind, in the order of its table: names that are always in one order need no sorting. */
const described = new Map(
  Object.values(objectTables).map(({ kind, attributes }) => [
    kind,
    [...attributes.map(({ name }) => name).filter(name => !ignored.has(name)), 'extraMetadata'],
  ]),
)

function describe(object: RegistryObjectValue): string {
  const values = object as unknown as Record<string, unknown>
  let text: string = object.kind
  for (const name of described.get(object.kind) ?? []) {
    // A UUID that was given stays with the object; a symbol is gone after the submission.
    if (isNothing(values[name]) || (name === 'entryUUID' && !isUuid(object.entryUUID))) continue
    text += ` ${name}=${canonical(values[name])}`
  }
  return text
}

type Reference = (id: string, depth: number) => string

function describeRelation(association: Association, reference: Reference, depth: number): string {
  const source = reference(association.sourceObject, depth)
  const target = reference(association.targetObject, depth)
  return `${describe(association)} source=${source} target=${target}`
}

/** Associations may be ends of Associations; nobody nests them deeper, and a circle has to end somewhere. */
const deepest = 3

function referencesOf({ documentEntries, submissionSets, folders, associations }: Submission): Reference {
  const uniqueIds = new Map<string, string>()
  for (const { kind, entryUUID, uniqueId } of [...documentEntries, ...submissionSets, ...folders]) {
    uniqueIds.set(entryUUID, `{${kind} ${canonical(uniqueId)}}`)
  }
  const relations = new Map(associations.map(association => [association.entryUUID, association]))
  const reference: Reference = (id, depth) => {
    const relation = relations.get(id)
    if (relation === undefined) return uniqueIds.get(id) ?? canonical(id)
    return depth < deepest ? `{${describeRelation(relation, reference, depth + 1)}}` : '{}'
  }
  return reference
}

/** A text in which order means nothing: names and values sorted, what is not there left out. */
function canonical(value: unknown): string {
  // With its length in front a text needs no escapes.
  if (typeof value === 'string') return `${value.length}:${value}`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`
  let members = ''
  for (const name of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[name]
    if (!ignoredInside.has(name) && !isNothing(member)) members += ` ${name}=${canonical(member)}`
  }
  return `{${members}}`
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0)
}
