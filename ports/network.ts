// The network: HTTPS, TLS and TCP, as server and as client. ports/network/ is the only door to node:net, node:tls, node:http and node:https.
import type { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'

export { drained, given, written } from './network/drained.js'

/** What a node shows of itself and whom it trusts, all PEM. */
export interface TlsIdentity {
  key: Buffer | string
  cert: Buffer | string
  ca: Buffer | string
}

/** Whose certificates a client accepts, those of Node's own list without `ca`, and what it shows of itself, if anything; all PEM. */
export interface ClientTls extends Partial<TlsIdentity> {
  /** In place of CAs: SHA-256 of the one certificate that is accepted, whoever has issued it. */
  pinned?: string
  /** Whether certificates count that are signed with SHA-1. */
  sha1?: boolean
}

/** The certificate that the other side has shown and that the handshake has verified. */
export interface PeerCertificate {
  /** As `CN=hospital,O=…`, most specific first. */
  subject: string
  commonName: string
  /** SHA-256 of the DER, upper case hex in pairs with colons. */
  fingerprint256: string
  validTo: string
  /** Absent where a test plays the network. */
  der?: Buffer
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
  /**
   * Takes no new connections; those that are there are answered as ever, each told with its next answer that it ends, until none is left or
   * `atMostMs` are over. To be closed afterwards.
   */
  drain?(atMostMs: number): Promise<void>
  /** Shows other certificates to connections made from now on, and cuts those of peers who are no longer let in. */
  renewTls(identity: TlsIdentity, letsIn?: (peer: PeerCertificate) => boolean): void
}

export interface RefusedHandshake {
  remoteAddress: string
  /** In words, from the TLS library. */
  reason: string
  /** Subject and fingerprint of the certificate shown, when one was. */
  certificate: string | undefined
  /** The certificate itself, when one was shown. */
  peer?: PeerCertificate
}

export interface ServeHttps {
  host: string
  port: number
  tls: TlsIdentity
  /** For browsers: a certificate is asked for but need not be shown; one that is not trusted counts for none. */
  withoutCertificates?: boolean
  /** Open at once; further ones are refused. */
  connections?: number
  /** Bytes of header lines. */
  maxHeaderBytes?: number
  /** A connection on which nothing moves for this long is ended, unless we are the ones who are at work. */
  idleTimeoutMs?: number
  /** Open at once of one certificate; a further one is refused. */
  connectionsPerPeer?: number
  /** Why a peer whose chain has been verified is not let in all the same; undefined when it is. */
  refusalOf?(peer: PeerCertificate): string | undefined
  onRefusedHandshake?(refused: RefusedHandshake): void
  /** Somebody sent what is no HTTP, or too much of it before a request; what is returned is told as its trace. */
  onBadRequest?(bad: { remoteAddress: string; reason: string }): string
}

/** The body has to be read to its end or destroyed: the connection is held until then. */
export interface HttpAnswer {
  status: number
  headers: Readonly<Record<string, string | undefined>>
  body: Readable
}

export interface HttpCall {
  url: string
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  headers: Record<string, string>
  /** Pieces are asked for as the connection takes them. */
  body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  tls?: TlsIdentity
  /** On a connection that nobody has used before or will afterwards: it cannot turn out to be ended by the other side. */
  alone?: boolean
  /** No byte for this long ends the call with an error whose code is ETIMEDOUT. */
  timeoutMs: number
  /** So does an answer that is not there to its last byte after this long, however it trickles. */
  wholeMs?: number | undefined
  signal?: AbortSignal
}

/** Keeps connections to one partner alive between calls. */
export interface HttpClient {
  call(call: HttpCall): Promise<HttpAnswer>
  /** Shows another certificate from the next connection on; connections at rest are closed. */
  renewTls(identity: ClientTls): void
  close(): void
}

/** Bytes both ways. */
export interface Connection {
  stream: Duplex
  /** Undefined on plain TCP. */
  peer: PeerCertificate | undefined
  remoteAddress: string
  /** The application protocol agreed on (ALPN), if any. */
  protocol: string | undefined
}

export interface ReceiveDatagrams {
  host: string
  port: number
  /** Of one datagram, whole: what was longer than a datagram may be has come cut. */
  hear(bytes: Buffer, remoteAddress: string): void
  onProblem(problem: Error): void
}

export interface DatagramServer {
  readonly port: number
  close(): Promise<void>
}

/** All of it may fail at any time, with the `code` of node's errors. */
export interface Network {
  serveHttps(options: ServeHttps, answer: (request: HttpRequest, reply: HttpReply) => void): Promise<HttpServer>
  /** Plain HTTP, for health and metrics on the loopback address only. */
  serveHttp(
    options: { host: string; port: number; idleTimeoutMs?: number },
    answer: (request: HttpRequest, reply: HttpReply) => void,
  ): Promise<HttpServer>
  httpClient(tls?: ClientTls): HttpClient
  serveTls(options: ServeHttps & { protocols?: string[] }, serve: (connection: Connection) => void): Promise<HttpServer>
  /** Without TLS, for the loopback address only. */
  serveTcp(options: { host: string; port: number }, serve: (connection: Connection) => void): Promise<HttpServer>
  /** Datagrams, from whoever sends them. */
  receiveUdp(options: ReceiveDatagrams): Promise<DatagramServer>
  connectTcp(options: { host: string; port: number; timeoutMs: number }): Promise<Connection>
  /** What a server shows of itself, verified by nothing; not a byte is sent to it. */
  shownCertificate(options: { host: string; port: number; timeoutMs: number }): Promise<PeerCertificate>
  connectTls(options: {
    host: string
    port: number
    tls: TlsIdentity & Pick<ClientTls, 'sha1'>
    protocols?: string[]
    timeoutMs: number
  }): Promise<Connection>
  /** Not yet connected, for a library that connects by itself and speaks a protocol of its own. */
  socket(): Socket
}
