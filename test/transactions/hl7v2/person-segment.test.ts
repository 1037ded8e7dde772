// A person in PID: as senders of the field write one, and read again as it was written.
import { expect } from 'chai'
import fc from 'fast-check'
import { usualDelimiters } from '../../../hl7v2/delimiters.js'
import { segmentOf } from '../../../hl7v2/writing.js'
import { personInPid, pidFieldsOf } from '../../../transactions/hl7v2/person-segment.js'
import type { Person } from '../../../transactions/person.js'

const header = { delimiters: usualDelimiters, characterSet: 'UNICODE UTF-8' }
const read = (line: string) => personInPid({ fields: line.split('|') }, header)

describe('transactions/person-segment', () => {
  it('reads names of all kinds, the one in use first [ITI TF-2:3.8.4.1.2.3]', () => {
    const { names } = read(
      'PID|1||7^^^X||Keller&von&Keller^Anna Maria^Rosa E.^jun.^Dr.^^M~Müller^Anna^^^^^L|Egger^^|19600618||Änni^^^^^^A',
    )
    expect(names).to.deep.equal([
      { kind: 'current', family: 'Müller', given: ['Anna'] },
      { kind: 'birth', family: 'Keller', given: ['Anna Maria', 'Rosa', 'E.'], prefix: 'Dr.', suffix: 'jun.' },
      { kind: 'other', family: 'Änni', given: [] },
    ])
  })

  it('reads addresses and telephones in pieces or whole, and mail [HL7 v2.5.1: 2.A.88, 2.A.90]', () => {
    const { addresses, telecoms } = read(
      'PID|||7^^^X||Müller||||||&Imfeldstrasse&24b^Postfach^Wettingen^AG^5430^CH~^^^^^||056 123 45 67^PRN^PH~^NET^Internet^maja@example.org~^^CP^^41^79^1234567|""',
    )
    expect(addresses).to.deep.equal([
      { lines: ['Imfeldstrasse 24b', 'Postfach'], postalCode: '5430', city: 'Wettingen', state: 'AG', country: 'CH' },
    ])
    expect(telecoms).to.deep.equal(['tel:0561234567', 'mailto:maja@example.org', 'tel:+41791234567'])
  })

  it('cuts what is long between two characters, whatever they are made of', () => {
    const long = `${'x'.repeat(199)}𠮷野`
    expect(read(`PID|||7^^^X||${long}^Anna`).names).to.deep.equal([
      { kind: 'current', family: 'x'.repeat(199), given: ['Anna'] },
    ])
    expect(read(`PID|||7^^^X||${long.slice(1)}^Anna`).names[0]?.family).to.equal(`${'x'.repeat(198)}𠮷`)
  })

  it('takes what says nothing for nothing, and a time for what is one [HL7 v2.5.1: 2.5.3]', () => {
    expect(read('PID|||7^^^X||""||yesterday|U|||""')).to.deep.equal({ names: [], addresses: [], telecoms: [] })
    expect(read('PID|||7^^^X||^^^^^^S||19600618103000.0+0100|o')).to.deep.include({
      birthTime: '19600618103000',
      gender: 'UN',
    })
    const dead = (fields: string) => read(`PID|||7^^^X||x${'|'.repeat(24)}${fields}`)
    expect(dead('20200101|Y')).to.deep.include({ deceasedInd: true, deceasedTime: '20200101' })
    expect(dead('|y')).to.deep.include({ deceasedInd: true }).and.not.have.property('deceasedTime')
    expect(dead('|N')).not.to.have.property('deceasedInd')
  })

  it('bounds what it takes, and takes nothing that an answer could not carry', () => {
    const { names, addresses } = read(`PID|||7||${'A\u0001\\X00\\\\T\\B~'.repeat(50)}||||||${'x'.repeat(1000)}`)
    expect(names).to.have.length(20)
    expect(names[0]?.family).to.equal('A &B')
    expect(addresses[0]?.lines[0]).to.have.length(200)
  })

  it('writes what it reads again [ITI TF-2:3.21.4.2.2.5]', () => {
    const text = fc
      .string({
        unit: fc.constantFrom('a', 'Z', 'é', 'ü', '-', "'", '|', '^', '&', '~', '\\', '1'),
        minLength: 1,
        maxLength: 12,
      })
      .filter(each => each !== '""')
    const name = fc.record({
      kind: fc.constantFrom('current', 'birth', 'other'),
      family: text,
      given: fc.array(text, { maxLength: 3 }),
    })
    const address = fc.record({
      lines: fc.array(text, { minLength: 1, maxLength: 2 }),
      city: text,
      postalCode: text,
      country: text,
    })
    const person = fc.record({
      names: fc.array(name, { minLength: 1, maxLength: 4 }),
      gender: fc.constantFrom('M', 'F', 'UN'),
      birthTime: fc.constantFrom('1960', '196006', '19600618', '196006181030'),
      addresses: fc.array(address, { maxLength: 2 }),
      telecoms: fc.subarray(['tel:+41561234567', 'mailto:maja@example.org', 'tel:0793334455']),
    })
    fc.assert(
      fc.property(person, written => {
        const order = ['current', 'birth', 'other']
        const names = [...written.names].sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind))
        const line = segmentOf('PID', pidFieldsOf({ ...written, names } as Person, usualDelimiters), usualDelimiters)
        expect(read(line)).to.deep.equal({ ...written, names })
      }),
      { numRuns: 200 },
    )
  })
})
