// HTTPS as a client, and plain HTTP to what is on this machine.
import * as http from 'node:http'
import * as https from 'node:https'
import * as tls from 'node:tls'
import type { ClientTls, HttpAnswer, HttpCall, HttpClient } from '../network.js'
import { bcp195, withSha1 } from './bcp195.js'
import { given } from './drained.js'
import { peerOf } from './peer-certificate.js'

/** Connections are kept for the next call to the same partner unless the call wants one `alone`; of more than 64 calls to one at a time the rest wait. */
export function httpClient(identity: ClientTls = {}): HttpClient {
  const { pinned, sha1 } = identity
  let agents = agentsFor(identity)
  const plain = new http.Agent(kept)
  const agentOf = ({ url, alone }: HttpCall) =>
    url.startsWith('http:') ? plain : alone === true ? agents.alone : agents.kept
  return {
    call: call => callOver(agentOf(call), call, pinned),
    renewTls(renewed) {
      const former = agents.kept
      agents = agentsFor(Object.assign({}, renewed, { pinned, sha1 }))
      // What is under way ends as it began; nothing is kept for later.
      former.maxFreeSockets = 0
      for (const socket of Object.values(former.freeSockets).flatMap(sockets => sockets ?? [])) socket.destroy()
    },
    close() {
      agents.kept.destroy()
      agents.alone.destroy()
      plain.destroy()
    },
  }
}

const kept = { keepAlive: true, maxSockets: 64, maxFreeSockets: 64, keepAliveMsecs: 30_000, noDelay: true }
const alone = { keepAlive: false, maxSockets: 64, noDelay: true }

/** For connections that are used again, and for those that are not. */
function agentsFor({ pinned, sha1, ...pem }: ClientTls): Record<'kept' | 'alone', https.Agent> {
  const trust = {
    // As one value: of each part by itself the agent would make a name of kilobytes, for every call.
    secureContext: tls.createSecureContext({ ...(sha1 === true ? withSha1 : bcp195), ...pem }),
    ...(pinned === undefined ? {} : { rejectUnauthorized: false }),
  }
  return { kept: new https.Agent({ ...trust, ...kept }), alone: new https.Agent({ ...trust, ...alone }) }
}

function callOver(agent: http.Agent, call: HttpCall, pinned?: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { method, headers } = call
    const { request: begin } = call.url.startsWith('http:') ? http : https
    const request = begin(call.url, { agent, method, headers })
    request.setTimeout(call.timeoutMs, () =>
      request.destroy(timedOut(`no answer from ${call.url} in ${call.timeoutMs} ms`)),
    )
    bound(request, call)
    request.once('error', problem =>
      reject(request.reusedSocket ? Object.assign(problem, { onKeptConnection: true }) : problem),
    )
    request.once('response', response => {
      const shown = pinned === undefined ? undefined : peerOf(response.socket as tls.TLSSocket)?.fingerprint256
      if (shown !== pinned) {
        request.destroy()
        return reject(new Error(`${call.url} shows another certificate than the one that was expected: ${shown}`))
      }
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers as Record<string, string | undefined>,
        body: response,
      })
    })
    // One that ends without either, as after an answer of 101 that nobody has asked for: whoever waits would wait for ever.
    request.once('close', () =>
      reject(Object.assign(new Error(`${call.url} ended the connection without an answer`), { code: 'ECONNRESET' })),
    )
    send(request, call.body).catch(problem => request.destroy(problem))
  })
}

/** Ends a call that takes too long in all or is called off; node:http's own signal costs a third of a small call. */
function bound(request: http.ClientRequest, { url, wholeMs, signal }: HttpCall): void {
  let answer: http.IncomingMessage | undefined
  request.once('response', response => {
    answer = response
  })
  const end = (problem: Error) => void (answer ?? request).destroy(problem)
  if (wholeMs !== undefined) {
    const late = () => end(timedOut(`no whole answer from ${url} in ${wholeMs} ms`))
    const timer = setTimeout(late, wholeMs)
    request.once('close', () => clearTimeout(timer))
  }
  if (signal === undefined) return
  const calledOff = () =>
    end(Object.assign(new Error('the call was called off', { cause: signal.reason }), { code: 'ABORT_ERR' }))
  if (signal.aborted) calledOff()
  signal.addEventListener('abort', calledOff)
  request.once('close', () => signal.removeEventListener('abort', calledOff))
}

async function send(request: http.ClientRequest, body: HttpCall['body']): Promise<void> {
  const isMade = body !== undefined && Symbol.asyncIterator in body
  for await (const piece of body ?? []) {
    if (request.destroyed) return
    const taking = given(request, piece, isMade)
    if (taking !== undefined) await taking
  }
  request.end()
}

/** In the form of node's own errors, so that whoever looks at `code` need not know who has lost patience. */
export function timedOut(message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
}
