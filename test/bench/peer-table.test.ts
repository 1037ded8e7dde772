import { expect } from 'chai'
import { type PeerMeasured, peerSummary, peerTableLine, slowerRows, verdictOf } from '../../bench/peer-table.js'

const measured = (connections: number, ours: number[], theirs: number[]): PeerMeasured => ({
  ...{ row: 'ITI-42 12 kB', connections, failures: [] },
  ours: { cpuUs: ours, requestsPerSecond: [700] },
  theirs: { cpuUs: theirs, requestsPerSecond: [500] },
})

describe('bench/peer-table', () => {
  const clear = measured(1, [900, 1_100, 1_000], [1_200, 1_300, 1_201])
  const less = measured(8, [900, 1_400, 1_000], [1_200, 1_300, 1_100])
  const dearer = measured(32, [1_200], [1_200])

  it('tells what is clear from what is within the spread, and calls equal not less', () => {
    expect([clear, less, dearer].map(verdictOf)).to.deep.equal(['clearly', 'yes', 'no'])
  })

  it('writes a line for the page of figures', () => {
    expect(peerTableLine(clear)).to.equal(
      '| ITI-42 12 kB | 1 | 1.00 (0.90-1.10) | 1.20 (1.20-1.30) | 0.83 | clearly | 700 / 500 |',
    )
  })

  it('names the rows that do not cost less', () => {
    expect(peerSummary([clear, less])).to.equal('Carnet costs less CPU than the peer in 2 of 2 rows, clearly in 1')
    expect(peerSummary([clear, dearer])).to.equal(
      'Carnet costs less CPU than the peer in 1 of 2 rows, clearly in 1; not less: ITI-42 12 kB at 32',
    )
  })

  it('calls slower what costs more by more than a tenth', () => {
    const slower = measured(8, [1_330, 1_331], [1_200, 1_200])
    const within = measured(32, [1_310, 1_320], [1_200, 1_200])
    expect(slowerRows([clear, slower, within])).to.deep.equal(['ITI-42 12 kB at 8'])
  })
})
