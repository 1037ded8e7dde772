// The codes that an attribute may have: decided once at start, asked in two steps. ITI TF-2 §3.42.4.1.3.2
import type { Said } from '../config/domain-folder.js'
import type { CodeSetFile } from '../config/domain-schema.js'
import type { Fault } from '../metadata/attribute.js'
import type { Code } from '../metadata/model.js'
import { quoted } from '../metadata/words.js'
import { attributeAt, codedText, isCoded } from './attribute-names.js'

export interface CodeSet extends Omit<Said<CodeSetFile>, 'clause'> {
  clause: string
  /** The code as the domain has it, whatever its display name. */
  find(code: string, codingScheme?: string): CodeSetFile['codes'][number] | undefined
  /** What is wrong with one value: a code, or the text that stands for one. */
  faults(value: Code | string): Fault[]
}

/** [ITI TF-2:3.42.4.1.3.2] */
export function codeSetOf(file: Said<CodeSetFile>, domain: string): CodeSet {
  const bySchemes = new Map<string, Map<string, CodeSetFile['codes'][number]>>()
  const byCode = new Map<string, CodeSetFile['codes'][number]>()
  for (const each of file.codes) {
    const scheme = each.codingScheme ?? ''
    const ofScheme = bySchemes.get(scheme) ?? new Map()
    bySchemes.set(scheme, ofScheme.set(each.code, each))
    if (!byCode.has(each.code)) byCode.set(each.code, each)
  }
  const isWrittenPlain = file.written === 'plain' || writtenPlainByItself(file.attribute)
  const clause = file.clause ?? `domain ${domain}`
  const expected = expectedOf(file, domain)
  const severity = file.level === 'warn' ? ({ severity: 'Warning' } as const) : {}
  const outside = (found: string): Fault[] => [{ expected, found, clause, ...severity }]

  function textFaults(text: string): Fault[] {
    if (isWrittenPlain) return byCode.has(text) ? [] : outside(quoted(text))
    const coded = codedText(text)
    if (coded !== undefined) {
      const { code, codingScheme } = coded
      return bySchemes.get(codingScheme)?.has(code) ? [] : outside(`${quoted(code)} of ${quoted(codingScheme)}`)
    }
    if (file.freeText === 'off') return []
    const form = { expected: `${expected}, written as code^^^&OID&ISO`, found: quoted(text), clause }
    return [{ ...form, ...(file.freeText === 'warn' ? { severity: 'Warning' } : severity) }]
  }

  return {
    ...file,
    clause,
    find: (code, codingScheme) => (codingScheme === undefined ? byCode : bySchemes.get(codingScheme))?.get(code),
    faults(value) {
      if (file.level === 'off') return []
      if (typeof value === 'string') return textFaults(value)
      const { code, codingScheme } = value
      return bySchemes.get(codingScheme)?.has(code) ? [] : outside(`${quoted(code)} of ${quoted(codingScheme)}`)
    },
  }
}

/** mimeType and languageCode, which have no place for a scheme. */
function writtenPlainByItself(attribute: string): boolean {
  const name = attributeAt(attribute)
  return name?.attribute !== undefined && name.part === undefined && !isCoded(name)
}

const fewEnoughToList = 6

function expectedOf({ attribute, codes }: CodeSetFile, domain: string): string {
  const listed = [...new Set(codes.map(({ code }) => code))]
  const which = listed.length > fewEnoughToList ? `one of the ${listed.length} codes` : listed.join(' or ')
  return `${which} that domain ${domain} has for ${attribute} (carnet codes list)`
}
