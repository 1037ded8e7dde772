// Long work with turns for others in between: the event loop serves nobody while one of us is at something.
import type { Clock } from './clock.js'

/** Work that may be interrupted wherever it yields. */
export type Steps<Result> = Generator<void, Result>

type TurnClock = Pick<Clock, 'endOfTurn' | 'monotonicMs'>

/** So long nobody notices. */
const sliceMs = 8
/** Between two looks at the clock; what has fewer is always there at once. */
const stepsAtOnce = 16

/** For work that never takes long. */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Others have a turn whenever it has been at work for some milliseconds; what takes less is there at once. Throws, or rejects with, what the work throws. */
export function inTurns<Result>(steps: Steps<Result>, clock: TurnClock): Result | Promise<Result> {
  const slice = sliceOf(steps, clock)
  return slice.done === true ? slice.value : furtherSlices(steps, clock)
}

async function furtherSlices<Result>(steps: Steps<Result>, clock: TurnClock): Promise<Result> {
  for (;;) {
    await new Promise<void>(resolve => clock.endOfTurn(resolve))
    const slice = sliceOf(steps, clock)
    if (slice.done === true) return slice.value
  }
}

function sliceOf<Result>(steps: Steps<Result>, clock: TurnClock): IteratorResult<void, Result> {
  let untilMs: number | undefined
  for (let count = 1; ; count += 1) {
    const step = steps.next()
    if (step.done === true) return step
    if (count % stepsAtOnce !== 0) continue
    const nowMs = clock.monotonicMs()
    untilMs ??= nowMs + sliceMs
    if (nowMs >= untilMs) return step
  }
}
