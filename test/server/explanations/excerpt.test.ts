// What is kept of a request: all that tells why it was refused, nothing of a document.
import { expect } from 'chai'
import { excerptOf } from '../../../server/explanations/excerpt.js'
import { parseXml } from '../../../soap/xml.js'

const xdsb = 'urn:ihe:iti:xds-b:2007'

describe('explanations/excerpt', () => {
  it('keeps a request as it was meant', () => {
    const body = parseXml('<q:Ask xmlns:q="urn:test" id="1"><q:For>wine &amp; song</q:For></q:Ask>')
    const { xml, documentsLeftOut, cut } = excerptOf(body)
    expect(parseXml(xml)).to.deep.equal(body)
    expect([documentsLeftOut, cut]).to.deep.equal([0, false])
  })

  it('leaves out the bytes of documents, inline as they may be', () => {
    const secret = Buffer.from('the secret of the patient').toString('base64')
    const document = (text: string) => `<x:Document id="D1">${text}</x:Document>`
    const body = parseXml(`<x:Provide xmlns:x="${xdsb}">${document(secret)}${document(secret)}</x:Provide>`)
    const { xml, documentsLeftOut } = excerptOf(body)
    expect(xml).to.contain('<Document id="D1"').and.not.to.contain(secret)
    expect(documentsLeftOut).to.equal(2)
  })

  for (const [what, inside] of [
    ['text', `<v>${'x'.repeat(200_000)}</v>`],
    ['an attribute', `<v a="${'x'.repeat(200_000)}"/>`],
    ['names of elements', `<${'x'.repeat(4_000)}/>`.repeat(50)],
    ['so many elements', '<v/>'.repeat(6_000)],
  ] as const) {
    it(`ends before ${what} too long to be shown, and says so`, () => {
      const { xml, cut } = excerptOf(parseXml(`<r><first>1</first>${inside}<last/></r>`))
      expect(cut).to.equal(true)
      expect(xml.length).to.be.below(140_000)
      expect(xml).to.contain('<first>1</first>').and.not.to.contain('last')
      expect(parseXml(xml).name).to.equal('r')
    })
  }
})
