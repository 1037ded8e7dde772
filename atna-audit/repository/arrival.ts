// A frame that has arrived, and what of it can be searched for.
import { readSyslog } from '../syslog.js'
import { type AuditView, type ObjectView, readAuditMessage } from './audit-view.js'

export interface Arrival {
  /** The syslog message, byte for byte. */
  frame: Buffer
  /** What was wrong with its framing, in words. */
  problem?: string
  /** Who brought it: the name in the certificate and the address. */
  origin: string
  receivedMs: number
  /** The sender writes no two equal frames: a second one is the first, sent again. */
  repeatable: boolean
}

/** The columns of a record. */
export interface Described {
  eventMs: number
  event: string | null
  type: string | null
  action: string | null
  outcome: number | null
  source: string | null
  host: string | null
  problem: string | null
  references: Reference[]
}

export interface Reference {
  kind: ReferenceKind
  value: string
}

export const referenceKinds = { trace: 1, patient: 2, user: 3, object: 4 } as const
export type ReferenceKind = keyof typeof referenceKinds

/** One value of a hostile record must not fill the index, nor one record. */
const mostReferenceLength = 512
const mostReferences = 2_000

/** Never throws: what cannot be read is kept too, with the reason. [ITI TF-2:3.20.4.1.3] */
export function described(arrival: Arrival): Described {
  const syslog = readSyslog(arrival.frame)
  const problems = [arrival.problem, syslog.problem].filter(problem => problem !== undefined)
  let view: AuditView | undefined
  try {
    view = readAuditMessage(syslog.message)
  } catch (problem) {
    problems.push((problem as Error).message)
  }
  return {
    eventMs: timeOf(view?.dateTime) ?? arrival.receivedMs,
    event: short(view?.event?.code),
    type: short(view?.types[0]?.code),
    action: short(view?.action),
    outcome: view?.outcome ?? null,
    source: short(view?.sourceID),
    host: short(syslog.hostName),
    problem: problems.length === 0 ? null : problems.join('; ').slice(0, 1_000),
    references: view === undefined ? [] : referencesOf(view),
  }
}

/** An xsd:dateTime; without a zone it is taken for UTC. */
export function timeOf(dateTime: string | undefined): number | undefined {
  if (dateTime === undefined) return undefined
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(dateTime) ? dateTime : `${dateTime}Z`
  const time = Date.parse(zoned)
  return Number.isNaN(time) ? undefined : time
}

/** The trace-id of a W3C traceparent, when the object is one. */
export function traceIdOf({ typeCode, role, id }: ObjectView): string | undefined {
  if (typeCode !== '4' || role !== '26' || id === undefined) return undefined
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(id)?.[1]
}

export function isPatient({ typeCode, role }: ObjectView): boolean {
  return typeCode === '1' && role === '1'
}

// Stands in nearly every record and tells nobody apart.
const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'

function referencesOf({ participants, objects }: AuditView): Reference[] {
  const found = new Map<string, Reference>()
  const add = (kind: ReferenceKind, value: string | undefined) => {
    if (value === undefined || value === '' || value === anonymous || found.size >= mostReferences) return
    const bounded = value.slice(0, mostReferenceLength)
    found.set(`${kind} ${bounded}`, { kind, value: bounded })
  }
  for (const object of objects) {
    const trace = traceIdOf(object)
    if (trace !== undefined) add('trace', trace)
    else add(isPatient(object) ? 'patient' : 'object', object.id)
  }
  for (const { userID, userName } of participants) {
    add('user', userID)
    add('user', userName)
  }
  return [...found.values()]
}

function short(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, mostReferenceLength)
}
