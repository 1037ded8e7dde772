import { expect } from 'chai'
import { queueNumbers } from '../../atna-audit/queue-numbers.js'

describe('the numbers of a queue', () => {
  it('are sure up to the first that is on its way, and never beyond the last that is given', () => {
    const numbers = queueNumbers()
    expect(numbers.sureBelow()).to.equal(1)
    const [first, second] = [numbers.take(1), numbers.take(1)]
    expect([first, second, numbers.sureBelow()]).to.deep.equal([[1], [2], 1])
    numbers.ended(second)
    expect(numbers.sureBelow()).to.equal(1)
    numbers.ended(first)
    // The next is 3, and may be on its way before anybody who asks now has looked.
    expect(numbers.sureBelow()).to.equal(3)
  })

  it('that are taken in a row hold back all behind the first of them', () => {
    const numbers = queueNumbers()
    const row = numbers.take(3)
    const behind = numbers.take(1)
    numbers.ended(behind)
    expect([row, behind, numbers.sureBelow()]).to.deep.equal([[1, 2, 3], [4], 1])
    numbers.ended(row)
    expect(numbers.sureBelow()).to.equal(5)
    expect([numbers.take(0), numbers.sureBelow()]).to.deep.equal([[], 5])
  })

  it('are known to be handed out until they are gone', () => {
    const numbers = queueNumbers()
    numbers.handOut([3, 4, 7])
    numbers.handOut([])
    expect([numbers.furthest, numbers.handedOutThrough(6)]).to.deep.equal([7, [3, 4]])
    numbers.gone([3, 4])
    numbers.handOut([2])
    expect([numbers.furthest, numbers.handedOutThrough(7).sort()]).to.deep.equal([7, [2, 7]])
    expect([4, 7].map(numbers.isHandedOut)).to.deep.equal([false, true])
  })
})
