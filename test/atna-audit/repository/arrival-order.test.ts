// Ids in order of arrival, whether few are sorted or the log is walked.
import { expect } from 'chai'
import { described } from '../../../atna-audit/repository/arrival.js'
import { type Bounds, idsFound } from '../../../atna-audit/repository/arrival-order.js'
import { keep } from '../../../atna-audit/repository/records.js'
import { readSearch } from '../../../atna-audit/repository/search-parameters.js'
import type { Store } from '../../../store/store.js'
import { openMemory } from '../loopback.js'
import { indented, old, withToken } from './messages.js'

const many = 1_000_000
const sorting: Bounds = { sorted: many, walked: many, walkedInVain: many, atOnce: 2 }
const walking: Bounds = { ...sorting, sorted: -1 }
const trace = '0af7651916cd43dd8448eb211c80319c'

describe('ids in order of arrival', () => {
  let store: Store
  before(async () => {
    store = await openMemory()
    const messages = [indented, withToken, old, withToken.replace('ITI-43', 'ITI-18')]
    await store.write(() => {
      for (let n = 0; n < 21; n += 1) {
        const frame = Buffer.from(n % 5 === 4 ? 'nonsense' : `<85>1 - h a p m - ${messages[n % 5]}`)
        const arrival = { frame, origin: 'test', receivedMs: Date.UTC(2026, 5, 1 + n), repeatable: false }
        keep(store, arrival, described(arrival))
      }
    })
  })
  after(() => store.close())

  const searchOf = (question: string) => readSearch(new URLSearchParams(question)).search
  const found = (question: string, bounds: Bounds) => idsFound(store, searchOf(question), bounds)

  for (const question of [
    ...[
      '',
      'limit=3',
      'newest=1&limit=3',
      'after=7',
      'newest=1&after=7',
      `trace=${trace}`,
      `trace=${trace}&limit=2&after=2`,
    ],
    ...[
      'type=ITI-18',
      'type=110114&newest=1',
      'outcome=4',
      'outcome=0',
      'unreadable=1',
      'user=eve',
      'object=1.2.3&type=ITI-18',
    ],
    ...[
      'since=2026-03-04T10:00:00Z',
      'until=2026-03-04T10:11:12Z&newest=1',
      'since=2026-06-05T00:00:00Z',
      'type=ITI-99',
    ],
    'since=2026-03-04T10:00:00Z&type=110114',
  ]) {
    it(`are the same by sorting and by walking: "${question}"`, () => {
      const sorted = found(question, sorting)
      expect(found(question, walking)).to.deep.equal(sorted)
      if (question !== 'type=ITI-99') expect(sorted.ids).not.to.deep.equal([])
    })
  }

  it('are found by going on where one answer has walked far enough', () => {
    const short: Bounds = { ...walking, walked: 2, walkedInVain: 6 }
    const all: number[] = []
    let [afterId, answers] = [0, 0]
    for (;;) {
      const { ids, walkedTo } = idsFound(store, { ...searchOf('unreadable=1'), afterId }, short)
      all.push(...ids)
      answers += 1
      if (walkedTo === undefined) break
      afterId = walkedTo
    }
    expect(all).to.deep.equal([5, 10, 15, 20])
    expect(answers).to.be.greaterThan(3)
  })

  it('are found by walking where a sender wrote the time of its own clocks without a zone', async () => {
    const far = await openMemory()
    await far.write(() => {
      for (let n = 0; n < 8; n += 1) {
        const told = withToken.replace('10:11:12.123456789', `1${n}:30:00`)
        // Two hours ahead, as in a summer of Central Europe.
        const receivedMs = Date.UTC(2026, 2, 4, 8 + n, 30)
        const arrival = { frame: Buffer.from(told), origin: 'test', receivedMs, repeatable: false }
        keep(far, arrival, described(arrival))
      }
    })
    const search = searchOf('since=2026-03-04T12:00:00Z')
    expect(idsFound(far, search, walking)).to.deep.equal(idsFound(far, search, sorting))
    await far.close()
  })

  it('need not be looked for among what arrived long before the time that is meant', () => {
    const short: Bounds = { ...walking, walked: 4, walkedInVain: 4, atOnce: 4 }
    expect(found('since=2026-06-19T00:00:00Z&unreadable=1', short).ids).to.deep.equal([20])
    expect(found('unreadable=1&newest=0', short)).to.deep.equal({ ids: [], walkedTo: 4 })
  })
})
