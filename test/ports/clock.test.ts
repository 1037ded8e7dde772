import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { systemClock, within } from '../../ports/clock.js'

describe('a signal within a time', () => {
  it('comes when the outer one does, also where that has come before', () => {
    const outer = new AbortController()
    const { signal, end } = within(systemClock, 60_000, outer.signal)
    expect(signal.aborted).to.equal(false)
    outer.abort()
    expect(signal.aborted).to.equal(true)
    end()
    const later = within(systemClock, 60_000, outer.signal)
    expect(later.signal.aborted).to.equal(true)
    later.end()
  })

  it('comes when the time is over', async () => {
    const { signal, end } = within(systemClock, 1, new AbortController().signal)
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    expect(signal.aborted).to.equal(true)
    end()
  })

  it('comes no more once it is let go', () => {
    const outer = new AbortController()
    const { signal, end } = within(systemClock, 60_000, outer.signal)
    end()
    outer.abort()
    expect(signal.aborted).to.equal(false)
  })

  it('says why it comes', async () => {
    const [late, over, outer] = [new Error('late'), new Error('over'), new AbortController()]
    const timed = within(systemClock, 1, outer.signal, { late })
    await new Promise(resolve => timed.signal.addEventListener('abort', resolve))
    expect(timed.signal.reason).to.equal(late)
    const ended = within(systemClock, 60_000, outer.signal, { late })
    ended.end(over)
    expect(ended.signal.reason).to.equal(over)
    const left = within(systemClock, 60_000, outer.signal, { late })
    outer.abort(over)
    expect(left.signal.reason).to.equal(over)
    left.end()
  })

  it('leaves nothing at the outer signal, however often it is used', () => {
    const outer = new AbortController()
    for (let count = 0; count < 100; count += 1) within(systemClock, 60_000, outer.signal).end()
    expect(getEventListeners(outer.signal, 'abort')).to.have.length(0)
  })
})
