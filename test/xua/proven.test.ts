// What was proven once is not proven again, and is judged each time all the same.
import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { securityHeader } from '../../xua/issue.js'
import { rememberingProven } from '../../xua/proven.js'
import * as a from './a-token.js'

describe('an assertion that was proven before', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })

  it('says the same, and is over when it is over', () => {
    const proven = rememberingProven()
    const first = a.claimsOf(a.token(), { proven })
    expect(a.claimsOf(a.token(), { proven })).to.deep.equal(first)
    expect(a.refusalOfToken(a.token(), { proven, nowMs: a.nowMs + 6 * a.minuteMs })).to.match(/has ended/)
    expect(a.refusalOfToken(a.token(), { proven, config: { confirmations: ['holder-of-key'] } })).to.match(/not taken/)
  })

  it('is not believed once its key is not pinned any more', () => {
    const proven = rememberingProven()
    a.claimsOf(a.token(), { proven })
    expect(a.refusalOfToken(a.token(), { proven, keys: [other.publicKey] })).to.match(/^FailedCheck/)
    expect(a.refusalOfToken(a.token(), { proven, keys: [] })).to.match(/^FailedAuthentication/)
  })

  it('is another when one character, or a prefix around it, is another', () => {
    const proven = rememberingProven()
    const bare = a.token().replaceAll(' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', '')
    expect(a.refusalOf(a.messageWith(securityHeader(bare)), { proven })).to.equal('taken')
    const rebound = a.messageWith(securityHeader(bare)).replace(/xmlns:xsi="[^"]*"/, 'xmlns:xsi="urn:x"')
    expect(a.refusalOf(rebound, { proven })).to.match(/^FailedCheck/)
    expect(a.refusalOfToken(a.token().replace('Martina', 'Martinx'), { proven })).to.match(/^FailedCheck/)
    expect(a.refusalOf(a.messageWith(securityHeader(bare), `<x Id="${a.professional.id}"/>`), { proven })).to.match(
      /elsewhere/,
    )
  })

  it('is one of so many that are remembered', () => {
    const proven = rememberingProven(2)
    const kept = ['_1', '_2', '_3'].map(id => ({
      source: id,
      from: 0,
      to: id.length,
      scope: new Map<string, string>(),
    }))
    for (const exact of kept) proven.keep(exact, { said: {} as never, key: other.publicKey })
    expect(kept.map(exact => proven.get(exact) !== undefined)).to.deep.equal([false, true, true])
  })
})
