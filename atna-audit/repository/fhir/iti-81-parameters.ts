// What an Audit Consumer asks for: the parameters of ITI-81, each as what the store finds by and what an event must match.
// ITI TF-2 §3.81.4.1.2; FHIR R4 Search.
import type { RecordQuery } from '../record-query.js'
import { anonymous, wordsOf } from '../terms.js'
import type { AuditEvent, Coding, Identifier } from './audit-event.js'
import { FhirProblem } from './fhir-http.js'

export interface EventSearch {
  /** What the store narrows by; some of what it finds may still not match. */
  narrow: Partial<RecordQuery>
  matches: ((event: AuditEvent) => boolean)[]
  count: number
  /** Where the page before has ended. */
  from: string | undefined
}

type Read = (
  values: readonly string[],
  name: string,
) => Partial<Pick<EventSearch, 'narrow'>> & { match?: (event: AuditEvent) => boolean }

const usualCount = 50
const mostCount = 500
const mostValues = 20

/** In the words of the supplement (`entity.identifier`), and in those of FHIR R4 (`entity`) where both have one. */
const parameters: Readonly<Record<string, Read>> = {
  _id: exactly(event => [event.id]),
  address: exactly(event => event.agent.map(({ network }) => network?.address)),
  'patient.identifier': byPatient,
  'entity.identifier': byEntity,
  'agent.identifier': byAgent,
  user: byAgent,
  'agent-name': byName,
  altid: exactly(event => event.agent.map(({ altId }) => altId)),
  'agent-role': byCode(event =>
    event.agent.flatMap(({ type, role = [] }) =>
      [...(type ? [type] : []), ...role].flatMap(({ coding = [] }) => coding),
    ),
  ),
  'entity-type': byCode(event => (event.entity ?? []).map(({ type }) => type)),
  'entity-role': byCode(event => (event.entity ?? []).map(({ role }) => role)),
  'entity-name': startingWith(event => (event.entity ?? []).map(({ name }) => name)),
  'source.identifier': narrowed(
    'source',
    byIdentifier(event => [event.source.observer.identifier]),
  ),
  source: narrowed(
    'source',
    byIdentifier(event => [event.source.observer.identifier]),
  ),
  site: exactly(event => [event.source.site]),
  type: narrowed(
    'event',
    byCode(event => [event.type]),
  ),
  subtype: narrowed(
    'type',
    byCode(event => event.subtype ?? []),
  ),
  action: narrowedAction(exactly(event => [event.action])),
  outcome: narrowedOutcome(exactly(event => [event.outcome])),
}

export const searchParameters = ['date', ...Object.keys(parameters)]

/** @throws FhirProblem for what is unknown or malformed: a misspelt parameter must not widen the answer. */
export function readEventSearch(asked: URLSearchParams): EventSearch {
  const search: EventSearch = { narrow: {}, matches: [], count: usualCount, from: undefined }
  for (const name of new Set(asked.keys())) {
    const values = asked.getAll(name)
    if (name === 'date') for (const value of values) Object.assign(search.narrow, dated(value, search.narrow))
    else if (Object.hasOwn(ofThePage, name)) Object.assign(search, ofThePage[name]!(values.at(-1) ?? ''))
    else for (const value of values) apply(search, parameterNamed(name)(split(value, name), name))
  }
  return search
}

function apply(search: EventSearch, { narrow, match }: ReturnType<Read>): void {
  if (narrow !== undefined) {
    for (const [key, value] of Object.entries(narrow)) {
      // Of two that narrow by the same thing the first does, and both must match.
      if (!(key in search.narrow)) Object.assign(search.narrow, { [key]: value })
    }
  }
  if (match !== undefined) search.matches.push(match)
}

const ofThePage: Readonly<Record<string, (value: string) => Partial<EventSearch>>> = {
  _count: value => ({ count: Math.min(whole(value, '_count'), mostCount) }),
  _cursor: value => ({ from: value }),
  _sort: value => {
    if (value !== '-date') throw invalid('_sort', value, '-date: the newest come first')
    return {}
  },
  _format: () => ({}),
  _pretty: () => ({}),
}

function parameterNamed(name: string): Read {
  const read = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (read !== undefined) return read
  throw new FhirProblem(
    400,
    'not-supported',
    `${name.slice(0, 100)} is not a parameter of this search; it knows ${searchParameters.join(', ')}, ${Object.keys(ofThePage).join(', ')}`,
  )
}

/** Commas say or; `\,` is one that does not. */
function split(value: string, name: string): string[] {
  const values = value.split(/(?<!\\),/).map(one => one.replace(/\\([\\,|$])/g, '$1'))
  if (values.length > mostValues || values.some(one => one === ''))
    throw invalid(name, value, `one to ${mostValues} values, with commas between them`)
  return values
}

interface Token {
  /** Undefined: any; empty: none. */
  system: string | undefined
  code: string
}

function token(value: string): Token {
  const bar = value.indexOf('|')
  return bar < 0 ? { system: undefined, code: value } : { system: value.slice(0, bar), code: value.slice(bar + 1) }
}

function isToken({ system, code }: Token, held: { system?: string; value: string | undefined }): boolean {
  return (system === undefined || (held.system ?? '') === system) && (code === '' || held.value === code)
}

function byCode(codesOf: (event: AuditEvent) => (Coding | undefined)[]): Read {
  return values => {
    const tokens = values.map(token)
    return {
      match: event =>
        codesOf(event).some(
          coding => coding && tokens.some(one => isToken(one, { system: coding.system, value: coding.code })),
        ),
    }
  }
}

function byIdentifier(identifiersOf: (event: AuditEvent) => (Identifier | undefined)[]): Read {
  return values => {
    const tokens = values.map(token)
    return {
      match: event =>
        identifiersOf(event).some(
          one => one && tokens.some(asked => isToken(asked, { system: one.system, value: one.value })),
        ),
    }
  }
}

function exactly(textsOf: (event: AuditEvent) => (string | undefined)[]): Read {
  return values => ({ match: event => textsOf(event).some(text => text !== undefined && values.includes(text)) })
}

function startingWith(textsOf: (event: AuditEvent) => (string | undefined)[]): Read {
  return values => {
    const starts = values.map(value => value.toLowerCase())
    return {
      match: event => textsOf(event).some(text => starts.some(start => text?.toLowerCase().startsWith(start))),
    }
  }
}

/** As a record has it: a CX where an authority is named. */
function cx({ system, code }: Token): string {
  return system?.startsWith('urn:oid:') === true ? `${code}^^^&${system.slice(8)}&ISO` : code
}

/** What the store is asked for; nothing where one of the values names a system only. */
function codesOf(
  values: readonly string[],
  write: (token: Token) => string = ({ code }) => code,
): string[] | undefined {
  const tokens = values.map(token)
  return tokens.some(({ code }) => code === '') ? undefined : tokens.map(write)
}

function narrowed(key: 'event' | 'type' | 'source', read: Read): Read {
  return (values, name) => {
    const codes = codesOf(values)
    return { ...read(values, name), narrow: codes === undefined ? {} : { [key]: codes } }
  }
}

function byPatient(values: readonly string[], name: string): ReturnType<Read> {
  const codes = codesOf(values, cx)
  const { match } = byIdentifier(event =>
    (event.entity ?? []).filter(({ role }) => role?.code === '1').map(({ what }) => what?.identifier),
  )(values, name)
  return { narrow: codes === undefined ? {} : { patient: codes }, ...(match && { match }) }
}

/** Of a patient, a document, a submission set or whatever else has an id. */
function byEntity(values: readonly string[], name: string): ReturnType<Read> {
  const codes = codesOf(values, cx)
  const { match } = byIdentifier(event => (event.entity ?? []).map(({ what }) => what?.identifier))(values, name)
  // Without a system it may have any, and stands with that in the index.
  const isWhole = values.every(value => token(value).system !== undefined)
  return { narrow: codes === undefined || !isWhole ? {} : { entity: codes }, ...(match && { match }) }
}

function byAgent(values: readonly string[], name: string): ReturnType<Read> {
  const codes = codesOf(values)
  const { match } = byIdentifier(event => event.agent.map(({ who }) => who?.identifier))(values, name)
  return { narrow: codes === undefined || codes.includes(anonymous) ? {} : { agent: codes }, ...(match && { match }) }
}

/** Its last word may be the beginning of one, the others are whole. */
function byName(values: readonly string[], name: string): ReturnType<Read> {
  const { match } = startingWith(event => event.agent.map(agent => agent.name))(values, name)
  const [only = '', ...more] = values
  const person = more.length > 0 ? '' : wordsOf(only).slice(0, -1).join(' ')
  return { narrow: person === '' ? {} : { person }, ...(match && { match }) }
}

function narrowedAction(read: Read): Read {
  return (values, name) => {
    const codes = values.map(value => token(value).code)
    const [only = '', ...more] = codes
    return { ...read(codes, name), narrow: more.length === 0 && only !== '' ? { action: only } : {} }
  }
}

function narrowedOutcome(read: Read): Read {
  return (values, name) => {
    const [first = '', ...more] = values
    const codes = values.map(value => token(value).code)
    const isOne = more.length === 0 && /^(?:0|4|8|12)$/.test(token(first).code)
    return { ...read(codes, name), narrow: isOne ? { outcome: Number(token(first).code) } : {} }
  }
}

const dateValue =
  /^(eq|ge|gt|le|lt|sa|eb)?(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?)$/

/** A value is as long as it is exact: `2026-03` is a month. [FHIR R4: search.html#date] */
function dated(value: string, before: Partial<RecordQuery>): Partial<RecordQuery> {
  const [, prefix = 'eq', text = ''] = dateValue.exec(value.replace(' ', '+')) ?? []
  const startMs = startOf(text)
  if (startMs === undefined) throw invalid('date', value, 'a date or time such as ge2026-03-04T10:00:00Z')
  const endMs = startMs + lengthMs(text, startMs)
  const since = (ms: number) => Math.max(ms, before.sinceMs ?? ms)
  const until = (ms: number) => Math.min(ms, before.untilMs ?? ms)
  switch (prefix) {
    case 'ge':
      return { sinceMs: since(startMs) }
    case 'gt':
    case 'sa':
      return { sinceMs: since(endMs) }
    case 'le':
      return { untilMs: until(endMs - 1) }
    case 'lt':
    case 'eb':
      return { untilMs: until(startMs - 1) }
    default:
      return { sinceMs: since(startMs), untilMs: until(endMs - 1) }
  }
}

function startOf(text: string): number | undefined {
  if (text === '') return undefined
  const full = text.includes('T') ? (/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`) : text
  const ms = Date.parse(full)
  return Number.isNaN(ms) ? undefined : ms
}

function lengthMs(text: string, startMs: number): number {
  const [date = '', time = ''] = text.split('T')
  const [start, year, month] = [new Date(startMs), date.length === 4, date.length === 7]
  if (year) return Date.UTC(start.getUTCFullYear() + 1, 0) - startMs
  if (month) return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1) - startMs
  if (time === '') return 86_400_000
  if (/\.\d/.test(time)) return 1
  return /^\d\d:\d\d:\d\d/.test(time) ? 1_000 : 60_000
}

function whole(value: string, name: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw invalid(name, value, 'a whole number')
}

function invalid(name: string, value: string, expected: string): FhirProblem {
  return new FhirProblem(400, 'invalid', `${name} is ${value.slice(0, 100)}; expected ${expected}`)
}
