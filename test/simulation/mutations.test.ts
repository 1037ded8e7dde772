// The simulation must be able to fail: what is broken here on purpose has to be found within a few seeds. One of the disk's promises to the
// database and one of those to documents; .ci/run breaks all (`npm run simulate -- --mutations`).
import { expect } from 'chai'
import { mutations } from '../../simulation/mutations.js'
import { simulate } from '../../simulation/run.js'
import type { Beginning } from '../../simulation/world.js'
import { aBeginning } from './a-beginning.js'

const mostSeeds = 12
const tried = [
  'the repository answers before its commits are synced',
  'documents are not synced before they are acknowledged',
]

describe('the simulation finds it when', function () {
  this.timeout(240_000)
  let beginning: Beginning

  before(async () => {
    beginning = await aBeginning()
  })

  for (const { title, faults, found } of mutations.filter(({ title }) => tried.includes(title))) {
    it(title, async () => {
      let told: string[] = []
      for (let seed = 1; told.length === 0 && seed <= mostSeeds; seed++) {
        told = (await simulate({ seed: String(seed), operations: 60, faults: faults() }, beginning)).faults
      }
      expect(told.join('\n')).to.match(found)
    })
  }
})
