// Assertions for one use are remembered by their id, and not with all that they say.
import { expect } from 'chai'
import { attributeOf, parseXml } from '../../soap/xml.js'
import { takingOnce } from '../../xua/once.js'
import { heldBytes } from '../samples/held-bytes.js'

describe('assertions for one use', () => {
  it('hold nothing but their ids [SAML Core: 2.5.1.5]', async () => {
    const takeOnce = takingOnce({ now: () => 0 }, 0)
    const taken = (id: string) => {
      const assertion = parseXml(Buffer.from(`<a ID="${id}"><b>${'x'.repeat(1_000_000)}</b></a>`))
      return takeOnce({ issuer: 'urn:x', id: attributeOf(assertion, 'ID') ?? '', issuedMs: 1, untilMs: 10 })
    }
    const held = await heldBytes(() => {
      for (let count = 0; count < 20; count += 1) expect(taken(`_an-assertion-of-one-use-${count}`)).to.equal(true)
      return takeOnce
    })
    expect(held).to.be.lessThan(5_000_000)
    expect(taken('_an-assertion-of-one-use-7')).to.equal(false)
  })
})
