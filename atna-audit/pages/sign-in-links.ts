// Links that sign somebody in once. Only digests of them are kept.
import { createHash } from 'node:crypto'
import type { Clock } from '../../ports/clock.js'
import type { Randomness } from '../../ports/randomness.js'
import type { Person } from './roles.js'

export interface SignInLinks {
  /** The token of a new link. */
  make(person: Person): string
  /** Whose link it is; after that it is nobody's. */
  use(token: string): Person | undefined
}

export const linkHolds = { ms: 60 * 60_000, most: 100 }

/** Good for one use and an hour; the first made give way when there are too many. All are gone with the process. */
export function openSignInLinks(clock: Pick<Clock, 'monotonicMs'>, randomness: Pick<Randomness, 'bytes'>): SignInLinks {
  const open = new Map<string, { person: Person; untilMs: number }>()
  return {
    make(person) {
      for (const digest of open.keys()) if (open.size >= linkHolds.most) open.delete(digest)
      const token = randomness.bytes(32).toString('base64url')
      open.set(digestOf(token), { person, untilMs: clock.monotonicMs() + linkHolds.ms })
      return token
    },
    use(token) {
      const digest = digestOf(token)
      const found = open.get(digest)
      open.delete(digest)
      return found === undefined || found.untilMs < clock.monotonicMs() ? undefined : found.person
    },
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
