import { expect } from 'chai'
import { readCsv } from '../../../cli/import/csv.js'

async function read(text: string | Buffer, pieceBytes = 1_000): Promise<string[][]> {
  const bytes = Buffer.from(text)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const rows: string[][] = []
  for await (const { cells } of readCsv(pieces())) rows.push(cells)
  return rows
}

describe('comma-separated values', () => {
  for (const [what, text, expected] of [
    [
      'plain cells',
      'a,b\n1, 2 \n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF, and no end of line at the end',
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'quoted cells with separators, quotes and lines',
      'a,b\n"1,""x""","2\n3"\n',
      [
        ['a', 'b'],
        ['1,"x"', '2\n3'],
      ],
    ],
    [
      'semicolons',
      'a;b\n1;"2;3"\n',
      [
        ['a', 'b'],
        ['1', '2;3'],
      ],
    ],
    [
      'semicolons behind quoted names of columns, with a comma in one',
      '"a, first";"b"\n"1";"2,3"\n',
      [
        ['a, first', 'b'],
        ['1', '2,3'],
      ],
    ],
    [
      'empty cells and empty lines',
      'a,b,c\n\n,,\n1,,\n',
      [
        ['a', 'b', 'c'],
        ['', '', ''],
        ['1', '', ''],
      ],
    ],
    ['nothing', '', []],
    [
      'patient ids',
      'file,patient\na.xml,P1^^^&2.999.1&ISO\n',
      [
        ['file', 'patient'],
        ['a.xml', 'P1^^^&2.999.1&ISO'],
      ],
    ],
  ] as const) {
    it(`has ${what}`, async () => {
      for (const pieceBytes of [1, 3, 1_000]) expect(await read(text, pieceBytes)).to.deep.equal(expected)
    })
  }

  it('keeps characters of several bytes whole', async () => {
    expect(await read('a\nBefund Zürich €\n', 1)).to.deep.equal([['a'], ['Befund Zürich €']])
  })

  it('says which line is not UTF-8, and what to do', async () => {
    const latin1 = Buffer.from('a;b\n1;2\nZürich;3\n4;5\n', 'latin1')
    for (const pieceBytes of [1, 7, 100_000]) {
      const problem = await read(latin1, pieceBytes).catch(failure => failure)
      expect(problem.message).to.equal('line 3 is not UTF-8; save the table as UTF-8, in Excel as "CSV UTF-8".')
    }
  })

  it('says where it is not what it should be', async () => {
    for (const [text, words] of [
      ['a,b\n"1,2\n3,4\n', /line 2 has a quote that is not closed/],
      ['a,b\n"1"x,2\n', /line 2 has something behind a quoted cell/],
      [Buffer.from([0x61, 0x0a, 0xff, 0x0a]), /is not UTF-8/],
      [`a\n"${'x'.repeat(1_100_000)}`, /quote that is not closed/],
    ] as const) {
      const problem = await read(text as string, 100_000).catch(failure => failure)
      expect(problem.message).to.match(words)
    }
  })
})
