import { randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import {
  openChunk,
  plainSize,
  sealChunk,
  sealedChunkBytes,
  sealedPieces,
  sealedSize,
} from '../../../repository/encryption/sealed-bytes.js'
import { chunkBytes } from '../../../soap/message.js'

const key = randomBytes(32)
const id = randomUUID()

async function sealed(bytes: Buffer, pieceBytes: number): Promise<Buffer> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  )
  const all: Buffer[] = []
  for await (const piece of sealedPieces(pieces, { key, id })) all.push(piece)
  return Buffer.concat(all)
}

describe('the bytes of an encrypted document', () => {
  it('are as long as their sizes say, whatever pieces they came in, and open chunk by chunk', async () => {
    for (const size of [0, 1, 1_000, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes + 17]) {
      const bytes = randomBytes(size)
      const whole = await sealed(bytes, 70_001)
      expect(whole).to.have.length(sealedSize(size))
      expect(plainSize(whole.length)).to.equal(size)
      expect((await sealed(bytes, 262_144)).equals(whole)).to.equal(true)
      for (let index = 0; index * chunkBytes < size; index++) {
        const chunk = whole.subarray(index * sealedChunkBytes, (index + 1) * sealedChunkBytes)
        const opened = openChunk(chunk, { key, id, index })
        expect(opened.equals(bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes))).to.equal(true)
      }
    }
  })

  it('open for no other document, place or key, and not after any bit was changed', () => {
    const chunk = sealChunk(randomBytes(100), { key, id, index: 3 })
    const others = [
      { key, id, index: 2 },
      { key, id: randomUUID(), index: 3 },
      { key: randomBytes(32), id, index: 3 },
    ]
    for (const other of others) expect(() => openChunk(chunk, other)).to.throw('not what was encrypted')
    for (let bit = 0; bit < chunk.length * 8; bit += 5) {
      const changed = Buffer.from(chunk)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => openChunk(changed, { key, id, index: 3 })).to.throw('not what was encrypted')
    }
    expect(() => openChunk(chunk.subarray(0, 10), { key, id, index: 3 })).to.throw('ends in the middle')
  })
})
