// The digests of a document, made while it passes: SHA-1 as XDS asks, SHA-256 of the whole and one of each chunk for ourselves.
import { createHash, hash } from 'node:crypto'
import { chunkDigester, chunkHashes } from './chunk-digests.js'
import { chunkBytes, type Spooled } from './message.js'

export type Digests = Pick<Spooled, 'sizeBytes' | 'sha1' | 'sha256' | 'chunkDigests'>

/** Of bytes that are all there. */
export function digestsOf(bytes: Buffer): Digests {
  const sha256 = hash('sha256', bytes, 'hex')
  return {
    sizeBytes: bytes.length,
    sha1: hash('sha1', bytes, 'hex'),
    sha256,
    chunkDigests: bytes.length <= chunkBytes ? onlyChunk(bytes, sha256) : chunkHashes(bytes),
  }
}

function onlyChunk(bytes: Buffer, sha256: string): Buffer {
  return bytes.length === 0 ? Buffer.alloc(0) : Buffer.from(sha256, 'hex')
}

/** Of bytes that come in pieces; the key, of `keyBytes`, is for this document alone. */
export function digester(key: Buffer): { update(bytes: Uint8Array): void; end(): Digests } {
  const sha1 = createHash('sha1')
  const sha256 = createHash('sha256')
  const chunks = chunkDigester(key)
  let sizeBytes = 0
  return {
    update(bytes) {
      sizeBytes += bytes.byteLength
      sha1.update(bytes)
      sha256.update(bytes)
      chunks.update(bytes)
    },
    end: () => ({
      sizeBytes,
      sha1: sha1.digest('hex'),
      sha256: sha256.digest('hex'),
      chunkDigests: chunks.end(),
    }),
  }
}
