import { expect } from 'chai'
import { fragmentInto, fragmentTravelling, uniqueIdOf } from '../../../registry/crossing/fragments.js'

describe('An object between two engines', () => {
  it('keeps its form, in phrases or written out as in rows of long ago', () => {
    const forms = [
      [1, Buffer.from('\u0001id\u0002Ö')],
      [Buffer.from('<rim:ExtrinsicObject id="é"'), Buffer.from('>\n\\</rim:ExtrinsicObject>')],
    ] as const
    for (const [head, body] of forms) {
      const [thereHead, thereBody] = fragmentInto(fragmentTravelling({ head, body }))
      expect(thereHead).to.deep.equal(head)
      expect(Buffer.from(thereBody)).to.deep.equal(body)
    }
  })

  it('is refused where its bytes are no text, for PostgreSQL could not keep them', () => {
    expect(() => fragmentTravelling({ head: 1, body: Uint8Array.of(0xc3, 0x28) })).to.throw(/valid/)
  })

  it('tells its uniqueId where XML has to be read for it', () => {
    const external = (value: string) =>
      `><rim:ExternalIdentifier id="urn:uuid:1" registryObject="urn:uuid:2" identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab" value="${value}"><rim:Name><rim:LocalizedString value="XDSDocumentEntry.uniqueId"/></rim:Name></rim:ExternalIdentifier></rim:ExtrinsicObject>`
    const head = '<rim:ExtrinsicObject id="urn:uuid:2" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"'
    expect(uniqueIdOf({ head, body: external('1.2.3') })).to.equal('1.2.3')
    expect(uniqueIdOf({ head, body: external('1.2.3^a&amp;b') })).to.equal('1.2.3^a&b')
  })
})
