import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { everyOnceDone, openPatience, systemClock, within } from '../../ports/clock.js'

describe('a timer', () => {
  it('for longer than Node has one does not end at once', async () => {
    const ended: string[] = []
    const long = systemClock.after(3_000_000_000, () => void ended.push('long'))
    const every = systemClock.every(3_000_000_000, () => void ended.push('every'))
    const slept = new AbortController()
    const sleeping = systemClock
      .sleep(3_000_000_000, { signal: slept.signal })
      .then(() => ended.push('slept'))
      .catch(() => {})
    // Of a longer one Node would make a millisecond, which is over before this.
    await systemClock.sleep(3)
    expect(ended).to.deep.equal([])
    for (const timer of [long, every]) timer.cancel()
    slept.abort()
    await sleeping
  })
})

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

describe('patience', () => {
  it('is lost when the other side is waited for too long in all', async () => {
    const { clock, passes } = playedClock()
    let lost = false
    const patience = openPatience(clock, 100, () => {
      lost = true
    })
    const pieces = patience.over(slowly(passes, 40))[Symbol.asyncIterator]()
    await pieces.next()
    await pieces.next()
    expect(lost).to.equal(false)
    await pieces.next()
    expect(lost).to.equal(true)
  })

  it('is not lost while whoever reads takes its time', async () => {
    const { clock, passes } = playedClock()
    let lost = false
    const patience = openPatience(clock, 100, () => {
      lost = true
    })
    for await (const _ of patience.over(slowly(passes, 10, 5))) passes(1_000)
    patience.end()
    passes(1_000)
    expect(lost).to.equal(false)
  })

  /** Pieces that take so long each. */
  async function* slowly(passes: (ms: number) => void, ms: number, count = 3): AsyncIterable<Uint8Array> {
    for (let piece = 0; piece < count; piece += 1) {
      passes(ms)
      yield Buffer.from('piece')
    }
  }

  function playedClock() {
    let nowMs = 0
    let timers: { atMs: number; work: () => void }[] = []
    const clock = {
      monotonicMs: () => nowMs,
      after(delayMs: number, work: () => void) {
        const timer = { atMs: nowMs + delayMs, work }
        timers.push(timer)
        return {
          cancel() {
            timers = timers.filter(each => each !== timer)
          },
        }
      },
    }
    function passes(ms: number): void {
      nowMs += ms
      const due = timers.filter(({ atMs }) => atMs <= nowMs)
      timers = timers.filter(({ atMs }) => atMs > nowMs)
      for (const { work } of due) work()
    }
    return { clock, passes }
  }
})

describe('work that is done every so often', () => {
  it('is not begun while it is still at what it began before, and goes on after a failure', async () => {
    let tick = () => {}
    const clock = {
      every(_: number, work: () => void) {
        tick = work
        return { cancel: () => {} }
      },
    }
    const ends: ((problem?: Error) => void)[] = []
    const failures: unknown[] = []
    const work = () =>
      new Promise<void>((resolve, reject) => {
        ends.push(problem => (problem === undefined ? resolve() : reject(problem)))
      })
    everyOnceDone(clock, 1_000, work, problem => failures.push((problem as Error).message))
    for (const _ of [1, 2, 3]) tick()
    expect(ends).to.have.length(1)
    ends[0]?.(new Error('away'))
    await systemClock.sleep(1)
    tick()
    expect(ends).to.have.length(2)
    expect(failures).to.deep.equal(['away'])
  })
})
