// The attribute tables of the Technical Framework with the rows of a domain laid over them, made once at start.
import type { DomainFolder } from '../config/domain-folder.js'
import type { Fault, LocalCheck, NamedAttribute } from '../metadata/attribute.js'
import type { Author, Code } from '../metadata/model.js'
import { type Kind, type ObjectTable, type ObjectTables, objectTables } from '../metadata/object-tables.js'
import { type AttributeName, attributeAt } from './attribute-names.js'
import type { CodeSet } from './code-set.js'
import { ruleCheck } from './rule-check.js'

/** The very tables of the framework where the domain asks for nothing. */
export function tablesOf(folder: DomainFolder, codeSets: ReadonlyMap<string, CodeSet>): ObjectTables {
  const additions = additionsOf(folder, codeSets)
  const takesLimited = folder.domain.limitedMetadata === 'allowed'
  if (additions.length === 0 && !takesLimited) return objectTables
  const kinds = Object.keys(objectTables) as Kind[]
  return Object.fromEntries(
    kinds.map(kind => [
      kind,
      tableWith(
        takesLimited ? takingLimited(objectTables[kind]) : objectTables[kind],
        additions.filter(({ name }) => name.kind === kind),
      ),
    ]),
  ) as unknown as ObjectTables
}

interface Addition {
  name: AttributeName
  check?: LocalCheck
  maxLength?: number
}

function additionsOf({ rules, name: domain }: DomainFolder, codeSets: ReadonlyMap<string, CodeSet>): Addition[] {
  const additions: Addition[] = []
  for (const [id, row] of rules) {
    const name = attributeAt(row.attribute ?? '')
    if (name === undefined || row.level === 'off') continue
    const { maxLength } = row
    additions.push({
      name,
      check: ruleCheck(row, name, { id, domain }),
      ...(maxLength === undefined ? {} : { maxLength }),
    })
  }
  for (const [attribute, set] of codeSets) {
    const name = attributeAt(attribute)
    if (name !== undefined && set.level !== 'off') additions.push({ name, check: codeCheck(name, set) })
  }
  return additions
}

function codeCheck({ part }: AttributeName, set: CodeSet): LocalCheck {
  return value =>
    allOf(value).flatMap(each => {
      if (part === undefined) return set.faults(each as Code | string)
      return [(each as Author)[part] ?? []].flat().flatMap(text => set.faults(text).map(fault => ({ ...fault, part })))
    })
}

function allOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}

/** The mark is forbidden to all senders of XDS; a domain may allow it all the same. [ITI TF-3: Table 4.3.1-3] */
function takingLimited(table: ObjectTable): ObjectTable {
  return {
    ...table,
    takesLimited: true,
    attributes: table.attributes.map(attribute => {
      const { send: _, ...rules } = attribute.rules
      return attribute.name === 'limitedMetadata' ? { ...attribute, rules } : attribute
    }),
  }
}

function tableWith(table: ObjectTable, additions: readonly Addition[]): ObjectTable {
  if (additions.length === 0) return table
  const slots = new Set(additions.flatMap(({ name }) => name.slot ?? []))
  return {
    ...table,
    attributes: table.attributes.map(attribute =>
      attributeWith(
        attribute,
        additions.filter(({ name }) => name.attribute === attribute.name),
      ),
    ),
    localSlots: new Map([...slots].map(slot => [slot, together(additions.filter(({ name }) => name.slot === slot))])),
  }
}

function attributeWith(attribute: NamedAttribute, additions: readonly Addition[]): NamedAttribute {
  if (additions.length === 0) return attribute
  const maxLength = additions.findLast(addition => addition.maxLength !== undefined)?.maxLength
  const { rules: own } = attribute
  // A shorter bound is checked beside the framework's, a longer one takes its place.
  const isLonger = maxLength !== undefined && own.maxLength !== undefined && maxLength > own.maxLength
  const rules = isLonger ? { ...own, maxLength } : own
  return { ...attribute, rules, local: together(additions) }
}

function together(additions: readonly Addition[]): LocalCheck {
  const checks = additions.flatMap(({ check }) => check ?? [])
  return (value, transaction): Fault[] => checks.flatMap(check => check(value, transaction))
}
