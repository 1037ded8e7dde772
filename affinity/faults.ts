// What in the files of a domain contradicts the framework, or itself: one sentence each, that begins with file and field.
import type { DomainFolder } from '../config/domain-folder.js'
import type { RuleFile } from '../config/domain-schema.js'
import { attributeAt, attributesOfFlags, type CodeFlag, isCoded } from './attribute-names.js'
import type { CodeSet } from './code-set.js'
import { isLogicRule, logicRules, mayWarn } from './switched-rules.js'

/** Empty where the domain may be served; otherwise a sentence for each fault, not only for the first. `codeSets` are those of `folder`, by attribute. */
export function faultsOf(folder: DomainFolder, codeSets: ReadonlyMap<string, CodeSet>): string[] {
  return [
    ...[...folder.rules].flatMap(([id, row]) => ruleFaults(id, row).map(fault => `${row.file}: rules.${id}${fault}`)),
    ...[...codeSets.values()].flatMap(set => codeSetFaults(set).map(fault => `${set.file}: ${fault}`)),
    ...pairFaults(folder, codeSets),
    ...hiddenFaults(folder),
    ...submittingFaults(folder, codeSets),
  ]
}

const checks = [
  'required',
  'forbidden',
  'unchangeable',
  'atMost',
  'maxLength',
  'values',
  'pattern',
  'notOfAuthorities',
] as const

function ruleFaults(id: string, row: RuleFile): string[] {
  const has = checks.filter(check => row[check] !== undefined)
  if (row.attribute === undefined) {
    if (!isLogicRule(id)) {
      return [
        ` has no attribute and is none of the rules that Carnet has by name: ${Object.keys(logicRules).join(', ')}`,
      ]
    }
    if (row.level === 'warn' && !mayWarn.includes(id))
      return ['.level must be one of "error", "off": it cannot be broken and taken']
    return has.length > 0 ? [` is a rule that Carnet has by name; it takes level and clause, no ${has.join(', ')}`] : []
  }
  if (isLogicRule(id)) return [' has the name of a rule of Carnet; give a rule for an attribute a name of its own']
  if (attributeAt(row.attribute) === undefined) return [`.attribute ${unknown(row.attribute)}`]
  if (row.unchangeable === true && !/^(?:DocumentEntry|Folder)\./.test(row.attribute)) {
    return ['.unchangeable is for attributes of a DocumentEntry or Folder: nothing else is updated']
  }
  if (has.length === 0) return [` asks for nothing; give it one of ${checks.join(', ')}`]
  if (row.pattern !== undefined && row.expected === undefined)
    return [' has a pattern and no expected, which says in words what to write']
  return []
}

function unknown(attribute: string): string {
  return `"${attribute}" is no attribute (as DocumentEntry.classCode), part of an author (as DocumentEntry.author.authorRole) or Slot of extra metadata (as DocumentEntry.urn:…)`
}

function codeSetFaults({ attribute, codes, written }: CodeSet): string[] {
  const name = attributeAt(attribute)
  if (name === undefined) return [`attribute ${unknown(attribute)}`]
  const needsScheme = isCoded(name) || ((name.slot ?? name.part) !== undefined && written !== 'plain')
  const seen = new Set<string>()
  return codes.flatMap(({ code, codingScheme, names }, index) => {
    const key = `${codingScheme}\n${code}`
    const faults = [
      ...(needsScheme && codingScheme === undefined
        ? [`codes[${index}].codingScheme is missing; ${attribute} carries one`]
        : []),
      ...(seen.has(key) ? [`codes[${index}] has the code "${code}" of "${codingScheme}" a second time`] : []),
      ...(names.en === undefined
        ? [`codes[${index}].names.en is missing; every code has a name in English at the least`]
        : []),
    ]
    seen.add(key)
    return faults
  })
}

function pairFaults({ pairs, rules }: DomainFolder, codeSets: ReadonlyMap<string, CodeSet>): string[] {
  const row = rules.get('class-type-pair')
  if (pairs === undefined) {
    return row === undefined || row.level === 'off'
      ? []
      : [`${row.file}: rules.class-type-pair needs class-type-pairs.json, which is not there`]
  }
  const [classes, types] = ['classCode', 'typeCode'].map(name => codeSets.get(`DocumentEntry.${name}`))
  const foreign = (set: CodeSet | undefined, code: string) => set !== undefined && set.find(code) === undefined
  return Object.entries(pairs.pairs).flatMap(([code, ofClass]) => [
    ...(foreign(classes, code) ? [`${pairs.file}: pairs.${code} is no code of DocumentEntry.classCode`] : []),
    ...ofClass
      .filter(type => foreign(types, type))
      .map(type => `${pairs.file}: pairs.${code} lists ${type}, which is no code of DocumentEntry.typeCode`),
  ])
}

function hiddenFaults({ domain: { hiddenFromQueries }, folders }: DomainFolder): string[] {
  const name = attributeAt(hiddenFromQueries?.attribute ?? 'DocumentEntry.urn:x')
  if (name?.kind === 'DocumentEntry' && name.slot !== undefined) return []
  return [`${folders[0]}: hiddenFromQueries.attribute must be a Slot of a DocumentEntry, as DocumentEntry.urn:…`]
}

function submittingFaults(
  { domain: { submitting = {} }, folders }: DomainFolder,
  codeSets: ReadonlyMap<string, CodeSet>,
) {
  const written = Object.entries(attributesOfFlags).map(([flag, attribute]) => ({
    ...{
      flag,
      set: codeSets.get(`DocumentEntry.${attribute}`),
      value: submitting[flag as CodeFlag],
    },
  }))
  return written
    .filter(({ set, value }) => value !== undefined && set !== undefined && !isIn(set, value))
    .map(({ flag, value }) => `${folders[0]}: submitting.${flag} "${value}" is none of the domain's own codes`)
}

function isIn(set: CodeSet, written: string): boolean {
  const [code = '', , codingScheme = ''] = written.split('^')
  return set.find(code, codingScheme) !== undefined
}
