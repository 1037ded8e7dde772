// A bell: one waits for it, many may ring it. A ring that nobody waits for is kept, once.
import type { Clock } from '../ports/clock.js'

export interface Bell {
  ring(): void
  /** Resolves at the next ring, or after `atMostMs`. */
  heard(atMostMs: number): Promise<void>
}

/** `heard` resolves at the ring, at once where it has rung meanwhile, or after so many milliseconds. One waits at a time. */
export function bell(clock: Clock): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async heard(atMostMs) {
      if (!rung) {
        await new Promise<void>(resolve => {
          const timer = clock.after(atMostMs, resolve, { idle: true })
          wake = () => {
            timer.cancel()
            resolve()
          }
        })
      }
      wake = undefined
      rung = false
    },
  }
}
