// Bytes of HL7 v2 as text, by the character sets that senders name.
import { expect } from 'chai'
import { characterSetNamed } from '../../hl7v2/character-set.js'

const of = (name: string) => {
  const found = characterSetNamed(name)
  if (found === undefined) throw new Error(`${name} is not read`)
  return found
}

describe('the character set', () => {
  it('8859/15 has the letters that French names need, both ways [HL7 v2.5.1: 2.15.9.18]', () => {
    for (const name of ['8859/15', 'ISO 8859-15', 'iso-8859-15']) {
      const bytes = Buffer.from([0xbc, 0x75, 0x76, 0x72, 0xe9, 0xbd, 0xbe, 0xa4])
      expect(of(name).decode(bytes), name).to.equal('ŒuvréœŸ€')
      expect(of(name).encode('ŒuvréœŸ€'), name).to.deep.equal(bytes)
    }
    expect(of('8859/15').encode('¼ Ω').toString('latin1')).to.equal('? ?')
  })

  it('8859/1 is what Windows calls so, where it has letters in the place of control characters', () => {
    expect(of('8859/1').decode(Buffer.from([0x8c, 0x75, 0x9c, 0x92, 0xfc]))).to.equal('Œuœ’ü')
    // Nobody is told more than its own table has.
    expect(of('8859/1').encode('Œü').toString('latin1')).to.equal('?ü')
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    expect([...(of('8859/1').decode(all) ?? '')]).to.have.length(256)
    expect(of('8859/1').decode(all.subarray(0xa0))).to.equal(all.subarray(0xa0).toString('latin1'))
  })

  it('is none that is not read', () => {
    expect(characterSetNamed('UNICODE UTF-16')).to.equal(undefined)
  })
})
