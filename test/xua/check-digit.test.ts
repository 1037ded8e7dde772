// The check digit of GS1, held against numbers of others.
import { expect } from 'chai'
import { checkDigitOf, hasCheckDigit } from '../../xua/check-digit.js'

/** EPR-SPIDs of public samples, the sample AHV number of the population registers, and a GLN. */
const valid = [
  '761337610411353650',
  '761337610469261945',
  '761337610410098484',
  '761337618116306629',
  '761337615343338300',
  '761337611194602836',
  '7561234567897',
  '7560000000002',
  '7601000000019',
]

describe('check digits', () => {
  for (const number of valid) {
    it(`prove ${number} [GS1 General Specifications: 7.9.1]`, () => {
      expect(hasCheckDigit(number)).to.equal(true)
      expect(checkDigitOf(number.slice(0, -1))).to.equal(number.slice(-1))
    })
  }

  it('find each single digit that is another one', () => {
    for (const number of valid) {
      for (let at = 0; at < number.length; at += 1) {
        const other = (Number(number[at]) + 1) % 10
        expect(hasCheckDigit(number.slice(0, at) + other + number.slice(at + 1)), `${number} at ${at}`).to.equal(false)
      }
    }
  })

  it('prove nothing that is no number', () => {
    for (const text of ['', '7', '7561234567890', '75612345678 97', 'seven', '756.1234.5678.97']) {
      expect(hasCheckDigit(text), text).to.equal(false)
    }
  })
})
