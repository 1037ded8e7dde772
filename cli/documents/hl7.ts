// HL7 values as a command line and a CDA header give them: CX, Code, XCN, XON and DTM. [ITI TF-3: Table 4.2.3.1.7-2]
import { escapeHl7, withoutEmptyEnd } from '../../metadata/hl7.js'
import type { Code } from '../../metadata/model.js'

const oidPattern = '[0-2](?:\\.(?:0|[1-9][0-9]*))+'
const cxPattern = new RegExp(`^[^^&|~]+\\^\\^\\^&${oidPattern}&ISO$`)

export function isCx(text: string): boolean {
  return cxPattern.test(text)
}

/** At most 64 characters, no leading zeros. [ITI TF-3: Table 4.2.3.1.7-2] */
export function isOid(text: string): boolean {
  return text.length <= 64 && new RegExp(`^${oidPattern}$`).test(text)
}

/** Reads `code^display^scheme`; a display left out is the code itself. */
export function codeFrom(text: string): Code | undefined {
  const [code = '', display = '', codingScheme = '', ...more] = text.split('^')
  if (code === '' || codingScheme === '' || more.length > 0) return undefined
  return codeOf(code, display === '' ? code : display, codingScheme)
}

/** The display name without a language. */
export function codeOf(code: string, display: string, codingScheme: string): Code {
  return { code, codingScheme, displayName: [{ value: display }] }
}

export interface PersonName {
  family: string
  given: string
  middle: string
  suffix: string
  prefix: string
}

/** XPN, and the name part of an XCN. */
export function nameComponents({ family, given, middle, suffix, prefix }: PersonName): string {
  return withoutEmptyEnd([family, given, middle, suffix, prefix].map(escapeHl7).join('^'))
}

/** Without an id the first component is empty. Text is escaped. [ITI TF-3: Table 4.2.3.1.7-2] */
export function xcn(name: PersonName, id: { root: string; extension: string } | undefined): string {
  const components = nameComponents(name)
  if (id === undefined) return `^${components}`
  const padded = [...components.split('^'), '', '', '', ''].slice(0, 5).join('^')
  return `${escapeHl7(id.extension)}^${padded}^^^&${id.root}&ISO`
}

/** The id of the organisation goes into component 10, or is component 10 alone where it has no extension. [ITI TF-3: Table 4.2.3.1.7-2] */
export function xon(name: string, id: { root: string; extension: string } | undefined): string {
  if (id === undefined) return escapeHl7(name)
  if (id.extension === '') return `${escapeHl7(name)}^^^^^^^^^${id.root}`
  return `${escapeHl7(name)}^^^^^&${id.root}&ISO^^^^${escapeHl7(id.extension)}`
}

const timePattern =
  /^(?<year>\d{4})(?<month>\d\d)?(?<day>\d\d)?(?<hour>\d\d)?(?<minute>\d\d)?(?<second>\d\d)?(?:\.\d+)?(?<zone>[+-]\d{4})?$/

/**
 * An HL7 v3 time as DTM in UTC, with the precision it came with. A time without a zone is taken to be UTC: nothing
 * tells where it was written. [ITI TF-3: Table 4.2.3.1.7-2]
 */
export function utcDtm(time: string): string | undefined {
  const parts = timePattern.exec(time.trim())?.groups
  if (parts === undefined) return undefined
  const digits = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(name => parts[name] ?? '').join('')
  // Days have no zone; hours alone are no DTM that receivers agree on.
  if (digits.length < 12) return digits.slice(0, 8)
  if (parts.zone === undefined) return digits
  const { year, month, day, hour, minute, second = '00', zone } = parts as Record<string, string>
  const offsetMinutes = Number(`${zone![0]}1`) * (Number(zone!.slice(1, 3)) * 60 + Number(zone!.slice(3)))
  const utc = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute! - offsetMinutes, +second)
  return new Date(utc).toISOString().replace(/[-:T]/g, '').slice(0, digits.length)
}
