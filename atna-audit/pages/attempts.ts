// How often somebody may try to sign in and fail: all together, for whoever guesses comes from many places.
import type { Clock } from '../../ports/clock.js'

export interface Attempts {
  /** False when there have been too many lately. */
  allowed(): boolean
  failed(): void
}

const windowMs = 60_000
const most = 30

/** 30 failures in a minute, whoever they are by; in memory alone. `allowed` is asked before every try. */
export function openAttempts(clock: Pick<Clock, 'monotonicMs'>): Attempts {
  let failures: number[] = []
  const recent = () => {
    failures = failures.filter(at => clock.monotonicMs() - at < windowMs)
    return failures.length
  }
  return {
    allowed: () => recent() < most,
    failed() {
      if (recent() < most) failures.push(clock.monotonicMs())
    },
  }
}
