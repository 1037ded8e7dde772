// One HTTP/1.1 connection over mutual TLS, as small as it can be: a load generator must cost less than what it loads.
import { connect, type TLSSocket } from 'node:tls'
import type { Identity } from './deployment.js'

export interface Answer {
  status: number
  contentType: string
  body: Buffer
}

export interface Connection {
  /** One request at a time. Rejects when the connection breaks; it is useless afterwards. */
  send(request: Buffer): Promise<Answer>
  close(): void
}

/** A request as it goes over the wire. */
export function httpRequest(
  method: 'GET' | 'POST',
  url: URL,
  {
    contentType,
    body = Buffer.alloc(0),
    headers = {},
  }: { contentType?: string; body?: Buffer; headers?: Record<string, string> },
): Buffer {
  const lines = Object.entries({
    host: url.host,
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(method === 'POST' ? { 'content-length': String(body.length) } : {}),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`), body])
}

export async function openConnection(url: URL, tls: Identity, timeoutMs = 60_000): Promise<Connection> {
  const socket = await connected(url, tls, timeoutMs)
  let read = answerReader()
  let waiting: { resolve(answer: Answer): void; reject(problem: Error): void } | undefined
  let broken: Error | undefined

  const fail = (problem: Error) => {
    broken ??= problem
    waiting?.reject(broken)
    waiting = undefined
    socket.destroy()
  }
  socket.on('data', (piece: Buffer) => {
    const whole = read(piece)
    if (whole === undefined) return
    read = answerReader()
    waiting?.resolve(whole)
    waiting = undefined
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection was closed')))
  socket.setTimeout(timeoutMs, () => fail(new Error(`no answer in ${timeoutMs} ms`)))

  return {
    send: request =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) return reject(broken)
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

function connected(url: URL, tls: Identity, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(url.port),
      servername: 'localhost',
      noDelay: true,
      ...tls,
    } as object)
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no connection in ${timeoutMs} ms`)))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

/** Takes the pieces of one answer and gives it when it is whole. Understands Content-Length and chunks, nothing else. [RFC 9112] */
export function answerReader(): (piece: Buffer) => Answer | undefined {
  let pieces: Buffer[] = []
  let size = 0
  let tail = ''
  let head: string | undefined
  let expected = 0
  return piece => {
    pieces.push(piece)
    size += piece.length
    tail = (tail + piece.toString('latin1', Math.max(0, piece.length - 7))).slice(-7)
    if (head === undefined) {
      const bytes = Buffer.concat(pieces)
      const headEnd = bytes.indexOf('\r\n\r\n')
      if (headEnd < 0) return undefined
      head = bytes.toString('latin1', 0, headEnd)
      const length = /^content-length: *(\d+)/im.exec(head)?.[1]
      expected = length === undefined ? Number.NaN : Number(length)
      pieces = [bytes.subarray(headEnd + 4)]
      size = bytes.length - headEnd - 4
    }
    // The end of a chunked body is looked for only where its last bytes may be: looking costs a walk through all of it.
    if (Number.isNaN(expected) ? !/^(?:.*\r\n)?0\r\n\r\n$/s.test(tail) : size < expected) return undefined
    const body = Number.isNaN(expected) ? unchunked(Buffer.concat(pieces)) : Buffer.concat(pieces)
    if (body === undefined) return undefined
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
    return { status, contentType: /^content-type: *(.*)$/im.exec(head)?.[1]?.trim() ?? '', body }
  }
}

function unchunked(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error('neither Content-Length nor chunks')
    const from = lineEnd + 2
    if (bytes.length < from + size + 2) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(from, from + size))
    at = from + size + 2
  }
}
