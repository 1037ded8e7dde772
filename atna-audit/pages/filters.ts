// What is searched for, as it stands in the address of a page: so it can be kept, sent to a colleague and gone back to.
import { at } from '../../pages/html.js'
import { instantsIn } from '../../pages/times.js'
import type { TextName } from './texts/texts.js'

export const filterFields = [
  'patient',
  'person',
  'organisation',
  'document',
  'purpose',
  'role',
  'outcome',
  'kind',
  'since',
  'until',
  'trace',
] as const

const fieldNames = ['q', ...filterFields, 'looks', 'unreadable'] as const
export type FieldName = (typeof fieldNames)[number]

export type Fields = Partial<Record<FieldName, string>>

/** Fields that tell of a patient by being found or not. */
export const patientFields: readonly FieldName[] = ['patient', 'document']

export const labels: Readonly<Record<FieldName, TextName>> = {
  q: 'find.line',
  patient: 'field.patient',
  person: 'field.person',
  organisation: 'field.organisation',
  document: 'field.document',
  purpose: 'field.purpose',
  role: 'field.role',
  outcome: 'field.outcome',
  kind: 'field.kind',
  since: 'field.since',
  until: 'field.until',
  trace: 'field.trace',
  looks: 'field.looks',
  unreadable: 'field.unreadable',
}

/** A field whose value cannot be searched for. */
export class FieldProblem extends Error {
  constructor(readonly field: FieldName) {
    super(`${field} cannot be searched for`)
  }
}

const mostCharacters = 512

/** Others than ours are left alone: a page has more in its address than what is searched for. */
export function fieldsIn(query: URLSearchParams): Fields {
  const fields: Fields = {}
  for (const name of fieldNames) {
    const value = query.get(name)?.trim() ?? ''
    if (value.length > mostCharacters) throw new FieldProblem(name)
    if (value !== '') fields[name] = value
  }
  return fields
}

/** As they stand in an address. */
export function searchOf(fields: Fields): string {
  return new URLSearchParams(Object.entries(fields)).toString()
}

export function findAddress(fields: Fields, before?: string) {
  return at('/find', { ...fields, before })
}

/** Where the page before ended, as its link says. */
export function cursorIn(query: URLSearchParams): string | undefined {
  const before = query.get('before') ?? ''
  return /^-?\d{1,16}\.\d{1,16}$/.test(before) ? before : undefined
}

export function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).every(name => name === 'looks')
}

export interface Span {
  sinceMs?: number
  untilMs?: number
}

/** A day without a time is the whole day, a minute without seconds the whole minute. */
export function spanIn({ since, until }: Fields, timeZone: string): Span {
  return {
    ...(since !== undefined && { sinceMs: instant('since', since, timeZone) }),
    ...(until !== undefined && { untilMs: instant('until', until, timeZone) + 999 }),
  }
}

function instant(field: 'since' | 'until', text: string, timeZone: string): number {
  const [, day = '', minute, second] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?)?$/.exec(text) ?? []
  const usual = field === 'since' ? ['00:00', '00'] : ['23:59', '59']
  const local = `${day}T${minute ?? usual[0]}:${second ?? usual[1]}`
  const found = day === '' ? [] : instantsIn(local, timeZone)
  if (found.length === 0) throw new FieldProblem(field)
  return field === 'since' ? Math.min(...found) : Math.max(...found)
}
