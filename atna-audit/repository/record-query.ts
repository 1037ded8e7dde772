// What auditors ask for, and the terms of which such a question is made: every clause must hold, of each clause one term.
import {
  failed,
  folded,
  identifier,
  patientAsked,
  rareActions,
  type Term,
  term,
  traceIdIn,
  unreadable,
  wordsOf,
} from './terms.js'

/** Several values of one criterion are alternatives; several criteria must hold together. */
export type Asked = string | readonly string[]

export interface RecordQuery {
  /** As CX, `id^^^&oid&ISO`, or the id alone: then of any authority. */
  patient?: Asked
  /** A user id, a user name, or words of a name in any order. */
  person?: Asked
  /** OID or name of an organisation or group, or words of the name; also the source and its enterprise site. */
  organisation?: Asked
  /** The id of a person, a system or a group. */
  agent?: Asked
  /** The id of any participant object: of a patient as CX, else as `object`, or a traceparent. */
  entity?: Asked
  /** The id of any participant object that is no patient: uniqueId of a document, of a submission set, entryUUID, URI. */
  object?: Asked
  /** Codes. */
  purpose?: Asked
  role?: Asked
  event?: Asked
  /** The transaction (`ITI-41`), or what else the EventTypeCode says. */
  type?: Asked
  /** AuditSourceID. */
  source?: Asked
  /** 32 hex digits. */
  trace?: Asked
  action?: string
  /** 0, 4, 8, 12, or every one but 0. */
  outcome?: number | 'failed'
  /** Only what could not be read. */
  unreadable?: boolean
  /** One value that may be any of these. */
  anything?: string
  /** Of the event; of the arrival where the record tells no time. Both inclusive. */
  sinceMs?: number
  untilMs?: number
}

export type Clause = readonly Term[]

/** Looked up in the record itself. */
export interface Restriction {
  column: 'outcome' | 'action'
  value: string | number
}

export const mostAlternatives = 32

/** Too many alternatives are cut: whoever reads the question from outside bounds them before. */
export function clausesOf(query: RecordQuery): Clause[] {
  const clauses: Clause[] = []
  const add = (values: Asked | undefined, terms: (value: string) => Clause[]) => {
    if (values === undefined) return
    const list = listOf(values)
    const [only] = list
    if (only !== undefined && list.length === 1) clauses.push(...terms(only))
    // Of a name with several words among alternatives only the whole can be found.
    else clauses.push(list.map(value => terms(value)[0]?.[0] ?? term('object', value)))
  }
  add(query.trace, value => [[term('trace', value.toLowerCase())]])
  add(query.patient, value => [[term('patient', patientAsked(value))]])
  add(query.person, value => named(term('person', folded(value) ?? ''), wordsOf(value), 'personWord'))
  add(query.organisation, organisation)
  if (query.agent !== undefined) clauses.push(listOf(query.agent).flatMap(agentTerms))
  if (query.entity !== undefined) clauses.push(listOf(query.entity).flatMap(entityTerms))
  add(query.object, value => [[term('object', identifier(value) ?? '')]])
  for (const kind of ['purpose', 'role', 'event', 'type'] as const) add(query[kind], value => [[term(kind, value)]])
  add(query.source, value => [[term('source', folded(value) ?? '')]])
  if (query.anything !== undefined) clauses.push(...anything(query.anything))
  if (query.outcome !== undefined && query.outcome !== 0) {
    clauses.push([query.outcome === 'failed' ? failed : term('outcome', String(query.outcome))])
  }
  if (query.action !== undefined && rareActions.has(query.action)) clauses.push([term('action', query.action)])
  if (query.unreadable === true) clauses.push([unreadable])
  return clauses
}

const listOf = (values: Asked) => (typeof values === 'string' ? [values] : values.slice(0, mostAlternatives))

function agentTerms(value: string): Clause {
  return [
    term('person', folded(value) ?? ''),
    term('organisation', identifier(value) ?? ''),
    term('organisation', folded(value) ?? ''),
  ]
}

function entityTerms(value: string): Clause {
  const id = identifier(value) ?? ''
  const traceId = traceIdIn(value)
  return [
    term('patient', patientAsked(value)),
    term('object', id),
    ...(traceId === undefined ? [] : [term('trace', traceId)]),
  ]
}

/** What too many records share to be a term, asked of the row instead. */
export function restrictionsOf({ outcome, action }: RecordQuery): Restriction[] {
  return [
    ...(outcome === 0 ? [{ column: 'outcome', value: 0 } as const] : []),
    ...(action !== undefined && !rareActions.has(action) ? [{ column: 'action', value: action } as const] : []),
  ]
}

function organisation(value: string): Clause[] {
  const [clause = [], ...more] = named(term('organisation', folded(value) ?? ''), wordsOf(value), 'organisationWord')
  const also = [term('organisation', identifier(value) ?? ''), term('source', folded(value) ?? '')]
  return [[...clause, ...also], ...more.map(each => [...each, ...also])]
}

/** The whole, or each of the words: (whole or first) and (whole or second). */
function named(whole: Term, words: string[], kind: 'personWord' | 'organisationWord'): Clause[] {
  return words.length === 0 ? [[whole]] : words.slice(0, 8).map(word => [whole, term(kind, word)])
}

function anything(value: string): Clause[] {
  const id = identifier(value) ?? ''
  const whole = [
    term('trace', value.toLowerCase()),
    term('patient', patientAsked(value)),
    term('person', folded(value) ?? ''),
    term('organisation', id),
    term('organisation', folded(value) ?? ''),
    term('object', id),
    term('type', value),
    term('event', value),
    term('purpose', value),
    term('role', value),
    term('source', folded(value) ?? ''),
  ]
  const words = wordsOf(value).slice(0, 8)
  if (words.length === 0) return [whole]
  return words.map(word => [...whole, term('personWord', word), term('organisationWord', word)])
}
