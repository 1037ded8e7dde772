import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import {
  absentParcel,
  lastParcel,
  type Parcel,
  readParcels,
  waitingParcel,
  writeParcel,
} from '../../../server/administration/parcels.js'

async function* of(...pieces: Buffer[]) {
  yield* pieces
}

async function written(): Promise<{ bytes: Buffer; content: Buffer }> {
  const content = randomBytes(100_000)
  const pieces: Buffer[] = [waitingParcel()]
  const outgoing = { name: 'a', pieces: of(content.subarray(0, 70_000), content.subarray(70_000)) }
  for await (const piece of writeParcel(outgoing)) pieces.push(piece)
  pieces.push(absentParcel({ name: 'b', gone: true, why: 'removed' }), lastParcel())
  return { bytes: Buffer.concat(pieces), content }
}

async function read(pieces: Buffer[]): Promise<Parcel[]> {
  const parcels: Parcel[] = []
  for await (const parcel of readParcels(Readable.from(pieces))) parcels.push(parcel)
  return parcels
}

describe('parcels', () => {
  it('arrive as they were sent, however the bytes are cut', async () => {
    const { bytes, content } = await written()
    for (const size of [1, 7, 4_096, bytes.length]) {
      const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      )
      const parcels = await read(cut)
      const kinds = parcels.map(({ kind }) => kind)
      expect(kinds).to.deep.equal(['begin', 'piece', 'piece', 'end', 'absent'])
      const pieces = parcels.flatMap(parcel => (parcel.kind === 'piece' ? parcel.bytes : []))
      expect(Buffer.concat(pieces).equals(content)).to.equal(true)
      const sha256 = createHash('sha256').update(content).digest('hex')
      expect(parcels[3]).to.deep.equal({ kind: 'end', sizeBytes: content.length, sha256 })
    }
  })

  it('are never taken for complete when they were cut short', async () => {
    const { bytes } = await written()
    for (const length of [0, 3, 50_000, bytes.length - 1]) {
      const problem = await read([bytes.subarray(0, length)]).catch(failure => failure)
      expect(problem, String(length)).to.be.instanceOf(Error)
    }
  })

  it('are not made of anything else', async () => {
    for (const other of ['<html>not this</html>', '\u0009\u0000\u0000\u0000\u0000']) {
      expect(await read([Buffer.from(other)]).catch(failure => failure)).to.be.instanceOf(Error)
    }
  })
})
