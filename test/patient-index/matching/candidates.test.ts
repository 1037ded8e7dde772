// Which records are compared: few, however many have the name.
import { expect } from 'chai'
import type { Filed } from '../../../patient-index/kept/filed-records.js'
import { mostCandidates, recordsAlike } from '../../../patient-index/matching/candidates.js'
import { keysOf } from '../../../patient-index/matching/keys.js'
import { traitsOf } from '../../../patient-index/matching/traits.js'
import { maja } from '../a-patient-index.js'

const traits = traitsOf(maja)

/** Everybody is filed under every key. */
function crowd(count: number, bornOf: (record: number) => string) {
  const asked: number[] = []
  const everybody: Filed[] = Array.from({ length: count }, (_, at) => ({ record: at + 1, born: bornOf(at + 1) }))
  return {
    asked,
    filedUnder(_key: string, most: number): Filed[] {
      asked.push(most)
      return everybody.slice(0, most)
    },
  }
}

describe('records to be compared', () => {
  it('are few where a name is very frequent, and so is what is looked through for them', () => {
    const persons = crowd(100_000, () => '19600618')
    expect(recordsAlike(traits, persons).length).to.be.at.most(mostCandidates)
    expect(persons.asked.reduce((sum, most) => sum + most, 0)).to.be.at.most(2_000 * keysOf(traits).length)
  })

  it('are of all who have the name those alone who may be born that day', () => {
    const persons = { filedUnder: (key: string) => (key.startsWith('fg:') ? filed : []) }
    const filed = [
      { record: 1, born: '19600618' },
      { record: 2, born: '19601806' },
      { record: 3, born: '19600619' },
      { record: 4, born: '' },
      { record: 5, born: '19880301' },
    ]
    expect(recordsAlike(traits, persons)).to.deep.equal([1, 2, 3, 4])
  })
})
