// lcm:SubmitObjectsRequest: what ITI-41 and ITI-42 submit, and later the other transactions that do. ITI TF-3 §4.2.1.5.
import { atOnce, type Steps } from '../ports/turns.js'
import { namespaces } from '../soap/namespaces.js'
import { childOf, escapeXml, type XmlElement, type XmlPiece } from '../soap/xml.js'
import type { RegistryObjectValue, Submission } from './model.js'
import { contentOf, startOf } from './object-codec.js'
import { endOfId } from './phrases.js'
import { emptyList, readRegistryObjects } from './registry-object-list.js'
import { statusTypes } from './uuids.js'
import { writing } from './written-out.js'

/** Decodes whatever stands in the request; what breaks a rule of carriage is a finding. [ITI TF-3:4.2.1.5] */
export function decodeSubmission(submitObjectsRequest: XmlElement): Submission {
  return atOnce(readSubmission(submitObjectsRequest))
}

/** As decodeSubmission, object by object. */
export function* readSubmission(submitObjectsRequest: XmlElement): Steps<Submission> {
  const list = childOf(submitObjectsRequest, namespaces.rim, 'RegistryObjectList')
  if (list === undefined) return unread('a RegistryObjectList', 'none')
  if (list.children.length > mostObjects) return unread(`at most ${mostObjects} objects`, String(list.children.length))
  const { objectRefs: _, ...submission } = yield* readRegistryObjects(list)
  return submission
}

/** Nobody else is served while a submission is judged: docs/decisions/0152. A thousand documents in a folder make some four thousand. */
const mostObjects = 10_000

function unread(expected: string, found: string): Submission {
  const { objectRefs: _, ...empty } = emptyList()
  const where = { object: 'SubmitObjectsRequest', rule: 'ITI TF-3:4.2.1.5' }
  return { ...empty, findings: [{ code: 'XDSRegistryMetadataError', ...where, expected, found }] }
}

/**
 * The whole lcm:SubmitObjectsRequest, in the order and with the ids that the schema asks for. Classifications and
 * ExternalIdentifiers that came without an id of their own get symbolic ones. [ITI TF-3:4.2.1.5]
 *
 * @param requestSlots the rs:RequestSlotList of the request, where it has one
 */
export function encodeSubmission(submission: Submission, requestSlots = ''): XmlPiece[] {
  return atOnce(writeSubmission(submission, requestSlots))
}

/** As encodeSubmission, object by object. */
export function* writeSubmission(submission: Submission, requestSlots = ''): Steps<XmlPiece[]> {
  const { documentEntries, submissionSets, folders, associations } = submission
  const objects = [...documentEntries, ...submissionSets, ...folders, ...associations]
  const newId = symbolicIds(objects.map(object => object.entryUUID))
  return [
    `<lcm:SubmitObjectsRequest xmlns:lcm="${namespaces.lcm}" xmlns:rim="${namespaces.rim}">${requestSlots}<rim:RegistryObjectList>`,
    ...(yield* encoded(objects, newId)),
    '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>',
  ]
}

function* encoded(objects: readonly RegistryObjectValue[], newId: () => string): Steps<Buffer[]> {
  const written: Buffer[] = []
  for (const object of objects) {
    written.push(Buffer.from(inPhrases(object, newId)))
    yield
  }
  // Nobody else may write in between.
  const { add, end } = writing()
  for (const each of written) add(each)
  return end()
}

function inPhrases(object: RegistryObjectValue, newId: () => string): string {
  const named = object.entryUUID === '' ? { ...object, entryUUID: newId() } : object
  const { entryUUID, availabilityStatus } = named
  const status = availabilityStatus === undefined ? '' : ` status="${statusTypes[availabilityStatus]}"`
  const content = contentOf(named, given => given ?? newId())
  return `${escapeXml(entryUUID)}${endOfId}${endOfId}${startOf(named)}${status}>${content}`
}

/** Symbols that no object of the submission goes by. [ITI TF-3:4.2.3.1.5] */
function symbolicIds(taken: string[]): () => string {
  const used = new Set(taken)
  let count = 0
  return () => {
    do count += 1
    while (used.has(`id${count}`))
    return `id${count}`
  }
}
