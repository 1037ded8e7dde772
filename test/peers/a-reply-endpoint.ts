// A partner's endpoint for answers that come later: HTTPS with a certificate of its own, which takes what is posted.
import type { HttpServer, TlsIdentity } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import type { Received } from '../domain/a-domain.js'

export interface ReplyEndpoint {
  url: string
  /** The next answer that is posted, and who posted it. */
  next(): Promise<Received & { by: string | undefined }>
  close(): Promise<void>
}

/** Answers the first requests with `statuses`, all others with 202. */
export async function aReplyEndpoint(tls: TlsIdentity, port: number, statuses: number[] = []): Promise<ReplyEndpoint> {
  const arrived: (Received & { by: string | undefined })[] = []
  let awaited: (() => void) | undefined
  const server: HttpServer = await systemPorts.network.serveHttps(
    { host: '127.0.0.1', port, tls },
    (request, reply) => {
      void (async () => {
        const pieces: Uint8Array[] = []
        for await (const piece of request.body) pieces.push(piece as Uint8Array)
        const status = statuses.shift() ?? 202
        reply.start(status, { 'content-length': '0' })
        reply.stream.end()
        if (status !== 202) return
        const headers = request.headers as Record<string, string>
        arrived.push({ status, headers, body: Buffer.concat(pieces), by: request.peer?.commonName })
        awaited?.()
      })()
    },
  )
  return {
    url: `https://localhost:${server.port}/replies`,
    async next() {
      if (arrived.length === 0) {
        await new Promise<void>(resolve => {
          awaited = resolve
        })
      }
      return arrived.shift()!
    },
    close: () => server.close(0),
  }
}
