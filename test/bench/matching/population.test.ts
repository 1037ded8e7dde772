// The populations on which the index is measured, and small ones put together in a moment: floors below which it may not fall.
import { expect } from 'chai'
import { anIndex } from '../../../bench/matching/an-index.js'
import { type Habits, habitsNamed } from '../../../bench/matching/habits.js'
import { population } from '../../../bench/matching/population.js'
import { type Quality, qualityOf, truths } from '../../../bench/matching/quality.js'
import { slipsOf } from '../../../bench/matching/slips.js'

const [usual, hasty] = [habitsNamed.usual as Habits, habitsNamed.hasty as Habits]

async function putTogether(habits: Habits, count: number): Promise<Quality> {
  const index = await anIndex(':memory:')
  const known = truths()
  const records = [...population('1', count, habits)]
  for (const record of records) known.note(record)
  await index.feed(records)
  const quality = qualityOf(index.context.store, known)
  await index.close()
  return quality
}

describe('a population from a seed', () => {
  it('is the same for the same seed, and another for another', () => {
    const [one, again, other] = ['a', 'a', 'b'].map(seed => JSON.stringify([...population(seed, 50, usual)]))
    expect(again).to.equal(one)
    expect(other).not.to.equal(one)
  })

  it('has every slip, and people with several records', () => {
    const records = [...population('1', 20_000, usual)]
    const happened = new Set(records.flatMap(each => each.slips))
    for (const { name } of slipsOf(usual.slipShares)) expect([...happened]).to.include(name)
    const others = records.filter(({ isAnother }) => isAnother).length
    expect(others / records.length).to.be.within(0.2, 0.3)
  })

  it('has slips that the usual one has not where people are in haste', () => {
    const happened = new Set([...population('1', 20_000, hasty)].flatMap(each => each.slips))
    for (const { name } of slipsOf(hasty.slipShares)) expect([...happened]).to.include(name)
    const others = slipsOf(hasty.slipShares).filter(slip => !slipsOf(usual.slipShares).includes(slip))
    expect(new Set(others).size).to.be.at.least(10)
  })

  it('is put together by the index: nearly nobody with another, most with themselves', async () => {
    const { precision, recall, recallAfterReview, asked } = await putTogether(usual, 1_500)
    expect(precision).to.be.at.least(0.995)
    expect(recall).to.be.at.least(0.87)
    expect(recallAfterReview).to.be.at.least(0.93)
    expect(asked).to.be.at.most(0.1)
  })

  it('is put together where people are in haste, by whom no weight was chosen', async () => {
    const { precision, recall, recallAfterReview } = await putTogether(hasty, 1_500)
    expect(precision).to.be.at.least(0.99)
    expect(recall).to.be.at.least(0.7)
    expect(recallAfterReview).to.be.at.least(0.85)
  })
})
