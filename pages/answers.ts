// What is sent to a browser: a page whole or as it grows, a file, a way to somewhere else.
import { drained, type HttpReply } from '../ports/network.js'
import { pageHeaders } from './headers.js'
import { type Address, Html } from './html.js'

export interface Answer {
  status: number
  headers?: Readonly<Record<string, string>>
  /** Cookies to set; several only over an array of headers, so at most one is set by an answer beside the language. */
  cookies?: readonly string[]
  body: Html | string | Buffer | AsyncIterable<Html | string | Buffer>
}

/** HTML whole, or in pieces that leave as they are made. */
export function page(body: Answer['body'], status = 200): Answer {
  return { status, body }
}

/** 303: the browser comes again with GET, whatever it had sent. An address of ours, or the URL of an identity provider. */
export function redirected(to: Address | URL, cookies: readonly string[] = []): Answer {
  return { status: 303, headers: { location: to instanceof URL ? to.href : to.href }, cookies, body: '' }
}

/** A download; every character of the name but letters, digits, `.` and `-` becomes `_`, for it stands in a header. */
export function file(name: string, type: string, body: Answer['body']): Answer {
  return {
    status: 200,
    headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"` },
    body,
  }
}

/** Breaks the connection where a body fails under way: half a list must not look like a whole one. */
export async function send(reply: HttpReply, { status, headers = {}, cookies = [], body }: Answer): Promise<void> {
  const all: Record<string, string> = { ...pageHeaders, ...headers }
  // Node writes each as a line of its own.
  if (cookies.length > 0) (all as Record<string, string | string[]>)['set-cookie'] = [...cookies]
  if (isWhole(body)) {
    const bytes = bytesOf(body)
    reply.start(status, { ...all, 'content-length': String(bytes.byteLength) })
    reply.stream.end(bytes)
    return
  }
  reply.start(status, all)
  try {
    for await (const piece of body) {
      if (reply.stream.destroyed) return
      if (!reply.stream.write(bytesOf(piece))) await drained(reply.stream)
    }
    reply.stream.end()
  } catch (problem) {
    reply.abort()
    throw problem
  }
}

function isWhole(body: Answer['body']): body is Html | string | Buffer {
  return body instanceof Html || typeof body === 'string' || Buffer.isBuffer(body)
}

function bytesOf(piece: Html | string | Buffer): Buffer {
  if (Buffer.isBuffer(piece)) return piece
  return Buffer.from(piece instanceof Html ? piece.markup : piece)
}
