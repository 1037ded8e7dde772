// By what a record is found: patients, persons, organisations, documents, codes and traces that stand in it, written in one form,
// so that a question in another spelling finds them too.
import { unescapeHl7 } from '../../metadata/hl7.js'
import type { AuditView, ObjectView, ParticipantView } from './audit-view.js'

/** Numbers are kept in indexes: none is ever given another meaning. */
const termKinds = {
  trace: 1,
  patient: 2,
  person: 3,
  object: 4,
  organisation: 5,
  purpose: 6,
  role: 7,
  event: 8,
  type: 9,
  source: 10,
  outcome: 11,
  personWord: 12,
  organisationWord: 13,
  action: 14,
  problem: 15,
} as const
export type TermKind = keyof typeof termKinds

/** A kind and a value as one text; a record has each once. */
export type Term = string

/** One value of a hostile record must not fill the index, nor one record. */
const mostTermLength = 512
const mostTerms = 2_000
const mostWords = 24

/** `value` is in the one form of its kind already (folded, identifier …); cut so that a long one is found by its beginning. */
export function term(kind: TermKind, value: string): Term {
  return `${termKinds[kind]} ${value.slice(0, mostTermLength)}`
}

/** Of every outcome but success, beside its own. */
export const failed = term('outcome', 'failed')

/** Of what could not be read, or not without doubt. */
export const unreadable = term('problem', 'unreadable')

/** E and R stand in nearly all records and are looked up there. */
export const rareActions: ReadonlySet<string> = new Set(['C', 'U', 'D'])

export function termsOf(view: AuditView): Term[] {
  const found = new Set<Term>()
  const add = (kind: TermKind, value: string | undefined) => {
    if (value !== undefined && value !== '' && found.size < mostTerms) found.add(term(kind, value))
  }
  add('event', view.event?.code)
  for (const { code } of view.types) add('type', code)
  if (view.outcome !== undefined && view.outcome > 0) {
    add('outcome', String(view.outcome))
    found.add(failed)
  }
  if (view.action !== undefined && rareActions.has(view.action)) add('action', view.action)
  add('source', folded(view.sourceID))
  add('organisation', identifier(view.enterpriseSiteID))
  for (const { code } of view.purposes) add('purpose', code)
  // Who did it to whom comes before what there may be thousands of.
  for (const participant of view.participants) for (const [kind, value] of ofParticipant(participant)) add(kind, value)
  let words = 0
  for (const [kind, name] of namesIn(view)) {
    const said = wordsOf(name)
    // One word alone is found as the whole.
    for (const word of name.includes(' ') || said.length > 1 ? said : []) {
      if (words < mostWords) add(kind, word)
      words += 1
    }
  }
  const isOne = (object: ObjectView) => isPatient(object) || traceIdOf(object) !== undefined
  const [few, many] = [view.objects.filter(isOne), view.objects.filter(object => !isOne(object))]
  for (const object of [...few, ...many]) for (const [kind, value] of ofObject(object)) add(kind, value)
  return [...found]
}

type Found = [kind: TermKind, value: string | undefined]

function ofObject(object: ObjectView): Found[] {
  const trace = traceIdOf(object)
  if (trace !== undefined) return [['trace', trace]]
  if (isPatient(object)) return patientForms(object.id).map(form => ['patient', form])
  if (object.typeCode !== '3') return [['object', identifier(object.id)]]
  return [
    ['organisation', identifier(object.id)],
    ['organisation', folded(object.name)],
    ['object', identifier(object.id)],
  ]
}

function ofParticipant(participant: ParticipantView): Found[] {
  const { userID, userName, roles } = participant
  const codes: Found[] = roles.filter(({ system }) => system !== 'DCM').map(({ code }) => ['role', code])
  const kind = isOrganisation(participant) ? 'organisation' : 'person'
  const id = kind === 'person' ? folded(userID) : identifier(userID)
  return [...codes, [kind, id === anonymous ? undefined : id], [kind, folded(userName)]]
}

function namesIn({ participants, objects }: AuditView): [kind: TermKind, name: string][] {
  const ofObjects: [TermKind, string | undefined][] = objects
    .filter(({ typeCode }) => typeCode === '3')
    .map(({ name }) => ['organisationWord', name])
  const ofParticipants: [TermKind, string | undefined][] = participants.map(participant => [
    isOrganisation(participant) ? 'organisationWord' : 'personWord',
    participant.userName,
  ])
  return [...ofParticipants, ...ofObjects].filter((one): one is [TermKind, string] => one[1] !== undefined)
}

/** A group of the Swiss EPR. [CH:ATC, code system 2.16.756.5.30.1.127.3.10.14] */
function isOrganisation({ roles }: ParticipantView): boolean {
  return roles.some(({ code }) => code === 'GRP')
}

/** The trace-id of a W3C traceparent, when the object is one. */
export function traceIdOf({ typeCode, role, id }: ObjectView): string | undefined {
  if (typeCode !== '4' || role !== '26' || id === undefined) return undefined
  return traceIdIn(id)
}

/** Undefined where it is no traceparent. */
export function traceIdIn(value: string): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(value)?.[1]
}

/** ParticipantObjectTypeCode 1 (person), role 1 (patient). [DICOM PS3.15: A.5] */
export function isPatient({ typeCode, role }: Pick<ObjectView, 'typeCode' | 'role'>): boolean {
  return typeCode === '1' && role === '1'
}

// Stands in nearly every record and tells nobody apart.
export const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'

/** A CX by its id with the authority, whatever else stands in it, and by the bare id. [ITI TF-2:3.18.4.1.2.3.4] */
function patientForms(cx: string | undefined): string[] {
  if (cx === undefined || cx === '') return []
  const [escaped = '', , , authority = ''] = cx.split('^')
  const universal = authority.split('&')[1] ?? ''
  const id = unescapeHl7(escaped)
  if (universal === '') return escaped === cx ? [id] : [cx, id]
  return [`${id}^${universal}`, id]
}

/** As a question names a patient: with the authority that it gives, else by the bare id. */
export function patientAsked(value: string): string {
  return patientForms(value)[0] ?? value
}

/** OIDs with and without their urn are the same. */
export function identifier(value: string | undefined): string | undefined {
  return value?.trim().replace(/^urn:oid:/i, '')
}

/** Without regard to case, accents and the width of characters. */
export function folded(value: string | undefined): string | undefined {
  if (value === undefined || lowerAscii.test(value)) return value
  return value.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim()
}

const lowerAscii = /^[!-@[-`a-~]*$/

/** Stand before every other name. */
const titles: ReadonlySet<string> = new Set(['dr', 'med', 'prof', 'pd'])

/** Of a name; what stands in angle brackets is an account. */
export function wordsOf(name: string): string[] {
  const said = folded(name.slice(0, mostTermLength).replace(/<[^>]*>?/g, ' ')) ?? ''
  return said.includes('://') ? [] : said.split(/[^\p{L}\p{N}]+/u).filter(word => word.length > 1 && !titles.has(word))
}
