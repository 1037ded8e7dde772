// Rules that need logic: written in TypeScript where they run, switched on by a domain under these ids.
import type { Level, RuleFile } from '../config/domain-schema.js'

/** Each with what it asks for, for those who write a domain. */
export const logicRules = {
  'class-type-pair': 'classCode and typeCode of a DocumentEntry are one of the pairs in class-type-pairs.json',
  'no-folders': 'no Folders, no Associations that touch one; queries find none',
  'metadata-level-1': 'queries ask for $MetadataLevel 1 or say nothing of it',
  'feed-names-patient-twice': 'the patient identity feed names each patient by the national id and one more',
  'feed-keeps-sensitive-back':
    'the patient identity feed sends no religion, race, ethnic group or personal relationship',
} as const

/** Those that a message can break and be taken all the same. */
export const mayWarn: readonly string[] = ['class-type-pair']

export type LogicRuleId = keyof typeof logicRules

export interface Switch {
  severity: 'Error' | 'Warning'
  clause: string
}

/** What is absent is off. */
export type SwitchedOn = Readonly<Partial<Record<LogicRuleId, Switch>>>

/** By the ids of `logicRules`; a rule that is not there, or `off`, is not kept by this domain. `pairsClause` stands in for `class-type-pair` alone. */
export function switchedOn(
  rules: ReadonlyMap<string, RuleFile>,
  domain: string,
  pairsClause: string | undefined,
): SwitchedOn {
  const on: Partial<Record<LogicRuleId, Switch>> = {}
  for (const [id, row] of rules) {
    if (!isLogicRule(id) || row.level === 'off') continue
    const clause = row.clause ?? (id === 'class-type-pair' ? pairsClause : undefined) ?? clauseOf(domain, id)
    on[id] = { severity: severityOf(row.level), clause }
  }
  return on
}

export function isLogicRule(id: string): id is LogicRuleId {
  return Object.hasOwn(logicRules, id)
}

export function severityOf(level: Level | undefined): Switch['severity'] {
  return level === 'warn' ? 'Warning' : 'Error'
}

/** The tag of a rule that nobody else has named. */
export function clauseOf(domain: string, id: string): string {
  return `domain ${domain}: ${id}`
}
