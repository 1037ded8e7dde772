import { expect } from 'chai'
import fc from 'fast-check'
import { chunkDigester, chunkHashes, isChunk, keyBytes } from '../../soap/chunk-digests.js'
import { chunkBytes } from '../../soap/message.js'

const key = Buffer.alloc(keyBytes, 0x2b)

function macsOf(bytes: Buffer, pieces: readonly number[] = [bytes.length], its: Buffer = key): Buffer {
  const digester = chunkDigester(its)
  let from = 0
  for (const length of [...pieces, bytes.length]) {
    digester.update(bytes.subarray(from, from + length))
    from = Math.min(bytes.length, from + length)
  }
  return digester.end()
}

const document = Buffer.alloc(2 * chunkBytes + 77, 'one document, and another. ')
const chunk = (index: number) => Buffer.from(document.subarray(index * chunkBytes, (index + 1) * chunkBytes))
const forms = { GMAC: macsOf(document), 'SHA-256': chunkHashes(document) }

describe('soap/chunk-digests', () => {
  for (const [name, digests] of Object.entries(forms)) {
    it(`tells a chunk by its ${name}, and one of which a bit has changed`, () => {
      for (const index of [0, 1, 2]) {
        expect(isChunk(chunk(index), index, digests)).to.equal(true)
        for (const at of [0, 16, chunk(index).length - 1]) {
          const spoilt = chunk(index)
          spoilt[at] = (spoilt[at] ?? 0) ^ 0x10
          expect(isChunk(spoilt, index, digests), `${index}, ${at}`).to.equal(false)
        }
      }
    })

    it(`does not take one chunk for another, one that is too short, or one without a digest (${name})`, () => {
      expect(isChunk(chunk(0), 1, digests)).to.equal(false)
      expect(isChunk(chunk(1).subarray(1), 1, digests)).to.equal(false)
      expect(isChunk(Buffer.alloc(0), 1, digests)).to.equal(false)
      expect(isChunk(chunk(0), 3, digests)).to.equal(false)
      expect(isChunk(Buffer.alloc(0), 3, digests)).to.equal(false)
    })
  }

  it('makes the same however the bytes come', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: chunkBytes + 100 }), { maxLength: 6 })
    fc.assert(
      fc.property(lengths, pieces => macsOf(document, pieces).equals(forms.GMAC)),
      { numRuns: 25 },
    )
  })

  it('makes another with another key: without it nobody can make bytes that pass', () => {
    const other = macsOf(document, undefined, Buffer.alloc(keyBytes, 0x2c))
    expect(other.subarray(1 + keyBytes)).to.not.deep.equal(forms.GMAC.subarray(1 + keyBytes))
    expect(isChunk(chunk(0), 0, other)).to.equal(true)
  })

  it('needs nothing for a document without bytes', () => {
    const nothing = Buffer.alloc(0)
    expect([macsOf(nothing).length, chunkHashes(nothing).length]).to.deep.equal([1 + keyBytes, 0])
  })
})
