// What every listening server of ours has: its open connections, a port, an end in good time.
import * as http from 'node:http'
import * as https from 'node:https'
import { type AddressInfo, Server, type Socket } from 'node:net'
import * as tls from 'node:tls'
import type { HttpServer, PeerCertificate } from '../network.js'
import { bcp195 } from './bcp195.js'
import { peerOf } from './peer-certificate.js'

/**
 * Resolves when the port is open (port 0 takes a free one, told in the answer), rejects where it cannot be. On HTTP a connection that is
 * silent for `idleTimeoutMs` (60 s) is closed; how long a whole request takes is not bounded here.
 */
export function listening(
  server: AnyServer,
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
      // A connection that could not be accepted, for want of file handles say, ends no service: the next one may be.
      server.on('error', () => {})
      resolve({
        port: (server.address() as AddressInfo).port,
        renewTls(identity, letsIn) {
          if (!('setSecureContext' in server)) return
          // New keys for session tickets come with it: nobody resumes what was agreed on before.
          server.setSecureContext({ ...bcp195, ...identity })
          for (const socket of sockets) if (isShutOut(socket, letsIn)) socket.destroy()
        },
        drain: atMostMs => drain(server, sockets, atMostMs),
        close: graceMs => close(server, sockets, graceMs),
      })
    })
  })
}

function isShutOut(socket: Socket, letsIn: ((peer: PeerCertificate) => boolean) | undefined): boolean {
  const peer = socket instanceof tls.TLSSocket ? peerOf(socket) : undefined
  return peer !== undefined && letsIn?.(peer) === false
}

/** Nobody is cut off who may be just asking: who is silent goes by the time-out that he knows, and who asks hears that this was the last answer. */
function drain(server: AnyServer, sockets: Set<Socket>, atMostMs: number): Promise<void> {
  const isHttp = server instanceof http.Server || server instanceof https.Server
  if (isHttp) {
    server.prependListener('request', (_: unknown, response: http.ServerResponse) => {
      response.shouldKeepAlive = false
    })
  }
  // That of HTTP would end idle connections at once.
  Server.prototype.close.call(server)
  return new Promise(resolve => {
    const look = setInterval(() => {
      if (sockets.size === 0) done()
    }, 50)
    const enough = setTimeout(done, atMostMs)
    function done(): void {
      clearInterval(look)
      clearTimeout(enough)
      resolve()
    }
  })
}

function close(server: AnyServer, sockets: Set<Socket>, graceMs: number): Promise<void> {
  return new Promise(resolve => {
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, graceMs)
    const ended = () => {
      clearTimeout(cut)
      resolve()
    }
    // What has been drained listens no more: its last connections are waited for all the same.
    if (server.listening) server.close(ended)
    else if (sockets.size === 0) ended()
    else for (const socket of sockets) socket.on('close', () => sockets.size === 0 && ended())
    if ('closeIdleConnections' in server) server.closeIdleConnections()
    else for (const socket of sockets) socket.end()
  })
}

type AnyServer = Server | http.Server | https.Server | tls.Server
