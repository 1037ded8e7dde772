// GET /audit/records: the audit log read over HTTP, by administrators only; each reading is written down itself.
// [DICOM PS3.15 A.5.3.2]
import type { HttpReply, HttpRequest } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'
import type { Partner } from '../../server/actor.js'
import type { Store } from '../../store/store.js'
import { auditLogUsed } from '../log-events.js'
import type { AuditRecord } from '../message.js'
import { harmless } from './fhir/fhir-http.js'
import { isAuditEvent } from './fhir/read-audit-event.js'
import { messageOf, recordJson } from './record-json.js'
import { recordById, type StoredRecord, searchAuditPage } from './search.js'
import { readSearch, SearchProblem } from './search-parameters.js'

export interface AuditRepositoryContext {
  store: Store
  ports: Pick<Ports, 'clock' | 'processes'>
  /** URI of the log, as partners reach it. */
  uri: string
  /** Writes records of our own; resolves once they are on the disk. */
  record(records: AuditRecord[]): Promise<void>
}

export const auditActor = 'Audit Record Repository'

interface Answer {
  status: number
  type: 'application/json' | 'application/fhir+json' | 'application/xml' | 'application/octet-stream'
  body: string | Buffer
}

/**
 * Answers `{records, next}` to `/audit/records`, 404 elsewhere. Whoever wants all asks again with `after=<next>` until
 * there is no `next`. Parameters: search-parameters.ts.
 */
export function auditSearchServer(context: AuditRepositoryContext) {
  const readings = recentReadings(context)

  return async function serveAuditSearch(request: HttpRequest, reply: HttpReply, partner: Partner): Promise<void> {
    request.body.resume()
    const answer = await answerTo(request, partner)
    reply.start(answer.status, {
      'content-type': answer.type,
      'content-length': String(Buffer.byteLength(answer.body)),
      'cache-control': 'no-store',
      ...harmless,
    })
    reply.stream.end(answer.body)
  }

  async function answerTo(request: HttpRequest, partner: Partner): Promise<Answer> {
    const [path = '', query = ''] = request.url.split(/\?(.*)/s)
    const asked = new URLSearchParams(query)
    if (path !== '/audit/records' && path !== '/audit/records/')
      return problem(404, 'the audit log is at /audit/records')
    if (request.method !== 'GET') return problem(405, 'the audit log can only be read (GET)')
    try {
      if (!partner.roles.has('admin')) {
        const why = `${partner.name} may not read the audit log: its certificate needs the role admin`
        await readings.refused(asked, partner, why)
        return problem(403, why)
      }
      await readings.allowed(asked, partner)
      return read(context.store, asked)
    } catch (failure) {
      if (failure instanceof SearchProblem) return problem(400, failure.message)
      return problem(503, `the audit log cannot be read now: ${(failure as Error).message}`)
    }
  }
}

function read(store: Store, parameters: URLSearchParams): Answer {
  const { id, asXml, search } = readSearch(parameters)
  if (id === undefined) {
    const { records, next } = searchAuditPage(store, search)
    return json({ records: records.map(recordJson), next })
  }
  const record = recordById(store, id)
  if (record === undefined) return problem(404, `there is no audit record ${id}`)
  if (!asXml) return json(recordJson(record))
  return { status: 200, type: typeOf(record), body: messageOf(record) }
}

function typeOf({ problem, frame }: StoredRecord): Answer['type'] {
  if (problem !== null) return 'application/octet-stream'
  return isAuditEvent(frame) ? 'application/fhir+json' : 'application/xml'
}

/** Who follows the log asks again every second: the same question of the same partner is written down once a minute. */
const sameReadingMs = 60_000
const mostRemembered = 1_000

function recentReadings({ ports, uri, record }: AuditRepositoryContext) {
  const written = new Map<string, number>()

  function facts() {
    const { pid, hostName } = ports.processes
    return { actor: auditActor, processId: pid, hostName, dateTimeMs: ports.clock.now() }
  }

  function keyOf(asked: URLSearchParams, partner: Partner): string {
    const question = new URLSearchParams(asked)
    for (const name of ['after', 'limit']) question.delete(name)
    return `${partner.name} ${partner.address} ${question}`
  }

  return {
    async allowed(asked: URLSearchParams, partner: Partner): Promise<void> {
      const key = keyOf(asked, partner)
      const now = ports.clock.monotonicMs()
      if (now - (written.get(key) ?? Number.NEGATIVE_INFINITY) < sameReadingMs) return
      await record([auditLogUsed({ uri, query: String(asked), reader: partner }, facts())])
      if (written.size >= mostRemembered) written.clear()
      written.set(key, now)
    },
    refused: (asked: URLSearchParams, partner: Partner, outcomeDescription: string) =>
      record([auditLogUsed({ uri, query: String(asked), reader: partner, outcome: 8, outcomeDescription }, facts())]),
  }
}

function json(value: object): Answer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) }
}

function problem(status: number, message: string): Answer {
  return { status, type: 'application/json', body: JSON.stringify({ problem: message }) }
}
