// The population on which the index is measured, and a small one put together in a moment: floors below which it may not fall.
import { expect } from 'chai'
import { anIndex } from '../../../bench/matching/an-index.js'
import { population } from '../../../bench/matching/population.js'
import { qualityOf, truths } from '../../../bench/matching/quality.js'
import { slips } from '../../../bench/matching/slips.js'

describe('a population from a seed', () => {
  it('is the same for the same seed, and another for another', () => {
    const [one, again, other] = ['a', 'a', 'b'].map(seed => JSON.stringify([...population(seed, 50)]))
    expect(again).to.equal(one)
    expect(other).not.to.equal(one)
  })

  it('has every slip, and people with several records', () => {
    const records = [...population('1', 20_000)]
    const happened = new Set(records.flatMap(each => each.slips))
    for (const { name } of slips) expect([...happened]).to.include(name)
    const others = records.filter(({ isAnother }) => isAnother).length
    expect(others / records.length).to.be.within(0.2, 0.3)
  })

  it('is put together by the index: nearly nobody with another, most with themselves', async () => {
    const index = await anIndex(':memory:')
    const known = truths()
    const records = [...population('1', 1_500)]
    for (const record of records) known.note(record)
    await index.feed(records)
    const { precision, recall, recallAfterReview, asked } = qualityOf(index.context.store, known)
    await index.close()
    expect(precision).to.be.at.least(0.995)
    expect(recall).to.be.at.least(0.7)
    expect(recallAfterReview).to.be.at.least(0.93)
    expect(asked).to.be.at.most(0.1)
  })
})
