// What stands in the place of what: the same for the same, of the same shape, and what is nobody's stays.
import { expect } from 'chai'
import { openPseudonyms } from '../../../gateway/recording/pseudonyms.js'
import { systemRandomness } from '../../../ports/randomness.js'

describe('pseudonyms', () => {
  const pseudonyms = openPseudonyms(systemRandomness)

  const shapes: [what: string, real: string, standIn: RegExp][] = [
    ['a name', 'Müller-Éric', /^[A-Z][a-z]{5}-[A-Z][a-z]{3}$/],
    ['a patient id', "'P-17^^^&1.2.756.5.1&ISO'", /^'[A-Z]-\d\d\^\^\^&2\.999\.\d+&ISO'$/],
    ['an OID with its scheme', 'urn:oid:1.2.756.5.2', /^urn:oid:2\.999\.\d+$/],
    ['a UUID', 'urn:uuid:0b1c2d3e-1111-4222-8333-444455556666', /^urn:uuid:[0-9a-f-]{36}$/],
    ['an address', 'https://gateway.insel.ch/xca', /^https:\/\/peer\.example\/\d+$/],
    ['a telephone', 'tel:+41791234567', /^tel:\+\d{11}$/],
    ['a digest', '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12', /^[0-9a-f]{40}$/],
  ]
  for (const [what, real, standIn] of shapes) {
    it(`are alike: ${what}`, () => {
      const first = pseudonyms.of(real)
      expect(first).to.match(standIn)
      expect(first).not.to.equal(real)
      expect(pseudonyms.of(real)).to.equal(first)
    })
  }

  const harmless = [
    'urn:oasis:names:tc:ebxml-regrep:StatusType:Approved',
    'urn:ihe:iti:2007:CrossGatewayQuery',
    'http://www.w3.org/2005/08/addressing/anonymous',
    'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1',
    '2.16.840.1.113883.6.1',
  ]
  for (const word of harmless)
    it(`leave the word of a standard: ${word}`, () => expect(pseudonyms.of(word)).to.equal(word))

  it('move days so that what was before stays before', () => {
    const days = ['19800117', '19990228', '20261104', '20261105', '20270101'].map(pseudonyms.of)
    expect(days).to.deep.equal([...days].sort())
    for (const day of days) expect(day).to.match(/^(?:19|20)\d{6}$/)
    expect(days[3]).not.to.equal('20261105')
    expect(pseudonyms.of('1980-01-17T08:30:00Z')).to.equal(`${asIso(days[0])}T08:30:00Z`)
    expect(pseudonyms.of('20261105083000+0100')).to.equal(`${days[3]}083000+0100`)
  })

  it('tell nobody who knows one real day the others', () => {
    // The day of a recording is known, or nearly.
    const distances = Array.from({ length: 20 }, () => {
      const { of } = openPseudonyms(systemRandomness)
      return (Date.parse(asIso(of('20261105'))) - Date.parse(asIso(of('19800117')))) / 86_400_000
    })
    expect(Math.max(...distances) - Math.min(...distances)).to.be.above(365)
  })

  it('have nothing of the day on which somebody was born', () => {
    const { lifeDay } = pseudonyms
    expect(lifeDay('19800117'))
      .to.match(/^(?:19|20)\d{6}$/)
      .and.to.equal(lifeDay('19800117'))
    expect([lifeDay('1980'), lifeDay('19800117083000')].map(each => each.length)).to.deep.equal([4, 14])
    const others = Array.from({ length: 20 }, () => openPseudonyms(systemRandomness).lifeDay('19800117').slice(0, 4))
    expect(new Set(others).size).to.be.above(5)
  })

  it('take long numbers out of words of standards too [CH:EPR-SPID]', () => {
    const word = 'urn:e-health-suisse:2015:epr-subset:761337610000000019:normal'
    expect(pseudonyms.of(word))
      .to.match(/^urn:e-health-suisse:2015:epr-subset:7613376\d{11}:normal$/)
      .and.not.to.equal(word)
  })

  it('keep the check digit of a national number right [CH:EPR-SPID]', () => {
    const standIn = pseudonyms.of('761337610000000019')
    expect(standIn)
      .to.match(/^7613376\d{11}$/)
      .and.not.to.equal('761337610000000019')
    const sum = [...standIn].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0)
    expect(sum % 10).to.equal(0)
  })

  it('are others in the next recording', () => {
    expect(openPseudonyms(systemRandomness).of('Lea Muster-Beispiel')).not.to.equal(
      pseudonyms.of('Lea Muster-Beispiel'),
    )
  })
})

function asIso(day = ''): string {
  return `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}`
}
