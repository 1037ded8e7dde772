// What a search asks for: bounded, and days as they are on the clocks of its readers.
import { expect } from 'chai'
import { FieldProblem, fieldsIn, spanIn } from '../../../atna-audit/pages/filters.js'

describe('the filters of a search', () => {
  it('make whole days of days', () => {
    const { sinceMs = 0, untilMs = 0 } = spanIn({ since: '2026-01-15', until: '2026-01-15' }, 'Europe/Zurich')
    expect(untilMs - sinceMs).to.equal(86_400_000 - 1)
    const minute = spanIn({ since: '2026-01-15T08:00', until: '2026-01-15T23:59' }, 'Europe/Zurich')
    expect(minute).to.deep.equal({ sinceMs: sinceMs + 8 * 3_600_000, untilMs })
    expect(() => spanIn({ since: 'x' }, 'Europe/Zurich')).to.throw(FieldProblem)
    expect(() => fieldsIn(new URLSearchParams({ q: 'x'.repeat(513) }))).to.throw(FieldProblem)
  })

  it('leave nothing out of an hour that a clock shows twice, or passes over', () => {
    const iso = (local: string) => {
      const { sinceMs = 0, untilMs = 0 } = spanIn({ since: local, until: local }, 'Europe/Zurich')
      return [sinceMs, untilMs].map(ms => new Date(ms).toISOString())
    }
    expect(iso('2026-10-25T02:30')).to.deep.equal(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:59.999Z'])
    expect(iso('2026-03-29T02:30')).to.deep.equal(['2026-03-29T00:30:00.000Z', '2026-03-29T01:30:59.999Z'])
    expect(iso('2026-10-25T03:30')).to.deep.equal(['2026-10-25T02:30:00.000Z', '2026-10-25T02:30:59.999Z'])
  })
})
