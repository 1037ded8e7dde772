import { expect } from 'chai'
import { wholeBody } from '../../ports/whole-body.js'

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
})
