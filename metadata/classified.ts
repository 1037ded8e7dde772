// What a Classification carries: a code, or an author. ITI TF-3 §4.2.3.1.2, §4.2.3.1.4.
import { namespaces } from '../soap/namespaces.js'
import { attributeOf, childOf, type XmlElement } from '../soap/xml.js'
import type { Fault } from './attribute.js'
import { type Classified, valueFaults } from './carriers.js'
import { type DataType, string, xcn, xon, xtn } from './data-types.js'
import { classificationXml, codeXml, slotsXml, valuesXml } from './ebrim-writer.js'
import { isUuid } from './entry-uuid.js'
import type { Author, Code } from './model.js'
import { localizedStringsOf, readSlots } from './sent-object.js'
import { counted, quoted } from './words.js'

/** Code, its system in the Slot codingScheme, its display name in rim:Name. [ITI TF-3:4.2.3.1.2] */
export const code: Classified<Code> = {
  name: 'Code',
  read(element, attribute, report) {
    const schemes = valuesOf(readSlots(element, report).get('codingScheme')?.values)
    const name = childOf(element, namespaces.rim, 'Name')
    const rule = 'ITI TF-3:4.2.3.1.2'
    if (schemes.length > 1) {
      report({ attribute, rule, expected: 'one codingScheme', found: counted(schemes.length, 'value') })
    }
    return {
      code: attributeOf(element, 'nodeRepresentation')?.trim() ?? '',
      codingScheme: schemes[0] ?? '',
      displayName: name === undefined ? [] : localizedStringsOf(name),
      ...idOf(element),
    }
  },
  write({ code, codingScheme, displayName, id }, scheme, owner) {
    const content = codeXml(codingScheme, displayName)
    return classificationXml({ scheme, nodeRepresentation: code, content, given: id }, owner)
  },
  faults: ({ code, codingScheme, displayName }) => [
    ...missing('nodeRepresentation', 'the code', code),
    ...missing('codingScheme', 'the coding scheme', codingScheme),
    ...missing('Name', 'a display name', displayName[0]?.value ?? ''),
    // No longer than a value of a Slot may be. [ebRIM 3.0: LongName]
    ...valueFaults(code, string).map(fault => ({ ...fault, part: 'nodeRepresentation', clause: '4.2.3.1.2' })),
    ...valueFaults(codingScheme, string).map(fault => ({ ...fault, part: 'codingScheme' })),
  ],
}

/** Sub-attributes of an author. [ITI TF-3:4.2.3.1.4.1 to 4.2.3.1.4.5] */
const authorSlots = {
  authorPerson: { type: xcn, clause: '4.2.3.1.4.2' },
  authorInstitution: { type: xon, clause: '4.2.3.1.4.1' },
  authorRole: { type: string, clause: '4.2.3.1.4.3' },
  authorSpecialty: { type: string, clause: '4.2.3.1.4.4' },
  authorTelecommunication: { type: xtn, clause: '4.2.3.1.4.5' },
} as const satisfies Record<Exclude<keyof Author, 'id'>, { type: DataType; clause: string }>

type AuthorSlot = keyof typeof authorSlots

/** One Classification per author, nodeRepresentation empty. [ITI TF-3:4.2.3.1.4] */
export const author: Classified<Author> = {
  name: 'Author',
  read(element, attribute, report) {
    const slots = readSlots(element, report)
    const values = (name: AuthorSlot) => valuesOf(slots.get(name)?.values)
    const persons = values('authorPerson')
    if (persons.length > 1) {
      const rule = 'ITI TF-3:4.2.3.1.4.2'
      report({ attribute, rule, expected: 'at most one authorPerson', found: counted(persons.length, 'value') })
    }
    return {
      authorInstitution: values('authorInstitution'),
      authorRole: values('authorRole'),
      authorSpecialty: values('authorSpecialty'),
      authorTelecommunication: values('authorTelecommunication'),
      ...(persons[0] === undefined ? {} : { authorPerson: persons[0] }),
      ...idOf(element),
    }
  },
  write(author, scheme, owner) {
    const content = slotsXml(authorSlotNames.map(name => valuesXml(name, authorValues(author, name))).join(''))
    return classificationXml({ scheme, nodeRepresentation: '', content, given: author.id }, owner)
  },
  faults(author) {
    const faults = authorSlotNames.flatMap(name =>
      authorValues(author, name).flatMap(value =>
        valueFaults(value, authorSlots[name].type).map(fault => ({
          clause: authorSlots[name].clause,
          ...fault,
          part: name,
        })),
      ),
    )
    const { authorPerson, authorInstitution, authorTelecommunication } = author
    if (authorPerson !== undefined || authorInstitution.length + authorTelecommunication.length > 0) return faults
    const expected = 'one of authorPerson, authorInstitution, authorTelecommunication at the least'
    return [...faults, { expected, found: 'none of them', clause: '4.2.3.1.4' }]
  },
}

const authorSlotNames = Object.keys(authorSlots) as AuthorSlot[]

function authorValues(author: Author, name: AuthorSlot): string[] {
  const value = author[name]
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function valuesOf(values: string[] = []): string[] {
  return values.map(value => value.trim()).filter(value => value !== '')
}

/** Ids that are no UUIDs mean nothing outside of their message. */
function idOf(element: XmlElement): { id?: string } {
  const id = attributeOf(element, 'id')
  return id !== undefined && isUuid(id) ? { id } : {}
}

function missing(part: string, expected: string, value: string): Fault[] {
  return value === '' ? [{ part, expected, found: quoted(value), clause: '4.2.3.1.2' }] : []
}
