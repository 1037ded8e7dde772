// A frame that has arrived, and what of it can be searched for.
import { readSyslog } from '../syslog.js'
import { type AuditView, readAuditMessage } from './audit-view.js'
import { type Term, termsOf, unreadable } from './terms.js'

/** The origin of records that this service writes; what comes over a connection has an address in its own. */
export const ourselves = 'this service'

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
  terms: Term[]
}

const mostColumnLength = 512

/** Never throws: what cannot be read is kept too, with the reason. [ITI TF-2:3.20.4.1.3] */
export function described(arrival: Pick<Arrival, 'frame' | 'problem' | 'receivedMs'>): Described {
  const syslog = readSyslog(arrival.frame)
  const problems = [arrival.problem, syslog.problem].filter(problem => problem !== undefined)
  let view: AuditView | undefined
  let terms: Term[] = []
  try {
    view = readAuditMessage(syslog.message)
    terms = termsOf(view)
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
    terms: [...(problems.length === 0 ? [] : [unreadable]), ...terms],
  }
}

/** An xsd:dateTime; without a zone it is taken for UTC. */
export function timeOf(dateTime: string | undefined): number | undefined {
  if (dateTime === undefined) return undefined
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(dateTime) ? dateTime : `${dateTime}Z`
  const time = Date.parse(zoned)
  return Number.isNaN(time) ? undefined : time
}

function short(text: string | undefined): string | null {
  return text === undefined ? null : text.slice(0, mostColumnLength)
}
