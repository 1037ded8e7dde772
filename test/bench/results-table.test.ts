import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { withResult } from '../../bench/chaos/results-table.js'
import { packageRoot } from '../../ports/processes.js'

describe('the table of what chaos came to', () => {
  const place = 'before\n<!-- results: npm run chaos -- --note -->\n<!-- end of results -->\nafter\n'
  const cuts = {
    ...{ date: '2026-11-25', command: 'npm run chaos -- --only "cut on"', tried: 403, seconds: 60 },
    ...{ seen: 'all | nothing', faults: [] },
  }
  const kills = { ...cuts, command: 'npm run chaos -- --only kills', faults: ['one\n  line', 'two', 'three', 'four'] }

  it('has a row for each command, the newest last', () => {
    const text = withResult(withResult(place, cuts), kills)
    const rows = text.split('\n').filter(line => line.startsWith('| 2'))
    expect(rows).to.deep.equal([
      '| 2026-11-25 | `npm run chaos -- --only "cut on"` | 403 in 60 s | held: all \\| nothing |',
      '| 2026-11-25 | `npm run chaos -- --only kills` | 403 in 60 s | FAILED: one line; two; three, and 1 more; all \\| nothing |',
    ])
    expect(text.startsWith('before\n') && text.endsWith('-->\nafter\n')).to.equal(true)
  })

  it('keeps one row of a command that is run again', () => {
    const again = withResult(withResult(withResult(place, cuts), kills), { ...cuts, date: '2026-11-26', tried: 7 })
    const rows = again.split('\n').filter(line => line.startsWith('| 2'))
    expect(rows.map(row => row.slice(2, 12))).to.deep.equal(['2026-11-25', '2026-11-26'])
    expect(rows[1]).to.contain('| 7 in 60 s |')
  })

  it('has its place in docs/RELIABILITY.md', () => {
    const text = readFileSync(join(packageRoot, 'docs', 'RELIABILITY.md'), 'utf8')
    expect(withResult(text, cuts)).to.contain('| 403 in 60 s | held: all')
    expect(() => withResult('elsewhere', cuts)).to.throw('no place for results')
  })
})
