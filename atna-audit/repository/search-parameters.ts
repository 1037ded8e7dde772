// The question in a URL: ?trace=…&patient=…&after=…&limit=…, or ?id=…&format=xml.
import { timeOf } from './arrival.js'
import type { AuditSearch } from './arrival-order.js'

/** What is wrong with a question, in words for whoever asked it. */
export class SearchProblem extends Error {}

export interface AskedFor {
  /** One record. */
  id?: number
  /** The message as it came, instead of a summary. */
  asXml: boolean
  search: AuditSearch
}

const usualLimit = 100
const mostLimit = 1_000

type Read = (value: string, name: string) => Partial<AuditSearch>

/** Parameters by name; others are refused, so that a misspelt one does not widen the answer. */
const parameters: Record<string, Read> = {
  trace: value => ({ traceId: value.toLowerCase() }),
  patient: value => ({ patientId: value }),
  user: value => ({ userId: value }),
  object: value => ({ uniqueId: value }),
  type: value => ({ eventType: value }),
  outcome: (value, name) => ({ outcome: whole(value, name, 99) }),
  since: (value, name) => ({ sinceMs: time(value, name) }),
  until: (value, name) => ({ untilMs: time(value, name) }),
  after: (value, name) => ({ afterId: whole(value, name, Number.MAX_SAFE_INTEGER) }),
  limit: (value, name) => ({ limit: whole(value, name, mostLimit, 1) }),
  newest: (value, name) => ({ newestFirst: yes(value, name) }),
  unreadable: (value, name) => ({ unreadable: yes(value, name) }),
}

/** @throws SearchProblem */
export function readSearch(asked: URLSearchParams): AskedFor {
  const answer: AskedFor = { asXml: false, search: { limit: usualLimit } }
  for (const [name, value] of asked) {
    if (asked.getAll(name).length > 1) throw new SearchProblem(`${name} is given more than once`)
    if (name === 'id') answer.id = whole(value, name, Number.MAX_SAFE_INTEGER)
    else if (name === 'format') answer.asXml = isXml(value)
    else Object.assign(answer.search, readerOf(name)(value, name))
  }
  if (answer.asXml && answer.id === undefined) throw new SearchProblem('format=xml shows one record: name it with id')
  return answer
}

function readerOf(name: string): Read {
  const reader = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (reader !== undefined) return reader
  const known = [...Object.keys(parameters), 'id', 'format'].join(', ')
  throw new SearchProblem(`${name.slice(0, 100)} is not a parameter of the audit log; it knows ${known}`)
}

function whole(value: string, name: string, most: number, least = 0): number {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  throw new SearchProblem(`${name} must be a whole number from ${least} to ${most}`)
}

function time(value: string, name: string): number {
  const found = timeOf(value)
  if (found !== undefined) return found
  throw new SearchProblem(`${name} must be a time such as 2026-11-23T08:00:00Z`)
}

function yes(value: string, name: string): boolean {
  if (value === '1' || value === 'true') return true
  if (value === '0' || value === 'false') return false
  throw new SearchProblem(`${name} must be 1 or 0`)
}

function isXml(value: string): boolean {
  if (value !== 'xml' && value !== 'json') throw new SearchProblem('format must be json or xml')
  return value === 'xml'
}
