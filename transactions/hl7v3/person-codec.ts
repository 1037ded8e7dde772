// A person in HL7 v3: what stands in patientPerson, read from any sender and written in one form. ITI TF-2 §3.44.4.1.2.
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childrenOf, escapeXml, type XmlElement } from '../../soap/xml.js'
import { type Address, type AdministrativeGender, cutPart, type Person, type PersonName } from '../person.js'

/** No person has more of anything; what a message repeats beyond is left out. */
const most = 20

/** Whatever is missing, of null flavour or unreadable is left out; nothing is refused for it. The names begin with the one that people are called by. */
export function personIn(patientPerson: XmlElement): Person {
  const gender = codeAt(patientPerson, 'administrativeGenderCode')
  const birthTime = timeAt(patientPerson, 'birthTime')
  const deceasedTime = timeAt(patientPerson, 'deceasedTime')
  const [deceasedInd] = saidOf(patientPerson, 'deceasedInd').map(said => attributeOf(said, 'value')?.trim())
  const names = saidOf(patientPerson, 'name').flatMap(namesIn)
  return {
    names: [...names].sort((one, other) => order[one.kind] - order[other.kind]),
    ...(gender === undefined ? {} : { gender: genderOf(gender) }),
    ...(birthTime === undefined ? {} : { birthTime }),
    ...(deceasedTime === undefined && deceasedInd !== 'true' && deceasedInd !== '1' ? {} : { deceasedInd: true }),
    ...(deceasedTime === undefined ? {} : { deceasedTime }),
    addresses: saidOf(patientPerson, 'addr').map(addressIn),
    telecoms: saidOf(patientPerson, 'telecom').flatMap(
      telecom => cutPart(attributeOf(telecom, 'value')?.trim() ?? '') || [],
    ),
  }
}

const order = { current: 0, birth: 1, other: 2 } as const

function saidOf(element: XmlElement, name: string): XmlElement[] {
  const said = childrenOf(element, namespaces.hl7v3, name).filter(each => attributeOf(each, 'nullFlavor') === undefined)
  return said.slice(0, most)
}

/** A family name of birth beside that in use, in one name, makes two. [HL7 v3 data types: EntityNamePartQualifier BR] */
export function namesIn(name: XmlElement): PersonName[] {
  const families = childrenOf(name, namespaces.hl7v3, 'family').slice(0, most)
  const isOfBirth = (family: XmlElement) => (attributeOf(family, 'qualifier') ?? '').split(/\s+/).includes('BR')
  const given = saidOf(name, 'given').map(textOf).filter(Boolean)
  const prefix = joined(name, 'prefix')
  const suffix = joined(name, 'suffix')
  const rest = { given, ...(prefix === '' ? {} : { prefix }), ...(suffix === '' ? {} : { suffix }) }
  const together = (some: XmlElement[]) => cutPart(some.map(textOf).filter(Boolean).join(' ')).trim()
  const ofBirth = together(families.filter(isOfBirth))
  const inUse = together(families.filter(family => !isOfBirth(family)))
  const kind = kindOf(attributeOf(name, 'use'))
  const plain = families.length === 0 && given.length === 0 ? textOf(name) : ''
  return [
    ...(inUse === '' && (ofBirth !== '' || given.length === 0) ? [] : [{ kind, family: inUse, ...rest }]),
    ...(ofBirth === '' ? [] : [{ kind: 'birth' as const, family: ofBirth, ...rest }]),
    ...(plain === '' ? [] : [{ kind, ...divided(plain) }]),
  ]
}

/** [HL7 v3 data types: EntityNameUse] */
function kindOf(use = ''): PersonName['kind'] {
  const uses = use.split(/\s+/)
  if (uses.includes('BIR')) return 'birth'
  return uses.some(each => ['A', 'P', 'ASGN', 'I', 'R', 'SRCH', 'OLD'].includes(each)) ? 'other' : 'current'
}

/** A name in one text: the last word is the family. */
function divided(text: string): Pick<PersonName, 'family' | 'given'> {
  const words = text.split(/\s+/)
  return { family: words.at(-1) ?? '', given: words.slice(0, -1) }
}

/** In the order of the message; a street that came in parts (streetName, houseNumber) is one line. */
export function addressIn(addr: XmlElement): Address {
  const street = [joined(addr, 'streetName'), joined(addr, 'houseNumber')].filter(Boolean).join(' ')
  const lines = [...saidOf(addr, 'streetAddressLine').map(textOf), street, joined(addr, 'additionalLocator')]
  const parts = {
    postalCode: joined(addr, 'postalCode'),
    city: joined(addr, 'city'),
    state: joined(addr, 'state'),
    country: joined(addr, 'country'),
  }
  const said = Object.entries(parts).filter(([, text]) => text !== '')
  return { lines: lines.filter(Boolean), ...Object.fromEntries(said) }
}

function joined(element: XmlElement, name: string): string {
  return saidOf(element, name).map(textOf).filter(Boolean).join(' ')
}

function textOf(element: XmlElement): string {
  return cutPart(element.text.trim().replace(/\s+/g, ' '))
}

function codeAt(element: XmlElement, name: string): string | undefined {
  const [said] = saidOf(element, name)
  return said && attributeOf(said, 'code')?.trim()
}

/** Undefined when it is no time: nobody is found by it. */
function timeAt(element: XmlElement, name: string): string | undefined {
  const [said] = saidOf(element, name)
  return timeOf(said && attributeOf(said, 'value'))
}

/** Zone and fractions are nothing to a birthday. [ITI TF-2: Appendix E.4] */
export function timeOf(value: string | undefined): string | undefined {
  return /^((?:\d{4}|\d{6}|\d{8})(?:\d{2}){0,3})(?:\.\d+)?(?:[+-]\d{4})?$/.exec(value?.trim() ?? '')?.[1]
}

/** [HL7 v3: AdministrativeGender, and the letters of HL7 v2 table 0001 that senders put in its place] */
export function genderOf(code: string): AdministrativeGender {
  if (code === 'M' || code === 'F') return code
  return 'UN'
}

/** The content of patientPerson, in the order of its schema. */
export function personXml(person: Person): string {
  const { names, gender, birthTime, deceasedInd, deceasedTime, addresses, telecoms } = person
  return [
    names.length === 0 ? '<name nullFlavor="NA"/>' : names.map(nameXml).join(''),
    ...telecoms.map(value => `<telecom value="${escapeXml(value)}"/>`),
    gender === undefined ? '' : `<administrativeGenderCode code="${gender}" codeSystem="2.16.840.1.113883.5.1"/>`,
    birthTime === undefined ? '' : `<birthTime value="${escapeXml(birthTime)}"/>`,
    deceasedInd === undefined && deceasedTime === undefined ? '' : '<deceasedInd value="true"/>',
    deceasedTime === undefined ? '' : `<deceasedTime value="${escapeXml(deceasedTime)}"/>`,
    ...addresses.map(addressXml),
  ].join('')
}

/** Empty parts are not written. A name of kind `other` has use P, the one at birth the qualifier BR. */
export function nameXml({ kind, family, given, prefix, suffix }: PersonName): string {
  const use = kind === 'other' ? ' use="P"' : ''
  const qualifier = kind === 'birth' ? ' qualifier="BR"' : ''
  return [
    `<name${use}>`,
    elementXml('prefix', prefix),
    family === '' ? '' : `<family${qualifier}>${escapeXml(family)}</family>`,
    ...given.map(each => elementXml('given', each)),
    elementXml('suffix', suffix),
    '</name>',
  ].join('')
}

export function addressXml({ lines, postalCode, city, state, country }: Address): string {
  const parts = [
    ...lines.map(line => elementXml('streetAddressLine', line)),
    elementXml('city', city),
    elementXml('state', state),
    elementXml('postalCode', postalCode),
    elementXml('country', country),
  ]
  return `<addr>${parts.join('')}</addr>`
}

function elementXml(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(text)}</${name}>`
}
