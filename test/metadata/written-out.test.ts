// What leaves of objects in phrases.
import { expect } from 'chai'
import fc from 'fast-check'
import { changing, endOfId, nextId, ownId, phrase, phrases } from '../../metadata/phrases.js'
import { type Present, writing, writtenOut } from '../../metadata/written-out.js'

describe('an object in phrases', () => {
  const approved: Present = { availabilityStatus: 'Approved' }

  it('is written out as the text that its phrases stand for, whatever stands between them', () => {
    const id = fc.string({ unit: 'binary', maxLength: 60 }).map(withoutNumbers)
    const piece = fc.oneof(
      fc.constantFrom(...phrases),
      fc.string({ unit: 'binary', maxLength: 40 }).map(withoutNumbers),
    )
    fc.assert(
      fc.property(id, fc.array(piece, { maxLength: 40 }), (id, pieces) => {
        const inPhrases = `${id}${endOfId}${endOfId}${pieces.map(phrase).join('')}`
        expect(out([inPhrases])).to.equal(pieces.join('').replaceAll(ownId, () => id))
      }),
      { numRuns: 300 },
    )
  })

  it('follows upon those before it, however much there is', () => {
    const long = 'ä'.repeat(200_000)
    const objects = Array.from(
      { length: 300 },
      (_, index) => `id${index}${endOfId}${endOfId}${ownId}${phrases.map(phrase).join('')}`,
    )
    objects.splice(150, 0, `x${endOfId}${endOfId}${long}${ownId}`)
    const expected = objects.map((_, index) => {
      if (index === 150) return `${long}x`
      const id = `id${index < 150 ? index : index - 1}`
      return id + phrases.join('').replaceAll(ownId, id)
    })
    expect(out(objects)).to.equal(expected.join(''))
    expect(out(objects.slice(0, 1))).to.equal(expected[0])
  })

  it('gives each of its parts an id of its own, all of one stem', () => {
    const stem = '01890a5d-ac96-774b-bcce-b302099a8'
    const parts = nextId.repeat(300)
    const ids = out([`x${endOfId}${stem}${endOfId}${parts}`]).match(/urn:uuid:.{36}/g) ?? []
    expect(ids.slice(0, 2)).to.deep.equal([`urn:uuid:${stem}000`, `urn:uuid:${stem}001`])
    expect(ids.at(-1)).to.equal(`urn:uuid:${stem}12b`)
  })

  it('takes status, last update and patient of the moment', () => {
    const before = phrases.find(text => text.includes('58a6f841-87b3-4a3e-92fd-a8ffeff98427')) ?? ''
    const kept = `x${endOfId}${endOfId}<a${changing}${phrase(before)}old${phrase('</rim:Association>')}`
    const now: Present = { availabilityStatus: 'Deprecated', lastUpdateTime: '20261126', patientId: 'Ω&' }
    expect(out([kept], now)).to.equal(
      '<a status="urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated">' +
        '<rim:Slot name="lastUpdateTime"><rim:ValueList><rim:Value>20261126</rim:Value></rim:ValueList></rim:Slot>' +
        `${before.replace(ownId, 'x')}Ω&amp;</rim:Association>`,
    )
    expect(out([kept], approved)).to.contain('old')
  })

  it('is not guessed at where it is damaged, or of a version to come', () => {
    const start = `x${endOfId}${endOfId}`
    expect(() => out(['<rim:Association/>'])).to.throw('does not begin with its id')
    expect(() => out([`${start}\x1f~`])).to.throw('which this version does not know')
    expect(() => out([`${start}\x1f`])).to.throw('which this version does not know')
    expect(() => out([`${start}${endOfId}`], approved)).to.throw('a character 1')
    expect(() => out([`${start}${changing}`])).to.throw('a character 4')
  })

  it('may be a few Slots', () => {
    expect(writtenOut(`<a>${phrase('</rim:Classification>')}`)).to.equal('<a></rim:Classification>')
    expect(writtenOut('')).to.equal('')
  })
})

function out(objects: string[], now?: Present): string {
  const { add, end } = writing()
  for (const object of objects) add(Buffer.from(object), now)
  return Buffer.concat(end()).toString()
}

/** As XML has no control characters. */
function withoutNumbers(text: string): string {
  return text.replace(/[\p{Cc}\p{Surrogate}]/gu, ' ')
}
