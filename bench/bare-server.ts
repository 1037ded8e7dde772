// What Node itself can do: HTTPS with mutual TLS which reads each request to its end and answers with bytes it was given before.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface BareServer {
  /** PEM texts: a structured clone between processes keeps strings, not Buffers. */
  key: string
  cert: string
  ca: string
  /** By path. */
  answers: Record<string, { contentType: string; base64: string }>
}

process.on('message', ({ key, cert, ca, answers }: BareServer) => {
  const ready = new Map(
    Object.entries(answers).map(([path, { contentType, base64 }]) => [
      path,
      { contentType, body: Buffer.from(base64, 'base64') },
    ]),
  )
  const server = createServer(
    { key, cert, ca, requestCert: true, keepAlive: true, noDelay: true },
    (request, response) => {
      const pieces: Buffer[] = []
      request.on('data', piece => pieces.push(piece))
      request.on('end', () => {
        const answer = ready.get(request.url ?? '')
        if (answer === undefined) response.writeHead(404).end()
        else
          response
            .writeHead(200, { 'content-type': answer.contentType, 'content-length': answer.body.length })
            .end(answer.body)
      })
    },
  )
  server.keepAliveTimeout = 75_000
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
})
process.on('disconnect', () => process.exit(0))
