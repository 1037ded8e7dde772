// What a community answers is held against what it was asked: its own objects, of the patient that was asked for, and nothing else
// is handed on. ITI TF-2 §3.38.4.1.3.

import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { ForeignObject } from '../transactions/foreign-objects-codec.js'
import type { DocumentRequest } from '../transactions/xds-messages.js'

/** Why an answer is none to this question; undefined when it is one. */
export function falsehoodIn(
  objects: readonly ForeignObject[],
  { home, patientId }: { home: string; patientId: string | undefined },
): string | undefined {
  for (const object of objects) {
    if (object.home !== undefined && object.home !== home) {
      return `it was asked as ${home} and answered ${shown(object)} of the community ${object.home}`
    }
    if (patientId !== undefined && object.patientId !== undefined && !isSame(object.patientId, patientId)) {
      return `it was asked for one patient and answered ${shown(object)} of another`
    }
  }
  return undefined
}

export function falseDocument(
  documents: readonly DocumentRequest[],
  wanted: readonly DocumentRequest[],
  home: string,
): string | undefined {
  const asked = new Set(wanted.map(keyOf))
  const told = new Set<string>()
  for (const document of documents) {
    const key = keyOf(document)
    const name = `the document ${document.documentUniqueId.slice(0, 128)}`
    if (document.homeCommunityId !== undefined && document.homeCommunityId !== home) {
      return `it answered ${name} of the community ${document.homeCommunityId}`
    }
    if (!asked.has(key)) return `it answered ${name}, which nobody asked it for`
    if (told.has(key)) return `it answered ${name} twice`
    told.add(key)
  }
  return undefined
}

function keyOf({ repositoryUniqueId, documentUniqueId }: DocumentRequest): string {
  return `${repositoryUniqueId.replace(/^urn:oid:/, '')}\n${documentUniqueId}`
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [instanceIdentifierOf(one), instanceIdentifierOf(other)]
  return a !== undefined && b !== undefined && a.root === b.root && a.extension === b.extension
}

function shown({ id, element }: ForeignObject): string {
  return `${element.name} ${id.slice(0, 128)}`
}
