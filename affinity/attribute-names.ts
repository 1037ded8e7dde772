// How the files of a domain name what a rule or a code set is about: an attribute, a part of an author, a Slot.
import { type Kind, objectTables } from '../metadata/object-tables.js'

/** `DocumentEntry.classCode`, `DocumentEntry.author.authorRole`, `DocumentEntry.urn:…`. */
export interface AttributeName {
  kind: Kind
  /** Of the attribute table; undefined for a Slot of extra metadata. */
  attribute?: string
  /** Of an author. */
  part?: AuthorPart
  slot?: string
}

const authorParts = [
  'authorPerson',
  'authorInstitution',
  'authorRole',
  'authorSpecialty',
  'authorTelecommunication',
] as const
export type AuthorPart = (typeof authorParts)[number]

/** Undefined when there is nothing of that name. */
export function attributeAt(name: string): AttributeName | undefined {
  const [, kind = '', rest = ''] = /^([A-Za-z]+)\.(\S+)$/.exec(name) ?? []
  if (!Object.hasOwn(objectTables, kind)) return undefined
  const of = kind as Kind
  // A Slot that carries an attribute is called by the name of that attribute.
  if (rest.startsWith('urn:')) return objectTables[of].slots.has(rest) ? undefined : { kind: of, slot: rest }
  const [attribute = '', part, ...more] = rest.split('.')
  if (more.length > 0 || !objectTables[of].attributes.some(each => each.name === attribute)) return undefined
  if (part === undefined) return { kind: of, attribute }
  const known = authorParts.find(each => each === part)
  return attribute === 'author' && known !== undefined ? { kind: of, attribute, part: known } : undefined
}

/** Whether the values are codes with a scheme of their own, as a Classification carries them. */
export function isCoded({ kind, attribute, part }: AttributeName): boolean {
  if (part !== undefined || attribute === 'author' || attribute === 'limitedMetadata') return false
  return objectTables[kind].attributes.some(each => each.name === attribute && each.place === 'Classification')
}

/** `code^^^&OID&ISO`, as a text carries a code with its scheme. [ITI TF-3: Table 4.2.3.1.7-2] */
export function codedText(text: string): { code: string; codingScheme: string } | undefined {
  const [, code, codingScheme] = /^([^^&]+)\^\^\^&([0-9.]+)&ISO$/.exec(text) ?? []
  return code === undefined || codingScheme === undefined ? undefined : { code, codingScheme }
}

/** Flags of `carnet submit`, and names in `submitting` of a domain, for coded attributes of a DocumentEntry. */
export const attributesOfFlags = {
  class: 'classCode',
  type: 'typeCode',
  format: 'formatCode',
  facility: 'healthcareFacilityTypeCode',
  practice: 'practiceSettingCode',
  confidentiality: 'confidentialityCode',
} as const

export type CodeFlag = keyof typeof attributesOfFlags
