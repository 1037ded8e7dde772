// Audit records of what was refused because the disk is full or the database away: held in memory until they can be written, in bounds. Nothing was
// disclosed or changed by such an exchange, so that its answer need not wait.
import type { AuditRecord } from '../atna-audit/message.js'
import type { Clock, Timer } from '../ports/clock.js'
import type { Log } from './log.js'

export interface HeldRecords {
  hold(records: readonly AuditRecord[]): void
  /** Writes what it holds, if that is possible. */
  close(): Promise<void>
}

const mostHeld = 10_000
const tryEveryMs = 1_000

/** At most 10,000, tried again each second and at `close()`. What is beyond that is lost, and the log says how many; a kill loses what is held. */
export function heldRecords(
  append: (records: AuditRecord[]) => Promise<void>,
  { clock, log }: { clock: Clock; log: Log },
): HeldRecords {
  let held: AuditRecord[] = []
  let lost = 0
  let timer: Timer | undefined

  async function write(): Promise<void> {
    timer = undefined
    const some = held
    held = []
    try {
      await append(some)
      if (lost > 0)
        log.error(
          { lost },
          'audit records of refused requests were lost: the disk was full, or the database away, for too long',
        )
      lost = 0
    } catch {
      keep(some)
      timer ??= clock.after(tryEveryMs, () => void write(), { idle: true })
    }
  }

  function keep(records: readonly AuditRecord[]): void {
    const all = [...records, ...held]
    held = all.slice(0, mostHeld)
    lost += all.length - held.length
  }

  return {
    hold(records) {
      const all = [...held, ...records]
      held = all.slice(0, mostHeld)
      lost += all.length - held.length
      timer ??= clock.after(tryEveryMs, () => void write(), { idle: true })
    },
    async close() {
      timer?.cancel()
      if (held.length > 0) await write()
      timer?.cancel()
    },
  }
}
