// One row of a domain's rules as a check of an attribute's value.
import type { RuleFile } from '../config/domain-schema.js'
import { type Fault, isAbsent, type LocalCheck } from '../metadata/attribute.js'
import { lengthOf } from '../metadata/data-types.js'
import type { Author, Code, LocalizedString } from '../metadata/model.js'
import { counted, quoted } from '../metadata/words.js'
import type { AttributeName } from './attribute-names.js'
import { clauseOf, severityOf } from './switched-rules.js'

/**
 * `id` is the key of the row in the domain's `rules`: it names the clause where the row gives none. The check finds nothing in
 * transactions that are not in the row's `on`; a row at level `warn` finds what is told and taken all the same.
 */
export function ruleCheck(
  row: RuleFile,
  name: AttributeName,
  { id, domain }: { id: string; domain: string },
): LocalCheck {
  const on = row.on === undefined ? undefined : new Set<string>(row.on)
  const single = checksOf(row)
  const said = {
    clause: row.clause ?? clauseOf(domain, id),
    ...(name.part === undefined ? {} : { part: name.part }),
    ...(severityOf(row.level) === 'Warning' ? { severity: 'Warning' as const } : {}),
  }
  return (value, transaction) => {
    if (on !== undefined && !on.has(transaction)) return []
    const texts = textsOf(value, name)
    const faults = numberFaults(row, texts.length, `${transaction} in domain ${domain}`)
    const wrong = texts.flatMap(text => single.flatMap(check => check(text) ?? []))
    return [...faults, ...wrong].map(fault => ({ ...said, ...fault }))
  }
}

function numberFaults({ required, forbidden, atMost }: RuleFile, count: number, where: string): Fault[] {
  if (count === 0) return required === true ? [{ expected: `a value, required on ${where}`, found: 'nothing' }] : []
  if (forbidden === true) return [{ expected: `nothing, forbidden on ${where}`, found: counted(count, 'value') }]
  if (atMost === undefined || count <= atMost) return []
  return [{ expected: `at most ${counted(atMost, 'value')} on ${where}`, found: counted(count, 'value') }]
}

function checksOf({
  maxLength,
  values,
  pattern,
  expected,
  notOfAuthorities,
}: RuleFile): ((text: string) => Fault | undefined)[] {
  const checks: ((text: string) => Fault | undefined)[] = []
  if (maxLength !== undefined) {
    checks.push(text => {
      const length = lengthOf(text)
      return length <= maxLength
        ? undefined
        : { expected: `at most ${maxLength} characters`, found: `${length} characters` }
    })
  }
  if (values !== undefined) {
    const allowed = new Set(values)
    checks.push(text => (allowed.has(text) ? undefined : { expected: values.join(' or '), found: quoted(text) }))
  }
  if (pattern !== undefined) {
    const form = new RegExp(pattern, 'u')
    checks.push(text => (form.test(text) ? undefined : { expected: expected ?? pattern, found: quoted(text) }))
  }
  if (notOfAuthorities !== undefined) {
    const refused = new Set(notOfAuthorities)
    const words = expected ?? `an id of another assigning authority than ${notOfAuthorities.join(' or ')}`
    checks.push(text => (refused.has(authorityOf(text)) ? { expected: words, found: quoted(text) } : undefined))
  }
  return checks
}

/** OID in the fourth component of a CX. */
function authorityOf(cx: string): string {
  return cx.split('^')[3]?.split('&')[1] ?? ''
}

/** What of a value can be read: a text, the texts of a list, the code of a code, the part of an author. */
function textsOf(value: unknown, { part }: AttributeName): string[] {
  if (isAbsent(value)) return []
  const all = Array.isArray(value) ? value : [value]
  if (part !== undefined) return (all as Author[]).flatMap(author => author[part] ?? [])
  return all.map(each => (typeof each === 'object' ? textOf(each as Code | Author | LocalizedString) : String(each)))
}

function textOf(value: Code | Author | LocalizedString): string {
  if ('code' in value) return value.code
  return 'value' in value ? value.value : (value.authorPerson ?? '')
}
