// W3C trace context: accepted when valid, made otherwise, handed on with a parent-id of our own. https://www.w3.org/TR/trace-context/
import type { Randomness } from '../ports/randomness.js'
import type { Trace } from './actor.js'

const valid = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

export interface TraceparentParts {
  traceId: string
  parentId: string
  flags: string
}

/** The trace of an exchange whose request carried `header`; a new one where that is absent or not valid. */
export function traceOf(header: string | undefined, randomness: Randomness): Trace {
  const { traceId, flags } = traceparentParts(header) ?? { traceId: randomness.bytes(16).toString('hex'), flags: '01' }
  const next = () => traceparentOf({ traceId, parentId: randomness.bytes(8).toString('hex'), flags })
  return { traceId, traceparent: next(), next }
}

/** Undefined where it is absent or not valid. */
export function traceparentParts(header: string | undefined): TraceparentParts | undefined {
  const [, traceId, parentId, flags] = valid.exec(header ?? '') ?? []
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined
  return { traceId, parentId, flags }
}

/** As a header value and as it is kept beside a submission. [W3C Trace Context: 3.2] */
export function traceparentOf({ traceId, parentId, flags }: TraceparentParts): string {
  return `00-${traceId}-${parentId}-${flags}`
}
