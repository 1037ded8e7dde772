// A full disk, told as what it is: nothing was kept, and it may be tried again when there is space.
import { StoreFull } from '../store/failures.js'

/** Quotas included. */
export function isOutOfSpace(problem: unknown): boolean {
  const { code } = problem as { code?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT'
}

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the folder of the documents has no space left on its disk',
  EDQUOT: 'the quota of the folder of the documents is used up',
  EMFILE: 'too many files are open here, and documents cannot be kept now',
  ENFILE: 'too many files are open on this host, and documents cannot be kept now',
}

/** What passes by itself, or once somebody makes room, is told as that. */
export function roomInWords(problem: unknown): unknown {
  const { code } = (problem ?? {}) as { code?: unknown }
  const said = typeof code === 'string' ? words[code] : undefined
  return said === undefined ? problem : new StoreFull(said, { cause: problem })
}
