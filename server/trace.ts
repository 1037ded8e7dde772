// W3C trace context: accepted when valid, made otherwise, handed on with a parent-id of our own. https://www.w3.org/TR/trace-context/
import type { Randomness } from '../ports/randomness.js'
import type { Trace } from './actor.js'

const valid = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/

/** The trace of an exchange whose request carried `header`; a new one where that is absent or not valid. */
export function traceOf(header: string | undefined, randomness: Randomness): Trace {
  const [, traceId = randomness.bytes(16).toString('hex'), flags = '01'] = valid.exec(header ?? '') ?? []
  const next = () => `00-${traceId}-${randomness.bytes(8).toString('hex')}-${flags}`
  return { traceId, traceparent: next(), next }
}
