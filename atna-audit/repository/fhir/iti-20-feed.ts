// ITI-20 Record Audit Event over the RESTful feed: an AuditEvent, or a Bundle of them, kept as JSON beside the messages of
// syslog. ITI TF-2 §3.20, ATX: FHIR Feed.
import type { Partner } from '../../../server/actor.js'
import type { Arrival } from '../arrival.js'
import type { Intake } from '../intake.js'
import { type FhirAnswer, FhirProblem, outcomeOf } from './fhir-http.js'
import { type FhirObject, isObject, resourceFaults } from './fhir-json.js'

export interface Feed {
  intake: Intake
  /** `https://localhost:8443/audit/fhir` */
  base: string
  partner: Partner
  nowMs: number
  traceId: string
}

/** Those of a transaction go into one commit, in which nobody else is served. */
const mostEntries = { batch: 10_000, transaction: 2_000 }
/** Of a batch each entry stands for itself. */
const mostTogether = 128

/** 201 when it is on the disk. @throws FhirProblem 422 where it is no AuditEvent as FHIR asks for one. */
export async function takeAuditEvent(resource: FhirObject, feed: Feed): Promise<FhirAnswer> {
  assertAuditEvent(resource)
  const [id = 0] = await kept([resource], feed)
  return { status: 201, resource, headers: { location: locationOf(id, feed) } }
}

/** A batch keeps what is good; a transaction keeps all or nothing. [FHIR R4: http.html#transaction] */
export async function takeBundle(bundle: FhirObject, feed: Feed): Promise<FhirAnswer> {
  const { type, entry = [] } = bundle
  if (type !== 'batch' && type !== 'transaction')
    throw new FhirProblem(422, 'invalid', `Bundle.type is ${String(type).slice(0, 60)}; expected batch or transaction`)
  if (!Array.isArray(entry) || entry.length > mostEntries[type])
    throw new FhirProblem(
      413,
      'too-long',
      `a Bundle of type ${type} may have ${mostEntries[type]} entries; send several`,
    )
  const problems = entry.map(one => problemOf(one))
  const faulty = problems.findIndex(problem => problem !== undefined)
  if (type === 'transaction' && faulty >= 0) {
    const { code, message, faults } = problems[faulty]!
    throw new FhirProblem(422, code, `Bundle.entry[${faulty}]: ${message}`, faults)
  }
  const good = entry.filter((_, index) => problems[index] === undefined) as { resource: FhirObject }[]
  const resources = good.map(({ resource }) => resource)
  const ids = type === 'transaction' ? await kept(resources, feed) : await keptInGroups(resources, feed)
  let next = 0
  const responses = problems.map(problem => {
    if (problem !== undefined) return { status: String(problem.status), outcome: outcomeOf(problem, feed.traceId) }
    const id = ids[next] ?? 0
    next += 1
    return { status: '201', location: locationOf(id, feed) }
  })
  const answer = { resourceType: 'Bundle', type: `${type}-response`, entry: responses.map(response => ({ response })) }
  return { status: 200, resource: entry.length === 0 ? { resourceType: 'Bundle', type: `${type}-response` } : answer }
}

/** What breaks off is sent again: what was kept of it is then found to be there. */
async function keptInGroups(resources: FhirObject[], feed: Feed): Promise<number[]> {
  const groups: Promise<number[]>[] = []
  for (let first = 0; first < resources.length; first += mostTogether) {
    groups.push(kept(resources.slice(first, first + mostTogether), feed))
  }
  return (await Promise.all(groups)).flat()
}

function problemOf(entry: unknown): FhirProblem | undefined {
  if (!isObject(entry) || !isObject(entry.resource))
    return new FhirProblem(400, 'required', 'the entry has no resource')
  const method = isObject(entry.request) ? entry.request.method : 'POST'
  if (method !== 'POST')
    return new FhirProblem(
      405,
      'not-supported',
      `the entry asks for ${String(method).slice(0, 20)}; records are only added (POST)`,
    )
  try {
    assertAuditEvent(entry.resource)
    return undefined
  } catch (problem) {
    return problem as FhirProblem
  }
}

function assertAuditEvent(resource: FhirObject): void {
  if (resource.resourceType !== 'AuditEvent')
    throw new FhirProblem(
      422,
      'invalid',
      `the resource is no AuditEvent but ${String(resource.resourceType).slice(0, 60)}`,
    )
  const faults = resourceFaults(resource)
  if (faults.length > 0) throw new FhirProblem(422, 'structure', 'the AuditEvent is not one of FHIR R4', faults)
}

/**
 * What a sender sends again, since it has not heard our word, is kept once: two events of one source that say the same, to a
 * part of the second, are the same.
 */
async function kept(resources: FhirObject[], { intake, partner, nowMs }: Feed): Promise<number[]> {
  if (resources.length === 0) return []
  const arrivals = resources.map(
    (resource): Arrival => ({
      frame: Buffer.from(JSON.stringify(resource)),
      origin: `${partner.name} at ${partner.address}`,
      receivedMs: nowMs,
      repeatable: /T\d\d:\d\d:\d\d\.\d/.test(String(resource.recorded)),
    }),
  )
  try {
    return await intake.take(arrivals)
  } catch (problem) {
    throw new FhirProblem(
      503,
      'exception',
      `the records could not be stored, send them again: ${(problem as Error).message}`,
    )
  }
}

function locationOf(id: number, { base }: Feed): string {
  return `${base}/AuditEvent/${id}`
}
