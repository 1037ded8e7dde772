// The HTTP side of an actor: which paths there are, a description on GET, SOAP on POST, and how an answer leaves.
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { given, type HttpReply, type HttpRequest } from '../ports/network.js'
import { SoapFault } from '../soap/fault.js'
import { writeFault } from '../soap/write-message.js'
import { answerAdmin, resourceAt } from './administration/resources.js'
import { describe, text } from './description/describe.js'
import type { Endpoint } from './endpoint.js'
import { type ExchangeAnswer, exchange, type Surroundings } from './exchange.js'
import { inGoodTime, takenInTime } from './pace.js'

/** Answers one HTTP request; never throws. */
export async function answerHttp<Context>(
  request: HttpRequest,
  reply: HttpReply,
  endpoint: Endpoint<Context>,
  around: Surroundings,
): Promise<void> {
  try {
    await route(request, reply, endpoint, around)
  } catch (problem) {
    // The partner went away, or a document turned out spoilt under way: a broken connection says so, a short answer would not.
    around.log.warn(
      { partnerAddress: request.remoteAddress, failure: problem instanceof Error ? problem.message : String(problem) },
      'exchange broken off',
    )
    reply.abort()
  }
}

async function route<Context>(
  request: HttpRequest,
  reply: HttpReply,
  endpoint: Endpoint<Context>,
  around: Surroundings,
): Promise<void> {
  // A request line may name scheme and host too. [RFC 9112: 3.2.2]
  const [path = '/', search = ''] = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2)
  if (path !== endpoint.path && !path.startsWith(`${endpoint.path}/`)) {
    return text(
      reply,
      404,
      `There is nothing at ${path.slice(0, 200)}; the ${endpoint.actor.name} is at ${endpoint.origin}${endpoint.path}\n`,
    )
  }
  const below = path.slice(endpoint.path.length)
  const { pages } = endpoint
  if (pages !== undefined && (below === pages.path || below.startsWith(`${pages.path}/`))) {
    return pages.serve(request, reply, endpoint.identify(request.peer, request.remoteAddress))
  }
  if (resourceAt(below, endpoint.admin) !== undefined) {
    const partner = endpoint.identify(request.peer, request.remoteAddress)
    return answerAdmin(request, reply, partner, { path: below, search }, endpoint.admin)
  }
  const { answers } = endpoint
  if (request.method === 'POST' && answers !== undefined && below.startsWith(answers.path)) {
    const partner = endpoint.identify(request.peer, request.remoteAddress)
    const { headers, body } = request
    const answer = await answers.take({ name: below.slice(answers.path.length), partner, headers, body })
    return send(answer, request, reply, around)
  }
  if (request.method === 'POST') return answerSoap(request, reply, `${endpoint.origin}${path}`, endpoint, around)
  if (request.method === 'GET' || request.method === 'HEAD') {
    return describe(request, reply, { path, search }, endpoint, around)
  }
  reply.start(405, { allow: 'GET, HEAD, POST', 'content-length': '0' })
  reply.stream.end()
}

async function answerSoap<Context>(
  request: HttpRequest,
  reply: HttpReply,
  url: string,
  endpoint: Endpoint<Context>,
  around: Surroundings,
): Promise<void> {
  const partner = endpoint.identify(request.peer, request.remoteAddress)
  const turn = endpoint.budget.enter(partner.name)
  try {
    if (turn.place === 'full') return await refuseUnread(request, reply, around)
    // Reading stops early when a request is refused half read; the connection must outlive that to carry the answer.
    const body = inGoodTime(request.body.iterator({ destroyOnReturn: false }), around.ports.clock)
    const answer = await exchange(
      {
        headers: request.headers,
        body,
        partner,
        certificate: request.peer?.der,
        endpoint: url,
        late: turn.place === 'late',
        memory: turn.memory,
      },
      endpoint.actor,
      endpoint.context,
      around,
    )
    try {
      await send(answer, request, reply, around)
    } finally {
      answer.afterwards?.()
    }
  } finally {
    turn.leave()
  }
}

async function refuseUnread(request: HttpRequest, reply: HttpReply, around: Surroundings): Promise<void> {
  const fault = writeFault(
    new SoapFault('Receiver', 'too many requests are under way; send this one again a little later'),
    { form: 'plain' },
    around.ports.randomness,
  )
  await send(
    { status: 503, headers: { 'content-type': fault.contentType, 'retry-after': '1' }, pieces: fault.pieces },
    request,
    reply,
    around,
  )
}

/** Writes an answer as fast as the partner takes it and no faster, and not to whoever takes it drop by drop. */
async function send(
  answer: ExchangeAnswer,
  request: HttpRequest,
  reply: HttpReply,
  around: Surroundings,
): Promise<void> {
  const halfRead = !request.body.readableEnded
  reply.start(answer.status, halfRead ? { ...answer.headers, connection: 'close' } : answer.headers)
  const inTime = (taking: Promise<void>, { byteLength }: Uint8Array) =>
    takenInTime(taking, byteLength, around.ports.clock, () => {
      around.log.warn({ partnerAddress: request.remoteAddress }, 'an answer was taken too slowly and is broken off')
      reply.abort()
    })
  const isMade = Symbol.asyncIterator in answer.pieces
  for await (const piece of answer.pieces) {
    if (reply.stream.destroyed) throw new Error('the partner closed the connection before the end of the answer')
    const taking = given(reply.stream, piece, isMade)
    if (taking !== undefined) await inTime(taking, piece)
  }
  if (halfRead) await swallow(request.body, around)
  reply.stream.end()
}

const swallowedBytes = 64 * 1024 * 1024
const swallowMs = 10_000

/** Most clients read no answer before they have sent all they have: takes some of the rest, so that ours is not lost to a reset. */
async function swallow(body: Readable, { ports }: Surroundings): Promise<void> {
  const enough = new AbortController()
  const timer = ports.clock.after(swallowMs, () => enough.abort())
  let bytes = 0
  body.on('data', (piece: Uint8Array) => {
    bytes += piece.byteLength
    if (bytes > swallowedBytes) enough.abort()
  })
  await finished(body, { signal: enough.signal, writable: false }).catch(() => {})
  timer.cancel()
}
