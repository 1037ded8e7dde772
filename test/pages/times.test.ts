import { expect } from 'chai'
import { instantsIn, timesIn } from '../../pages/times.js'

const zone = 'Europe/Zurich'

describe('times as readers have them', () => {
  const instants: [local: string, utc: string][] = [
    ['2026-01-15T08:00:00', '2026-01-15T07:00:00.000Z'],
    ['2026-07-15T08:00:00', '2026-07-15T06:00:00.000Z'],
    ['2026-03-29T01:59:59', '2026-03-29T00:59:59.000Z'],
    ['2026-03-29T03:00:00', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T03:30:00', '2026-10-25T02:30:00.000Z'],
  ]
  for (const [local, utc] of instants)
    it(`are ${utc} at ${local} there`, () =>
      expect(instantsIn(local, zone).map(ms => new Date(ms).toISOString())).to.deep.equal([utc]))

  it('have days and hours of that place', () => {
    const times = timesIn('de', zone)
    const late = Date.parse('2026-11-24T23:30:00Z')
    expect([times.dayOf(late), times.hourOf(late)]).to.deep.equal(['2026-11-25', 0])
    expect([times.duration(90_000), times.duration(7_300_000)]).to.deep.equal(['90 Sekunden', '2 Stunden'])
  })
})
