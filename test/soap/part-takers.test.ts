// Who wants which part of a message that is still arriving.
import { expect } from 'chai'
import { partTakers } from '../../soap/part-takers.js'

describe('soap/part-takers', () => {
  it('gives a part to whoever asked first, however the reference is written [RFC 2392: 2]', () => {
    const takers = partTakers()
    const [first, second, encoded, percent] = ['A%40x', 'a@x', 'b%3Cc@x', 'd%2541'].map(each => takers.add(each))
    expect(takers.waitingFor('a@X')).to.equal(first)
    Object.assign(first!, { hasPart: true })
    expect(takers.waitingFor('a@X')).to.equal(second)
    expect(takers.waitingFor('b<c@x')).to.equal(encoded)
    expect(takers.waitingFor('d%41')).to.equal(percent)
    expect(takers.waitingFor('e@x')).to.equal(undefined)
  })

  it('does not look through all who ask for each piece that comes', () => {
    const takers = partTakers()
    for (let count = 0; count < 50_000; count += 1) takers.add(`part-${count}@test`)
    const startedMs = performance.now()
    for (let count = 0; count < 1_000; count += 1) takers.waitingFor(`nothing-${count}@test`)
    expect(performance.now() - startedMs).to.be.lessThan(1_000)
  })
})
