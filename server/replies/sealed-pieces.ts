// Pieces of a file, each sealed at its place with AES-256-GCM: no piece can be left out, be put elsewhere or stand in another file.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { OpenFile } from '../../ports/files.js'
import type { Randomness } from '../../ports/randomness.js'
import { chunkBytes } from '../../soap/message.js'

export interface SealedPieces {
  /** As it stands in the file. A piece has at most a chunk; an empty one is the last of its part, and nothing else is. */
  sealed(place: PiecePlace, piece: Uint8Array): Buffer
  /** The piece at `position`, and where the next one begins. @throws where it is not what was sealed at this place */
  opened(file: OpenFile, position: number, place: PiecePlace): Promise<{ piece: Buffer; next: number }>
}

export interface PiecePlace {
  /** Of the file. */
  name: string
  part: 'head' | 'body'
  index: number
}

const nonceBytes = 12
const tagBytes = 16
/** Length, nonce, tag; the sealed piece follows. */
const startBytes = 4 + nonceBytes + tagBytes

/** `key` has 32 bytes; each piece has a nonce of chance. */
export function sealedPieces(key: Uint8Array, randomness: Pick<Randomness, 'bytes'>): SealedPieces {
  return {
    sealed(place, piece) {
      const nonce = randomness.bytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(place, piece.length))
      const text = Buffer.concat([cipher.update(piece), cipher.final()])
      const length = Buffer.alloc(4)
      length.writeUInt32BE(text.length)
      return Buffer.concat([length, nonce, cipher.getAuthTag(), text])
    },
    async opened(file, position, place) {
      const start = await file.read(position, startBytes)
      const length = start.length < startBytes ? 0 : start.readUInt32BE()
      if (start.length < startBytes || length > chunkBytes) throw new Error('a kept answer is damaged')
      const text = await file.read(position + startBytes, length)
      const decipher = createDecipheriv('aes-256-gcm', key, start.subarray(4, 4 + nonceBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(boundTo(place, length))
        .setAuthTag(start.subarray(4 + nonceBytes))
      return { piece: Buffer.concat([decipher.update(text), decipher.final()]), next: position + startBytes + length }
    },
  }
}

function boundTo({ name, part, index }: PiecePlace, length: number): Buffer {
  return Buffer.from(`${name} ${part} ${index}${length === 0 ? ' last' : ''}`)
}
