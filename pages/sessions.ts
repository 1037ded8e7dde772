// Who is signed in. The token is the browser's alone: here lies only its digest, so that nobody who reads our memory's
// contents in a dump or a log can use one. A new one is made at each sign-in, whatever the browser brought. (Fixation.)
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../ports/clock.js'
import type { Randomness } from '../ports/randomness.js'

export interface Session<Person> {
  person: Person
  /** In each form of this session, and in no other's. */
  formToken: string
}

export interface Sessions<Person> {
  /** The token of the browser's cookie. */
  open(person: Person): string
  find(token: string | undefined): Session<Person> | undefined
  close(token: string | undefined): void
  /** For forms of whoever is not signed in yet, bound to a cookie of the visit. */
  formTokenOf(visit: string): string
  readonly size: number
}

export interface SessionBounds {
  idleMs: number
  longestMs: number
  most: number
}

export const usualBounds: SessionBounds = { idleMs: 30 * 60_000, longestMs: 10 * 3_600_000, most: 1_000 }

interface Open<Person> {
  person: Person
  beganMs: number
  usedMs: number
}

/**
 * In memory alone: all are over when the process ends. By a monotonic clock, so that no change of the time of day prolongs one; the oldest goes
 * when there are too many.
 */
export function openSessions<Person>(
  { clock, randomness }: { clock: Pick<Clock, 'monotonicMs'>; randomness: Pick<Randomness, 'bytes'> },
  bounds: SessionBounds = usualBounds,
): Sessions<Person> {
  const open = new Map<string, Open<Person>>()
  const key = randomness.bytes(32)

  const isOver = ({ beganMs, usedMs }: Open<Person>) => {
    const now = clock.monotonicMs()
    return now - usedMs > bounds.idleMs || now - beganMs > bounds.longestMs
  }

  const formTokenOf = (of: string) => createHmac('sha256', key).update(of).digest('base64url')

  return {
    open(person) {
      for (const [digest, one] of open) if (isOver(one)) open.delete(digest)
      // The one that was opened first gives way.
      for (const digest of open.keys()) if (open.size >= bounds.most) open.delete(digest)
      const token = randomness.bytes(32).toString('base64url')
      const now = clock.monotonicMs()
      open.set(digestOf(token), { person, beganMs: now, usedMs: now })
      return token
    },
    find(token) {
      if (token === undefined) return undefined
      const digest = digestOf(token)
      const found = open.get(digest)
      if (found === undefined) return undefined
      if (isOver(found)) {
        open.delete(digest)
        return undefined
      }
      found.usedMs = clock.monotonicMs()
      return { person: found.person, formToken: formTokenOf(`session ${token}`) }
    },
    close(token) {
      if (token !== undefined) open.delete(digestOf(token))
    },
    formTokenOf: visit => formTokenOf(`visit ${visit}`),
    get size() {
      return open.size
    },
  }
}

/** Takes the same time wherever two differ, and whatever their lengths are. */
export function isSameToken(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(digestOf(a)), Buffer.from(digestOf(b))]
  return timingSafeEqual(one, other)
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
