// The digests of a document, made while it passes: SHA-1 as XDS asks, SHA-256 of the whole and of each chunk for ourselves.
import { createHash, type Hash, hash } from 'node:crypto'
import { chunkBytes, type Spooled } from './message.js'

export type Digests = Pick<Spooled, 'sizeBytes' | 'sha1' | 'sha256' | 'chunkDigests'>

/** Of bytes that are all there. */
export function digestsOf(bytes: Buffer): Digests {
  const sha256 = hash('sha256', bytes, 'hex')
  return {
    sizeBytes: bytes.length,
    sha1: hash('sha1', bytes, 'hex'),
    sha256,
    chunkDigests: bytes.length <= chunkBytes ? onlyChunk(bytes, sha256) : chunked(bytes),
  }
}

function onlyChunk(bytes: Buffer, sha256: string): Buffer {
  return bytes.length === 0 ? Buffer.alloc(0) : Buffer.from(sha256, 'hex')
}

function chunked(bytes: Buffer): Buffer {
  const digests: Buffer[] = []
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    digests.push(
      createHash('sha256')
        .update(bytes.subarray(start, start + chunkBytes))
        .digest(),
    )
  }
  return Buffer.concat(digests)
}

/** Of bytes that come in pieces. */
export function digester(): { update(bytes: Uint8Array): void; end(): Digests } {
  const sha1 = createHash('sha1')
  const chunkDigests: Buffer[] = []
  let sizeBytes = 0
  let chunk = createHash('sha256')
  let inChunk = 0
  // Of the whole. Within the first chunk it is what that of the chunk is, and worked out once.
  let sha256: Hash | undefined

  const updateChunk = (bytes: Uint8Array): void => {
    for (let start = 0; start < bytes.byteLength; ) {
      const piece = bytes.subarray(start, start + chunkBytes - inChunk)
      chunk.update(piece)
      sha256?.update(piece)
      inChunk += piece.byteLength
      start += piece.byteLength
      if (inChunk === chunkBytes) endChunk()
    }
  }
  const endChunk = (): void => {
    sha256 ??= chunk.copy()
    chunkDigests.push(chunk.digest())
    chunk = createHash('sha256')
    inChunk = 0
  }

  return {
    update(bytes) {
      sizeBytes += bytes.byteLength
      sha1.update(bytes)
      updateChunk(bytes)
    },
    end() {
      if (inChunk > 0) endChunk()
      return {
        sizeBytes,
        sha1: sha1.digest('hex'),
        sha256: (sha256 ?? chunk).digest('hex'),
        chunkDigests: Buffer.concat(chunkDigests),
      }
    },
  }
}
