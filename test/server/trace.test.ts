import { expect } from 'chai'
import { systemRandomness } from '../../ports/randomness.js'
import { traceOf } from '../../server/trace.js'

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

describe('trace context', () => {
  it('keeps the trace-id and the flags of a valid traceparent and has a parent-id of its own', () => {
    const trace = traceOf(given, systemRandomness)
    expect(trace.traceId).to.equal('0af7651916cd43dd8448eb211c80319c')
    expect(trace.traceparent).to.match(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
    expect(trace.traceparent).not.to.equal(given)
  })

  it('gives each induced request a parent-id of its own', () => {
    const trace = traceOf(given, systemRandomness)
    expect(new Set([trace.next(), trace.next(), trace.traceparent]).size).to.equal(3)
  })

  for (const [what, header] of [
    ['is absent', undefined],
    ['has another version', given.replace(/^00/, 'ff')],
    ['has capital hex digits', given.toUpperCase()],
    ['has a trace-id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['has a parent-id of zeros', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['has something behind it', `${given}-x`],
  ] as const) {
    it(`begins a new trace where the header ${what}`, () => {
      const trace = traceOf(header, systemRandomness)
      expect(trace.traceparent).to.match(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
      expect(trace.traceId).not.to.equal('0af7651916cd43dd8448eb211c80319c')
    })
  }
})
