// What of a DocumentEntry or Folder an update has to leave as it is in this domain.
import type { DomainFolder } from '../config/domain-folder.js'
import type { Author, Code, DocumentEntry, Folder, LocalizedString } from '../metadata/model.js'
import { type AttributeName, attributeAt } from './attribute-names.js'
import { clauseOf } from './switched-rules.js'

export interface UnchangeableAttribute {
  /** As findings call it. */
  attribute: string
  clause: string
  /** The value as it is compared and told; nothing is ''. */
  compared(object: DocumentEntry | Folder): string
}

/** Rows with `unchangeable` that are not `off`; of an attribute the framework itself keeps from changing nothing is said here. [ITI TF-2:3.57.4.1.3.3.1.3] */
export function unchangeableOf({ rules, name: domain }: DomainFolder): UnchangeableAttribute[] {
  return [...rules].flatMap(([id, { attribute = '', unchangeable, level, clause = clauseOf(domain, id) }]) => {
    const name = attributeAt(attribute)
    if (unchangeable !== true || name === undefined || level === 'off') return []
    const label = name.slot === undefined ? (name.attribute ?? '') : `Slot "${name.slot}"`
    return [{ attribute: label, clause, compared: object => comparedOf(object, name) }]
  })
}

function comparedOf(object: DocumentEntry | Folder, { kind, attribute = '', part, slot }: AttributeName): string {
  if (object.kind !== kind) return ''
  if (slot !== undefined) {
    const values = object.extraMetadata.filter(({ name }) => name === slot).flatMap(({ values }) => values)
    return together(values.map(value => value.trim()))
  }
  const value = (object as unknown as Record<string, unknown>)[attribute]
  const all = (Array.isArray(value) ? value : [value ?? []].flat()) as (Code | Author | LocalizedString | string)[]
  if (part !== undefined) return together((all as Author[]).flatMap(author => author[part] ?? []))
  return together(all.map(each => (typeof each === 'object' ? textOf(each) : String(each))))
}

/** In no order: none of these lists has one. */
function together(texts: string[]): string {
  return texts.toSorted().join(', ')
}

/** Without ids and display names, which say nothing. [ITI TF-3:4.2.3.1.2] */
function textOf(value: Code | Author | LocalizedString): string {
  if ('code' in value) return `${value.code}^^${value.codingScheme}`
  if ('value' in value) return value.value
  const { id: _, ...author } = value
  return Object.values(author).flat().join(' ')
}
