// A registry object as a query answers it, made once and kept as bytes; what changes later is spliced in. ITI TF-3 §4.2.1, TF-2 §3.18.4.1.3.
import type { XmlElement, XmlPiece } from '../soap/xml.js'
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
import { statusTypes } from './uuids.js'

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

/** The fragment with what may have changed since it was made. [ITI TF-3:4.2.3.2.2, 4.2.3.4.6] */
export function spliced(
  fragment: Fragment,
  now: { availabilityStatus: AvailabilityStatus; lastUpdateTime?: string },
): XmlPiece[] {
  const slot = now.lastUpdateTime === undefined ? '' : valuesXml('lastUpdateTime', [now.lastUpdateTime])
  return [fragment.head, ` status="${statusTypes[now.availabilityStatus]}">${slot}`, fragment.body]
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
  const first = { ...object, logicalID: object.logicalID ?? object.entryUUID, version: object.version ?? 1 }
  return first.kind === 'Folder' ? { ...first, lastUpdateTime: undefined } : first
}
