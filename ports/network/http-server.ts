// HTTP and HTTPS as a server.
import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import * as tls from 'node:tls'
import type { HttpReply, HttpRequest, HttpServer, ServeHttps } from '../network.js'
import { answerBadRequests, tooManyAtOnce } from './bad-requests.js'
import { bcp195 } from './bcp195.js'
import { listening } from './listening.js'
import { peerOf } from './peer-certificate.js'
import { reportRefusedHandshakes } from './refused-handshakes.js'

/**
 * Asks for a certificate and lets nobody in without one that `tls.ca` vouches for, unless `withoutCertificates` is set. A handshake has 20 s.
 * Resolves when the port is open, rejects where it cannot be.
 */
export async function serveHttps(
  options: ServeHttps,
  answer: (request: HttpRequest, reply: HttpReply) => void,
): Promise<HttpServer> {
  const maxHeaderBytes = options.maxHeaderBytes ?? 32_768
  const isTooMuch = tooManyAtOnce()
  const server = https.createServer(
    {
      ...bcp195,
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: options.withoutCertificates !== true,
      keepAlive: true,
      noDelay: true,
      maxHeaderSize: maxHeaderBytes,
      handshakeTimeout: 20_000,
      highWaterMark: 262_144,
      // Else clients of HTTP/1.0 that say so in the handshake are refused there. [RFC 7301: 3.2]
      ALPNProtocols: ['http/1.1', 'http/1.0'],
    },
    (request, response) => {
      if (!isTooMuch(request, response)) answer(incoming(request), outgoing(request, response))
    },
  )
  answerBadRequests(server, options, maxHeaderBytes)
  reportRefusedHandshakes(server, options)
  if (options.connections !== undefined) server.maxConnections = options.connections
  return listening(server, options)
}

/** Without TLS: for what is asked on this machine alone, as health and metrics. Rejects where the port cannot be opened. */
export async function serveHttp(
  options: { host: string; port: number; idleTimeoutMs?: number },
  answer: (request: HttpRequest, reply: HttpReply) => void,
): Promise<HttpServer> {
  const server = http.createServer((request, response) => answer(incoming(request), outgoing(request, response)))
  return listening(server, options)
}

function incoming(request: http.IncomingMessage): HttpRequest {
  const socket = request.socket
  return {
    method: request.method ?? '',
    url: request.url ?? '/',
    headers: headersOf(request),
    body: request,
    remoteAddress: socket.remoteAddress ?? 'unknown',
    // Where none need be shown, one that is not trusted has come as far as here.
    peer: socket instanceof tls.TLSSocket && socket.authorized ? peerOf(socket) : undefined,
  }
}

/** Of several Content-Types node would give the first alone; here they stand side by side, as other headers do. */
function headersOf({ headers, rawHeaders }: http.IncomingMessage): Record<string, string | undefined> {
  const first = headers['content-type']
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1]
    if (value === first || !isContentType(rawHeaders[at] ?? '')) continue
    headers['content-type'] += `, ${value}`
  }
  return headers as Record<string, string | undefined>
}

const isContentType = (name: string) => name.length === 12 && name.toLowerCase() === 'content-type'

function outgoing(request: http.IncomingMessage, response: http.ServerResponse): HttpReply {
  // Once all of a request is there the silence is ours: while we work on it nobody is cut off for that.
  response.on('timeout', (socket: Socket) => {
    if (!request.complete || response.headersSent) socket.destroy()
  })
  return {
    stream: response,
    start: (status, headers) => response.writeHead(status, headers),
    abort: () => response.destroy(),
  }
}
