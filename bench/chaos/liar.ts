// Between two communities: takes what one gateway asks of the other, has it answered, and does to the answer what it is told to.
import { once } from 'node:events'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Identity } from '../deployment.js'
import type { Answer } from '../http-connection.js'

/** What is asked on the way: the action of WS-Addressing, and the message as it came. */
export interface Asked {
  path: string
  action: string
  contentType: string
  body: Buffer
}

export interface Liar {
  /** Whatever the path. */
  url(path: string): string
  /** What happens to answers from now on; nothing without it. */
  becomes(mischief?: Mischief): void
  /** Whether the mischief has been at work since it was told. */
  hasActed(): boolean
  /** The last true answer to a transaction, by the end of its action. */
  lastTruth(to: string): Answer | undefined
  close(): Promise<void>
}

export interface Mischief {
  /** The transaction whose answers it is about: the end of its action. */
  to: string
  /** At the connection, before anything is said on it. */
  atConnection?(socket: Socket): void
  /** At the answer, which it writes itself. */
  atAnswer?(truth: () => Promise<Answer>, socket: Socket): Promise<void>
}

export async function startLiar(tls: Identity, truth: (asked: Asked) => Promise<Answer>): Promise<Liar> {
  let mischief: Mischief | undefined
  let hasActed = false
  const truths = new Map<string, Answer>()
  const open = new Set<Socket>()
  const server = createHttpsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, async (request, reply) => {
    const { socket } = request
    try {
      const body = Buffer.concat(await request.toArray())
      const asked = {
        path: request.url ?? '',
        contentType: request.headers['content-type'] ?? '',
        body,
        action: actionIn(body.toString('latin1')),
      }
      const isItsTurn = mischief?.atAnswer !== undefined && asked.action.endsWith(mischief.to)
      if (!isItsTurn) {
        const answer = await truth(asked)
        truths.set(asked.action, answer)
        return void socket.end(asBytes(answer))
      }
      hasActed = true
      await mischief?.atAnswer?.(() => truth(asked), socket)
    } catch {
      // Whoever hangs up has heard enough.
      reply.destroy()
    }
  })
  server.on('tlsClientError', () => {})
  const door = createServer(socket => {
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
    if (mischief?.atConnection === undefined) return void server.emit('connection', socket)
    hasActed = true
    mischief.atConnection(socket)
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  return {
    url: path => `https://localhost:${port}${path}`,
    becomes(next?: Mischief) {
      mischief = next
      hasActed = false
    },
    hasActed: () => hasActed,
    lastTruth: to => [...truths].find(([action]) => action.endsWith(to))?.[1],
    async close() {
      for (const socket of open) socket.destroy()
      door.close()
      await once(door, 'close')
    },
  }
}

/** An answer as it goes over the wire; with it the connection ends, so that nothing is left over for the next one. */
export function asBytes({ status, contentType, body }: Answer): Buffer {
  const head = `HTTP/1.1 ${status} ${status < 300 ? 'OK' : 'Error'}\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

function actionIn(message: string): string {
  return /<(?:\w+:)?Action\b[^>]*>\s*([^<\s]*)/.exec(message)?.[1] ?? ''
}
