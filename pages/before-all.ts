// What is answered the same on all pages, before anybody asks who is there: how they look, and the choice of a language.
import type { HttpRequest } from '../ports/network.js'
import { type Answer, redirected } from './answers.js'
import { cookieIn, setCookie } from './cookies.js'
import { icon } from './frame.js'
import { at } from './html.js'
import { isLanguage, type Language, preferredLanguage } from './languages.js'
import { style } from './style.js'

export interface Asked {
  path: string
  query: URLSearchParams
}

const mostUrl = 8_192

/** Never fails; what is behind 8,192 characters is not looked at. The path is one that a link of ours may lead to, whatever was asked for. */
export function askedIn({ url }: Pick<HttpRequest, 'url'>): Asked {
  const [path = '', search = ''] = url.slice(0, mostUrl).split(/\?(.*)/s)
  // A request line may name scheme and host too. [RFC 9112: 3.2.2]
  const below = path.replace(/^https?:\/\/[^/]*/i, '').replace(/^[/\\]*/, '/')
  return { path: below, query: new URLSearchParams(search) }
}

/** As it was chosen, or as the browser would have it. */
export function languageOf({ headers }: Pick<HttpRequest, 'headers'>, query: URLSearchParams): Language {
  const asked = query.get('language')
  if (isLanguage(asked)) return asked
  const kept = cookieIn(headers.cookie, 'language')
  return isLanguage(kept) ? kept : preferredLanguage(headers['accept-language'])
}

const aYearSeconds = 31_536_000

/** Undefined where it is a page that is asked for. `base` as in frame.ts. */
export function beforeAll({ url, method }: HttpRequest, { path, query }: Asked, base = ''): Answer | undefined {
  if (url.length > mostUrl) return { status: 414, headers: { 'content-type': 'text/plain' }, body: 'too long\n' }
  if (method !== 'GET') return undefined
  if (path === `${base}/style.css`) return lasting('text/css; charset=utf-8', style)
  if (path === `${base}/icon.svg`) return lasting('image/svg+xml', icon)
  const language = query.get('language')
  if (!isLanguage(language)) return undefined
  const others = [...query].filter(([name]) => name !== 'language')
  const back = at(path, Object.fromEntries(others))
  return redirected(back, [setCookie({ name: 'language', value: language, maxAgeSeconds: aYearSeconds })])
}

function lasting(type: string, body: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'private, max-age=31536000, immutable' },
    body,
  }
}

/** What follows upon the path of a route; as it stands where it is not percent-encoded. */
export function decoded(rest: string): string {
  try {
    return decodeURIComponent(rest)
  } catch {
    return rest
  }
}
