// The place of an encrypted document: `sealed:`, the name of the key-encryption key, the document's own key as that has wrapped it, and
// the place where the ciphertext is. So keys are rotated by writing rows anew, and no document is touched.
import type { Place } from '../content-store.js'

export interface SealedPlace {
  wrapped: WrappedKey
  inner: Place
}

export interface WrappedKey {
  /** Of the key-encryption key. */
  name: string
  bytes: Buffer
}

const form = /^sealed:([\w.-]{1,64}):([\w-]+):(.+)$/

/** Undefined for a document that is not encrypted. */
export function sealedIn(place: Place): SealedPlace | undefined {
  const found = form.exec(place)
  if (found === null) return undefined
  const [, name = '', bytes = '', inner = ''] = found
  return { wrapped: { name, bytes: Buffer.from(bytes, 'base64url') }, inner }
}

export const sealedPlace = ({ wrapped: { name, bytes }, inner }: SealedPlace): Place =>
  `sealed:${name}:${bytes.toString('base64url')}:${inner}`

/** Where the bytes are, encrypted or not. */
export const innerPlace = (place: Place): Place => sealedIn(place)?.inner ?? place
