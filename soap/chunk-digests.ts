// What each chunk of a document is held against when it is read: SHA-256, or GMAC under a key that only this document has.
import { createCipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { chunkBytes } from './message.js'

// With processors of our day a GMAC takes a quarter of the time of a SHA-256 (docs/decisions/0376): documents that are
// large enough for it to matter have these. The two forms are told apart by their length, which is even or odd.
const sha256Bytes = 32
const form = Buffer.from([1])
export const keyBytes = 16
const tagBytes = 16
const nonceBytes = 12

/** GMAC of chunk after chunk, as its bytes come. [NIST SP 800-38D] */
export function chunkDigester(key: Buffer): { update(bytes: Uint8Array): void; end(): Buffer } {
  const tags: Buffer[] = []
  let inChunk = 0
  let chunk = macOf(key, 0)

  const endChunk = () => {
    tags.push(chunk.tag())
    chunk = macOf(key, tags.length)
    inChunk = 0
  }
  return {
    update(bytes) {
      for (let start = 0; start < bytes.byteLength; ) {
        const piece = bytes.subarray(start, start + chunkBytes - inChunk)
        chunk.update(piece)
        inChunk += piece.byteLength
        start += piece.byteLength
        if (inChunk === chunkBytes) endChunk()
      }
    },
    end() {
      if (inChunk > 0) endChunk()
      return Buffer.concat([form, key, ...tags])
    },
  }
}

/** SHA-256 of each chunk, one after another. */
export function chunkHashes(bytes: Buffer): Buffer {
  const digests: Buffer[] = []
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    digests.push(sha256(bytes.subarray(start, start + chunkBytes)))
  }
  return Buffer.concat(digests)
}

/** Whether the chunk with this index has these very bytes. */
export function isChunk(chunk: Buffer, index: number, digests: Buffer): boolean {
  if (digests.length % 2 === 0)
    return sha256(chunk).equals(digests.subarray(index * sha256Bytes, (index + 1) * sha256Bytes))
  const key = digests.subarray(form.length, form.length + keyBytes)
  const from = form.length + keyBytes + index * tagBytes
  const tag = digests.subarray(from, from + tagBytes)
  const mac = macOf(key, index)
  mac.update(chunk)
  return tag.length === tagBytes && timingSafeEqual(mac.tag(), tag)
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

/** A key is for one document and each nonce for one of its chunks, so that no pair comes twice. */
function macOf(key: Buffer, index: number): { update(bytes: Uint8Array): void; tag(): Buffer } {
  const nonce = Buffer.alloc(nonceBytes)
  nonce.writeUInt32BE(index)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  return {
    update: bytes => void cipher.setAAD(bytes),
    tag() {
      cipher.final()
      return cipher.getAuthTag()
    },
  }
}
