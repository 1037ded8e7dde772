import { expect } from 'chai'
import { described } from '../../../atna-audit/repository/arrival.js'
import { countRecords, findRecords, firstRecords, foundRecords } from '../../../atna-audit/repository/find-records.js'
import type { RecordQuery } from '../../../atna-audit/repository/record-query.js'
import { keep } from '../../../atna-audit/repository/records.js'
import { systemClock } from '../../../ports/clock.js'
import type { Store } from '../../../store/store.js'
import { openMemory } from '../loopback.js'
import { indented, old, withToken } from './messages.js'

const trace = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${trace}-00f067aa0ba902b7-01`

/** Nobody is in a hurry, whatever else the machine does. */
const clock = { ...systemClock, monotonicMs: () => 0 }

describe('records are found, newest first', () => {
  let store: Store
  before(async () => {
    store = await openMemory()
    await take(indented)
    await take(withToken)
    await take(old)
    await take('nonsense')
    await take(
      withToken
        .replace('ITI-43', 'ITI-18')
        .replace('2026-03-04', '2025-01-02')
        .replace('NORM', 'EMER')
        .replace('Dr. Jane Doe', 'Dr. Éloïse Müller-Doe')
        .replace('<ParticipantObjectIdentification', `${group}<ParticipantObjectIdentification`),
    )
    await take(old.replace('"4"', '"8"').replace('2026-03-04', '1999-01-01').replace('"E"', '"D"'))
  })
  after(() => store.close())

  async function take(text: string): Promise<void> {
    const arrival = {
      frame: Buffer.from(`<85>1 - h a p m - ${text}`),
      origin: 'test',
      receivedMs: Date.UTC(2026, 5, 1),
      repeatable: false,
    }
    await store.write(() => keep(store, arrival, described(arrival)))
  }

  const find = (query: RecordQuery, limit = 100) =>
    findRecords(store, query, { limit }, clock).records.map(({ id }) => id)

  for (const [what, query, expected] of [
    ['without a question', {}, [4, 2, 3, 1, 5, 6]],
    ['by CX', { patient: 'A1^^^&2.999.5&ISO' }, [1]],
    ['by CX with a namespace', { patient: 'A1^^^x&2.999.5&ISO' }, [1]],
    ['by the id alone', { patient: 'A1' }, [1]],
    ['not by the id of another authority', { patient: 'A1^^^&2.999.6&ISO' }, []],
    ['by the id of a person', { person: '7601000000000' }, [2, 5]],
    ['by the name of a person', { person: 'dr. jane doe' }, [2]],
    ['by words of a name in any order', { person: 'Doe Jane' }, [2]],
    ['by one word of a name', { person: 'DOE' }, [2, 5]],
    ['without regard to accents', { person: 'Eloise MULLER' }, [5]],
    ['by the site of the source', { organisation: 'urn:oid:2.999.7' }, [2, 5]],
    ['by a group', { organisation: 'Ward Two' }, [5]],
    ['by the OID of a group', { organisation: '2.999.70' }, [5]],
    ['by document', { object: '1.2.3' }, [2, 5]],
    ['by purpose', { purpose: 'EMER' }, [5]],
    ['by one of several purposes', { purpose: ['EMER', 'NORM'] }, [2, 5]],
    ['by role', { role: 'HCP' }, [2, 5]],
    ['not by the roles of systems', { role: '110153' }, []],
    ['by event', { event: '110114' }, [3, 6]],
    ['by transaction', { type: 'ITI-45' }, [1]],
    ['by one of several transactions', { type: ['ITI-45', 'ITI-18'] }, [1, 5]],
    ['by source', { source: 'PORTAL' }, [2, 5]],
    ['by the source, where any organisation is asked for', { organisation: 'Portal' }, [2, 5]],
    ['by an agent, who is a person', { agent: '7601000000000' }, [2, 5]],
    ['by an agent, which is a group', { agent: ['urn:oid:2.999.70', 'nobody'] }, [5]],
    ['by an entity of any kind', { entity: ['1.2.3', 'A1^^^&2.999.5&ISO'] }, [2, 1, 5]],
    ['by an entity that is a trace', { entity: traceparent }, [2, 5]],
    ['by trace', { trace: '0AF7651916CD43DD8448EB211C80319C' }, [2, 5]],
    ['by action', { action: 'D' }, [6]],
    ['by usual action', { action: 'E' }, [3, 1]],
    ['by success', { outcome: 0 }, [2, 1, 5]],
    ['by outcome', { outcome: 8 }, [6]],
    ['by failure', { outcome: 'failed' }, [3, 6]],
    ['when unreadable', { unreadable: true }, [4]],
    ['since a time', { sinceMs: Date.UTC(2026, 2, 4, 10, 11, 12) }, [4, 2, 3]],
    ['until a time', { untilMs: Date.UTC(2026, 2, 4, 9, 11, 13) }, [1, 5, 6]],
    ['by what was before the year 2000', { person: 'eve', untilMs: 0 + Date.UTC(2000, 0) }, [6]],
    ['by all of several', { person: 'doe', object: '1.2.3', type: 'ITI-18', purpose: 'EMER' }, [5]],
    ['by several, of which one is in the record alone', { object: '1.2.3', outcome: 0, action: 'C' }, [2, 5]],
    ['by none of it all', { person: 'doe', type: 'ITI-45' }, []],
    ['by anything: a patient', { anything: 'A1' }, [1]],
    ['by anything: words', { anything: 'jane doe' }, [2]],
    ['by anything: a document', { anything: '1.2.3' }, [2, 5]],
  ] as const) {
    it(what, () => {
      expect(find(query as RecordQuery)).to.deep.equal(expected)
      expect(countRecords(store, query as RecordQuery, {}, clock)).to.deep.equal({
        count: expected.length,
        exact: true,
      })
    })
  }

  it('by each word of a name without blanks', async () => {
    const many = await holding(withToken.replace('Dr. Jane Doe', 'Müller-Doe^Jane^^^Dr.'))
    for (const person of ['muller', 'Jane Müller', 'Müller-Doe'])
      expect(findRecords(many, { person }, { limit: 2 }, clock).records, person).to.have.length(1)
    await many.close()
  })

  it('by a patient whose id has signs of HL7 in it, as people write it or as it is sent', async () => {
    const many = await holding(indented.replace('A1^', 'A\\T\\1\\S\\2^'))
    for (const patient of ['A&1^2', 'A\\T\\1\\S\\2', 'A\\T\\1\\S\\2^^^&2.999.5&ISO'])
      expect(findRecords(many, { patient }, { limit: 2 }, clock).records, patient).to.have.length(1)
    await many.close()
  })

  it('by its patient and its people, however many documents stand before them', async () => {
    const documents = Array.from(
      { length: 2_500 },
      (_, n) =>
        `<ParticipantObjectIdentification ParticipantObjectID="9.${n}" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3"/>`,
    )
    const patient = `<ParticipantObjectIdentification ParticipantObjectID="M7^^^&amp;2.999.5&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1"/>`
    const many = await holding(withToken.replace('</AuditMessage>', `${documents.join('')}${patient}</AuditMessage>`))
    for (const query of [{ person: 'Jane Doe' }, { patient: 'M7' }, { role: 'HCP' }, { trace }, { object: '9.7' }])
      expect(findRecords(many, query, { limit: 2 }, clock).records, JSON.stringify(query)).to.have.length(1)
    await many.close()
  })

  it('page by page, each of them once', async () => {
    for (const query of [{}, { person: 'doe' }, { outcome: 0 } as const, { anything: '7601000000000' }]) {
      const pages: number[] = []
      for await (const { records } of foundRecords(store, query, { limit: 1 }, clock))
        pages.push(...records.map(({ id }) => id))
      expect(pages).to.deep.equal(find(query))
    }
  })

  it('and whoever has no more time goes on from there', () => {
    let ms = 0
    const hasty = { monotonicMs: () => (ms += 100) }
    const ids: number[] = []
    let pages = 0
    let cursor: string | undefined
    do {
      const page = findRecords(store, { person: 'doe' }, { limit: 5, ...(cursor && { cursor }) }, hasty)
      ids.push(...page.records.map(({ id }) => id))
      cursor = page.next
      pages += 1
    } while (cursor !== undefined)
    expect(ids).to.deep.equal([2, 5])
    expect(pages).to.be.greaterThan(1)
  })

  it('and so does whoever passes over months that have none', () => {
    let ms = 0
    const hasty = { monotonicMs: () => (ms += 100) }
    const { records, next } = findRecords(store, { person: 'eve', type: 'ITI-18' }, { limit: 5 }, hasty)
    expect(records).to.deep.equal([])
    expect(next).to.be.a('string')
  })

  it('and the first ones however long that takes', async () => {
    let ms = 0
    const hasty = { ...systemClock, monotonicMs: () => (ms += 100) }
    const first = async (limit: number) =>
      (await firstRecords(store, { person: 'doe' }, limit, hasty)).map(({ id }) => id)
    expect([await first(5), await first(1)]).to.deep.equal([[2, 5], [2]])
  })

  it('counts no further than it is told', () =>
    expect(countRecords(store, {}, { most: 4 }, clock)).to.deep.equal({ count: 4, exact: false }))

  it('refuses a cursor that is none', () =>
    expect(() => findRecords(store, {}, { limit: 1, cursor: '1; DROP' }, clock)).to.throw(RangeError))
})

const group =
  '<ActiveParticipant UserID="urn:oid:2.999.70" UserName="Ward Two" UserIsRequestor="false">' +
  '<RoleIDCode csd-code="GRP" codeSystemName="2.16.756.5.30.1.127.3.10.14" originalText="Group"/></ActiveParticipant>'

/** A log of its own with one record in it. */
async function holding(frame: string): Promise<Store> {
  const store = await openMemory()
  const arrival = { frame: Buffer.from(frame), origin: 'test', receivedMs: 1, repeatable: false }
  await store.write(() => keep(store, arrival, described(arrival)))
  return store
}
