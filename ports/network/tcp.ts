// Connections without TLS, for partners on this machine.
import * as net from 'node:net'
import type { Connection, HttpServer } from '../network.js'
import { timedOut } from './http-client.js'
import { listening } from './listening.js'

/** `serve` is called once for each connection and sees to its end; half-open ones are left open. Rejects where the port cannot be opened. */
export async function serveTcp(
  options: { host: string; port: number },
  serve: (connection: Connection) => void,
): Promise<HttpServer> {
  return listening(
    // Whoever has said all that it wants to say still hears the answer.
    net.createServer({ allowHalfOpen: true }, socket => serve(plain(socket))),
    options,
  )
}

/** Rejects with ETIMEDOUT where there is no connection in time. `timeoutMs` bounds connecting alone: the connection itself may be silent for ever. */
export function connectTcp(options: { host: string; port: number; timeoutMs: number }): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: options.host, port: options.port })
    socket.setTimeout(options.timeoutMs, () =>
      socket.destroy(timedOut(`no connection to ${options.host}:${options.port} in ${options.timeoutMs} ms`)),
    )
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', reject)
      resolve(plain(socket))
    })
  })
}

/** For a driver that connects by itself (pg), so that its sockets too come from here. */
export function unconnected(): net.Socket {
  return new net.Socket()
}

function plain(socket: net.Socket): Connection {
  socket.on('error', () => socket.destroy())
  return { stream: socket, peer: undefined, remoteAddress: socket.remoteAddress ?? 'unknown', protocol: undefined }
}
