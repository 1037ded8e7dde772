import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { readParcels } from '../../../server/administration/parcels.js'
import { slowAnswer } from '../../../server/administration/slow-answer.js'

/** Two seconds pass at once. */
const clock = { ...systemPorts.clock, sleep: () => systemPorts.clock.sleep(1) }

describe('an answer that takes its time', () => {
  it('says that it is under way until it is there', async () => {
    const { bytes } = slowAnswer(() => systemPorts.clock.sleep(30).then(() => ({ done: true })), clock)
    const frames: Buffer[] = []
    for await (const frame of bytes) frames.push(frame)
    expect(frames.filter(frame => frame.length === 5 && frame[0] === 5).length).to.be.greaterThan(2)
    const pieces: Buffer[] = []
    for await (const parcel of readParcels(again(frames))) if (parcel.kind === 'piece') pieces.push(parcel.bytes)
    expect(JSON.parse(String(Buffer.concat(pieces)))).to.deep.equal({ done: true })
  })

  it('breaks off when the work fails', async () => {
    const { bytes } = slowAnswer(() => Promise.reject(new Error('no disk')), clock)
    const problem = await (async () => {
      for await (const _ of readParcels(bytes));
    })().catch(failure => failure)
    expect(problem.message).to.equal('no disk')
  })

  it('of work that fails when nobody listens any more ends no process', async () => {
    const unheard: unknown[] = []
    const hear = (problem: unknown) => void unheard.push(problem)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear)
    try {
      const failing = () => systemPorts.clock.sleep(5).then(() => Promise.reject(new Error('no disk')))
      const frames = slowAnswer(failing, clock).bytes[Symbol.asyncIterator]()
      await frames.next()
      await frames.return?.()
      await systemPorts.clock.sleep(30)
    } finally {
      process.off('unhandledRejection', hear)
      for (const other of others) process.on('unhandledRejection', other)
    }
    expect(unheard).to.deep.equal([])
  })
})

async function* again(frames: Buffer[]): AsyncGenerator<Buffer> {
  yield* frames
}
