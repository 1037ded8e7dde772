// What is delivered leaves the outbox a little later, many records at once: each removal is a commit with pages of its own.
// Should the process end before that, they are sent again and known as the same.
import type { Clock, Timer } from '../ports/clock.js'
import type { Outbox } from './outbox.js'

export interface Forgetting {
  /** The audit repository has all up to this id. */
  delivered(throughId: number): void
  /** Removes what is still to be removed; resolves when that has been tried. */
  end(): Promise<void>
}

/** A record that is delivered and not yet forgotten when the process ends is sent again, which the repository finds out; it is never lost. */
export function forgetting(outbox: Pick<Outbox, 'delivered'>, forgetMs: number, clock: Clock): Forgetting {
  let timer: Timer | undefined
  let last: number | undefined
  let underWay: Promise<void> = Promise.resolve()

  function forget(): void {
    timer?.cancel()
    timer = undefined
    if (last === undefined) return
    underWay = outbox.delivered(last).catch(() => undefined)
    last = undefined
  }

  return {
    delivered(throughId) {
      last = throughId
      timer ??= clock.after(forgetMs, forget, { idle: true })
    },
    async end() {
      const before = underWay
      forget()
      await Promise.all([before, underWay])
    },
  }
}
