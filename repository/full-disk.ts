// A full disk, told as what it is: nothing was kept, and it may be tried again when there is space.
import { StoreFull } from '../store/failures.js'

export function isOutOfSpace(problem: unknown): boolean {
  const { code } = problem as { code?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT'
}

export function roomInWords(problem: unknown): unknown {
  return isOutOfSpace(problem)
    ? new StoreFull('the folder of the documents has no space left on its disk', { cause: problem })
    : problem
}
