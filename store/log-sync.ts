// Brings commits that nobody waits for to the disk: the write-ahead log is synced within 100 ms, off the event loop.
// The log carries no locks of its own, so a second descriptor on it disturbs nobody.
import type { Clock, Timer } from '../ports/clock.js'
import type { Files } from '../ports/files.js'
import { inWords } from './failures.js'

/** Half of what is promised: the other half is for the sync itself. */
const syncAfterMs = 50

export interface LogSync {
  /** A commit has been written and not synced. */
  written(): void
  /** Syncs what is not yet on the disk and returns when no sync is under way. */
  settle(): Promise<void>
}

/** For commits that were told of before they were synced: at most 100 ms of them are lost with the power. `onFailure` ends all writing. */
export function logSync(path: string, clock: Clock, files: Files, onFailure: (reason: string) => void): LogSync {
  let timer: Timer | undefined
  let underWay: Promise<void> = Promise.resolve()

  function sync(): Promise<void> {
    timer?.cancel()
    timer = undefined
    // One after another, so that settle() waits for all of them.
    underWay = underWay.then(async () => {
      try {
        await files.syncFile(`${path}-wal`)
      } catch (problem) {
        if (isWithoutHandle(problem)) written()
        else onFailure(`the write-ahead log of the database could not be synced: ${inWords(problem)}`)
      }
    })
    return underWay
  }

  function written(): void {
    timer ??= clock.after(syncAfterMs, () => void sync(), { idle: true })
  }

  return {
    // A synced commit that comes meanwhile makes this sync cheap, not needless: one that changed nothing syncs nothing.
    written,
    settle: () => (timer === undefined ? underWay : sync()),
  }
}

/** Nothing was synced, and nothing has failed to be: it is tried again. */
function isWithoutHandle(problem: unknown): boolean {
  const { code } = problem as { code?: unknown }
  return code === 'EMFILE' || code === 'ENFILE'
}
