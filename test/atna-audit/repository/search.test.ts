import { expect } from 'chai'
import { described } from '../../../atna-audit/repository/arrival.js'
import { keep } from '../../../atna-audit/repository/records.js'
import { searchAudit } from '../../../atna-audit/repository/search.js'
import { readSearch } from '../../../atna-audit/repository/search-parameters.js'
import type { Store } from '../../../store/store.js'
import { openMemory } from '../loopback.js'
import { indented, old, withToken } from './messages.js'

const trace = '0af7651916cd43dd8448eb211c80319c'

describe('the records of the audit repository', () => {
  let store: Store

  async function take(text: string | Buffer, repeatable = false): Promise<void> {
    const arrival = { frame: Buffer.from(text), origin: 'test', receivedMs: Date.UTC(2026, 5, 1), repeatable }
    await store.write(() => keep(store, arrival, described(arrival)))
  }

  /** Ids of the records that a question in a URL finds. */
  function find(question: string): number[] {
    return searchAudit(store, readSearch(new URLSearchParams(question)).search).map(({ id }) => id)
  }

  beforeEach(async () => {
    store = await openMemory()
    await take(`<85>1 - h a p m - ${indented}`)
    await take(`<85>1 - h a p m - ${withToken}`)
    await take(`<85>1 - h a p m - ${old}`)
    await take('nonsense')
    await take(`<85>1 - h a p m - ${withToken.replace('ITI-43', 'ITI-18')}`)
  })
  afterEach(() => store.close())

  for (const [question, expected] of [
    ['', [1, 2, 3, 4, 5]],
    [`trace=${trace}`, [2, 5]],
    [`trace=${trace.toUpperCase()}`, [2, 5]],
    ['patient=A1^^^%262.999.5%26ISO', [1]],
    ['user=eve', [3]],
    ['user=Dr. Jane Doe', [2, 5]],
    ['object=1.2.3', [2, 5]],
    ['object=1.2.3&type=ITI-18', [5]],
    ['object=1.2.3&user=7601000000000', [2, 5]],
    ['object=1.2.3&user=eve', []],
    ['type=ITI-45', [1]],
    ['type=110114', [3]],
    ['outcome=0', [1, 2, 5]],
    ['outcome=4', [3]],
    ['outcome=8', []],
    ['unreadable=1', [4]],
    ['after=3', [4, 5]],
    ['limit=2', [1, 2]],
    ['newest=1&limit=2', [5, 4]],
    ['newest=1&limit=2&after=4', [3, 2]],
    [`trace=${trace}&after=2`, [5]],
    [`trace=${trace}&newest=1`, [5, 2]],
    ['since=2026-03-04T10:00:00Z&until=2026-03-04T10:11:12Z', [3]],
    ['until=2026-03-04T09:30:00Z', [1]],
    ['since=2026-05-31T00:00:00Z', [4]],
    ["user=x' OR '1'='1", []],
  ] as const) {
    it(`are found by "${question}"`, () => expect(find(question)).to.deep.equal(expected))
  }

  for (const [question, problem] of [
    ['trase=1', /trase is not a parameter.*trace, patient/],
    ['__proto__=1', /not a parameter/],
    ['limit=1001', /from 1 to 1000/],
    ['outcome=bad', /whole number/],
    ['since=soon', /must be a time/],
    ['newest=perhaps', /1 or 0/],
    ['trace=1&trace=2', /more than once/],
    ['format=xml', /name it with id/],
    ['format=pdf&id=1', /json or xml/],
  ] as const) {
    it(`refuse the question "${question}"`, () => expect(() => find(question)).to.throw(problem))
  }

  it('keep every byte, readable or not [TF-2:3.20.4.1.3]', () => {
    const bytes = searchAudit(store, { limit: 10 }).map(({ frame }) => Buffer.from(frame).toString())
    expect(bytes[0]).to.equal(`<85>1 - h a p m - ${indented}`)
    expect(bytes[3]).to.equal('nonsense')
  })

  it('say why one could not be read', () => {
    const [unreadable] = searchAudit(store, { unreadable: true, limit: 10 })
    expect(unreadable?.problem).to.equal('there is no syslog header; there is no AuditMessage in it')
  })

  it('hold a repeatable frame once, and equal frames of others as often as they came', async () => {
    const frame = `<85>1 - h a p m - ${withToken.replace('ITI-43', 'ITI-99')}`
    for (const repeatable of [true, true, false, false]) await take(frame, repeatable)
    expect(find('type=ITI-99').length).to.equal(3)
  })

  it('come in answers of bounded size, and all of them by asking on', async () => {
    for (let count = 0; count < 5; count += 1) await take(Buffer.alloc(10 * 1024 * 1024, 'x'))
    const first = searchAudit(store, { afterId: 5, limit: 100 })
    expect(first.map(({ id }) => id)).to.deep.equal([6, 7, 8, 9])
    expect(searchAudit(store, { afterId: 9, limit: 100 }).map(({ id }) => id)).to.deep.equal([10])
  })

  it('stay bounded in what they index', async () => {
    const objects = Array.from(
      { length: 5_000 },
      (_, index) => `<ParticipantObjectIdentification ParticipantObjectID="${index}${'x'.repeat(2_000)}"/>`,
    )
    await take(`<85>1 - h a p m - ${withToken.replace('</AuditMessage>', `${objects.join('')}</AuditMessage>`)}`)
    expect(store.prepare('SELECT count(*) AS count FROM audit_term WHERE record = 6').get()?.count).to.equal(2_000)
  })
})
