import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { tellOfDatabase } from '../../server/database-watch.js'

describe('what the log is told of a database', () => {
  it('has each reason once, and how long that lasted', () => {
    let nowMs = 0
    let look = () => {}
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      every(_: number, work: () => void) {
        look = work
        return { cancel: () => undefined }
      },
    }
    const said: object[] = []
    const say = (facts: object) => void said.push(facts)
    const database: { broken: string | undefined } = { broken: undefined }
    tellOfDatabase(database, { clock, log: { error: say, info: say } })
    for (const broken of [undefined, 'away', 'away', 'starting', 'away', undefined, undefined, 'away']) {
      database.broken = broken
      nowMs += 1_000
      look()
    }
    expect(said).to.deep.equal([{ reason: 'away' }, { reason: 'starting' }, { awayMs: 4_000 }, { reason: 'away' }])
  })
})
