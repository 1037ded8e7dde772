// An answer within the time of a community, however many questions it takes. ITI TF-2 §3.38.4.1.2.
import type { Clock } from '../../ports/clock.js'

export interface Allowance {
  /** @throws Error when the time is over before; what was begun goes on, for whoever asks next. */
  within<Result>(result: Promise<Result>): Promise<Result>
  /** What is left of it, at least a millisecond. */
  leftMs(): number
  /** When it is over, by the clock that never runs backwards. */
  endMs: number
}

export interface Allowed {
  /** What the community has by its settings. */
  timeoutMs: number
  /** When the question came; now without it. */
  sinceMs?: number
  /** Of that, for the answer that its own goes into. */
  keptBackMs?: number
}

/**
 * One time for all that is asked of a community on behalf of one request, in milliseconds from `sinceMs` (monotonic): whatever the first question
 * takes, the next has less.
 */
export function openAllowance(
  clock: Pick<Clock, 'after' | 'monotonicMs'>,
  { timeoutMs, sinceMs = clock.monotonicMs(), keptBackMs = 0 }: Allowed,
): Allowance {
  const endMs = sinceMs + timeoutMs - keptBackMs
  const leftMs = () => Math.max(1, Math.round(endMs - clock.monotonicMs()))
  return {
    endMs,
    leftMs,
    within: result =>
      new Promise((resolve, reject) => {
        const late = () => reject(new Error(`there was no answer within ${timeoutMs} ms`))
        const timer = clock.after(leftMs(), late, { idle: true })
        result.then(resolve, reject).finally(() => timer.cancel())
      }),
  }
}
