// HL7 notation: separators and their escapes.
import { expect } from 'chai'
import fc from 'fast-check'
import { components, cxOf, escapeHl7, instanceIdentifierOf, isHl7Text, unescapeHl7 } from '../../metadata/hl7.js'

describe('HL7 notation', () => {
  it('escapes separators and takes the escapes back [ITI TF-3: Table 4.2.3.1.7-1]', () => {
    expect(escapeHl7('a|b^c&d~e\\f')).to.equal('a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f')
    fc.assert(
      fc.property(fc.string(), text => {
        expect(unescapeHl7(escapeHl7(text))).to.equal(text)
      }),
    )
  })

  it('holds no bare separator of fields, control character or unknown escape', () => {
    expect(['a', 'a^b&c', 'a\\S\\b', ''].every(isHl7Text)).to.equal(true)
    expect(['a|b', 'a~b', 'a\\b', 'a\\X\\b', 'a\nb', 'a\\S'].some(isHl7Text)).to.equal(false)
  })

  it('takes empty components at the end as absent [ITI TF-3: Table 4.2.3.1.7-2]', () => {
    expect(components('a^^b^^^')).to.deep.equal(['a', '', 'b'])
    expect(components('')).to.deep.equal([''])
  })

  it('writes an instance identifier as CX and reads it back [ITI TF-2:3.44.4.1.2]', () => {
    expect(cxOf('1.2.3', 'A&B')).to.equal('A\\T\\B^^^&1.2.3&ISO')
    expect(instanceIdentifierOf('A\\T\\B^^^&1.2.3&ISO')).to.deep.equal({ root: '1.2.3', extension: 'A&B' })
    expect(['', 'A', 'A^^^', 'A^^^NS', '^^^&1.2.3&ISO'].map(instanceIdentifierOf)).to.deep.equal(
      Array(5).fill(undefined),
    )
  })
})
