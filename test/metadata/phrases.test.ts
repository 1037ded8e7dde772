// The numbers of phrases stand in databases.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { phrase, phraseFor, phrases, startOfSlot } from '../../metadata/phrases.js'

describe('phrases', () => {
  it('have the numbers that they have in every database: new ones come last', () => {
    const released = phrases.slice(0, 106)
    expect(createHash('sha256').update(JSON.stringify(released)).digest('hex')).to.equal(
      '7af2c1a146fba43bd92b789001bed7f04e1bf2fd0f3b3ccac38dc7debb42cd73',
    )
  })

  it('are plain text, each once, with a number of its own of one or two characters that XML cannot hold', () => {
    const numbers = phrases.map(phrase)
    expect(new Set(numbers).size).to.equal(phrases.length)
    for (const number of numbers) expect(number).to.match(/^\p{Cc}[ -~]?$/u)
    for (const text of phrases) expect(text).to.match(/^[ -~]+(?:\p{Cc}[ -~]+)?$/u)
  })

  it('leave as it is what is none of them', () => {
    expect(phrase('<rim:Slot name="urn:x:y">')).to.equal('<rim:Slot name="urn:x:y">')
    expect(phraseFor(startOfSlot)('urn:x:"y"')).to.equal(
      '<rim:Slot name="urn:x:&quot;y&quot;"><rim:ValueList><rim:Value>',
    )
  })
})
