// What the log and the metrics say of an exchange.
import type { Surroundings, Trail } from './trail.js'

export function report(trail: Trail, { log, metrics, ports }: Surroundings): void {
  const seconds = (ports.clock.monotonicMs() - trail.startedMs) / 1000
  const { contract, fault } = trail
  const response = trail.response as { status?: string; errors?: { errorCode: string }[] } | undefined
  const outcome = fault === undefined ? (response?.status ?? 'answered') : `fault ${fault.code}`
  metrics.exchange(contract?.id ?? 'unknown', outcome, seconds)
  log.info(
    {
      trace: trail.trace.traceId,
      transaction: contract?.id,
      partner: trail.partner.name,
      messageID: trail.message?.addressing.messageID,
      outcome,
      errorCodes: response?.errors?.length ? [...new Set(response.errors.map(error => error.errorCode))] : undefined,
      failure: trail.failure,
      ms: Math.round(seconds * 10_000) / 10,
    },
    'exchange',
  )
}
