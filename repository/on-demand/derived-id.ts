// Ids that follow from what they stand for, so that the same has the same. [RFC 9562: 5.8, ITU-T X.667]
import { createHash } from 'node:crypto'

/** An OID: the first 128 bits of a digest over the texts, as a UUID of version 8 below 2.25. */
export function derivedOid(...texts: string[]): string {
  return `2.25.${BigInt(`0x${derivedHex(texts)}`)}`
}

function derivedHex(texts: string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest().subarray(0, 16)
  digest[6] = (digest.readUInt8(6) & 0x0f) | 0x80
  digest[8] = (digest.readUInt8(8) & 0x3f) | 0x80
  return digest.toString('hex')
}
