// What administrators reach of an actor beside its transactions: JSON over HTTPS, below the actor's own path. Each use is
// written down, refused ones too. [ITI TF-2: Table 3.20.4.1.1.1-1]
import type { AuditRecord } from '../../atna-audit/message.js'
import { restrictedFunctionUsed } from '../../atna-audit/security-events.js'
import type { PeerRole } from '../../config/peer-roles.js'
import { drained, type HttpReply, type HttpRequest } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'
import { wholeRequest } from '../../ports/whole-body.js'
import type { Partner } from '../actor.js'
import { detailsOf, isBrokenConnection, unforeseenInWords, wordsFor } from '../failing.js'
import type { Log } from '../log.js'

export interface AdminRequest {
  /** What follows upon the resource's path, without the slash; decoded. */
  rest: string
  query: URLSearchParams
  /** Of a POST; undefined when there is none. */
  body: unknown
  /** Of a resource that takes bytes, in the place of `body`. */
  bytes?: AsyncIterable<Buffer>
  partner: Partner
}

/** For administrators, and for whoever has the role `alsoFor`; each use is audited, refused ones too. [ITI TF-2: Table 3.20.4.1.1.1-1] */
export interface AdminResource {
  /** Below that of the actor: `/admin/refused-handshakes`. */
  path: string
  method: 'GET' | 'POST'
  /** Whoever has it may do this beside administrators. */
  alsoFor?: PeerRole
  /** Takes a file of any kind and size instead of JSON. */
  takesBytes?: true
  /** In words, for the audit record: `list refused handshakes`. */
  does: string
  /** What is sent as JSON, or parcels. @throws AdminProblem */
  answer(request: AdminRequest): Promise<unknown>
}

/** An answer of many bytes, in the form of parcels.ts. */
export class Parcels {
  constructor(readonly bytes: AsyncIterable<Buffer>) {}
}

/** What the caller is told, with the HTTP status that goes with it. */
export class AdminProblem extends Error {
  constructor(
    readonly status: 400 | 404 | 409 | 413 | 503,
    message: string,
  ) {
    super(message)
  }
}

export interface AdminSurroundings {
  /** As the Technical Framework names it. */
  actor: string
  /** `https://localhost:8441/registry` */
  base: string
  ports: Pick<Ports, 'clock' | 'processes' | 'randomness'>
  log: Pick<Log, 'error'>
  /** Resolves once the records are on the disk. */
  record(records: AuditRecord[]): Promise<void>
  /** Of what was not done: kept until they can be written. */
  hold?(records: AuditRecord[]): void
  resources: readonly AdminResource[]
}

/** Undefined when the path is not that of a resource. */
export function resourceAt(
  path: string,
  { resources }: Pick<AdminSurroundings, 'resources'>,
): { found: AdminResource[]; rest: string } | undefined {
  const found = resources.filter(each => path === each.path || path.startsWith(`${each.path}/`))
  // The longest wins: `/admin/patients/merges` is not an element of `/admin/patients`.
  const longest = found.reduce((length, each) => Math.max(length, each.path.length), 0)
  if (longest === 0) return undefined
  return { found: found.filter(each => each.path.length === longest), rest: path.slice(longest + 1) }
}

/** Never throws for what the caller does wrong. */
export async function answerAdmin(
  request: HttpRequest,
  reply: HttpReply,
  partner: Partner,
  { path, search }: { path: string; search: string },
  around: AdminSurroundings,
): Promise<void> {
  const { status, body } = await answerTo(request, partner, { path, search }, around)
  if (body instanceof Parcels) return sendParcels(body, reply)
  const json = `${JSON.stringify(body, undefined, 1)}\n`
  reply.start(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(json)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  reply.stream.end(json)
}

/** What fails under way breaks the connection. */
async function sendParcels({ bytes }: Parcels, reply: HttpReply): Promise<void> {
  reply.start(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' })
  for await (const piece of bytes) {
    if (reply.stream.destroyed) throw new Error('the administrator closed the connection before the end of the answer')
    if (!reply.stream.write(piece)) await drained(reply.stream)
  }
  reply.stream.end()
}

async function answerTo(
  request: HttpRequest,
  partner: Partner,
  { path, search }: { path: string; search: string },
  around: AdminSurroundings,
): Promise<{ status: number; body: unknown }> {
  const { found = [], rest = '' } = resourceAt(path, around) ?? {}
  const resource = found.find(({ method }) => method === request.method)
  if (resource === undefined) {
    request.body.resume()
    return problem(405, `${path} takes ${found.map(({ method }) => method).join(' or ')}`)
  }
  const uri = `${around.base}${path}${search === '' ? '' : `?${search}`}`.slice(0, longestUri)
  const recordsOf = (outcome: 0 | 4 | 8, why?: string) => [
    recordOf({ does: resource.does, uri, outcome, why }, partner, around),
  ]
  const why = refusalTo(partner, resource) ?? refusalOfSite(request, around.base)
  if (why !== undefined) {
    request.body.resume()
    await around.record(recordsOf(8, why))
    return problem(403, why)
  }
  try {
    const asked = { rest: decoded(rest), query: new URLSearchParams(search), partner }
    const answer = await resource.answer({ ...asked, ...(await contentOf(request, resource)) })
    request.body.resume()
    await around.record(recordsOf(0))
    return { status: 200, body: answer }
  } catch (failure) {
    request.body.resume()
    if (isBrokenConnection(failure)) throw failure
    const { status, message } = problemOf(failure, resource, around)
    const records = recordsOf(4, message)
    await around.record(records).catch(lost => {
      if (around.hold === undefined) throw lost
      around.hold(records)
    })
    return problem(status, message)
  }
}

/** What nobody has foreseen is in the log, and the administrator hears where. */
function problemOf(
  failure: unknown,
  { does }: AdminResource,
  { log, ports }: AdminSurroundings,
): { status: number; message: string } {
  if (failure instanceof AdminProblem) return failure
  const words = wordsFor(failure)
  if (words !== undefined) return { status: 503, message: words }
  const reference = ports.randomness.uuid().slice(0, 8)
  log.error({ reference, does, failure: detailsOf(failure) }, 'what an administrator asked for has failed')
  return { status: 500, message: `${unforeseenInWords} (reference ${reference})` }
}

function refusalTo({ name, roles }: Partner, { does, alsoFor }: AdminResource): string | undefined {
  const needed = ['admin' as const, ...(alsoFor === undefined ? [] : [alsoFor])]
  if (needed.some(role => roles.has(role))) return undefined
  return `${name} may not ${does}: its certificate needs the role ${needed.join(' or ')} in "peers"`
}

/** A browser shows its certificate to whatever page asks it to: only what a page of ours asks counts as asked by its owner. [Fetch Metadata: 2.3] */
export function refusalOfSite({ headers }: Pick<HttpRequest, 'headers'>, base: string): string | undefined {
  const { origin, 'sec-fetch-site': site } = headers
  const isOurs = origin === undefined || origin === new URL(base).origin
  if (site === undefined ? isOurs : site === 'same-origin' || site === 'none') return undefined
  return `a page of ${(origin ?? 'another site').slice(0, 100)} asked for it in a browser`
}

function problem(status: number, why: string): { status: number; body: unknown } {
  return { status, body: { problem: why } }
}

/** As it was asked for, bounded. */
const longestUri = 500

function recordOf(
  use: { does: string; uri: string; outcome: 0 | 4 | 8; why: string | undefined },
  { name, address }: Partner,
  { actor, ports }: AdminSurroundings,
): AuditRecord {
  const { clock, processes } = ports
  const facts = { actor, processId: processes.pid, hostName: processes.hostName, dateTimeMs: clock.now() }
  return restrictedFunctionUsed({ ...use, by: { name, address } }, facts)
}

async function contentOf(
  request: HttpRequest,
  { takesBytes }: AdminResource,
): Promise<Pick<AdminRequest, 'body' | 'bytes'>> {
  if (takesBytes === true) return { body: undefined, bytes: request.body.iterator({ destroyOnReturn: false }) }
  return { body: request.method === 'POST' ? await jsonIn(request) : undefined }
}

const mostBodyBytes = 1_048_576

async function jsonIn(request: HttpRequest): Promise<unknown> {
  const tooLong = () => new AdminProblem(413, `a request may have ${mostBodyBytes} bytes`)
  const bytes = await wholeRequest(request, mostBodyBytes, tooLong)
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new AdminProblem(400, 'the request is not JSON')
  }
}

function decoded(rest: string): string {
  try {
    return decodeURIComponent(rest)
  } catch {
    throw new AdminProblem(400, 'the path is not percent-encoded UTF-8')
  }
}
