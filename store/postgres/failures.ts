// What a failing PostgreSQL says, and what follows: try again, try later, or give up. https://www.postgresql.org/docs/15/errcodes-appendix.html
import { inWords, StoreAway, StoreFull } from '../failures.js'

/** `again`: it met somebody else's change. `away`: the server or the way to it. */
export type Kind = 'again' | 'away' | 'full' | 'other'

const kinds: Readonly<Record<string, Kind>> = {
  // serialization_failure, deadlock_detected
  '40001': 'again',
  '40P01': 'again',
  // lock_not_available: somebody else holds it for too long
  '55P03': 'away',
  // disk_full, out_of_memory
  '53100': 'full',
  '53200': 'away',
  // too_many_connections
  '53300': 'away',
  // admin_shutdown, crash_shutdown, cannot_connect_now, a statement that was cancelled
  '57P01': 'away',
  '57P02': 'away',
  '57P03': 'away',
  '57014': 'away',
  // a standby that was promoted, or a primary that has become a standby
  '25006': 'away',
  '25P03': 'away',
}

const awayWords =
  /^(?:Connection terminated|timeout expired|timeout exceeded|Client has encountered a connection error|Client was closed|Query read timeout)/

export function kindOf(problem: unknown): Kind {
  const { code, message = '' } = (problem ?? {}) as { code?: unknown; message?: string }
  if (typeof code === 'string') {
    const known = kinds[code]
    if (known !== undefined) return known
    if (code.startsWith('08') || /^E[A-Z]{3,}/.test(code)) return 'away'
    return 'other'
  }
  return awayWords.test(message) ? 'away' : 'other'
}

/** The database went away at the one moment at which nobody can tell whether it had committed. */
export class OutcomeUnknown extends StoreAway {
  override name = 'OutcomeUnknown'
  override message = 'the database went away before it said whether this was kept; send this one again a little later'
}

/** As the rest of the house knows it. */
export function failureOf(problem: unknown): unknown {
  if (problem instanceof StoreAway) return problem
  const kind = kindOf(problem)
  if (kind === 'full') return new StoreFull('the database has no space left on its disk', { cause: problem })
  if (kind === 'other') return problem
  return new StoreAway('the database does not answer or has too much to do; send this one again a little later', {
    cause: problem,
  })
}

/** For operators: what the server said. */
export function awayInWords(problem: unknown): string {
  const cause = problem instanceof StoreAway ? problem.cause : problem
  return `the database does not answer: ${inWords(cause)}`
}
