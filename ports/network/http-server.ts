// HTTP and HTTPS as a server.
import * as http from 'node:http'
import * as https from 'node:https'
import * as tls from 'node:tls'
import type { HttpReply, HttpRequest, HttpServer, ServeHttps } from '../network.js'
import { bcp195 } from './bcp195.js'
import { listening } from './listening.js'
import { peerOf } from './peer-certificate.js'
import { reportRefusedHandshakes } from './refused-handshakes.js'

export async function serveHttps(
  options: ServeHttps,
  answer: (request: HttpRequest, reply: HttpReply) => void,
): Promise<HttpServer> {
  const server = https.createServer(
    {
      ...bcp195,
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: true,
      keepAlive: true,
      noDelay: true,
      maxHeaderSize: options.maxHeaderBytes ?? 32_768,
      handshakeTimeout: 20_000,
      highWaterMark: 262_144,
    },
    (request, response) => answer(incoming(request), outgoing(response)),
  )
  reportRefusedHandshakes(server, options)
  return listening(server, options)
}

export async function serveHttp(
  options: { host: string; port: number },
  answer: (request: HttpRequest, reply: HttpReply) => void,
): Promise<HttpServer> {
  const server = http.createServer((request, response) => answer(incoming(request), outgoing(response)))
  return listening(server, options)
}

function incoming(request: http.IncomingMessage): HttpRequest {
  const socket = request.socket
  return {
    method: request.method ?? '',
    url: request.url ?? '/',
    headers: request.headers as Record<string, string | undefined>,
    body: request,
    remoteAddress: socket.remoteAddress ?? 'unknown',
    peer: socket instanceof tls.TLSSocket ? peerOf(socket) : undefined,
  }
}

function outgoing(response: http.ServerResponse): HttpReply {
  return {
    stream: response,
    start: (status, headers) => response.writeHead(status, headers),
    abort: () => response.destroy(),
  }
}
