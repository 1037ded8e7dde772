// What the metrics say that there is: counted in pages, whatever their number.
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { holdingsOf, reportHoldings } from '../../repository/holdings.js'
import { openMetrics } from '../../server/metrics.js'

const clock = { ...systemClock, sleep: async () => {} }

describe('the holdings of a repository', () => {
  for (const count of [0, 1, 499, 500, 501, 1_500]) {
    it(`are ${count} documents where there are ${count}`, async () => {
      expect(await holdingsOf(holding(count), clock)).to.deep.equal({ documents: count, bytes: count * 3 })
    })
  }

  it('are told by the metrics once they are counted', async () => {
    const metrics = openMetrics('test')
    reportHoldings(holding(700), { clock, metrics, closing: new AbortController().signal })
    await new Promise(resolve => setImmediate(resolve))
    const { body } = await metrics.text()
    expect(body).to.match(/^xds_documents\{service="test"\} 700$/m)
    expect(body).to.match(/^xds_document_bytes\{service="test"\} 2100$/m)
  })

  it('are not counted further when the service ends', async () => {
    const closing = new AbortController()
    const counting = holdingsOf(holding(1_000_000), systemClock, closing.signal).catch((problem: Error) => problem.name)
    closing.abort()
    expect(await counting).to.equal('AbortError')
  })
})

/** Documents of three bytes each. */
function holding(count: number) {
  const ids = Array.from({ length: count }, (_, index) => String(index).padStart(8, '0'))
  return {
    listed(after: string, limit: number) {
      const from = after === '' ? 0 : Number(after) + 1
      return ids.slice(from, from + limit).map(id => ({ id, uniqueId: id, sizeBytes: 3, receivedMs: 0 }))
    },
  }
}
