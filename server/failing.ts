// When an exchange does not end well: what the partner is told, and what only the log is.
import type { ErrorCode } from '../metadata/model.js'
import { SoapFault } from '../soap/fault.js'
import { SpoolFull } from '../soap/spool.js'
import { inWords, StoreAway, StoreBroken, StoreFull } from '../store/failures.js'
import type { Actor } from './actor.js'
import { ReadOnly } from './changes-door.js'
import type { Surroundings, Trail } from './trail.js'

/** More requests are under way than this process takes on. */
export class Busy extends Error {
  override message = 'too much is under way here; send this one again a little later'
}

/** Makes the answer a refusal of the transaction, or a fault where it has none: for a SoapFault, and before a contract is known. */
export function fail<Context>(trail: Trail, failure: unknown, actor: Actor<Context>, around: Surroundings): void {
  trail.auditCommitted = false
  if (failure instanceof SpoolFull || failure instanceof SoapFault) trail.answerTo = failure.answerTo
  if (failure instanceof SpoolFull) trail.contract ??= actor.served.get(failure.action ?? '')?.contract
  if (failure instanceof SoapFault) {
    trail.fault = failure
    trail.failure = failure.inside ?? failure.message
    return
  }
  const kind = kindOf(failure)
  const isBroken = failure instanceof StoreBroken
  const known = kind !== 'Error' && !isBroken
  // What we did not foresee goes to the log whole; the partner gets a reference and no details of our insides.
  if (!known)
    around.log.error(
      { trace: trail.trace.traceId, transaction: trail.contract?.id, failure: detailsOf(failure) },
      'unforeseen failure',
    )
  const words = wordsFor(failure) ?? unforeseenInWords
  trail.failure = words
  if (failure instanceof StoreAway && failure.cause !== undefined) trail.because = inWords(failure.cause)
  if (trail.contract === undefined) {
    trail.fault = new SoapFault('Receiver', words)
    return
  }
  const codeContext = `${words} (trace ${trail.trace.traceId})`
  trail.response = trail.contract.refused(
    [{ errorCode: codeFor(actor, kind), codeContext, severity: 'Error' }],
    trail.request,
  )
}

/** What whoever asked may hear of it; undefined where nobody has foreseen it. */
export function wordsFor(failure: unknown): string | undefined {
  if (failure instanceof StoreBroken) return brokenInWords
  return kindOf(failure) === 'Error' ? undefined : (failure as Error).message
}

export const unforeseenInWords = 'an internal error; its details are in the log of this service'
const brokenInWords =
  'the database cannot be written, and what became of this cannot be told before the service has been started again; sending it again then is safe'

/** Busy does not say that nothing was done: what was in a commit whose sync failed may be found after a restart. */
function kindOf(failure: unknown): 'Error' | 'Busy' | 'OutOfResources' {
  if ([Busy, ReadOnly, StoreAway, StoreBroken].some(kind => failure instanceof kind)) return 'Busy'
  return failure instanceof SpoolFull || failure instanceof StoreFull ? 'OutOfResources' : 'Error'
}

function codeFor(actor: { name: string }, kind: 'Error' | 'Busy' | 'OutOfResources'): ErrorCode {
  return actor.name === 'Document Repository' ? `XDSRepository${kind}` : `XDSRegistry${kind}`
}

/** The other side went away. */
export function isBrokenConnection(failure: unknown): boolean {
  const code = (failure as { code?: unknown }).code
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR'
}

/** For the log alone. */
export function detailsOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  const details = failure.stack ?? failure.message
  return failure.cause === undefined ? details : `${details}\nbecause of ${detailsOf(failure.cause)}`
}
