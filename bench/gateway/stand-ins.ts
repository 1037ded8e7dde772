// Other communities, all in one process: each at a path of its own answers ITI-38 with what it was given, at once or late.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface StandIns {
  /** PEM texts. */
  key: string
  cert: string
  ca: string
  /** By path: what is answered, and after how long. */
  answers: Record<string, { contentType: string; body: string; afterMs: number }>
}

process.on('message', ({ key, cert, ca, answers }: StandIns) => {
  const server = createServer(
    { key, cert, ca, requestCert: true, keepAlive: true, noDelay: true },
    (request, response) => {
      const pieces: Buffer[] = []
      request.on('data', piece => pieces.push(piece))
      request.on('end', () => {
        const answer = answers[request.url ?? '']
        if (answer === undefined) return void response.writeHead(404).end()
        const [, asked = ''] = /MessageID[^>]*>([^<]*)</.exec(Buffer.concat(pieces).toString()) ?? []
        const body = Buffer.from(answer.body.replace(/(RelatesTo[^>]*>)[^<]*</, `$1${asked}<`))
        const send = () =>
          response.writeHead(200, { 'content-type': answer.contentType, 'content-length': body.length }).end(body)
        if (answer.afterMs === 0) send()
        else setTimeout(send, answer.afterMs)
      })
    },
  )
  server.keepAliveTimeout = 75_000
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
})
process.on('disconnect', () => process.exit(0))
