// A registry object as a query answers it, made once and kept as bytes; what changes later is spliced in. ITI TF-3 §4.2.1, TF-2 §3.18.4.1.3.
import { escapeXml, type XmlElement, type XmlPiece } from '../soap/xml.js'
import { valuesXml } from './ebrim-writer.js'
import type {
  Association,
  AvailabilityStatus,
  DocumentEntry,
  Folder,
  RegistryObjectValue,
  SubmissionSet,
} from './model.js'
import { contentOf, objectRefXml, startOf } from './object-codec.js'
import { decodeRegistryObjects } from './registry-object-list.js'
import { identificationSchemes, statusTypes } from './uuids.js'

/** Valid inside of an element that declares the prefix rim; status and lastUpdateTime belong between the two. */
export interface Fragment {
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

/**
 * The object with all that strict readers look for: lid, VersionInfo, UUIDs on nested Classifications and
 * ExternalIdentifiers, objectType everywhere. Its entryUUID and the ends of an Association are final by now.
 * [ITI TF-3: Table 4.2.3.2-1, 4.2.3.1.2, 4.2.3.1.3]
 */
export function fragmentOf(object: RegistryObjectValue, newUuid: () => string): Fragment {
  const answered = asAnswered(object)
  return {
    head: Buffer.from(startOf(answered)),
    body: Buffer.from(contentOf(answered, given => given ?? newUuid())),
  }
}

/** What may have changed since a fragment was made. */
export interface Present {
  availabilityStatus: AvailabilityStatus
  /** Of a Folder. [ITI TF-3:4.2.3.4.6] */
  lastUpdateTime?: string
  /** In the place of the one it was registered with. [ITI TF-2:3.18.4.1.2.3.9] */
  patientId?: string
}

/** [ITI TF-3:4.2.3.2.2] */
export function spliced(fragment: Fragment, now: Present): XmlPiece[] {
  const slot = now.lastUpdateTime === undefined ? '' : valuesXml('lastUpdateTime', [now.lastUpdateTime])
  const body = now.patientId === undefined ? [fragment.body] : withPatientId(fragment.body, now.patientId)
  return [fragment.head, ` status="${statusTypes[now.availabilityStatus]}">${slot}`, ...body]
}

/** As ebrim-writer.ts writes it; in a value a quotation mark never stands as itself, so that nothing else looks like it. */
const beforePatientId = Object.values(identificationSchemes).map(({ patientId }) =>
  Buffer.from(`identificationScheme="${patientId}" value="`),
)

/** As ebrim-writer.ts writes it. */
const beforeUniqueId = Object.values(identificationSchemes).map(({ uniqueId }) =>
  Buffer.from(`identificationScheme="${uniqueId}" value="`),
)

/** Without reading it as XML; undefined where only that would tell. */
export function uniqueIdIn({ body }: Fragment): string | undefined {
  for (const mark of beforeUniqueId) {
    const at = body.indexOf(mark)
    if (at < 0) continue
    const value = body.toString('utf8', at + mark.length, body.indexOf('"', at + mark.length))
    return value.includes('&') ? undefined : value
  }
  return undefined
}

const reference = Buffer.from('>Reference<')

/** Whether it is worth reading in search of a SubmissionSetStatus of that value. */
export function mayBeReference({ body }: Fragment): boolean {
  return body.includes(reference)
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
  const { logicalID = object.entryUUID, version = 1 } = object
  const first = Object.assign({}, object, { logicalID, version })
  return first.kind === 'Folder' ? { ...first, lastUpdateTime: undefined } : first
}
