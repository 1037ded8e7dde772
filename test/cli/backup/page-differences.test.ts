import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { differenceOf, pageBytes, patched } from '../../../cli/backup/page-differences.js'

const mebibyte = 1024 * 1024

describe('the difference of two files of pages', () => {
  it('makes the earlier one of the later one, whatever has changed and whichever is longer', async () => {
    for (const [earlierBytes, laterBytes] of [
      [0, 5 * pageBytes],
      [5 * pageBytes, 0],
      [3 * mebibyte, 2 * mebibyte + pageBytes],
      [mebibyte + 100, 3 * mebibyte],
      [2 * mebibyte, 2 * mebibyte],
    ] as const) {
      const earlier = randomBytes(earlierBytes)
      const later = changed(earlier, laterBytes)
      const difference = await whole(differenceOf(inPieces(earlier), inPieces(later), earlier.length))
      const again = await whole(patched(inPieces(later), inPieces(difference)))
      expect(again.equals(earlier), `${earlierBytes} of ${laterBytes}`).to.equal(true)
    }
  })

  it('has the pages that differ and no others', async () => {
    const earlier = randomBytes(2 * mebibyte)
    const later = Buffer.from(earlier)
    for (const page of [0, 255, 256, 511]) later[page * pageBytes + 7]! ^= 1
    const difference = await whole(differenceOf([earlier], [later], earlier.length))
    expect(difference).to.have.length(8 + 4 * (4 + pageBytes))
  })

  it('is nothing that ends early or goes on beyond its end', async () => {
    const [earlier, later] = [randomBytes(4 * pageBytes), randomBytes(4 * pageBytes)]
    const difference = await whole(differenceOf([earlier], [later], earlier.length))
    for (const spoilt of [difference.subarray(0, -1), Buffer.concat([difference, difference.subarray(8)])]) {
      const failure = await whole(patched([later], [spoilt])).catch((problem: unknown) => problem)
      expect(failure).to.be.an('error')
    }
  })
})

function changed(earlier: Buffer, sizeBytes: number): Buffer {
  const later = Buffer.concat([earlier, randomBytes(Math.max(0, sizeBytes - earlier.length))]).subarray(0, sizeBytes)
  for (let at = 10_000; at < later.length; at += 300_000) later[at]! ^= 1
  return later
}

/** As files are read: in pieces that fit no page. */
function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_001) yield bytes.subarray(at, at + 100_001)
}

async function whole(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}
