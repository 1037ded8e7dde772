// How slowly a partner may send what it asks and take what it is answered: drop by drop a few connections would hold all places.
import type { Clock } from '../ports/clock.js'
import { SoapFault } from '../soap/fault.js'

const slowestWindowMs = 30_000
const slowestBytes = 65_536

/** Less than 64 kB in half a minute is not waited for. @throws SoapFault */
export async function* inGoodTime(body: AsyncIterable<Uint8Array>, clock: Clock): AsyncIterable<Uint8Array> {
  let since = clock.monotonicMs()
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.byteLength
    const nowMs = clock.monotonicMs()
    if (nowMs - since > slowestWindowMs) {
      if (bytes < slowestBytes) throw tooSlow(bytes, nowMs - since)
      since = nowMs
      bytes = 0
    }
    yield piece
    // While we are at work on it (a disk that stands still, say) nobody else is slow.
    since += clock.monotonicMs() - nowMs
  }
}

function tooSlow(bytes: number, ms: number): SoapFault {
  const reason = `${bytes} bytes in ${Math.round(ms / 1000)} s are too slow; a message has to come at ${slowestBytes} bytes in ${slowestWindowMs / 1000} s or more`
  return new SoapFault('Sender', reason, { httpStatus: 408 })
}

/** What it takes to pass so many bytes on, that slow at most; then `giveUp` is called, after which `taking` has to end. */
export async function takenInTime(
  taking: Promise<void>,
  bytes: number,
  clock: Pick<Clock, 'after'>,
  giveUp: () => void,
): Promise<void> {
  const windows = Math.max(1, Math.ceil(bytes / slowestBytes))
  const late = clock.after(windows * slowestWindowMs, giveUp, { idle: true })
  try {
    await taking
  } finally {
    late.cancel()
  }
}
