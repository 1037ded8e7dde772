// A database in a file that could not be synced takes nothing any more, and no waiting mends that: only a start does, which reads
// from the disk what is there. So the service ends by itself, late enough to be seen, and whoever keeps it running starts it anew.
// docs/decisions/0381-a-service-that-cannot-write-ends.md
import type { Clock } from '../ports/clock.js'
import { deferred } from '../ports/promises.js'
import type { Log } from './log.js'

export interface LastingFailure {
  /** Resolves with the reason once it has lasted. */
  readonly because: Promise<string>
  /** `lost` says why nothing can be written before a restart. */
  follow(lost: () => string | undefined): void
  close(): void
}

/** Watchers look every quarter of a minute, and no supervisor gives up one that ends so seldom. */
const lastsMs = 30_000
const lookMs = 1_000

/** `because` resolves once, when the failure has lasted; it never rejects, and stays open for as long as all is well. docs/decisions/0381 */
export function lastingFailure({ clock, log }: { clock: Clock; log: Pick<Log, 'error'> }): LastingFailure {
  const { promise, resolve } = deferred<string>()
  let looking = { cancel() {} }
  return {
    because: promise,
    follow(lost) {
      let sinceMs: number | undefined
      looking = clock.every(lookMs, () => {
        const why = lost()
        const nowMs = clock.monotonicMs()
        sinceMs = why === undefined ? undefined : (sinceMs ?? nowMs)
        if (why === undefined || sinceMs === undefined || nowMs - sinceMs < lastsMs) return
        looking.cancel()
        log.error({ reason: why }, 'nothing can be written before a restart: the service ends, to be started again')
        resolve(why)
      })
    },
    close: () => looking.cancel(),
  }
}
