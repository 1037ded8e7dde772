import { Readable } from 'node:stream'
import { expect } from 'chai'
import { wholeBody, wholeRequest } from '../../ports/whole-body.js'

describe('the whole of a short body', () => {
  let read = 0
  async function* inPieces(count: number): AsyncGenerator<Buffer> {
    for (read = 0; read < count; ) {
      read += 1
      yield Buffer.from('ab')
    }
  }
  const tooLong = () => new Error('it does not end')

  it('is given up to its bound, and nothing where there is nothing', async () => {
    expect(String(await wholeBody(inPieces(3), 6, tooLong))).to.equal('ababab')
    expect((await wholeBody(inPieces(0), 6, tooLong)).length).to.equal(0)
  })

  it('is refused in the words of whoever reads it, and not read on', async () => {
    const problem = await wholeBody(inPieces(1_000), 5, tooLong).catch((failure: Error) => failure.message)
    expect(problem).to.equal('it does not end')
    expect(read).to.equal(3)
  })

  it('leaves the rest of a request to be thrown away, since its connection is used on', async () => {
    const body = Readable.from(inPieces(10), { highWaterMark: 1 })
    expect(await wholeRequest({ body }, 5, tooLong).catch((failure: Error) => failure.message)).to.contain('not end')
    expect(body.destroyed).to.equal(false)
    for await (const piece of body) expect(String(piece)).to.equal('ab')
    expect(read).to.equal(10)
  })
})
