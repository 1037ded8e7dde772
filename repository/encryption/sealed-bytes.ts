// The bytes of an encrypted document: AES-256-GCM, each MiB by itself, so that they are read in ranges and from the middle. The key is
// the document's own, so that the number of a chunk is nonce enough; it is bound to the document's id. [NIST SP 800-38D: 8.2.1]
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { chunkBytes } from '../../soap/message.js'

export const keyBytes = 32
export const tagBytes = 16
/** Of a chunk as it is kept: the ciphertext, then the tag. */
export const sealedChunkBytes = chunkBytes + tagBytes

export interface ChunkOf {
  key: Uint8Array
  /** Of the document. */
  id: string
  index: number
}

/** In bytes, of a document of so many: 16 more for each MiB begun. */
export function sealedSize(sizeBytes: number): number {
  return sizeBytes + tagBytes * Math.ceil(sizeBytes / chunkBytes)
}

/** The reverse of `sealedSize`, never negative. */
export function plainSize(sealedBytes: number): number {
  return Math.max(0, sealedBytes - tagBytes * Math.ceil(sealedBytes / sealedChunkBytes))
}

/** A chunk is sealed once with a key: the same index twice, with other bytes, would give both away. [NIST SP 800-38D: 8.2.1] */
export function sealChunk(plain: Uint8Array, chunk: ChunkOf): Buffer {
  const cipher = createCipheriv('aes-256-gcm', chunk.key, nonceOf(chunk)).setAAD(boundTo(chunk))
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** @throws Error where it is not what was sealed. */
export function openChunk(sealed: Buffer, chunk: ChunkOf): Buffer {
  if (sealed.length < tagBytes) throw new Error('it ends in the middle')
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', chunk.key, nonceOf(chunk), { authTagLength: tagBytes })
  decipher.setAAD(boundTo(chunk)).setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()])
  } catch {
    throw new Error(`part ${chunk.index + 1} is not what was encrypted`)
  }
}

/** Pieces of any length as whole chunks. */
export async function* sealedPieces(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { key, id }: Omit<ChunkOf, 'index'>,
): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let index = 0
  for await (const piece of pieces) {
    for (let rest = piece; rest.byteLength > 0; ) {
      const some = rest.subarray(0, chunkBytes - heldBytes)
      // A copy: whoever gives the pieces may use their memory again.
      held.push(Buffer.from(some))
      heldBytes += some.byteLength
      rest = rest.subarray(some.byteLength)
      if (heldBytes < chunkBytes) continue
      yield sealChunk(Buffer.concat(held), { key, id, index: index++ })
      held = []
      heldBytes = 0
    }
  }
  if (heldBytes > 0) yield sealChunk(Buffer.concat(held), { key, id, index })
}

function nonceOf({ index }: ChunkOf): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(index, 8)
  return nonce
}

const boundTo = ({ id }: ChunkOf) => Buffer.from(id)
