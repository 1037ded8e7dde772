// What a search asks for: bounded, and days as they are on the clocks of its readers.
import { expect } from 'chai'
import { FieldProblem, fieldsIn, spanIn } from '../../../atna-audit/pages/filters.js'

describe('the filters of a search', () => {
  it('make whole days of days', () => {
    const { sinceMs = 0, untilMs = 0 } = spanIn({ since: '2026-01-15', until: '2026-01-15' }, 'Europe/Zurich')
    expect(untilMs - sinceMs).to.equal(86_400_000 - 1)
    expect(() => spanIn({ since: 'x' }, 'Europe/Zurich')).to.throw(FieldProblem)
    expect(() => fieldsIn(new URLSearchParams({ q: 'x'.repeat(513) }))).to.throw(FieldProblem)
  })
})
