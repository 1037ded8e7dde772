import { expect } from 'chai'
import { systemClock } from '../../../ports/clock.js'
import { turns } from '../../../store/postgres/turns.js'

describe('turns', () => {
  it('let works that name one thing go one after another, and others beside them', async () => {
    const { take } = turns()
    const told: string[] = []
    const work = (name: string) => async () => {
      told.push(`${name} begins`)
      await systemClock.sleep(20)
      told.push(`${name} ends`)
    }
    await Promise.all([
      take(['a', 'b'], work('1')),
      take(['b', 'c'], work('2')),
      take(['d'], work('3')),
      take(['c'], work('4')),
    ])
    expect(told.slice(0, 2)).to.deep.equal(['1 begins', '3 begins'])
    for (const [former, later] of [
      ['1', '2'],
      ['2', '4'],
    ]) {
      expect(told.indexOf(`${former} ends`)).to.be.lessThan(told.indexOf(`${later} begins`))
    }
  })

  it('go on behind a work that fails', async () => {
    const { take } = turns()
    const failing = take(['a'], () => Promise.reject(new Error('no')))
    const next = take(['a'], async () => 'done')
    expect(await failing.catch((problem: Error) => problem.message)).to.equal('no')
    expect(await next).to.equal('done')
  })
})
