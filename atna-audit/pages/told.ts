// A stored record as people see it: who, with whom, about whom and what, why and how it ended.

import { timeOf } from '../repository/arrival.js'
import {
  type AuditView,
  type CodedView,
  type ObjectView,
  type ParticipantView,
  readAuditMessage,
} from '../repository/audit-view.js'
import { messageOf } from '../repository/record-json.js'
import type { StoredRecord } from '../repository/search.js'
import { isPatient, traceIdOf } from '../repository/terms.js'
import { readSyslog } from '../syslog.js'
import { roles } from '../vocabulary.js'

/** Texts are as the record has them, unmasked and unescaped: what a reader may see is decided by masking.ts. */
export interface Told {
  id: number
  receivedMs: number
  eventMs: number
  /** Who brought it. */
  origin: string
  /** Why it could not be read, in words; then the rest is empty. */
  problem: string | undefined
  /** Code of the transaction, or of the event where there is none: `ITI-41`, `110113`. */
  kind: string
  /** As the record calls it. */
  kindText: string
  eventCode: string
  action: string
  outcome: number | undefined
  description: string | undefined
  purposes: CodedView[]
  /** Who wrote it. */
  source: string
  site: string | undefined
  host: string | undefined
  people: Human[]
  organisations: string[]
  from: System | undefined
  to: System | undefined
  application: System | undefined
  patients: string[]
  documents: string[]
  submissionSets: string[]
  queries: { id: string; text: string | undefined }[]
  others: ObjectView[]
  traceId: string | undefined
  traceparent: string | undefined
  view: AuditView | undefined
}

export interface Human {
  id: string
  name: string
  roles: string[]
}

export interface System {
  name: string
  address: string | undefined
  /** The process that wrote the record is on this side. */
  isWriter: boolean
}

/** Data that leave on a medium have no other destination. [DICOM CID 402] */
const media = ['110154', '110155']

/** Never fails: a record that cannot be read says why in `problem`, and is told by its arrival. */
export function toldOf(record: StoredRecord): Told {
  const { id, receivedMs, origin, frame } = record
  const { hostName } = readSyslog(frame)
  let view: AuditView | undefined
  let problem = record.problem ?? undefined
  try {
    view = readAuditMessage(messageOf(record))
  } catch (failure) {
    problem ??= (failure as Error).message
  }
  const arrived = { id, receivedMs, origin, problem, host: hostName }
  return { ...arrived, ...(view === undefined ? unreadable(receivedMs) : readable(view, receivedMs)), view }
}

type Contents = Omit<Told, 'id' | 'receivedMs' | 'origin' | 'problem' | 'host' | 'view'>

function readable(view: AuditView, receivedMs: number): Contents {
  const { objects, participants } = view
  const type = view.types[0]
  const systems = participants.filter(isSystem)
  const others = participants.filter(one => !isSystem(one))
  const groups = others.filter(one => hasRole(one, 'GRP'))
  const system = (...codes: string[]) =>
    systemOf(
      systems.find(one => codes.some(code => hasRole(one, code))),
      view.sourceID,
    )
  const patients = objects.filter(isPatient)
  const documents = objects.filter(({ typeCode, role }) => typeCode === '2' && role === '3')
  const sets = objects.filter(({ role }) => role === '20')
  const queries = objects.filter(({ role }) => role === '24')
  const trace = objects.find(object => traceIdOf(object) !== undefined)
  const known = new Set([...patients, ...documents, ...sets, ...queries, trace])
  return {
    eventMs: timeOf(view.dateTime) ?? receivedMs,
    kind: type?.code || view.event?.code || '',
    kindText: type?.text ?? view.event?.text ?? '',
    eventCode: view.event?.code ?? '',
    action: view.action ?? '',
    outcome: view.outcome,
    description: view.description,
    purposes: view.purposes,
    source: view.sourceID ?? '',
    site: view.enterpriseSiteID,
    people: humansIn(others.filter(one => !groups.includes(one))),
    organisations: groups.map(nameOf),
    from: system(roles.source[0]),
    to: system(roles.destination[0], ...media),
    application: system(roles.application[0]),
    patients: idsOf(patients),
    documents: idsOf(documents),
    submissionSets: idsOf(sets),
    queries: queries.map(({ id = '', query }) => ({ id, text: query })),
    others: objects.filter(object => !known.has(object)),
    traceId: trace && traceIdOf(trace),
    traceparent: trace?.id,
  }
}

function unreadable(receivedMs: number): Contents {
  return {
    eventMs: receivedMs,
    kind: '',
    kindText: '',
    eventCode: '',
    action: '',
    outcome: undefined,
    description: undefined,
    purposes: [],
    source: '',
    site: undefined,
    people: [],
    organisations: [],
    from: undefined,
    to: undefined,
    application: undefined,
    patients: [],
    documents: [],
    submissionSets: [],
    queries: [],
    others: [],
    traceId: undefined,
    traceparent: undefined,
  }
}

function idsOf(objects: ObjectView[]): string[] {
  return [...new Set(objects.map(({ id }) => id ?? '').filter(id => id !== ''))]
}

function hasRole({ roles }: ParticipantView, code: string): boolean {
  return roles.some(role => role.code === code)
}

/** Source, destination and application; in alerts and starts the one that writes stands without a role, but with its process. */
function isSystem(one: ParticipantView): boolean {
  if (one.roles.some(({ code }) => /^11015\d$/.test(code))) return true
  return one.roles.length === 0 && one.alternativeUserID !== undefined && /^\d{1,10}$/.test(one.alternativeUserID)
}

/** `alias<user@issuer>` names the same person as the participant with the real name does. [ITI TF-2:3.40.4.2] */
function humansIn(participants: ParticipantView[]): Human[] {
  const named = participants.map(one => ({
    id: one.userID ?? '',
    name: nameOf(one),
    roles: one.roles.map(({ code }) => code).filter(code => code !== ''),
  }))
  const real = named.filter(({ name }) => !/^[^<]*<[^>]*>$/.test(name))
  return real.length > 0 ? real : named
}

function nameOf({ userName, userID, alternativeUserID }: ParticipantView): string {
  return userName || userID || alternativeUserID || ''
}

const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'

/** Who writes a record need not name itself in it otherwise than as its source. */
function systemOf(one: ParticipantView | undefined, source: string | undefined): System | undefined {
  if (one === undefined) return undefined
  const id = one.userID === anonymous ? undefined : one.userID?.replace(/^https?:\/\//, '')
  const isWriter = one.alternativeUserID !== undefined && one.alternativeUserID !== ''
  const name = one.userName || id || (isWriter ? source : undefined) || one.networkAccessPointID || ''
  return { name, address: one.networkAccessPointID, isWriter }
}
