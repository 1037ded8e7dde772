import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { type RowPiece, rowPieces } from '../../../store/postgres/row-pieces.js'

describe('rows of a table in pieces', () => {
  async function piecesOf(rows: readonly string[], atOnce = 100): Promise<RowPiece[]> {
    async function* lines() {
      for (let at = 0; at < rows.length; at += atOnce) yield rows.slice(at, at + atOnce).map(row => Buffer.from(row))
    }
    const pieces: RowPiece[] = []
    for await (const piece of rowPieces(lines())) pieces.push(piece)
    return pieces
  }

  const row = (number: number) => `${number}\t${createHash('sha512').update(String(number)).digest('hex').repeat(4)}\n`
  const rows = Array.from({ length: 12_000 }, (_, number) => row(number))

  it('are all rows, in their order, in pieces of a bounded length', async () => {
    const pieces = await piecesOf(rows)
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).to.equal(rows.join(''))
    expect(pieces.reduce((sum, piece) => sum + piece.rows, 0)).to.equal(rows.length)
    expect(pieces.length).to.be.within(50, 200)
    for (const { bytes } of pieces.slice(0, -1)) expect(bytes.length).to.be.within(16 * 1024, 256 * 1024 + 1_000)
  })

  it('are the same pieces but for where rows were added, removed or changed', async () => {
    const before = await piecesOf(rows)
    const changed = [
      row(90_001),
      ...rows.slice(0, 5_000),
      row(90_002),
      ...rows.slice(5_001, 9_000),
      ...rows.slice(9_001),
    ]
    const after = await piecesOf([...changed, row(90_003)], 7)
    const known = new Set(before.map(({ bytes }) => bytes.toString()))
    const others = after.filter(({ bytes }) => !known.has(bytes.toString()))
    // Each change touches the piece that it is in, and the one behind where it was the end of that.
    expect(others.length).to.be.within(3, 8)
  })

  it('are of a length that does not hang on that of rows', async () => {
    const short = await piecesOf(Array.from({ length: 40_000 }, (_, number) => row(number).slice(0, 40).concat('\n')))
    const mean = (pieces: RowPiece[]) => pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) / pieces.length
    expect(mean(short)).to.be.within(mean(await piecesOf(rows)) / 2.5, mean(await piecesOf(rows)) * 2.5)
    expect(await piecesOf([])).to.deep.equal([])
    const long = await piecesOf([`${'x'.repeat(3_000_000)}\n`, row(1)])
    expect(long.map(piece => piece.rows)).to.deep.equal([1, 1])
  })
})
