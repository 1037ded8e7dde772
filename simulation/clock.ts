// The clock of one process: simulated time, and this machine's own idea of what time it is.
import type { Clock, Timer } from '../ports/clock.js'
import type { Boot } from './boot.js'

export function clockOf(boot: Boot): Clock {
  const { timeline } = boot
  const whileAlive = (work: () => void) => () => {
    if (boot.alive) work()
  }

  return {
    now: () => boot.clockMs,
    monotonicMs: () => timeline.nowMs,
    sleep(delayMs, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const wake = () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        }
        const timer = timeline.at(delayMs, '', whileAlive(wake))
        const stop = () => {
          timer.cancel()
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', stop, { once: true })
      })
    },
    after: (delayMs, work) => timeline.at(delayMs, '', whileAlive(work)),
    every(periodMs, work): Timer {
      let timer: Timer
      const again = () => {
        timer = timeline.at(
          periodMs,
          '',
          whileAlive(() => {
            again()
            work()
          }),
        )
      }
      again()
      return { cancel: () => timer.cancel() }
    },
    endOfTurn: work => void timeline.at(0, '', whileAlive(work)),
  }
}
