// The simulation must be able to fail: what is broken here on purpose has to be found within a few seeds.
import { expect } from 'chai'
import { mutations } from '../../simulation/mutations.js'
import { simulate } from '../../simulation/run.js'
import { type Beginning, prepareBeginning } from '../../simulation/world.js'

const mostSeeds = 12

describe('the simulation finds it when', function () {
  this.timeout(240_000)
  let beginning: Beginning

  before(async () => {
    beginning = await prepareBeginning()
  })
  after(() => beginning.close())

  for (const { title, faults, found } of mutations) {
    it(title, async () => {
      let told: string[] = []
      for (let seed = 1; told.length === 0 && seed <= mostSeeds; seed++) {
        told = (await simulate({ seed: String(seed), operations: 60, faults: faults() }, beginning)).faults
      }
      expect(told.join('\n')).to.match(found)
    })
  }
})
