// Communities that come and go while the gateway runs, and what is counted of them.
import { expect } from 'chai'
import { type CommunityConfig, gatewayConfig } from '../../../config/gateway-config.js'
import { openCommunities } from '../../../gateway/communities/communities.js'
import { bern, vaud } from '../a-gateway.js'

const [aBern, aVaud] = gatewayConfig.shape.communities.parse(
  [bern, vaud].map(homeCommunityId => ({
    ...{ name: homeCommunityId, homeCommunityId, query: 'https://there', retrieve: 'https://there' },
  })),
) as [CommunityConfig, CommunityConfig]

describe('the communities of a gateway', () => {
  const clock = { monotonicMs: () => 5, now: () => 1_000 }

  it('come and go, and what is known of one that stays is kept', async () => {
    const communities = openCommunities([aBern], clock)
    await communities.named(bern)?.run(async () => 'answer')
    communities.replace([aVaud, { ...aBern, name: 'Berne' }])
    expect(communities.all.map(({ name, state }) => [name, state.answers])).to.deep.equal([
      [vaud, 0],
      ['Berne', 1],
    ])
    communities.replace([aVaud])
    expect(communities.named(bern)).to.equal(undefined)
    communities.replace([aBern])
    expect(communities.named(bern)?.state.answers).to.equal(0)
  })

  it('are counted: answers, failures, when the last answer came, and how long all took', async () => {
    const noted: unknown[] = []
    const communities = openCommunities([aBern], clock, (...note) => noted.push(note))
    const community = communities.named(bern)!
    await community.run(async () => 'answer')
    await community.run(() => Promise.reject(new Error('no'))).catch(() => {})
    expect(community.state).to.include({ answers: 1, failuresEver: 1, failures: 1, lastAnswerMs: 1_000, why: 'no' })
    expect(noted).to.deep.equal([
      [bern, 0, 'answered'],
      [bern, 0, 'failed'],
    ])
  })
})
