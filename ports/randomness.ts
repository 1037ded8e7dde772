// Randomness: identifiers and keys nobody can guess. The only door to random bytes.
import { randomBytes, randomUUID } from 'node:crypto'

export interface Randomness {
  /** A version 4 UUID, 36 characters in lower case. */
  uuid(): string
  bytes(count: number): Buffer
}

export const systemRandomness: Randomness = { uuid: () => randomUUID(), bytes: takeBytes }

let pool = Buffer.alloc(0)

/** Few bytes come from a pool, for each call to the source costs the same; no byte is given twice. */
function takeBytes(count: number): Buffer {
  if (count > 64) return randomBytes(count)
  if (pool.length < count) pool = randomBytes(4_096)
  const taken = Buffer.from(pool.subarray(0, count))
  pool = pool.subarray(count)
  return taken
}

/** A UUID as XDS writes it. [ITI TF-3:4.2.3.1.5] */
export function uuidUrn(randomness: Randomness): string {
  return `urn:uuid:${randomness.uuid()}`
}

/**
 * A version 7 UUID: what was made later sorts later, so that rows of one time lie side by side in an index. No less unique,
 * but its time can be read from it. [RFC 9562: 5.7]
 */
export function orderedUuid(epochMs: number, randomness: Randomness): string {
  const time = epochMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomness.uuid().slice(15)}`
}

/** A fresh OID below 2.25, made of a UUID (ITU-T X.667). */
export function uuidOid(randomness: Randomness): string {
  return `2.25.${BigInt(`0x${randomness.uuid().replaceAll('-', '')}`)}`
}
