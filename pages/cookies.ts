// Cookies of ours: for this host alone, over TLS alone, out of reach of scripts. RFC 6265bis §4.1.3.2.

/** `__Host-` makes the browser itself refuse one that another host or plain HTTP would set. */
const prefix = '__Host-carnet-'

export type CookieName = 'session' | 'visit' | 'openid' | 'language'

export interface SetCookie {
  name: CookieName
  /** Letters, digits, `-` and `_`. */
  value: string
  maxAgeSeconds?: number
  /** Lax where the browser comes back from somewhere else. */
  sameSite?: 'Strict' | 'Lax'
}

/** Undefined without the cookie, with a value that is none of ours, and where there are two of the name, for then somebody else has set one. */
export function cookieIn(header: string | undefined, name: CookieName): string | undefined {
  const found = (header ?? '').split(/; */).filter(pair => pair.startsWith(`${prefix}${name}=`))
  // Two of one name: one of them is not ours.
  if (found.length !== 1) return undefined
  const value = found[0]!.slice(prefix.length + name.length + 1)
  return /^[\w-]{1,128}$/.test(value) ? value : undefined
}

/** The value of one Set-Cookie; without `maxAgeSeconds` it goes with the browser. [RFC 6265bis: 4.1.3.2] */
export function setCookie({ name, value, maxAgeSeconds, sameSite = 'Strict' }: SetCookie): string {
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  return `${prefix}${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite}${age}`
}

export function dropCookie(name: CookieName): string {
  return setCookie({ name, value: 'gone', maxAgeSeconds: 0 })
}
