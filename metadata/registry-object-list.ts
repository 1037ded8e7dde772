// rim:RegistryObjectList: objects in any order, Classifications inside their object or beside it, ids symbolic or UUIDs. ITI TF-3 §4.2.1.
import { atOnce, type Steps } from '../ports/turns.js'
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, type XmlElement } from '../soap/xml.js'
import { canonicalId } from './entry-uuid.js'
import type { Association, DocumentEntry, Finding, Folder, RegistryObjectValue, SubmissionSet } from './model.js'
import { decodeObject } from './object-codec.js'
import type { Kind } from './object-tables.js'
import { reportTo, sentObject } from './sent-object.js'
import { packageNodes } from './uuids.js'
import { quoted, shortened } from './words.js'

export interface RegistryObjectList {
  submissionSets: SubmissionSet[]
  documentEntries: DocumentEntry[]
  folders: Folder[]
  associations: Association[]
  objectRefs: { id: string; home?: string }[]
  findings: Finding[]
}

/** Reads every list, even one that breaks rules: those stand in `findings`. */
export function decodeRegistryObjects(list: XmlElement): RegistryObjectList {
  return atOnce(readRegistryObjects(list))
}

/** As decodeRegistryObjects, object by object. */
export function* readRegistryObjects(list: XmlElement): Steps<RegistryObjectList> {
  const beside = classificationsBeside(list)
  const ids = new Set<string>()
  const objects = emptyList()
  for (const element of list.children) {
    const kind = kindOf(element, besideOf(element, beside, ids))
    if (kind === 'ObjectRef') objects.objectRefs.push(objectRefOf(element))
    else if (kind === 'unknown') reportUnknown(element, objects.findings)
    else if (kind !== 'Classification') decodeInto(objects, { kind, element, beside, ids })
    // One of thousands of parts counts as many.
    for (let parts = 0; parts <= element.children.length; parts += partsOfAStep) yield
  }
  reportOrphans(beside, ids, objects.findings)
  return objects
}

const partsOfAStep = 256

/** Made anew for each message, since its lists are filled while it is read. */
export function emptyList(): RegistryObjectList {
  return { submissionSets: [], documentEntries: [], folders: [], associations: [], objectRefs: [], findings: [] }
}

/** As findings name an object; the one of its kind, counted from 1, where it has no id. */
export function labelOf(kind: Kind | 'RegistryPackage', id: string, position: number): string {
  return id === '' ? `${kind} number ${position} (without id)` : `${kind} ${shortened(id, 80)}`
}

type ListedKind = Kind | 'RegistryPackage' | 'Both' | 'ObjectRef' | 'Classification' | 'unknown'

/** Those of the first object with the id; another one breaks a rule by itself. */
function besideOf(
  element: XmlElement,
  beside: ReadonlyMap<string, XmlElement[]>,
  ids: ReadonlySet<string>,
): readonly XmlElement[] {
  const id = idOf(element)
  return ids.has(id) ? [] : (beside.get(id) ?? [])
}

function kindOf(element: XmlElement, beside: readonly XmlElement[]): ListedKind {
  if (element.namespace !== namespaces.rim) return 'unknown'
  switch (element.name) {
    case 'ExtrinsicObject':
      return 'DocumentEntry'
    case 'RegistryPackage':
      return packageKindOf(element, beside)
    case 'Association':
    case 'ObjectRef':
    case 'Classification':
      return element.name
    default:
      return 'unknown'
  }
}

/** A package is what its Classifications say. [ITI TF-3:4.2.1.2, 4.2.1.3] */
function packageKindOf(element: XmlElement, beside: readonly XmlElement[]): ListedKind {
  const inside = element.children.filter(child => child.name === 'Classification' && child.namespace === namespaces.rim)
  const classifications = [...inside, ...beside]
  const nodes = new Set(classifications.map(each => attributeOf(each, 'classificationNode')?.trim()))
  const isSubmissionSet = nodes.has(packageNodes.SubmissionSet)
  const isFolder = nodes.has(packageNodes.Folder)
  if (isSubmissionSet && isFolder) return 'Both'
  if (isSubmissionSet) return 'SubmissionSet'
  return isFolder ? 'Folder' : 'RegistryPackage'
}

function decodeInto(
  objects: RegistryObjectList,
  found: {
    kind: Exclude<ListedKind, 'ObjectRef' | 'Classification' | 'unknown'>
    element: XmlElement
    beside: ReadonlyMap<string, XmlElement[]>
    ids: Set<string>
  },
): void {
  const { element, findings } = { element: found.element, findings: objects.findings }
  const id = idOf(element)
  const kind = found.kind === 'Both' || found.kind === 'RegistryPackage' ? 'SubmissionSet' : found.kind
  const list = listOf(objects, kind)
  const label = labelOf(found.kind === kind ? kind : 'RegistryPackage', id, list.length + 1)
  const beside = besideOf(element, found.beside, found.ids)
  const report = reportTo(findings, label)
  if (id !== '' && found.ids.has(id)) {
    report({ attribute: 'id', rule: 'ITI TF-3:4.2.3.1.5', expected: 'an id once in a submission', found: quoted(id) })
  }
  found.ids.add(id)
  if (found.kind === 'Both' || found.kind === 'RegistryPackage') {
    const expected = 'one Classification that makes it a SubmissionSet or a Folder'
    const nodes = found.kind === 'Both' ? 'both of them' : 'none'
    report({ attribute: 'Classification', rule: 'ITI TF-3:4.2.1.2.1', expected, found: nodes })
  }
  // A package that is neither cannot be a value of ours; the finding alone speaks of it.
  if (found.kind === 'RegistryPackage') return
  const sent = sentObject(element, beside, { id, label, findings })
  const object = decodeObject(kind, sent)
  if (object.kind === 'Association') reportMissingEnds(object, report)
  list.push(object)
}

function listOf(objects: RegistryObjectList, kind: Kind): RegistryObjectValue[] {
  switch (kind) {
    case 'DocumentEntry':
      return objects.documentEntries
    case 'SubmissionSet':
      return objects.submissionSets
    case 'Folder':
      return objects.folders
    case 'Association':
      return objects.associations
  }
}

function reportMissingEnds(association: Association, report: ReturnType<typeof reportTo>): void {
  const rule = 'ITI TF-3:4.2.2'
  for (const attribute of ['sourceObject', 'targetObject'] as const) {
    if (association[attribute] === '') report({ attribute, rule, expected: 'the id of an object', found: 'nothing' })
  }
}

function classificationsBeside(list: XmlElement): Map<string, XmlElement[]> {
  const beside = new Map<string, XmlElement[]>()
  for (const element of list.children) {
    if (element.name !== 'Classification' || element.namespace !== namespaces.rim) continue
    const id = canonicalId(attributeOf(element, 'classifiedObject') ?? '')
    const others = beside.get(id)
    if (others === undefined) beside.set(id, [element])
    else others.push(element)
  }
  return beside
}

function reportOrphans(beside: ReadonlyMap<string, unknown>, ids: ReadonlySet<string>, findings: Finding[]): void {
  for (const id of beside.keys()) {
    if (ids.has(id)) continue
    const report = reportTo(findings, 'Classification beside the objects')
    const expected = 'the id of an object of this submission'
    report({ attribute: 'classifiedObject', rule: 'ITI TF-3:4.2.1.2.1', expected, found: quoted(id) })
  }
}

function reportUnknown(element: XmlElement, findings: Finding[]): void {
  const expected = 'ExtrinsicObject, RegistryPackage, Association, Classification and ObjectRef of ebRIM 3.0 only'
  const found = `<${shortened(element.name, 80)}> of namespace ${quoted(element.namespace)}`
  reportTo(findings, 'RegistryObjectList')({ rule: 'ITI TF-3:4.2.1', expected, found })
}

function objectRefOf(element: XmlElement): { id: string; home?: string } {
  const home = attributeOf(element, 'home')
  return { id: idOf(element), ...(home === undefined ? {} : { home }) }
}

function idOf(element: XmlElement): string {
  return canonicalId(attributeOf(element, 'id') ?? '')
}
