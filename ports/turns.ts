// Long work with turns for others in between: the event loop serves nobody while one of us is at something.
import type { Clock } from './clock.js'

/** Work that may be interrupted wherever it yields. */
export type Steps<Result> = Generator<void, Result>

type TurnClock = Pick<Clock, 'endOfTurn' | 'monotonicMs'>

/** So long nobody notices. */
const sliceMs = 8

/** For work that never takes long. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Others have a turn whenever it has been at work for some milliseconds. Rejects with what the work throws. */
export async function inTurns<Result>(steps: Steps<Result>, clock: TurnClock): Promise<Result> {
  let untilMs = clock.monotonicMs() + sliceMs
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    if (clock.monotonicMs() < untilMs) continue
    await new Promise<void>(resolve => clock.endOfTurn(resolve))
    untilMs = clock.monotonicMs() + sliceMs
  }
}
