import { randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import {
  erasedRecord,
  type FoundRecord,
  headerBytes,
  headerIn,
  recordOf,
  recordsIn,
  spanOf,
} from '../../../repository/segments/record.js'

function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes)
  other[9]! ^= 4
  return other
}

const reading = (bytes: Buffer) => ({
  read: async (position: number, length: number) => bytes.subarray(position, position + length),
})

async function found(bytes: Buffer): Promise<FoundRecord[]> {
  const all: FoundRecord[] = []
  for await (const record of recordsIn(reading(bytes))) all.push(record)
  return all
}

describe('a record in a segment', () => {
  it('is found again, whatever the length of the one before', async () => {
    const contents = [0, 1, 31, 32, 33, 70_000, 300_000].map(length => ({
      id: randomUUID(),
      bytes: randomBytes(length),
    }))
    const segment = Buffer.concat(contents.map(({ id, bytes }) => recordOf(id, bytes)))
    const records = await found(segment)
    expect(records.map(({ id, lengthBytes }) => [id, lengthBytes])).to.deep.equal(
      contents.map(({ id, bytes }) => [id, bytes.length]),
    )
    for (const [at, { position, lengthBytes }] of records.entries()) {
      expect(position % headerBytes).to.equal(0)
      const begin = position + headerBytes
      expect(segment.subarray(begin, begin + lengthBytes)).to.deep.equal(contents[at]!.bytes)
    }
  })

  it('keeps its length when it is erased, and nothing else', async () => {
    const [first, second, third] = [100, 10_000, 50].map(length => ({ id: randomUUID(), bytes: randomBytes(length) }))
    const segment = Buffer.concat([first!, second!, third!].map(({ id, bytes }) => recordOf(id, bytes)))
    const erased = erasedRecord(10_000)
    erased.copy(segment, spanOf(100))
    expect((await found(segment)).map(({ id }) => id)).to.deep.equal([first!.id, undefined, third!.id])
    expect(erased.subarray(16, -headerBytes).every(byte => byte === 0)).to.equal(true)
    expect(erased.subarray(-16).every(byte => byte === 0)).to.equal(true)
    expect(erased).to.have.length(spanOf(10_000))
  })

  it('is none where any bit of its header is another', () => {
    const header = recordOf(randomUUID(), randomBytes(10)).subarray(0, headerBytes)
    expect(headerIn(header)).to.not.equal(undefined)
    for (let bit = 0; bit < headerBytes * 8; bit++) {
      const other = Buffer.from(header)
      other[bit >> 3]! ^= 1 << (bit & 7)
      expect(headerIn(other)).to.equal(undefined)
    }
    expect(headerIn(header.subarray(0, 31))).to.equal(undefined)
  })

  it('is found by what stands behind it when its header has rotted', async () => {
    const contents = [500, 20, 700].map(length => ({ id: randomUUID(), bytes: randomBytes(length) }))
    const pieces = contents.map(({ id, bytes }) => recordOf(id, bytes))
    for (const at of [0, 1, 2]) {
      const rotten = Buffer.concat(pieces.map((piece, index) => (index === at ? flipped(piece) : piece)))
      expect((await found(rotten)).map(({ id }) => id)).to.deep.equal(contents.map(({ id }) => id))
    }
  })

  it('ends the look where a power cut has torn what comes next', async () => {
    const [first, second] = [recordOf(randomUUID(), randomBytes(500)), recordOf(randomUUID(), randomBytes(500))]
    const torn = Buffer.concat([first, Buffer.alloc(headerBytes), second.subarray(headerBytes, -headerBytes)])
    expect(await found(torn)).to.have.length(1)
    expect(await found(Buffer.concat([first, second.subarray(0, 20)]))).to.have.length(1)
  })
})
