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
})
