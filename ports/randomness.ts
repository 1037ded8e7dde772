// Randomness: identifiers and keys nobody can guess. The only door to random bytes.
import { randomBytes, randomUUID } from 'node:crypto'

export interface Randomness {
  /** A version 4 UUID, 36 characters in lower case. */
  uuid(): string
  bytes(count: number): Buffer
}

export const systemRandomness: Randomness = { uuid: () => randomUUID(), bytes: count => randomBytes(count) }

/** A UUID as XDS writes it. [ITI TF-3:4.2.3.1.5] */
export function uuidUrn(randomness: Randomness): string {
  return `urn:uuid:${randomness.uuid()}`
}

/** A fresh OID below 2.25, made of a UUID (ITU-T X.667). */
export function uuidOid(randomness: Randomness): string {
  return `2.25.${BigInt(`0x${randomness.uuid().replaceAll('-', '')}`)}`
}
