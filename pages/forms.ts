// What a browser posts: a small form of our own pages, never another site's.
import type { HttpRequest } from '../ports/network.js'
import { wholeRequest } from '../ports/whole-body.js'

const mostBytes = 16_384

/** Undefined where it is no form, or too large a one. */
export async function formIn(request: HttpRequest): Promise<URLSearchParams | undefined> {
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')
  const tooLarge = new Error(`a form has at most ${mostBytes} bytes`)
  try {
    if (isForm) return new URLSearchParams((await wholeRequest(request, mostBytes, () => tooLarge)).toString())
  } catch (problem) {
    if (problem !== tooLarge) throw problem
  }
  request.body.resume()
  return undefined
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
