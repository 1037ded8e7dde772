import { expect } from 'chai'
import { forgetting } from '../../atna-audit/forgetting.js'
import { systemClock } from '../../ports/clock.js'
import { until } from '../house/waiting.js'

describe('forgetting what is delivered', () => {
  const removed: number[] = []
  const outbox = {
    async delivered(throughId: number) {
      if (throughId === 13) throw new Error('the database is full')
      removed.push(throughId)
    },
  }
  beforeEach(() => removed.splice(0))

  it('removes many records at once', async () => {
    const forget = forgetting(outbox, 5, systemClock)
    for (const id of [1, 2, 3]) forget.delivered(id)
    expect(removed).to.deep.equal([])
    await until(() => removed.length > 0, 'they are removed')
    expect(removed).to.deep.equal([3])
    await forget.end()
    expect(removed).to.deep.equal([3])
  })

  it('leaves nothing behind at the end, and takes a failure for one to be sent again', async () => {
    const forget = forgetting(outbox, 60_000, systemClock)
    forget.delivered(7)
    await forget.end()
    expect(removed).to.deep.equal([7])
    forget.delivered(13)
    await forget.end()
    expect(removed).to.deep.equal([7])
  })
})
