// The carriers of attributes in ebRIM 3.0: the rows of the attribute tables are made with these. ITI TF-3 §4.2.3.1.
import { attributeOf, type XmlElement } from '../soap/xml.js'
import { type Attribute, type Cardinality, type Fault, type Owner, type Rules, tagOf } from './attribute.js'
import { type DataType, lengthOf } from './data-types.js'
import {
  classificationNodeXml,
  externalIdentifierXml,
  localizedXml,
  valuesXml,
  xmlAttributeXml,
} from './ebrim-writer.js'
import { isUuid } from './entry-uuid.js'
import type { InternationalString } from './model.js'
import { phrase } from './phrases.js'
import { localizedStringsOf, type Report, type SentObject } from './sent-object.js'
import { counted, quoted } from './words.js'

type Single = 'one' | 'maybe'
type Multiple = 'some' | 'many'

/** No rim:Value is longer. [ITI TF-3:4.2.3.1.1] */
const mostCharactersOfValue = 256

/** Values in a rim:Slot. White space around them is the sender's layout. [ITI TF-3:4.2.3.1.6] */
export function slot(
  key: string,
  type: DataType,
  cardinality: Single,
  rules: Rules & { join?(values: string[]): string[] },
): Attribute<string | undefined>
export function slot(key: string, type: DataType, cardinality: Multiple, rules: Rules): Attribute<string[]>
export function slot(
  key: string,
  type: DataType,
  cardinality: Cardinality,
  rules: Rules & { join?(values: string[]): string[] },
): Attribute<string | string[] | undefined> {
  const isSingle = cardinality === 'one' || cardinality === 'maybe'
  return {
    ...{ place: 'Slot', key, rules, cardinality },
    read(sent, name) {
      const values = (sent.slots.get(key)?.values ?? []).map(value => value.trim()).filter(value => value !== '')
      if (!isSingle) return values
      const joined = rules.join?.(values) ?? values
      if (joined.length > 1 && !sent.repeatedSlots.has(key)) reportNumber(sent, name, rules, joined.length, 'value')
      return joined[0]
    },
    write: value => (value === undefined ? '' : valuesXml(key, isList(value) ? value : [value])),
    faults(value) {
      if (value === undefined) return []
      if (!isList(value)) return valueFaults(value, type)
      const together = rules.together?.(value)
      return [...value.flatMap(each => valueFaults(each, type)), ...(together === undefined ? [] : [together])]
    },
  }
}

/** An attribute of the element itself. */
export function xmlAttribute(key: string, type: DataType, cardinality: 'one', rules: Rules): Attribute<string>
export function xmlAttribute(
  key: string,
  type: DataType,
  cardinality: 'maybe',
  rules: Rules,
): Attribute<string | undefined>
export function xmlAttribute(
  key: string,
  type: DataType,
  cardinality: Single,
  rules: Rules,
): Attribute<string | undefined> {
  return {
    ...{ place: 'attribute', key, rules, cardinality },
    read(sent) {
      const value = attributeOf(sent.element, key)?.trim()
      if (value === undefined || value === '') return cardinality === 'one' ? '' : undefined
      return type.canonical?.(value) ?? value
    },
    write: (value, owner) => (value ? xmlAttributeXml(key, value, owner) : ''),
    faults: (value, { maxLength } = rules) => (value ? textFaults(value, type, maxLength) : []),
  }
}

/** An attribute whose URNs we call by names. An unknown URN is reported, unless nobody cares for what was sent. */
export function named<Name extends string>(
  key: string,
  urns: Readonly<Record<Name, string>>,
  cardinality: Single,
  rules: Rules,
): Attribute<Name | undefined> {
  const names = new Map(Object.entries<string>(urns).map(([name, urn]) => [urn, name as Name]))
  const written = new Map(Object.entries<string>(urns).map(([name, urn]) => [name, phrase(` ${key}="${urn}"`)]))
  return {
    ...{ place: 'attribute', key, rules, cardinality },
    read(sent, name) {
      const urn = attributeOf(sent.element, key)?.trim()
      const known = names.get(urn ?? '')
      if (known === undefined && urn && rules.ignored !== true) reportUnknown(sent, name, rules, urns, urn)
      return known
    },
    write: value => (value === undefined ? '' : (written.get(value) ?? '')),
    faults: () => [],
  }
}

/** As `named`, but what is not known is kept as it was sent. */
export function namedOrAsSent<Name extends string>(
  key: string,
  urns: Readonly<Record<Name, string>>,
  cardinality: 'one',
  rules: Rules,
): Attribute<Name | (string & {})> {
  const known = named(key, urns, cardinality, rules)
  return {
    ...{ place: 'attribute', key, rules, cardinality },
    read: (sent, name) => known.read(sent, name) ?? attributeOf(sent.element, key)?.trim() ?? '',
    write(value, owner, name) {
      if (value === '') return ''
      return Object.hasOwn(urns, value) ? known.write(value as Name, owner, name) : xmlAttributeXml(key, value)
    },
    faults: () => [],
  }
}

/** rim:Name or rim:Description with one text per language. [ITI TF-3:4.2.3.1.8] */
export function localized(
  key: 'Name' | 'Description',
  type: DataType,
  cardinality: Single,
  rules: Rules,
): Attribute<InternationalString | undefined> {
  return {
    ...{ place: key, key, rules, cardinality },
    read(sent, name) {
      const elements = key === 'Name' ? sent.names : sent.descriptions
      if (elements.length > 1) reportNumber(sent, name, rules, elements.length, `${key} element`)
      const texts = elements[0] === undefined ? [] : localizedStringsOf(elements[0])
      return texts.length === 0 ? undefined : texts
    },
    write: value => (value === undefined ? '' : localizedXml(key, value)),
    faults: (value, { maxLength } = rules) => value?.flatMap(text => textFaults(text.value, type, maxLength)) ?? [],
  }
}

/** rim:VersionInfo@versionName as a number; what is none is ignored, since the registry counts by itself. */
export function versionInfo(rules: Rules): Attribute<number | undefined> {
  return {
    ...{ place: 'VersionInfo', key: 'VersionInfo', rules, cardinality: 'maybe' },
    read(sent) {
      const versionName = sent.versionInfo === undefined ? '' : (attributeOf(sent.versionInfo, 'versionName') ?? '')
      return /^[1-9][0-9]{0,8}$/.test(versionName) ? Number(versionName) : undefined
    },
    write: value => (value === undefined ? '' : phrase(`<rim:VersionInfo versionName="${value}"/>`)),
    faults: () => [],
  }
}

/** What a Classification carries. */
export interface Classified<Value> {
  name: string
  read(element: XmlElement, attribute: string, report: Report): Value
  write(value: Value, scheme: string, owner: Owner): string
  faults(value: Value): Fault[]
}

/** A Classification by a scheme of the affinity domain. [ITI TF-3:4.2.3.1.2] */
export function classification<Value>(
  scheme: string,
  type: Classified<Value>,
  cardinality: Single,
  rules: Rules,
): Attribute<Value | undefined>
export function classification<Value>(
  scheme: string,
  type: Classified<Value>,
  cardinality: Multiple,
  rules: Rules,
): Attribute<Value[]>
export function classification<Value>(
  scheme: string,
  type: Classified<Value>,
  cardinality: Cardinality,
  rules: Rules,
): Attribute<Value | Value[] | undefined> {
  const isSingle = cardinality === 'one' || cardinality === 'maybe'
  const allOf = (value: Value | Value[] | undefined): Value[] => {
    if (value === undefined) return []
    return isSingle ? [value as Value] : (value as Value[])
  }
  return {
    ...{ place: 'Classification', key: scheme, rules, cardinality },
    read(sent, name) {
      const values = (sent.classifications.get(scheme) ?? []).map(element => type.read(element, name, sent.report))
      if (!isSingle) return values
      if (values.length > 1) reportNumber(sent, name, rules, values.length, 'Classification')
      return values[0]
    },
    write: (value, owner) =>
      allOf(value)
        .map(each => type.write(each, scheme, owner))
        .join(''),
    faults: value => allOf(value).flatMap(each => type.faults(each)),
  }
}

/** A Classification by a node: it is there or not. [ITI TF-3:4.2.3.1.10] */
export function flag(node: string, rules: Rules): Attribute<boolean> {
  return {
    ...{ place: 'Classification', key: node, rules, cardinality: 'maybe' },
    read: sent => sent.nodes.has(node),
    write: (value, owner) => (value ? classificationNodeXml(node, owner) : ''),
    faults: () => [],
  }
}

/** The fixed name stands in rim:Name of the ExternalIdentifier. [ITI TF-3:4.2.3.1.3] */
export function externalIdentifier(
  scheme: string,
  type: DataType,
  cardinality: Single,
  rules: Rules & { fixedName: string },
): Attribute<string | undefined> {
  return {
    ...{ place: 'ExternalIdentifier', key: scheme, rules, cardinality },
    read(sent, name) {
      const elements = sent.identifiers.get(scheme) ?? []
      if (elements.length > 1) reportNumber(sent, name, rules, elements.length, 'ExternalIdentifier')
      const value = elements[0] === undefined ? undefined : attributeOf(elements[0], 'value')?.trim()
      return value === '' ? undefined : value
    },
    write: (value, owner, name) =>
      value === undefined
        ? ''
        : externalIdentifierXml({ scheme, value, fixedName: rules.fixedName, given: owner.identifierIds[name] }, owner),
    faults: (value, { maxLength = mostCharactersOfValue } = rules) =>
      value === undefined ? [] : textFaults(value, type, maxLength),
  }
}

/** Id of the ExternalIdentifier that carries an attribute, where it is one that may be kept. */
export function identifierIdOf(sent: SentObject, scheme: string): string | undefined {
  const element = sent.identifiers.get(scheme)?.[0]
  const id = element === undefined ? undefined : attributeOf(element, 'id')
  return id !== undefined && isUuid(id) ? id : undefined
}

/** What is wrong with a rim:Value. */
export function valueFaults(value: string, type: DataType): Fault[] {
  const [tooLong] = lengthFaults(value, mostCharactersOfValue)
  return tooLong === undefined ? textFaults(value, type, undefined) : [{ ...tooLong, clause: '4.2.3.1.1' }]
}

/** What is wrong with a text that has a length of its own, or none. */
function textFaults(value: string, type: DataType, maxLength: number | undefined): Fault[] {
  const tooLong = maxLength === undefined ? [] : lengthFaults(value, maxLength)
  if (tooLong.length > 0) return tooLong
  const expected = type.check(value)
  return expected === undefined ? [] : [{ expected, found: quoted(value) }]
}

function lengthFaults(value: string, maxLength: number): Fault[] {
  // Never fewer UTF-16 units than characters, so that most texts need no counting.
  if (value.length <= maxLength || lengthOf(value) <= maxLength) return []
  return [{ expected: `at most ${maxLength} characters`, found: `${lengthOf(value)} characters` }]
}

function reportNumber(sent: SentObject, attribute: string, rules: Rules, count: number, noun: string): void {
  const rule = tagOf(rules.clause)
  sent.report({ attribute, rule, expected: `at most one ${noun}`, found: counted(count, noun) })
}

function reportUnknown(sent: SentObject, attribute: string, rules: Rules, urns: object, urn: string): void {
  const rule = tagOf(rules.clause)
  sent.report({ attribute, rule, expected: `the URN of ${Object.keys(urns).join(' or ')}`, found: quoted(urn) })
}

function isList(value: string | string[]): value is string[] {
  return Array.isArray(value)
}
