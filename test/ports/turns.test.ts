// Long work with turns for others in between.
import { expect } from 'chai'
import { atOnce, inTurns, type Steps } from '../../ports/turns.js'

describe('long work', () => {
  /** Each step takes a millisecond. */
  function work(steps: number) {
    let nowMs = 0
    let turns = 0
    const clock = {
      monotonicMs: () => nowMs,
      endOfTurn(next: () => void) {
        turns += 1
        setImmediate(next)
      },
    }
    function* counting(): Steps<number> {
      for (let step = 0; step < steps; step += 1) {
        nowMs += 1
        yield
      }
      return steps
    }
    return { clock, counting, turns: () => turns }
  }

  it('that is short is done at once, however slow it goes', () => {
    const { clock, counting, turns } = work(15)
    expect(inTurns(counting(), clock)).to.equal(15)
    expect(turns()).to.equal(0)
  })

  it('gives others a turn every few milliseconds', async () => {
    const { clock, counting, turns } = work(320)
    const result = inTurns(counting(), clock)
    expect(result).to.be.instanceOf(Promise)
    expect(await result).to.equal(320)
    expect(turns()).to.be.within(8, 20)
  })

  it('is done in one go where nobody waits', () => {
    expect(atOnce(work(320).counting())).to.equal(320)
  })

  it('tells what it throws, at once or later', async () => {
    for (const steps of [1, 320]) {
      const { clock, counting } = work(steps)
      const failing = function* (): Steps<void> {
        yield* counting()
        throw new Error('broken')
      }
      const outcome = await (async () => inTurns(failing(), clock))().catch((problem: Error) => problem.message)
      expect(outcome).to.equal('broken')
    }
  })
})
