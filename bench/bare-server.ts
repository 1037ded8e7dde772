// What Node itself can do: HTTPS with mutual TLS which reads each request to its end and answers with bytes it was given before.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface BareServer {
  /** PEM texts: a structured clone between processes keeps strings, not Buffers. */
  key: string
  cert: string
  ca: string
  /** By path. */
  answers: Record<string, { contentType: string; base64: string }>
}

/** Where a copy of what was posted lies; the same digests are made on its way in and out as a repository makes. */
const copyPath = '/copy'
const copyFile = join(tmpdir(), `carnet-bare-copy-${process.pid}`)
const chunkBytes = 1_048_576

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
      if (request.url === copyPath) return void (request.method === 'POST' ? takeCopy : giveCopy)(request, response)
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
process.on('disconnect', () => {
  rmSync(copyFile, { force: true })
  process.exit(0)
})

async function takeCopy(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = await open(copyFile, 'w')
  const hashes = [createHash('sha1'), createHash('sha256'), createHash('sha256')]
  for await (const piece of request) {
    for (const each of hashes) each.update(piece)
    await file.write(piece)
  }
  await file.sync()
  await file.close()
  response.end(hashes.map(each => each.digest('hex')).join(' '))
}

async function giveCopy(_: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = await open(copyFile)
  const { size } = await file.stat()
  response.writeHead(200, { 'content-length': size })
  for (let at = 0; at < size; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, at)
    createHash('sha256').update(buffer.subarray(0, bytesRead)).digest()
    if (!response.write(buffer.subarray(0, bytesRead))) await once(response, 'drain')
    at += bytesRead
  }
  await file.close()
  response.end()
}
