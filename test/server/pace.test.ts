import { Writable } from 'node:stream'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { written } from '../../ports/network.js'
import { inGoodTime, takenInTime } from '../../server/pace.js'
import { SoapFault } from '../../soap/fault.js'

/** Its minutes are tenths of a second. */
const hasty = {
  ...systemClock,
  monotonicMs: () => systemClock.monotonicMs() * 600,
  after: (delayMs: number, work: () => void) => systemClock.after(delayMs / 600, work),
}

describe('the pace of partners', () => {
  it('is not waited for where a request comes drop by drop', async () => {
    async function* drops() {
      for (;;) {
        await systemClock.sleep(20)
        yield Buffer.from('x')
      }
    }
    const taken = (async () => {
      for await (const _ of inGoodTime(drops(), hasty));
    })()
    const problem = await taken.catch(failure => failure)
    expect(problem).to.be.instanceOf(SoapFault)
    expect(problem.message).to.match(/bytes in \d+ s are too slow/)
  })

  it('is not what we take ourselves to keep what has come', async () => {
    let nowMs = 0
    async function* pieces() {
      for (let count = 0; count < 4; count += 1) yield Buffer.alloc(16_384)
    }
    let bytes = 0
    for await (const piece of inGoodTime(pieces(), { ...systemClock, monotonicMs: () => nowMs })) {
      bytes += piece.byteLength
      nowMs += 40_000
    }
    expect(bytes).to.equal(65_536)
  })

  it('is not waited for where an answer is not taken', async () => {
    const deaf = new Writable({ write() {} })
    const broken = await takenInTime(written(deaf, Buffer.alloc(1_000)), 1_000, hasty, () => deaf.destroy()).catch(
      failure => failure,
    )
    expect(broken).to.be.instanceOf(Error)
    expect(deaf.destroyed).to.equal(true)
  })

  it('is that of the partner while it takes 64 kB in half a minute', async () => {
    const slow = new Writable({ write: (piece, _, taken) => void setTimeout(taken, (piece.length / 65_536) * 20) })
    const piece = Buffer.alloc(4 * 65_536)
    for (let count = 0; count < 2; count += 1)
      await takenInTime(written(slow, piece), piece.length, hasty, () => slow.destroy())
    expect(slow.destroyed).to.equal(false)
  })
})
