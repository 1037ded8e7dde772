// A registry object as a query answers it, made once and kept as bytes; what changes later is spliced in. ITI TF-3 §4.2.1, TF-2 §3.18.4.1.3.
import { escapeXml, type XmlElement, type XmlPiece } from '../soap/xml.js'
import type { Association, DocumentEntry, Folder, RegistryObjectValue, SubmissionSet } from './model.js'
import { contentOf, objectRefXml, startOf } from './object-codec.js'
import { changing, endOfId, identifiedBy, nextId, phrase, startOfSlot } from './phrases.js'
import { decodeRegistryObjects } from './registry-object-list.js'
import { identificationSchemes, statusTypes } from './uuids.js'
import { lastUpdateXml, type Present, writing } from './written-out.js'

/** Written out, it is valid inside of an element that declares the prefix rim. */
export type Fragment = InPhrases | InFull

/** docs/decisions/0354 */
export interface InPhrases {
  inPhrases: Uint8Array
}

/** As registries kept it before; status and lastUpdateTime belong between the two. */
export interface InFull {
  head: Buffer
  body: Buffer
}

/** What a list of registry objects holds, sorted by kind. */
export interface RegistryObjects {
  documentEntries: DocumentEntry[]
  submissionSets: SubmissionSet[]
  folders: Folder[]
  associations: Association[]
  objectRefs: { id: string; home?: string }[]
}

/** More parts than this have ids that tell nothing of one another. */
const mostOfOneStem = 4_096

/**
 * The object with all that strict readers look for: lid, VersionInfo, UUIDs on nested Classifications and
 * ExternalIdentifiers, objectType everywhere. Its entryUUID and the ends of an Association are final by now.
 * [ITI TF-3: Table 4.2.3.2-1, 4.2.3.1.2, 4.2.3.1.3]
 */
export function fragmentOf(object: RegistryObjectValue, newUuid: () => string): InPhrases {
  const answered = asAnswered(object)
  let parts = 0
  const start = startOf(answered)
  const content = contentOf(answered, given => given ?? (parts++ < mostOfOneStem ? nextId : newUuid()))
  const stem = parts === 0 ? '' : newUuid().slice('urn:uuid:'.length, -3)
  const id = escapeXml(answered.entryUUID)
  return { inPhrases: Buffer.from(`${id}${endOfId}${stem}${endOfId}${start}${changing}${content}`) }
}

/** One object as it is answered now. [ITI TF-3:4.2.3.2.2] */
export function spliced(fragment: Fragment, now: Present): XmlPiece[] {
  return allSpliced([{ fragment, now }])
}

/** [ITI TF-3:4.2.3.2.2] */
export function allSpliced(objects: Iterable<{ fragment: Fragment; now: Present }>): XmlPiece[] {
  const pieces: XmlPiece[] = []
  let run = writing()
  for (const { fragment, now } of objects) {
    if ('inPhrases' in fragment) {
      run.add(fragment.inPhrases, now)
      continue
    }
    pieces.push(...run.end(), ...splicedInFull(fragment, now))
    run = writing()
  }
  pieces.push(...run.end())
  return pieces
}

function splicedInFull({ head, body }: InFull, now: Present): XmlPiece[] {
  const slot = lastUpdateXml(now)
  const present = now.patientId === undefined ? [body] : withPatientId(body, now.patientId)
  return [head, ` status="${statusTypes[now.availabilityStatus]}">${slot}`, ...present]
}

/** As ebrim-writer.ts writes it; in a value a quotation mark never stands as itself, so that nothing else looks like it. */
const beforePatientId = Object.values(identificationSchemes).map(({ patientId }) =>
  Buffer.from(`identificationScheme="${patientId}" value="`),
)

/** In full, and in phrases. */
const beforeUniqueId = Object.values(identificationSchemes).flatMap(({ uniqueId }) =>
  [`identificationScheme="${uniqueId}" value="`, phrase(identifiedBy(uniqueId))].map(text => Buffer.from(text)),
)

/** Without reading it as XML; undefined where only that would tell. */
export function uniqueIdIn(fragment: Fragment): string | undefined {
  const bytes = bytesOfValues(fragment)
  for (const mark of beforeUniqueId) {
    const at = bytes.indexOf(mark)
    if (at < 0) continue
    const [value = ''] = bytes.toString('utf8', at + mark.length).split(endOfValue, 1)
    return value.includes('&') ? undefined : value
  }
  return undefined
}

/** A quotation mark, or the number of the phrase that it is in. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: numbers of phrases are control characters
const endOfValue = /["\x00-\x1f]/

const reference = ['>Reference<', `${phrase(startOfSlot('SubmissionSetStatus'))}Reference`].map(text =>
  Buffer.from(text),
)

/** Whether it is worth reading in search of a SubmissionSetStatus of that value. */
export function mayBeReference(fragment: Fragment): boolean {
  const bytes = bytesOfValues(fragment)
  return reference.some(mark => bytes.includes(mark))
}

function bytesOfValues(fragment: Fragment): Buffer {
  if (!('inPhrases' in fragment)) return fragment.body
  const { buffer, byteOffset, byteLength } = fragment.inPhrases
  return Buffer.from(buffer, byteOffset, byteLength)
}

function withPatientId(body: Buffer, patientId: string): XmlPiece[] {
  for (const mark of beforePatientId) {
    const at = body.indexOf(mark)
    if (at < 0) continue
    const start = at + mark.length
    return [body.subarray(0, start), escapeXml(patientId), body.subarray(body.indexOf('"', start))]
  }
  throw new Error('a stored object of a patient has no patientId')
}

/** A reference instead of the object. [ITI TF-2:3.18.4.1.2.6] */
export function objectRef(id: string, home?: string): string {
  return objectRefXml(id, home)
}

/** What an answer holds, for the side that asked; breaches of carriage are borne. [ITI TF-2:3.18.4.1.3] */
export function decodeRegistryObjectList(list: XmlElement): RegistryObjects {
  const { findings: _, ...objects } = decodeRegistryObjects(list)
  return objects
}

function asAnswered(object: RegistryObjectValue): RegistryObjectValue {
  if (object.kind === 'Association') return object
  const isTimed = object.kind === 'Folder' && object.lastUpdateTime !== undefined
  // What a registry registers has both, and copying thirty attributes is a fifth of all that is done here.
  if (object.logicalID !== undefined && object.version !== undefined && !isTimed) return object
  const { logicalID = object.entryUUID, version = 1 } = object
  const first = Object.assign({}, object, { logicalID, version })
  return first.kind === 'Folder' ? { ...first, lastUpdateTime: undefined } : first
}
