// What an attribute is: one row of a table, from which its decoding, encoding and checks come. ITI TF-3 §4.2.3, §4.3.1.
import type { SentObject } from './sent-object.js'

/** The transactions by which metadata arrives. */
export type SubmittedBy = 'ITI-41' | 'ITI-42' | 'ITI-57' | 'ITI-61' | 'ITI-92'

/** Required, required if known, optional, forbidden. [ITI TF-3:4.3.1] */
export type Requiredness = 'R' | 'R2' | 'O' | 'X'

/** Whom a registry takes the attribute from; an update says again what a registration said. [ITI TF-3: Table 4.3.1-3] */
export const toRegistry = { 'ITI-42': 'R', 'ITI-57': 'R', 'ITI-92': 'R' } as const

/** For a Metadata-Limited Document Source alone, which none of these is. [ITI TF-3: Table 4.3.1-3] */
export const byNobody = { 'ITI-41': 'X', 'ITI-42': 'X', 'ITI-57': 'X', 'ITI-61': 'X', 'ITI-92': 'X' } as const

/** How many values: exactly one, at most one, at least one, any number. */
export type Cardinality = 'one' | 'maybe' | 'some' | 'many'

export const one = 'one'
export const maybe = 'maybe'
export const some = 'some'
export const many = 'many'

/** What a row says besides carrier, type and cardinality. */
export interface Rules {
  /** Section of ITI TF-3, or the name of the supplement. */
  clause: string
  /** Where it differs from R for `one` and `some`, O for `maybe` and `many`. */
  send?: Partial<Record<SubmittedBy, Requiredness>>
  /** Of an object that is marked as limited metadata, where that is allowed. [ITI TF-3: Table 4.3.1-3] */
  limited?: Requiredness
  /** The only values that a transaction takes. */
  only?: Partial<Record<SubmittedBy, readonly string[]>>
  /** In characters. */
  maxLength?: number
  /** What a sender says has no effect, so nobody judges it. */
  ignored?: boolean
  /** What must hold of all values together. */
  together?(values: readonly string[]): Fault | undefined
}

/** What is wrong with a value. */
export interface Fault {
  /** Part of the attribute, as `authorPerson`. */
  part?: string
  expected: string
  found: string
  /** Where another clause than that of the row is broken. */
  clause?: string
  severity?: 'Warning'
}

/** Where in its ebRIM element an attribute stands, in the order of the schema. */
const places = [
  'attribute',
  'Slot',
  'Name',
  'Description',
  'VersionInfo',
  'Classification',
  'ExternalIdentifier',
] as const
export type Place = (typeof places)[number]

export interface Attribute<Value> {
  place: Place
  /** What it is found by at its place: name of the Slot or XML attribute, scheme, node. */
  key: string
  rules: Rules
  cardinality: Cardinality
  /** What stands in the element, and what of it cannot stand (said to `sent.report`). */
  read(sent: SentObject, name: string): Value
  /** As XML in phrases; empty when there is no value. */
  write(value: Value, owner: Owner, name: string): string
  /** By its own rules, unless others hold in the domain. */
  faults(value: Value, rules?: Rules): Fault[]
}

/** The object in whose element an attribute is written. */
export interface Owner {
  entryUUID: string
  identifierIds: Readonly<Record<string, string>>
  /** Id for a Classification or ExternalIdentifier; the one that it came with, where there was one. */
  idFor(given: string | undefined): string
}

/** A row for each attribute of an object, with the type of its value: a table that lacks one does not compile. */
export type AttributesOf<Value> = {
  readonly [Name in Exclude<keyof Value, 'kind' | 'extraMetadata' | 'identifierIds'>]-?: Attribute<Value[Name]>
}

/** A row by name, for those who go through a table. */
export interface NamedAttribute extends Attribute<unknown> {
  name: string
  /** What the affinity domain asks for beside. */
  local?: LocalCheck
}

/** Given what is there, or nothing. */
export type LocalCheck = (value: unknown, transaction: SubmittedBy) => Fault[]

/** A table in the order in which the schema wants its carriers. */
export function inSchemaOrder(table: object): NamedAttribute[] {
  const rows = Object.entries(table as Record<string, Attribute<unknown>>).map(([name, row]) => ({ name, ...row }))
  return rows.sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place))
}

/** As `requirednessOf`, for an object that is marked as limited metadata. [ITI TF-3: Table 4.3.1-3] */
export function limitedRequirednessOf(attribute: Attribute<unknown>, transaction: SubmittedBy): Requiredness {
  return attribute.rules.limited ?? requirednessOf(attribute, transaction)
}

/** [ITI TF-3: Table 4.3.1-3] */
export function requirednessOf(attribute: Attribute<unknown>, transaction: SubmittedBy): Requiredness {
  const byCardinality = attribute.cardinality === 'one' || attribute.cardinality === 'some' ? 'R' : 'O'
  return attribute.rules.send?.[transaction] ?? byCardinality
}

/** As a rule of presence sees it: an empty text, an empty list and `false` (of a flag) are as good as nothing. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0)
}

/** The clause tag of a row, as findings carry it. */
export function tagOf(clause: string): string {
  return /^[0-9]/.test(clause) ? `ITI TF-3:${clause}` : clause
}
