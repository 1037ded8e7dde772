// A registry object between its ebRIM element and its value, by the table of its kind. ITI TF-3 §4.2.1.
import { attributeOf, escapeXml, type XmlElement } from '../soap/xml.js'
import { isAbsent, type NamedAttribute, type Owner, tagOf } from './attribute.js'
import { identifierIdOf } from './carriers.js'
import { classificationNodeXml, slotXml } from './ebrim-writer.js'
import type { RegistryObjectValue, Slot } from './model.js'
import { type Kind, objectTables } from './object-tables.js'
import { phrase } from './phrases.js'
import type { SentObject } from './sent-object.js'
import { quoted } from './words.js'

/** What an element says, whatever it says; what it should not have said stands in the findings. */
export function decodeObject<Value extends RegistryObjectValue>(kind: Value['kind'], sent: SentObject): Value {
  const { attributes, identifiers } = objectTables[kind]
  const object: Record<string, unknown> = { kind }
  for (const attribute of attributes) {
    const value = attribute.read(sent, attribute.name)
    if (value !== undefined || attribute.name === 'objectType') object[attribute.name] = value
  }
  object.extraMetadata = extraMetadataOf(kind, sent)
  reportAliens(kind, sent)
  if (kind !== 'Association') {
    const ids: Record<string, string> = {}
    for (const [scheme, name] of identifiers) {
      const id = identifierIdOf(sent, scheme)
      if (id !== undefined) ids[name] = id
    }
    object.identifierIds = ids
  }
  return object as unknown as Value
}

/** The start of an element: its XML attributes, but neither status nor `>`. In phrases, as what follows. */
export function startOf(object: RegistryObjectValue): string {
  const { element, written, objectType } = objectTables[object.kind]
  const owner: Owner = { entryUUID: object.entryUUID, identifierIds: {}, idFor: () => '' }
  const type = objectType === undefined ? '' : phrase(` objectType="${objectType}"`)
  return `${phrase(`<rim:${element}`)}${xmlOf(object, written.start, owner)}${type}`
}

/** What stands in the element in the order of the schema, and its end. */
export function contentOf(object: RegistryObjectValue, idFor: Owner['idFor']): string {
  const { element, written, node } = objectTables[object.kind]
  const owner: Owner = {
    entryUUID: object.entryUUID,
    identifierIds: 'identifierIds' in object ? object.identifierIds : {},
    idFor,
  }
  const slots = xmlOf(object, written.slots, owner) + object.extraMetadata.map(slotXml).join('')
  const described = xmlOf(object, written.described, owner)
  const label = node === undefined ? '' : classificationNodeXml(node, owner)
  return `${slots}${described}${label}${xmlOf(object, written.classified, owner)}${phrase(`</rim:${element}>`)}`
}

function xmlOf(object: RegistryObjectValue, attributes: readonly NamedAttribute[], owner: Owner): string {
  const values = object as unknown as Record<string, unknown>
  let xml = ''
  for (const { name, write } of attributes) {
    const value = values[name]
    if (!isAbsent(value)) xml += write(value, owner, name)
  }
  return xml
}

/** Reference to an object that is not here. */
export function objectRefXml(id: string, home?: string): string {
  const community = home === undefined ? '' : ` home="${escapeXml(home)}"`
  return `<rim:ObjectRef id="${escapeXml(id)}"${community}/>`
}

/** Some have no more than the beginning of a URN (urn:att); they name a Slot all the same. */
const urn = /^urn:[!-~]+$/i

/** Slots that no table names: kept when they have a URN of somebody else's, reported when they have not. [ITI TF-3:4.2.3.1.6] */
function extraMetadataOf(kind: Kind, sent: SentObject): Slot[] {
  const { slots } = objectTables[kind]
  const extra = [...sent.slots.values()].filter(slot => !slots.has(slot.name))
  for (const { name } of extra) {
    if (urn.test(name) && !name.toLowerCase().startsWith('urn:ihe:')) continue
    const expected = `a Slot of ${kind}, or an extra one whose name is a URN that does not begin with urn:ihe:`
    sent.report({ attribute: 'Slot', rule: 'ITI TF-3:4.2.3.1.6', expected, found: quoted(name) })
  }
  return extra
}

/** Classifications and ExternalIdentifiers by schemes that the kind does not have: nobody would get them back. */
function reportAliens(kind: Kind, sent: SentObject): void {
  const { schemes, identifiers } = objectTables[kind]
  for (const scheme of sent.classifications.keys()) {
    if (schemes.has(scheme)) continue
    const expected = `a classificationScheme of ${kind}; this Classification is not stored`
    const warning = { code: 'XDSExtraMetadataNotSaved', severity: 'Warning' } as const
    sent.report({ attribute: 'Classification', rule: tagOf('4.2.5'), expected, found: quoted(scheme), ...warning })
  }
  for (const [scheme, elements] of sent.identifiers) {
    if (identifiers.has(scheme)) continue
    const value = quoted(attributeOf(elements[0] as XmlElement, 'value') ?? '')
    const expected = `an identificationScheme of ${kind}`
    sent.report({
      ...{ attribute: 'ExternalIdentifier', rule: tagOf('4.2.3.1.3'), expected },
      found: `${quoted(scheme)} with the value ${value}`,
    })
  }
}
