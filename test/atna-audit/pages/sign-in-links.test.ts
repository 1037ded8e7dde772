import { expect } from 'chai'
import { openAttempts } from '../../../atna-audit/pages/attempts.js'
import { linkHolds, openSignInLinks } from '../../../atna-audit/pages/sign-in-links.js'
import { systemRandomness } from '../../../ports/randomness.js'

const anna = { name: 'anna', roles: ['auditor' as const] }

describe('a one-time link', () => {
  it('is good once, for an hour, and there are so many', () => {
    let now = 0
    const links = openSignInLinks({ monotonicMs: () => now }, systemRandomness)
    const [one, late] = [links.make(anna), links.make(anna)]
    expect([links.use(one), links.use(one), links.use('')]).to.deep.equal([anna, undefined, undefined])
    now = linkHolds.ms + 1
    expect(links.use(late)).to.equal(undefined)
    const tokens = Array.from({ length: linkHolds.most + 1 }, () => links.make(anna))
    expect([links.use(tokens[0]!), links.use(tokens[1]!)]).to.deep.equal([undefined, anna])
  })
})

describe('attempts to sign in', () => {
  it('are refused when many have failed within a minute', () => {
    let now = 0
    const attempts = openAttempts({ monotonicMs: () => now })
    for (let n = 0; n < 30; n += 1) {
      expect(attempts.allowed()).to.equal(true)
      attempts.failed()
    }
    expect(attempts.allowed()).to.equal(false)
    now = 60_001
    expect(attempts.allowed()).to.equal(true)
  })
})
