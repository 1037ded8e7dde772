// What a browser posts: a small form of our own pages, never another site's.
import type { HttpRequest } from '../ports/network.js'

const mostBytes = 16_384

/** Undefined where it is no form, or too large a one. */
export async function formIn({ headers, body }: HttpRequest): Promise<URLSearchParams | undefined> {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    body.resume()
    return undefined
  }
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes <= mostBytes) pieces.push(piece)
  }
  return bytes > mostBytes ? undefined : new URLSearchParams(Buffer.concat(pieces).toString())
}

/**
 * Whether a form was posted from a page of ours. What the browser itself says of that counts, whatever name we are reached
 * by; of one that says nothing of it, the origin, and of one that says neither the token in the form alone.
 */
export function isFromHere({ headers }: Pick<HttpRequest, 'headers'>, origin: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return headers.origin === undefined || headers.origin === origin
}
