// Tells the log once when a database is out of reach and once when it is back: requests say so only of themselves, and where nobody
// asks, nobody would.
import type { Clock, Timer } from '../ports/clock.js'
import type { Log } from './log.js'

const lookMs = 1_000
/** Whatever a server finds to say. */
const mostReasons = 20

/** Looks each second, until it is cancelled. While it is away, each reason is told once. */
export function tellOfDatabase(
  database: { readonly broken: string | undefined },
  { clock, log }: { clock: Clock; log: Pick<Log, 'error' | 'info'> },
): Timer {
  const told = new Set<string>()
  let sinceMs = 0
  return clock.every(lookMs, () => {
    const reason = database.broken
    if (reason === undefined) {
      if (told.size === 0) return
      told.clear()
      log.info({ awayMs: Math.round(clock.monotonicMs() - sinceMs) }, 'the database is in reach again')
    } else if (!told.has(reason) && told.size < mostReasons) {
      if (told.size === 0) sinceMs = clock.monotonicMs()
      told.add(reason)
      log.error({ reason }, 'nothing can be written now')
    }
  })
}
