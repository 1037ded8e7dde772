// The RESTful side of the Audit Record Repository: taking AuditEvents (ITI-20) and finding them (ITI-81).
import type { HttpReply, HttpRequest } from '../../../ports/network.js'
import type { Ports } from '../../../ports/ports.js'
import type { Partner } from '../../../server/actor.js'
import { refusalOfSite } from '../../../server/administration/resources.js'
import { traceOf } from '../../../server/trace.js'
import type { Store } from '../../../store/store.js'
import { auditLogRetrieved } from '../../log-events.js'
import type { AuditRecord } from '../../message.js'
import type { Intake } from '../intake.js'
import { recordById } from '../search.js'
import { capabilities } from './capabilities.js'
import {
  type FhirAnswer,
  FhirProblem,
  type Form,
  formOf,
  openBodies,
  outcomeOf,
  resourceIn,
  send,
} from './fhir-http.js'
import { type FhirObject, resourceFaults } from './fhir-json.js'
import { takeAuditEvent, takeBundle } from './iti-20-feed.js'
import { readEventSearch } from './iti-81-parameters.js'
import { pageOf, searchset } from './iti-81-search.js'
import { storedEvent } from './stored-event.js'

export const fhirPath = '/audit/fhir'

export interface FhirContext {
  store: Store
  intake: Intake
  ports: Pick<Ports, 'clock' | 'processes' | 'randomness'>
  /** `https://localhost:8443/audit/fhir` */
  base: string
  /** Of one request. */
  mostBytes: number
  /** Writes records of our own; resolves once they are on the disk. */
  record(records: AuditRecord[]): Promise<void>
  log: { error(facts: object, message: string): void }
}

/** Of all requests under way. */
const mostHeldBytes = 128 * 1024 * 1024

/** A request, as the routes see it. */
export interface Asked {
  request: HttpRequest
  partner: Partner
  /** Below the base, without the slash at its end. */
  path: string
  query: URLSearchParams
  traceparent: string
  traceId: string
}

export interface Route {
  method: string
  path: RegExp
  answer(asked: Asked, context: FhirContext, bodyOf: (request: HttpRequest) => Promise<Buffer>): Promise<FhirAnswer>
}

const routes: readonly Route[] = [
  { method: 'GET', path: /^\/metadata$/, answer: async (_, { ports }) => ok(capabilities(ports.clock.now())) },
  { method: 'GET', path: /^\/AuditEvent$/, answer: (asked, context) => search(asked.query, asked, context) },
  {
    method: 'POST',
    path: /^\/AuditEvent\/_search$/,
    async answer(asked, context, bodyOf) {
      const form = new URLSearchParams((await bodyOf(asked.request)).toString())
      return search(new URLSearchParams([...asked.query, ...form]), asked, context)
    },
  },
  { method: 'GET', path: /^\/AuditEvent\/[^/]+$/, answer: readOne },
  {
    method: 'POST',
    path: /^\/AuditEvent$/,
    answer: (asked, context, bodyOf) => take(takeAuditEvent, asked, context, bodyOf),
  },
  {
    method: 'POST',
    path: /^$/,
    async answer(asked, context, bodyOf) {
      return take(
        (resource, feed) => {
          const faults = resource.resourceType === 'Bundle' ? resourceFaults(resource) : [notABundle]
          if (faults.length > 0) throw new FhirProblem(422, 'structure', 'the body is not a Bundle of FHIR R4', faults)
          return takeBundle(resource, feed)
        },
        asked,
        context,
        bodyOf,
      )
    },
  },
]

const notABundle = { expression: 'resourceType', fault: 'must be Bundle; an AuditEvent is sent to /AuditEvent' }

export type ServeFhir = (request: HttpRequest, reply: HttpReply, partner: Partner) => Promise<void>

export function auditEventServer(context: FhirContext): ServeFhir {
  return fhirServer(context, fhirPath, routes)
}

/** Never throws for what the caller does wrong. */
export function fhirServer(context: FhirContext, at: string, routes: readonly Route[]): ServeFhir {
  const bodyOf = openBodies(context.mostBytes, mostHeldBytes)
  return async function serveFhir(request, reply, partner) {
    const [whole = '', search = ''] = request.url.split(/\?(.*)/s)
    const query = new URLSearchParams(search)
    const { traceparent, traceId } = traceOf(request.headers.traceparent, context.ports.randomness)
    const path = whole.slice(at.length).replace(/\/$/, '')
    let form: Form = 'json'
    let answer: FhirAnswer
    try {
      form = formOf(request, query.get('_format') ?? undefined)
      answer = await routed(routes, { request, partner, path, query, traceparent, traceId }, context, bodyOf)
    } catch (problem) {
      if (!(problem instanceof FhirProblem))
        context.log.error(
          { trace: traceId, failure: (problem as Error).stack ?? String(problem) },
          'unforeseen failure',
        )
      answer = refusal(problem, traceId)
    }
    request.body.resume()
    send(reply, { ...answer, headers: { traceparent, ...answer.headers } }, form)
  }
}

const headersBeside: Readonly<Record<number, Record<string, string>>> = {
  401: { 'www-authenticate': 'Bearer' },
  503: { 'retry-after': '5' },
}

function refusal(problem: unknown, traceId: string): FhirAnswer {
  const told =
    problem instanceof FhirProblem
      ? problem
      : new FhirProblem(503, 'exception', 'an internal error; its details are in the log of this service')
  return {
    status: told.status,
    resource: outcomeOf(told, traceId),
    headers: headersBeside[told.status] ?? {},
  }
}

function routed(
  routes: readonly Route[],
  asked: Asked,
  context: FhirContext,
  bodyOf: (request: HttpRequest) => Promise<Buffer>,
) {
  const found = routes.filter(({ path }) => path.test(asked.path))
  const route = found.find(({ method }) => method === asked.request.method)
  if (route !== undefined) return route.answer(asked, context, bodyOf)
  if (found.length === 0)
    throw new FhirProblem(404, 'not-found', `${asked.path.slice(0, 100)} is not here; AuditEvent and metadata are`)
  const methods = found.map(({ method }) => method).join(' or ')
  throw new FhirProblem(405, 'not-supported', `${asked.path.slice(0, 100)} takes ${methods}; records are never changed`)
}

/** Whoever has come through the door may report; what reports is not trusted with more by that. */
async function take(
  into: typeof takeAuditEvent,
  { request, partner, traceId }: Asked,
  { intake, base, ports }: FhirContext,
  bodyOf: (request: HttpRequest) => Promise<Buffer>,
): Promise<FhirAnswer> {
  const why = refusalOfSite(request, base)
  if (why !== undefined) throw new FhirProblem(403, 'forbidden', why)
  const resource = resourceIn(await bodyOf(request), request.headers['content-type'])
  return into(resource, { intake, base, partner, nowMs: ports.clock.now(), traceId })
}

async function search(query: URLSearchParams, asked: Asked, context: FhirContext): Promise<FhirAnswer> {
  const read = readEventSearch(query)
  await noted(`AuditEvent?${query}`, asked, context)
  const page = pageOf(context.store, read, context.ports.clock)
  return ok(searchset(page, { base: context.base, asked: query }))
}

async function readOne(asked: Asked, context: FhirContext): Promise<FhirAnswer> {
  const id = asked.path.slice('/AuditEvent/'.length)
  await noted(`AuditEvent/${id}`, asked, context)
  const record = /^\d{1,15}$/.test(id) ? recordById(context.store, Number(id)) : undefined
  const event = record && storedEvent(record)
  if (event === undefined) throw new FhirProblem(404, 'not-found', `there is no AuditEvent ${id.slice(0, 64)}`)
  return ok({ ...event })
}

/** Before anything of it is shown; a refusal too. [DICOM PS3.15 A.5.3.2] */
async function noted(query: string, { partner, traceparent }: Asked, context: FhirContext): Promise<void> {
  const { base, ports, record } = context
  const mayRead = partner.roles.has('admin') || partner.roles.has('auditor')
  const why = `${partner.name} may not read the audit log: its certificate needs the role auditor or admin`
  const { pid, hostName } = ports.processes
  await record([
    auditLogRetrieved(
      {
        uri: `${base}/AuditEvent`,
        query,
        reader: partner,
        ...(mayRead ? {} : { outcome: 8, outcomeDescription: why }),
        traceparent,
      },
      { actor: 'Audit Record Repository', processId: pid, hostName, dateTimeMs: ports.clock.now() },
    ),
  ])
  if (!mayRead) throw new FhirProblem(403, 'forbidden', why)
}

export function ok(resource: FhirObject): FhirAnswer {
  return { status: 200, resource }
}
