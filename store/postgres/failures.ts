// What a failing PostgreSQL says, and what follows: try again, try later, or give up. https://www.postgresql.org/docs/15/errcodes-appendix.html
import { inWords, StoreAway, StoreFull, StoreRefused } from '../failures.js'

/** `again`: it met somebody else's change. `away`: the server or the way to it. `refused`: it does not let us, or is not the one we know. */
export type Kind = 'again' | 'away' | 'refused' | 'full' | 'other'

const kinds: Readonly<Record<string, Kind>> = {
  // serialization_failure, deadlock_detected
  '40001': 'again',
  '40P01': 'again',
  // lock_not_available: somebody else holds it for too long
  '55P03': 'away',
  // disk_full, out_of_memory
  '53100': 'full',
  '53200': 'away',
  // insufficient_resources, too_many_connections, configuration_limit_exceeded
  '53000': 'away',
  '53300': 'away',
  '53400': 'away',
  // system_error, io_error: of the server's own disk
  '58000': 'away',
  '58030': 'away',
  // invalid_authorization_specification, invalid_password, invalid_catalog_name, insufficient_privilege
  '28000': 'refused',
  '28P01': 'refused',
  '3D000': 'refused',
  '42501': 'refused',
  // invalid_schema_name, undefined_table: what was made at the start is not there
  '3F000': 'refused',
  '42P01': 'refused',
  // admin_shutdown, crash_shutdown, cannot_connect_now, a statement that was cancelled
  '57P01': 'away',
  '57P02': 'away',
  '57P03': 'away',
  '57014': 'away',
  // database_dropped, idle_session_timeout, transaction_timeout
  '57P04': 'away',
  '57P05': 'away',
  '25P04': 'away',
  // a standby that was promoted, or a primary that has become a standby
  '25006': 'away',
  '25P03': 'away',
}

const awayWords =
  /^(?:Connection terminated|timeout expired|timeout exceeded|Client has encountered a connection error|Client was closed|Query read timeout)/

/** By SQLSTATE or the system's code, by words where the driver gives none. `other` is a mistake of ours, and is never tried again. */
export function kindOf(problem: unknown): Kind {
  if (problem instanceof StoreRefused) return 'refused'
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
  if (kind === 'refused')
    return new StoreRefused('the database does not let this service work; send this one again later', {
      cause: problem,
    })
  return new StoreAway('the database does not answer or has too much to do; send this one again a little later', {
    cause: problem,
  })
}

/** Before anything was asked of it, whatever the server says is no mistake of ours. */
export function notLetIn(problem: unknown): unknown {
  if (kindOf(problem) !== 'other') return problem
  return new StoreRefused('the database does not let this service in; send this one again later', { cause: problem })
}

/** For operators: what the server said. */
export function awayInWords(problem: unknown): string {
  const cause = problem instanceof StoreAway ? (problem.cause ?? problem) : problem
  const does = [problem, cause].some(each => kindOf(each) === 'refused') ? 'refuses' : 'does not answer'
  return `the database ${does}: ${inWords(cause)}`
}
