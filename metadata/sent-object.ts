// An object of a submission as it was sent, sorted by carrier so that every attribute finds its own in one step.
// ITI TF-3 §4.2.1: what an ebRIM element may hold.

import { namespaces } from '../soap/namespaces.js'
import { attributeOf, type XmlElement } from '../soap/xml.js'
import { canonicalId } from './entry-uuid.js'
import { hasRoom } from './errors.js'
import type { ErrorCode, Finding, InternationalString, LocalizedString, Slot } from './model.js'
import { quoted } from './words.js'

export interface SentObject {
  element: XmlElement
  id: string
  /** As findings name it: `DocumentEntry Document01`. */
  label: string
  slots: ReadonlyMap<string, Slot>
  /** Names of Slots that came more than once, which has been reported. */
  repeatedSlots: ReadonlySet<string>
  names: XmlElement[]
  descriptions: XmlElement[]
  versionInfo: XmlElement | undefined
  /** By classificationScheme. */
  classifications: ReadonlyMap<string, XmlElement[]>
  /** Every @classificationNode that classifies the object. */
  nodes: ReadonlySet<string>
  /** By identificationScheme. */
  identifiers: ReadonlyMap<string, XmlElement[]>
  report: Report
}

/** Says what could not be taken as it came. */
export type Report = (fault: {
  attribute?: string
  rule: string
  expected: string
  found: string
  code?: ErrorCode
  severity?: Finding['severity']
}) => void

/** Sorts what an element holds, and the Classifications that stand beside it. [ITI TF-3:4.2.1.2.1] */
export function sentObject(
  element: XmlElement,
  beside: readonly XmlElement[],
  about: { id: string; label: string; findings: Finding[] },
): SentObject {
  const report = reportTo(about.findings, about.label)
  const slots = new Map<string, Slot>()
  const repeatedSlots = new Set<string>()
  const classifications = new Map<string, XmlElement[]>()
  const nodes = new Set<string>()
  const identifiers = new Map<string, XmlElement[]>()
  const names: XmlElement[] = []
  const descriptions: XmlElement[] = []
  let versionInfo: XmlElement | undefined

  const take: Readonly<Record<string, (child: XmlElement) => void>> = {
    Slot(child) {
      if (!addSlot(slots, child, report)) repeatedSlots.add(attributeOf(child, 'name') ?? '')
    },
    Name: child => names.push(child),
    Description: child => descriptions.push(child),
    VersionInfo: child => {
      versionInfo = child
    },
    Classification(child) {
      belongs(child, 'classifiedObject', about.id, report)
      const node = attributeOf(child, 'classificationNode')
      const scheme = attributeOf(child, 'classificationScheme')
      if (scheme) addTo(classifications, scheme.trim(), child)
      else if (node) nodes.add(node.trim())
      else report({ ...classificationRule, found: 'a Classification with neither' })
    },
    ExternalIdentifier(child) {
      belongs(child, 'registryObject', about.id, report)
      addTo(identifiers, attributeOf(child, 'identificationScheme')?.trim() ?? '', child)
    },
    ContentVersionInfo() {},
  }
  for (const child of element.children) {
    const taker = child.namespace === namespaces.rim && Object.hasOwn(take, child.name) ? take[child.name] : undefined
    if (taker !== undefined) taker(child)
    else report({ ...contentRule(element), found: `<${child.name}>` })
  }
  for (const classification of beside) take.Classification?.(classification)
  const { id, label } = about
  const elements = { names, descriptions, versionInfo, classifications, nodes, identifiers }
  return { element, id, label, slots, repeatedSlots, ...elements, report }
}

const classificationRule = {
  attribute: 'Classification',
  rule: 'ITI TF-3:4.2.3.1.2',
  expected: 'classificationScheme or classificationNode',
}

function contentRule(element: XmlElement) {
  return {
    rule: 'ITI TF-3:4.2.1',
    expected: `in ${element.name} only Slot, Name, Description, VersionInfo, Classification and ExternalIdentifier`,
  }
}

/** Reports of one object, into the findings of its submission. */
export function reportTo(findings: Finding[], object: string): Report {
  return ({ code = 'XDSRegistryMetadataError', ...fault }) => {
    if (hasRoom(findings, fault.severity)) findings.push({ code, object, ...fault })
  }
}

/** Slots by name; the values of a repeated name are joined and the repetition is reported. [ITI TF-3:4.2.3.1.6] */
export function readSlots(element: XmlElement, report: Report): Map<string, Slot> {
  const slots = new Map<string, Slot>()
  for (const child of element.children) {
    if (child.namespace === namespaces.rim && child.name === 'Slot') addSlot(slots, child, report)
  }
  return slots
}

/** Values as sent, white space and empty ones included; what rim:Slot may hold beside its ValueList is passed over. */
export function slotOf(element: XmlElement): Slot {
  const values: string[] = []
  for (const list of element.children) {
    if (list.name !== 'ValueList' || list.namespace !== namespaces.rim) continue
    for (const value of list.children) {
      if (value.name === 'Value' && value.namespace === namespaces.rim) values.push(value.text)
    }
  }
  const slotType = attributeOf(element, 'slotType')
  return { name: attributeOf(element, 'name') ?? '', values, ...(slotType === undefined ? {} : { slotType }) }
}

/** [ITI TF-3:4.2.3.1.8] */
export function localizedStringsOf(element: XmlElement): InternationalString {
  return element.children
    .filter(child => child.name === 'LocalizedString' && child.namespace === namespaces.rim)
    .map(localizedString)
    .filter(text => text.value !== '')
}

function localizedString(element: XmlElement): LocalizedString {
  const lang = attributeOf(element, 'lang', 'http://www.w3.org/XML/1998/namespace')
  const charset = attributeOf(element, 'charset')
  return {
    value: attributeOf(element, 'value') ?? '',
    ...(lang === undefined ? {} : { lang }),
    ...(charset === undefined ? {} : { charset }),
  }
}

/** Whether the name is new. */
function addSlot(slots: Map<string, Slot>, element: XmlElement, report: Report): boolean {
  const slot = slotOf(element)
  const before = slots.get(slot.name)
  if (before === undefined) {
    slots.set(slot.name, slot)
    return true
  }
  for (const value of slot.values) before.values.push(value)
  const found = `more than one Slot ${quoted(slot.name)}`
  report({ attribute: slot.name, rule: 'ITI TF-3:4.2.3.1.6', expected: 'a Slot name once in an object', found })
  return false
}

function belongs(child: XmlElement, reference: string, id: string, report: Report): void {
  const named = attributeOf(child, reference)
  if (named === undefined || named === id || canonicalId(named) === id) return
  const rule = child.name === 'Classification' ? 'ITI TF-3:4.2.3.1.2' : 'ITI TF-3:4.2.3.1.3'
  report({
    attribute: `${child.name}@${reference}`,
    rule,
    expected: `the id of its object, ${quoted(id)}`,
    found: quoted(named),
  })
}

function addTo(map: Map<string, XmlElement[]>, key: string, element: XmlElement): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [element])
  else list.push(element)
}
