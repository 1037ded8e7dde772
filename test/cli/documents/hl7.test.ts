import { expect } from 'chai'
import { codeFrom, isCx, isOid, utcDtm, xcn, xon } from '../../../cli/documents/hl7.js'

describe('cli/hl7', () => {
  it('takes a patient id with its assigning authority, and nothing less [ITI TF-3: Table 4.2.3.1.7-2]', () => {
    for (const cx of ['P1^^^&2.999.1&ISO', "O'Neil 7^^^&2.25.1&ISO"]) expect(isCx(cx), cx).to.equal(true)
    for (const text of [
      'P1',
      '^^^&2.999.1&ISO',
      'P1^^^2.999.1',
      'P1^^^&x&ISO',
      'P1^^^&2.999.1&DNS',
      'P1^^^&2.999.1&ISO^PI',
      'P1^^^&2.01&ISO',
    ]) {
      expect(isCx(text), text).to.equal(false)
    }
  })

  it('knows OIDs', () => {
    expect(['2.25.1', '1.2.840.10008'].every(isOid)).to.equal(true)
    expect(['3.1', '2.01', '2.25.', `2.25.${'1'.repeat(60)}`, ''].some(isOid)).to.equal(false)
  })

  it('reads a code, its display and its scheme', () => {
    expect(codeFrom('34133-9^Summary^2.16.840.1.113883.6.1')).to.deep.equal({
      code: '34133-9',
      codingScheme: '2.16.840.1.113883.6.1',
      displayName: [{ value: 'Summary' }],
    })
    expect(codeFrom('34133-9^^1.2')?.displayName).to.deep.equal([{ value: '34133-9' }])
    for (const text of ['34133-9', '^^1.2', 'a^b', 'a^b^c^d']) expect(codeFrom(text), text).to.equal(undefined)
  })

  const times: [time: string, dtm: string | undefined][] = [
    ['20261120163000+0100', '20261120153000'],
    ['20261231233000-0100', '20270101003000'],
    ['20261120163000.123+0530', '20261120110000'],
    ['202611201630+0100', '202611201530'],
    ['20261120163000', '20261120163000'],
    ['20261120', '20261120'],
    ['2026112010', '20261120'],
    ['202611', '202611'],
    ['2026', '2026'],
    ['yesterday', undefined],
  ]
  for (const [time, dtm] of times) {
    it(`writes the time ${time} as ${dtm} [ITI TF-3: Table 4.2.3.1.7-2]`, () => expect(utcDtm(time)).to.equal(dtm))
  }

  it('writes persons and institutions, with and without an id', () => {
    const name = { family: 'Beispiel', given: 'Lukas', middle: '', suffix: '', prefix: 'Dr.' }
    expect(xcn(name, undefined)).to.equal('^Beispiel^Lukas^^^Dr.')
    expect(xcn(name, { root: '2.51.1.3', extension: '76' })).to.equal('76^Beispiel^Lukas^^^Dr.^^^&2.51.1.3&ISO')
    expect(xon('Spital & Co', undefined)).to.equal('Spital \\T\\ Co')
    expect(xon('Spital', { root: '2.999.4', extension: '' })).to.equal('Spital^^^^^^^^^2.999.4')
    expect(xon('Spital', { root: '2.51.1.3', extension: '76' })).to.equal('Spital^^^^^&2.51.1.3&ISO^^^^76')
  })
})
