// Connections over TLS with both certificates, to be read and written as they are.
import * as tls from 'node:tls'
import type { ClientTls, Connection, HttpServer, PeerCertificate, ServeHttps, TlsIdentity } from '../network.js'
import { bcp195, withSha1 } from './bcp195.js'
import { timedOut } from './http-client.js'
import { listening } from './listening.js'
import { peerOf } from './peer-certificate.js'
import { reportRefusedHandshakes } from './refused-handshakes.js'

/** Certificates of both sides are checked before `serve` hears of a connection. A handshake has 20 s. Rejects where the port cannot be opened. */
export async function serveTls(
  options: ServeHttps & { protocols?: string[] },
  serve: (connection: Connection) => void,
): Promise<HttpServer> {
  const server = tls.createServer(
    {
      ...bcp195,
      ...options.tls,
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: 20_000,
      // Whoever lost its power says nothing; its connection would be held for ever.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      ...alpn(options.protocols),
    },
    socket => serve(connection(socket)),
  )
  reportRefusedHandshakes(server, options)
  return listening(server, options)
}

/** Rejects where the server's certificate is not vouched for, and with ETIMEDOUT where the handshake is not over in `timeoutMs`. */
export function connectTls(options: {
  host: string
  port: number
  tls: TlsIdentity & Pick<ClientTls, 'sha1'>
  protocols?: string[]
  timeoutMs: number
}): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const { sha1, ...identity } = options.tls
    const socket = tls.connect({
      ...(sha1 === true ? withSha1 : bcp195),
      ...identity,
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
}

/** Whatever certificate stands there, vouched for or not: to be shown to somebody who decides. Nothing is sent over the connection, which is closed at once. */
export function shownCertificate({
  host,
  port,
  timeoutMs,
}: {
  host: string
  port: number
  timeoutMs: number
}): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const servername = isIpAddress(host) ? '' : host
    const socket = tls.connect({ ...bcp195, host, port, servername, rejectUnauthorized: false })
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(timedOut(`no TLS handshake with ${host}:${port} in ${timeoutMs} ms`)),
    )
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const shown = peerOf(socket)
      socket.destroy()
      if (shown === undefined) reject(new Error(`${host}:${port} shows no certificate`))
      else resolve(shown)
    })
  })
}

function alpn(protocols: string[] | undefined): tls.TlsOptions {
  if (protocols === undefined) return {}
  // Where nothing is in common, TLS would end the connection with an alert, but a foreign sender must get through:
  // agreeing to what it offers binds us to nothing, as we only ever ask whether the protocol is one of ours.
  return { ALPNCallback: ({ protocols: offered }) => protocols.find(name => offered.includes(name)) ?? offered[0] }
}

function connection(socket: tls.TLSSocket): Connection {
  socket.on('error', () => socket.destroy())
  return {
    stream: socket,
    peer: peerOf(socket),
    remoteAddress: socket.remoteAddress ?? 'unknown',
    protocol: socket.alpnProtocol || undefined,
  }
}

function isIpAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host)
}
