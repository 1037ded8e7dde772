// Whole worlds from their seeds, short ones; .ci/run has 200, and more of them: `npm run simulate -- --seeds 10000`.
import { AsyncResource, createHook, executionAsyncId } from 'node:async_hooks'
import { expect } from 'chai'
import { simulate } from '../../simulation/run.js'
import type { Beginning } from '../../simulation/world.js'
import { aBeginning } from './a-beginning.js'

describe('the simulation', function () {
  this.timeout(120_000)
  let beginning: Beginning

  before(async () => {
    beginning = await aBeginning()
  })

  for (let seed = 1; seed <= 5; seed++) {
    it(`holds with seed ${seed}`, async () => {
      const { faults } = await simulate({ seed: String(seed), operations: 20 }, beginning)
      expect(faults).to.deep.equal([])
    })
  }

  it('does the same again with the same seed, and something else with another', async () => {
    const digests: string[] = []
    for (const seed of ['twice', 'other', 'twice']) {
      digests.push((await simulate({ seed, operations: 12 }, beginning)).digest)
    }
    expect(digests[2]).to.equal(digests[0])
    expect(digests[1]).not.to.equal(digests[0])
  })

  it('waits for nothing outside of it: no timer, no thread, no file, no socket', async () => {
    const seen = new Set<string>()
    // What comes of the world, and not of what other tests have left running.
    const world = new AsyncResource('world')
    const ours = new Set([world.asyncId()])
    const hook = createHook({
      init(id, type, trigger) {
        if (!ours.has(trigger) && !ours.has(executionAsyncId())) return
        ours.add(id)
        seen.add(type)
      },
    })
    hook.enable()
    try {
      await world.runInAsyncScope(() => simulate({ seed: 'alone', operations: 10 }, beginning))
    } finally {
      hook.disable()
    }
    // A service measures its event loop, and samples throw away random ids that are replaced: neither is waited for.
    // Node 24 names what hears the end of a stream. Records are deflated at once, and so are keys made and roots signed.
    const harmless = [
      'ELDHISTOGRAM',
      'RANDOMBYTESREQUEST',
      'STREAM_END_OF_STREAM',
      'ZLIB',
      'KEYPAIRGENREQUEST',
      'SIGNREQUEST',
    ]
    expect([...seen].filter(type => !harmless.includes(type)).sort()).to.deep.equal([
      'Immediate',
      'PROMISE',
      'TickObject',
    ])
  })
})
