// Assertions that hold for one use: those taken are remembered while they hold. What was issued before this memory began
// cannot be known to be unused and is refused, so that nothing has to be kept over a restart. docs/decisions/0281
import type { Clock } from '../ports/clock.js'
import { copied } from '../soap/copied.js'
import type { Verifying } from './verify.js'

const mostRemembered = 200_000

/**
 * True the first time, false ever after; false as well for what was issued before this process could have seen it used, and when more are
 * remembered than `most`, for one twice is worse than none.
 */
export function takingOnce(clock: Pick<Clock, 'now'>, skewMs: number, most = mostRemembered): Verifying['takeOnce'] {
  const sinceMs = clock.now()
  const untilMs = new Map<string, number>()
  return assertion => {
    const key = copied(`${assertion.issuer}\n${assertion.id}`)
    if (assertion.issuedMs - skewMs <= sinceMs || untilMs.has(key)) return false
    if (untilMs.size >= most) forgetEnded(clock.now())
    // Rather none is taken than one twice.
    if (untilMs.size >= most) return false
    untilMs.set(key, assertion.untilMs)
    return true
  }

  function forgetEnded(nowMs: number): void {
    for (const [key, endMs] of untilMs) if (endMs <= nowMs) untilMs.delete(key)
  }
}
