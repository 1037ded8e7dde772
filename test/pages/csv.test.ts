import { expect } from 'chai'
import { csvHead, csvLine } from '../../pages/csv.js'

describe('a table for spreadsheets', () => {
  it('begins with a byte order mark and quotes every cell', () => {
    expect(csvHead(['a', 'b "c"'])).to.equal('\ufeff"a","b ""c"""\r\n')
    expect(csvLine([1, undefined, 'x,\ny'])).to.equal('"1","","x,\ny"\r\n')
  })

  const formulas = [
    '=1+1',
    '+41',
    '-1',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\r\n=1',
    '＝1',
    '|calc',
    '%0A=1',
    '=HYPERLINK("http://x")',
  ]
  for (const formula of formulas)
    it(`makes a text of ${JSON.stringify(formula)}`, () => expect(csvLine([formula])).to.match(/^"'/))

  it('leaves numbers of ours alone', () => expect(csvLine([-1])).to.equal('"-1"\r\n'))
})
