// What the log and the metrics say of an exchange.
import { outcomeOf } from './explanations/story.js'
import type { Ended } from './tracing.js'
import type { Surroundings, Trail } from './trail.js'

/** One line and one observation for each exchange, when it is over; neither names a patient. */
export function report(trail: Trail, { log, metrics, ports }: Surroundings): void {
  const seconds = (ports.clock.monotonicMs() - trail.startedMs) / 1000
  const { contract } = trail
  const response = trail.response as { errors?: { errorCode: string }[] } | undefined
  const outcome = outcomeOf(trail)
  const codes = response?.errors?.length ? [...new Set(response.errors.map(error => error.errorCode))] : undefined
  metrics.exchange(contract?.id ?? 'unknown', outcome, seconds, codes)
  log.info(
    {
      trace: trail.trace.traceId,
      transaction: contract?.id,
      partner: trail.partner.name,
      messageID: trail.message?.addressing.messageID,
      outcome,
      errorCodes: codes,
      failure: trail.failure,
      because: trail.because,
      ms: Math.round(seconds * 10_000) / 10,
    },
    'exchange',
  )
}

/** The same for whoever collects spans, without the words of a failure. */
export function spanOf(trail: Trail): Ended {
  const { contract, partner, fault } = trail
  return {
    name: contract === undefined ? 'unknown' : `${contract.id} ${contract.name}`,
    attributes: { 'ihe.transaction': contract?.id, 'ihe.outcome': outcomeOf(trail), 'carnet.partner': partner.name },
    failure: fault === undefined ? undefined : `fault ${fault.code}`,
  }
}
