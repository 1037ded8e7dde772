// The clock: what time it is, and waiting. The only door to Date, performance and timers.
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z, as the host's clock says (it may jump). */
  now(): number
  /** Milliseconds since some fixed instant; never runs backwards. For measuring durations. */
  monotonicMs(): number
  /** Resolves after `delayMs`; rejects with the signal's reason when it is aborted. Keeps no process alive when `idle`. */
  sleep(delayMs: number, options?: { signal?: AbortSignal; idle?: boolean }): Promise<void>
  /** Calls `work` after `delayMs`. An idle timer keeps no process alive. */
  after(delayMs: number, work: () => void, options?: { idle?: boolean }): Timer
  /** Calls `work` every `periodMs` until cancelled; keeps no process alive. */
  every(periodMs: number, work: () => void): Timer
  /** Calls `work` at the end of this turn of the event loop. */
  endOfTurn(work: () => void): void
}

/** Cancelling one that is over, or twice, changes nothing. */
export interface Timer {
  cancel(): void
}

/** In ms, some 24 days: of a longer one Node makes a millisecond. */
export const longestTimerMs = 2_147_483_647

const timed = (delayMs: number) => Math.min(delayMs, longestTimerMs)

/** A wait for more than `longestTimerMs` ends after that. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (delayMs, options = {}) =>
    wait(timed(delayMs), undefined, { signal: options.signal, ref: options.idle !== true }),
  after(delayMs, work, options = {}) {
    const timer = setTimeout(work, timed(delayMs))
    if (options.idle === true) timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  every(periodMs, work) {
    const timer = setInterval(work, timed(periodMs)).unref()
    return { cancel: () => clearInterval(timer) }
  },
  endOfTurn: work => {
    setImmediate(work)
  },
}

/**
 * A signal that comes when `outer` does or the time is over (because of `late`), whichever is first. `end` lets go of both; given a
 * reason, it tells those who still listen. AbortSignal.any would leave something at an outer signal that lives as long as the service,
 * time after time.
 */
export function within(
  clock: Pick<Clock, 'after'>,
  delayMs: number,
  outer: AbortSignal,
  options: { idle?: boolean; late?: Error } = {},
): { signal: AbortSignal; end(reason?: Error): void } {
  const over = new AbortController()
  const abort = () => over.abort(outer.reason)
  const timer = clock.after(delayMs, () => over.abort(options.late), options)
  outer.addEventListener('abort', abort)
  if (outer.aborted) abort()
  return {
    signal: over.signal,
    end(reason) {
      timer.cancel()
      outer.removeEventListener('abort', abort)
      if (reason !== undefined) over.abort(reason)
    },
  }
}

/** For how long one waits for another in all, while one has also oneself to do. */
export interface Patience {
  /** The same pieces; what passes between the asking for one and its coming counts. */
  over(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** Nobody is waited for any more. */
  end(): void
}

/** Begins to wait at once, and calls `lost` when it has waited for `delayMs` in all. */
export function openPatience(clock: Pick<Clock, 'after' | 'monotonicMs'>, delayMs: number, lost: () => void): Patience {
  let leftMs = delayMs
  let sinceMs: number | undefined = clock.monotonicMs()
  let timer = clock.after(leftMs, look)

  // One timer for all pieces: where it comes too early, the rest is waited for once more.
  function look(): void {
    const waitedMs = sinceMs === undefined ? 0 : clock.monotonicMs() - sinceMs
    if (waitedMs >= leftMs) lost()
    else timer = clock.after(leftMs - waitedMs, look)
  }
  function wait(): void {
    sinceMs = clock.monotonicMs()
  }
  function rest(): void {
    if (sinceMs !== undefined) leftMs -= clock.monotonicMs() - sinceMs
    sinceMs = undefined
  }
  return {
    async *over(pieces) {
      for await (const piece of pieces) {
        rest()
        yield piece
        wait()
      }
    },
    end: () => timer.cancel(),
  }
}

/** An instant as HL7 v2.5 DTM in UTC with seconds: YYYYMMDDhhmmss. [ITI TF-3: Table 4.2.3.1.7-2] */
export function dtmOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:T]/g, '').slice(0, 14)
}

/** An instant as xsd:dateTime in UTC with milliseconds. */
export function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/** Calls `work` every `periodMs`, but never while it is still at what it began before. */
export function everyOnceDone(
  clock: Pick<Clock, 'every'>,
  periodMs: number,
  work: () => Promise<void>,
  failed: (problem: unknown) => void,
): Timer {
  let isAtWork = false
  return clock.every(periodMs, () => {
    if (isAtWork) return
    isAtWork = true
    work()
      .catch(failed)
      .finally(() => {
        isAtWork = false
      })
  })
}
