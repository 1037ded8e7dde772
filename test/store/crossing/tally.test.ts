import { expect } from 'chai'
import { plainCrossing } from '../../../store/crossing/crossing.js'
import { tallyOf } from '../../../store/crossing/tally.js'
import { lineOf } from '../../../store/postgres/crossing-in.js'

const crossing = plainCrossing(
  'some',
  { id: 'number', text: 'text', list: 'texts', own: 'number' },
  { key: ['id'], apart: ['own'] },
)
const rows: { id: number; text: string | null; list: string[]; own: number }[] = [
  { id: 1, text: 'a', list: ['x', 'y'], own: 1 },
  { id: 2, text: null, list: [], own: 2 },
]

function digestOf(...some: (typeof rows)[number][]) {
  const tally = tallyOf(crossing)
  some.forEach(tally.add)
  return `${tally.rows} ${tally.digest}`
}

describe('What is seen of a table', () => {
  const [one, two] = rows as [(typeof rows)[number], (typeof rows)[number]]

  it('is the same in whatever order rows and values of lists come, and whatever each engine gives by itself', () => {
    expect(digestOf(two, { ...one, list: ['y', 'x', 'y'], own: 7 })).to.equal(digestOf(one, two))
  })

  it('is another for any other value, for a row twice and for one that is missing', () => {
    const others = [
      [one],
      [one, two, two],
      [one, { ...two, text: '' }],
      [{ ...one, id: 3 }, two],
      [one, { ...two, list: ['x'] }],
    ]
    for (const other of others) expect(digestOf(...other), JSON.stringify(other)).to.not.equal(digestOf(one, two))
  })
})

describe('A line of COPY', () => {
  it('escapes what ends fields and lines, in texts, lists and bytes', () => {
    const forms = { a: 'text', b: 'texts', c: 'bytes', d: 'number', e: 'text' } as const
    const row = { a: 'x\\y\tz\n\r', b: ['say "no"', 'a\\b', ''], c: Uint8Array.of(1, 171), d: 5, e: null }
    expect(lineOf(row, Object.entries(forms))).to.equal(
      'x\\\\y\\tz\\n\\r\t{"say \\\\"no\\\\"","a\\\\\\\\b",""}\t\\\\x01ab\t5\t\\N\n',
    )
  })
})
