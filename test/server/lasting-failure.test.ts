import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { lastingFailure } from '../../server/lasting-failure.js'

describe('a database that takes nothing any more', () => {
  function played() {
    let nowMs = 0
    let look = () => {}
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      every(_: number, work: () => void) {
        look = work
        return {
          cancel() {
            look = () => {}
          },
        }
      },
    }
    const said: object[] = []
    const failure = lastingFailure({ clock, log: { error: facts => void said.push(facts) } })
    let because: string | undefined
    void failure.because.then(why => {
      because = why
    })
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        nowMs += 1_000
        look()
      }
      await turn()
      return because
    }
    return { failure, said, pass }
  }

  it('ends its service once that has lasted, and is told once', async () => {
    const { failure, said, pass } = played()
    let lost: string | undefined
    failure.follow(() => lost)
    expect(await pass(100)).to.equal(undefined)
    lost = 'it could not be synced'
    expect(await pass(30)).to.equal(undefined)
    expect(await pass(2)).to.equal('it could not be synced')
    await pass(100)
    expect(said).to.deep.equal([{ reason: 'it could not be synced' }])
  })

  it('ends nothing that comes back in time, or is closed before', async () => {
    const { failure, pass } = played()
    let lost: string | undefined = 'for a moment'
    failure.follow(() => lost)
    await pass(20)
    lost = undefined
    await pass(20)
    lost = 'again'
    expect(await pass(20)).to.equal(undefined)
    failure.close()
    expect(await pass(100)).to.equal(undefined)
  })
})
