import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { type Copy, copiedIn, copiedOut } from '../../../store/postgres/copying.js'

describe('copying over a connection of the driver', () => {
  function aWire() {
    const sent: string[] = []
    const stream = new PassThrough()
    return {
      sent,
      stream,
      query: (text: string) => void sent.push(text),
      sendCopyFromChunk: (chunk: Buffer) => void sent.push(String(chunk)),
      endCopyFrom: () => void sent.push('done'),
      sendCopyFail: (why: string) => void sent.push(`failed: ${why}`),
    }
  }

  /** What the driver does with what it is given. */
  function submittedTo(wire: ReturnType<typeof aWire>) {
    let copy: Copy | undefined
    return {
      submit(given: Copy) {
        copy = given
        given.submit(wire)
      },
      get copy(): Copy {
        return copy ?? expect.fail('nothing was submitted')
      },
    }
  }

  it('hands out lines, and lets no more of them come than somebody takes', async () => {
    const wire = aWire()
    const driver = submittedTo(wire)
    const lines = copiedOut('COPY t TO STDOUT', driver.submit)
    const first = lines.next()
    expect(wire.sent).to.deep.equal(['COPY t TO STDOUT'])
    const chunk = Buffer.alloc(400_000, 'a')
    for (let count = 0; count < 3; count += 1) driver.copy.handleCopyData({ chunk }, wire)
    expect(wire.stream.isPaused()).to.equal(true)
    // The driver writes into its buffer again.
    chunk.fill('b')
    const taken = (await first).value as Buffer[]
    expect(taken.map(line => [line.length, line[0]])).to.deep.equal(Array(3).fill([400_000, 97]))
    expect(wire.stream.isPaused()).to.equal(false)
    driver.copy.handleCopyData({ chunk: Buffer.from('last\n') }, wire)
    driver.copy.handleReadyForQuery()
    expect((await lines.next()).value?.map(String)).to.deep.equal(['last\n'])
    expect((await lines.next()).done).to.equal(true)
  })

  it('fails where the server says so, or goes away', async () => {
    const driver = submittedTo(aWire())
    const lines = copiedOut('COPY t TO STDOUT', driver.submit)
    const first = lines.next().catch(problem => problem)
    driver.copy.handleError(new Error('gone'))
    expect(await first).to.include({ message: 'gone' })
  })

  it('sends what there is, and tells how many rows were taken', async () => {
    const wire = aWire()
    const driver = submittedTo(wire)
    async function* pieces() {
      yield Buffer.from('1\n')
      yield Buffer.from('2\n')
    }
    const copied = copiedIn('COPY t FROM STDIN', pieces(), driver.submit)
    driver.copy.handleCopyInResponse(wire)
    await new Promise(resolve => setImmediate(resolve))
    expect(wire.sent).to.deep.equal(['COPY t FROM STDIN', '1\n', '2\n', 'done'])
    driver.copy.handleCommandComplete({ text: 'COPY 2' })
    driver.copy.handleReadyForQuery()
    expect(await copied).to.equal(2)
  })

  it('lets the server forget what came when the rest cannot be read, and says why', async () => {
    const wire = aWire()
    const driver = submittedTo(wire)
    async function* pieces() {
      yield Buffer.from('1\n')
      throw new Error('this piece is damaged')
    }
    const copied = copiedIn('COPY t FROM STDIN', pieces(), driver.submit).catch(problem => problem)
    driver.copy.handleCopyInResponse(wire)
    await new Promise(resolve => setImmediate(resolve))
    expect(wire.sent.at(-1)).to.match(/^failed/)
    driver.copy.handleError(new Error('COPY from stdin failed'))
    expect(await copied).to.include({ message: 'this piece is damaged' })
  })
})
