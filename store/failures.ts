// What can go wrong with a database file, in words, and which of it is final.

/** There is no room for what was to be written. Nothing of it was kept; it may be tried again when there is space. */
export class StoreFull extends Error {
  override name = 'StoreFull'
}

/** The database server does not answer, or not in time; or another process holds the database. Nothing was kept; it may be tried again when it is back. */
export class StoreAway extends Error {
  override name = 'StoreAway'
}

/** It answers, and does not let this service do its work: a password, a right, a table that is not there. Somebody has to look. */
export class StoreRefused extends StoreAway {
  override name = 'StoreRefused'
}

/**
 * The database file can no longer be relied on; nothing is written any more until a restart. What was to be written may be
 * found then all the same: a commit whose sync failed stands in the log. Nobody may take it for refused.
 */
export class StoreBroken extends Error {
  override name = 'StoreBroken'
}

/** A database file that cannot be opened: why, and what to do, in one sentence. */
export class CannotOpen extends Error {
  override name = 'CannotOpen'
}

// Primary result codes, https://www.sqlite.org/rescode.html
const busy = 5
const full = 13
const inputOutput = 10
const damaged = new Set([11, 26])

/** StoreFull where the disk is full, StoreAway where somebody else holds the database, else the problem itself: for handlers that tell a sender to come again later. */
export function failureOf(problem: unknown): unknown {
  if (isHeld(problem)) return new StoreAway('the database is held by another process', { cause: problem })
  if (primaryCode(problem) !== full) return problem
  return new StoreFull('the database has no space left on its disk', { cause: problem })
}

/** Whether another connection to the same file was in the way for longer than we wait. */
export function isHeld(problem: unknown): boolean {
  return primaryCode(problem) === busy
}

/** Whether a failed commit or statement leaves the file in doubt: a sync that failed once may have lost pages for good. */
export function isFinal(problem: unknown, when: 'commit' | 'work'): boolean {
  const code = primaryCode(problem)
  return damaged.has(code) || (when === 'commit' && code === inputOutput)
}

/** Without a stack: for reasons in log and alarm, never for a partner. */
export function inWords(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem)
}

/** SQLite's primary result code, 0 for what does not come from SQLite. */
function primaryCode(problem: unknown): number {
  const code = (problem as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : 0
}

const onOpening: readonly (readonly [codes: readonly (number | string)[], words: string])[] = [
  [[11, 26], 'is damaged (WHY): restore a backup ("carnet restore"), and keep this file until that is done'],
  [[13, 'ENOSPC', 'EDQUOT'], 'finds no room on its disk (WHY): make some'],
  [[8, 'EROFS'], 'cannot be written (WHY): is its disk mounted read-only?'],
  [[10, 'EIO'], 'cannot be read, for its disk reports an error (WHY): see what the system says of it (dmesg)'],
  [
    [3, 14, 23, 'EACCES', 'EPERM', 'ENOTDIR'],
    'cannot be opened (WHY): is its folder there, and may this user write in it?',
  ],
  [[5, 6], 'is in use by another program (WHY): end that one'],
]

/** What is foreseen of opening `path` as CannotOpen; all else as it came. */
export function openingInWords(path: string, problem: unknown): unknown {
  const { code } = (problem ?? {}) as { code?: unknown }
  const found = onOpening.find(([codes]) => codes.some(each => each === primaryCode(problem) || each === code))
  if (found === undefined) return problem
  return new CannotOpen(`the database ${path} ${found[1].replace('WHY', inWords(problem))}`, { cause: problem })
}
