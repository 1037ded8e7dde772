// The network: HTTPS and TLS, as server and as client. The only door to node:net, node:tls, node:http and node:https.
import * as http from 'node:http'
import * as https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import * as tls from 'node:tls'

/** What a node shows of itself and whom it trusts, all PEM. */
export interface TlsIdentity {
  key: Buffer | string
  cert: Buffer | string
  ca: Buffer | string
}

/** The certificate that the other side has shown and that the handshake has verified. */
export interface PeerCertificate {
  /** As `CN=hospital,O=…`, most specific first. */
  subject: string
  commonName: string
  /** SHA-256 of the DER, upper case hex in pairs with colons. */
  fingerprint256: string
  validTo: string
}

export interface HttpRequest {
  method: string
  /** Path and query as sent. */
  url: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>
  body: Readable
  /** Address of the other side, without port. */
  remoteAddress: string
  /** Undefined on plain HTTP. */
  peer: PeerCertificate | undefined
}

/** The answer under way: status and headers once, then bytes. */
export interface HttpReply {
  start(status: number, headers: Record<string, string>): void
  readonly stream: Writable
  /** Ends the connection at once, so that the other side sees a broken answer rather than a short one. */
  abort(): void
}

export interface HttpServer {
  readonly port: number
  /** Takes no new connections, lets requests in flight end for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>
  /** Shows other certificates to connections made from now on. */
  renewTls(identity: TlsIdentity): void
}

export interface RefusedHandshake {
  remoteAddress: string
  /** In words, from the TLS library. */
  reason: string
  /** Subject and fingerprint of the certificate shown, when one was. */
  certificate: string | undefined
}

export interface ServeHttps {
  host: string
  port: number
  tls: TlsIdentity
  /** Bytes of header lines. */
  maxHeaderBytes?: number
  /** A connection on which nothing moves for this long is ended. */
  idleTimeoutMs?: number
  onRefusedHandshake?(refused: RefusedHandshake): void
}

export interface HttpAnswer {
  status: number
  headers: Readonly<Record<string, string | undefined>>
  body: Readable
}

export interface HttpCall {
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  /** Pieces are asked for as the connection takes them. */
  body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  tls?: TlsIdentity
  /** No byte for this long ends the call with an error whose code is ETIMEDOUT. */
  timeoutMs: number
  signal?: AbortSignal
}

/** Keeps connections to one partner alive between calls. */
export interface HttpClient {
  call(call: HttpCall): Promise<HttpAnswer>
  close(): void
}

export interface TlsConnection {
  stream: Duplex
  peer: PeerCertificate | undefined
  remoteAddress: string
  /** The application protocol agreed on (ALPN), if any. */
  protocol: string | undefined
}

export interface Network {
  serveHttps(options: ServeHttps, answer: (request: HttpRequest, reply: HttpReply) => void): Promise<HttpServer>
  /** Plain HTTP, for health and metrics on the loopback address only. */
  serveHttp(
    options: { host: string; port: number },
    answer: (request: HttpRequest, reply: HttpReply) => void,
  ): Promise<HttpServer>
  httpClient(tls?: TlsIdentity): HttpClient
  serveTls(
    options: ServeHttps & { protocols?: string[] },
    serve: (connection: TlsConnection) => void,
  ): Promise<HttpServer>
  connectTls(options: {
    host: string
    port: number
    tls: TlsIdentity
    protocols?: string[]
    timeoutMs: number
  }): Promise<TlsConnection>
}

// BCP 195 (RFC 9325): forward secrecy and authenticated encryption only; TLS 1.3 suites are all of that kind.
const bcp195 = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
} as const satisfies tls.SecureContextOptions & tls.TlsOptions

export const systemNetwork: Network = {
  async serveHttps(options, answer) {
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
    reportRefusedHandshakes(server, options.onRefusedHandshake)
    return listening(server, options)
  },

  async serveHttp(options, answer) {
    const server = http.createServer((request, response) => answer(incoming(request), outgoing(response)))
    return listening(server, options)
  },

  httpClient(identity) {
    const agent = new https.Agent({
      ...bcp195,
      ...identity,
      keepAlive: true,
      maxSockets: 64,
      maxFreeSockets: 64,
      keepAliveMsecs: 30_000,
      noDelay: true,
    })
    return { call: call => callOver(agent, call), close: () => agent.destroy() }
  },

  async serveTls(options, serve) {
    const server = tls.createServer(
      {
        ...bcp195,
        ...options.tls,
        requestCert: true,
        rejectUnauthorized: true,
        handshakeTimeout: 20_000,
        ...alpn(options.protocols),
      },
      socket => serve(connection(socket)),
    )
    reportRefusedHandshakes(server, options.onRefusedHandshake)
    return listening(server, options)
  },

  connectTls(options) {
    return new Promise((resolve, reject) => {
      const socket = tls.connect({
        ...bcp195,
        ...options.tls,
        host: options.host,
        port: options.port,
        servername: isIpAddress(options.host) ? '' : options.host,
        ALPNProtocols: options.protocols,
      })
      socket.setTimeout(options.timeoutMs, () =>
        socket.destroy(timedOut(`no TLS handshake with ${options.host}:${options.port} in ${options.timeoutMs} ms`)),
      )
      socket.once('error', reject)
      socket.once('secureConnect', () => {
        socket.setTimeout(0)
        socket.off('error', reject)
        resolve(connection(socket))
      })
    })
  },
}

function alpn(protocols: string[] | undefined): tls.TlsOptions {
  if (protocols === undefined) return {}
  // Where nothing is in common, TLS would end the connection with an alert, but a foreign sender must get through:
  // agreeing to what it offers binds us to nothing, as we only ever ask whether the protocol is one of ours.
  return { ALPNCallback: ({ protocols: offered }) => protocols.find(name => offered.includes(name)) ?? offered[0] }
}

function listening(
  server: http.Server | https.Server | tls.Server,
  options: { host: string; port: number; idleTimeoutMs?: number },
): Promise<HttpServer> {
  const sockets = new Set<Socket>()
  const raw = 'setSecureContext' in server ? 'secureConnection' : 'connection'
  server.on(raw, (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  if (server instanceof http.Server || server instanceof https.Server) {
    server.keepAliveTimeout = 75_000
    server.headersTimeout = 30_000
    server.requestTimeout = 0 // a slow, large document is no fault; a silent connection is, see below
    server.timeout = options.idleTimeoutMs ?? 60_000
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve({
        port: (server.address() as AddressInfo).port,
        renewTls: identity => 'setSecureContext' in server && server.setSecureContext({ ...bcp195, ...identity }),
        close: graceMs => close(server, sockets, graceMs),
      })
    })
  })
}

function close(server: http.Server | https.Server | tls.Server, sockets: Set<Socket>, graceMs: number): Promise<void> {
  return new Promise(resolve => {
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, graceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
    else for (const socket of sockets) socket.end()
  })
}

function reportRefusedHandshakes(server: tls.Server, report: ((refused: RefusedHandshake) => void) | undefined): void {
  // Asked for while it lives: a socket that is gone no longer knows where it came from, unless it has said so before.
  server.on('connection', (raw: Socket) => void raw.remoteAddress)
  server.on('tlsClientError', (problem: NodeJS.ErrnoException, socket: RefusedSocket) => {
    const reason = refusal(problem, socket)
    if (report !== undefined && reason !== undefined) {
      const shown = socket.getPeerCertificate?.()
      report({
        remoteAddress: socket.remoteAddress ?? socket._parent?.remoteAddress ?? 'unknown',
        reason,
        certificate:
          shown?.fingerprint256 === undefined
            ? undefined
            : `${distinguishedName(shown)} (SHA-256 ${shown.fingerprint256})`,
      })
    }
    socket.destroy()
  })
}

/** The raw connection below is not declared, but the only one that still knows its address. */
type RefusedSocket = tls.TLSSocket & { _parent?: Socket }

/**
 * A certificate that we do not trust ends the connection without an error of its own, as ECONNRESET; the verdict stands
 * on the socket. Any other ECONNRESET is a partner that went away during the handshake: that is no refusal.
 */
function refusal(problem: NodeJS.ErrnoException, socket: RefusedSocket): string | undefined {
  const verdict: unknown = socket.authorizationError
  if (verdict) return `the certificate is not trusted (${verdict instanceof Error ? verdict.message : String(verdict)})`
  return problem.code === 'ECONNRESET' ? undefined : problem.message.trim()
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

function connection(socket: tls.TLSSocket): TlsConnection {
  socket.on('error', () => socket.destroy())
  return {
    stream: socket,
    peer: peerOf(socket),
    remoteAddress: socket.remoteAddress ?? 'unknown',
    protocol: socket.alpnProtocol || undefined,
  }
}

// Read once a connection: building the certificate object costs as much as a small request.
const peers = new WeakMap<tls.TLSSocket, PeerCertificate>()

function peerOf(socket: tls.TLSSocket): PeerCertificate | undefined {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const shown = socket.getPeerCertificate()
  if (shown?.fingerprint256 === undefined) return undefined
  const peer: PeerCertificate = {
    subject: distinguishedName(shown),
    commonName: [shown.subject?.CN ?? ''].flat()[0] ?? '',
    fingerprint256: shown.fingerprint256,
    validTo: shown.valid_to,
  }
  peers.set(socket, peer)
  return peer
}

function distinguishedName(certificate: tls.PeerCertificate): string {
  return Object.entries(certificate.subject ?? {})
    .reverse()
    .flatMap(([name, values]) => [values].flat().map(value => `${name}=${value}`))
    .join(',')
}

function callOver(agent: https.Agent, call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { method, headers, signal } = call
    // Plain HTTP is for the health doors of this machine; it needs no connection kept.
    const request = call.url.startsWith('http:')
      ? http.request(call.url, { agent: false, method, headers, signal })
      : https.request(call.url, { agent, method, headers, signal })
    request.setTimeout(call.timeoutMs, () =>
      request.destroy(timedOut(`no answer from ${call.url} in ${call.timeoutMs} ms`)),
    )
    request.once('error', reject)
    request.once('response', response => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers as Record<string, string | undefined>,
        body: response,
      })
    })
    send(request, call.body).catch(problem => request.destroy(problem))
  })
}

async function send(request: http.ClientRequest, body: HttpCall['body']): Promise<void> {
  for await (const piece of body ?? []) {
    if (request.destroyed) return
    if (!request.write(piece)) await drained(request)
  }
  request.end()
}

/** Resolves when a stream takes more, or can never do so again. */
export function drained(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      stream.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    if (stream.destroyed) resolve()
    else stream.on('drain', done).on('close', done).on('error', done)
  })
}

function timedOut(message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' })
}

function isIpAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host)
}
