// What was deleted leaves the files, not only the tables. Three things keep it there: cells and freed pages, which SQLite
// zeroes while it deletes (secure_delete); the write-ahead log, which is emptied here; and copies in the unused parts of pages,
// left where rows once moved from page to page, which only VACUUM clears. docs/decisions/0120.
import type { Clock, Timer } from '../ports/clock.js'
import type { SqliteConnection } from './sqlite-driver.js'

export interface Erasure {
  /** Inside a transaction that deletes what has to be erased; a crash before the erasure makes the next start erase. */
  mark(): void
  /**
   * Outside of transactions: erases what is marked, as far as that can be done without holding up others for long. False while
   * somebody reads what was there before, a backup say: the log holds it until then.
   */
  now(): boolean
  /** At the start and at the end of the process, when nobody waits. */
  thoroughly(): void
}

export interface ErasureBounds {
  /** A database up to this size is vacuumed while others wait: some 5 ms a MiB. */
  atOnceBytes: number
  /** Up to this size when the process starts or ends. */
  atAllBytes: number
  /** A VACUUM that took longer than this … */
  quickMs: number
  /** … makes the next one wait this many times as long as it took. */
  pauseFactor: number
}

const mebibyte = 1024 * 1024
const readersMs = 1_000
const usualBounds: ErasureBounds = {
  atOnceBytes: 64 * mebibyte,
  atAllBytes: 1024 * mebibyte,
  quickMs: 50,
  pauseFactor: 20,
}

/** The number that SQLite keeps in the header of a database for whoever uses it; with us: whether an erasure is not yet complete. */
const marked = 1

/** Of one open database, in one process; a deletion is done in full when `now()` has said so, or at the latest by the next start. */
export function erasureIn(connection: SqliteConnection, clock: Clock, bounds = usualBounds): Erasure {
  let vacuumNotBeforeMs = Number.NEGATIVE_INFINITY
  let later: Timer | undefined
  /** Since something was marked last. */
  let isVacuumed = false

  const number = (pragma: string, column: string) =>
    Number((connection.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>)[column])
  const isMarked = () => number('user_version', 'user_version') === marked
  const sizeBytes = () => number('page_count', 'page_count') * number('page_size', 'page_size')

  function vacuum(): void {
    const startedMs = clock.monotonicMs()
    // A large one is copied by way of a file that is unlinked before it is written.
    const inMemory = sizeBytes() <= bounds.atOnceBytes
    if (!inMemory) connection.exec('PRAGMA temp_store = FILE')
    try {
      connection.exec('VACUUM')
      isVacuumed = true
      connection.exec('PRAGMA user_version = 0')
    } finally {
      if (!inMemory) connection.exec('PRAGMA temp_store = MEMORY')
      const endedMs = clock.monotonicMs()
      const tookMs = endedMs - startedMs
      if (tookMs > bounds.quickMs) vacuumNotBeforeMs = endedMs + bounds.pauseFactor * tookMs
    }
  }

  /** Waits for nobody: all others would wait too. */
  function emptyLog(): boolean {
    const before = number('busy_timeout', 'timeout')
    connection.exec('PRAGMA busy_timeout = 0')
    try {
      return number('wal_checkpoint(TRUNCATE)', 'busy') === 0
    } finally {
      connection.exec(`PRAGMA busy_timeout = ${before}`)
    }
  }

  /** What cannot be done now (a full disk, say) stays marked. */
  function attempt(work: () => unknown): boolean {
    try {
      return work() !== false
    } catch {
      // The next erasure, or the next start, tries again.
      return true
    }
  }

  /** What is still in the log is erased a little later, or by the next start. */
  function logIsEmpty(): boolean {
    const isEmpty = attempt(emptyLog)
    if (!isEmpty) later ??= clock.after(readersMs, () => void attempt(now), { idle: true })
    if (isVacuumed && isMarked() === isEmpty) attempt(() => setMark(isEmpty ? 0 : marked))
    return isEmpty
  }

  const setMark = (value: number) => connection.exec(`PRAGMA user_version = ${value}`)

  function now(): boolean {
    later?.cancel()
    later = undefined
    if (!isMarked()) return true
    const pauseMs = vacuumNotBeforeMs - clock.monotonicMs()
    if (sizeBytes() <= bounds.atOnceBytes && !isVacuumed) {
      if (pauseMs <= 0) attempt(vacuum)
      else later = clock.after(pauseMs, () => void attempt(now), { idle: true })
    }
    return logIsEmpty()
  }

  return {
    mark() {
      isVacuumed = false
      setMark(marked)
    },
    now,
    thoroughly() {
      later?.cancel()
      later = undefined
      if (!isMarked()) return
      if (sizeBytes() <= bounds.atAllBytes) attempt(vacuum)
      attempt(emptyLog)
    },
  }
}
