// Undoing merges: what was attached to an id that ended is attached to it again, and everybody who follows hears of it.
import { expect } from 'chai'
import { patientIndexMigrations } from '../../patient-index/migrations.js'
import { openPersonStore } from '../../patient-index/person-store.js'
import { systemPorts } from '../../ports/ports.js'
import { openStore } from '../../store/open-store.js'
import type { Person } from '../../transactions/person.js'
import { aPatientIndex, id, maja, nation, of, ours, south, type TestPatientIndex } from './a-patient-index.js'

const peter: Person = {
  ...maja,
  names: [{ kind: 'current', family: 'Favre', given: ['Pierre'] }],
  gender: 'M',
  birthTime: '19450203',
  telecoms: [],
}
const rosa: Person = {
  ...peter,
  names: [{ kind: 'current', family: 'Zanetti', given: ['Rosa'] }],
  gender: 'F',
  birthTime: '20010304',
}
const spid = id('761337610000000002', nation)

describe('undoing a merge', () => {
  let index: TestPatientIndex
  beforeEach(async () => {
    index = await aPatientIndex({}, 'ch-epr')
  })
  afterEach(() => index.close())

  const undo = (rest: string, why = 'two people') => index.ask('/admin/persons/unmerge', { rest, body: { why } })
  const look = (rest: string) => index.ask('/admin/persons/unmerge', { rest })
  const historyOf = async (rest: string) =>
    ((await index.ask('/admin/persons', { rest })) as { history: { what: string; by: string; why: string }[] }).history

  it('gives back what a source has merged away, with the id that registries know [ITI TF-2:3.44.4.2.4]', async () => {
    const one = await index.add(id('1'), maja)
    const two = await index.add(id('2'), peter, spid)
    await index.merge(id('2'), id('1'))
    expect((await index.pix(id('1'))).patientIds).to.have.members([one, spid])
    expect(await look(id('2'))).to.deep.include({ survivor: one, revived: two, records: [id('2')] })
    await undo(id('2'), 'born on another day')
    expect(index.own(id('2'))).to.equal(two)
    expect((await index.pix(id('2'))).patientIds).to.have.members([two, spid])
    expect((await index.pix(id('1'))).patientIds).to.deep.equal([one])
    expect(
      (await index.demographics({ names: [{ kind: 'current', family: 'Favre', given: [] }] })).patients,
    ).to.have.length(1)
    expect((await index.feed('revise', { patientIds: [id('2')], person: peter })).typeCode).to.equal('CA')
  })

  it('writes down who undid it and why, at both persons, and in the audit', async () => {
    await index.add(id('1'), maja)
    await index.add(id('2'), peter)
    await index.merge(id('2'), id('1'))
    const before = index.audited()
    await undo(id('2'), 'born on another day')
    for (const each of [id('1'), id('2')]) {
      expect((await historyOf(each)).at(-1)).to.deep.include({
        what: 'unmerged',
        by: 'admin',
        why: `${id('2')}: born on another day`,
      })
    }
    expect((await historyOf(id('2'))).map(({ what }) => what)).to.deep.equal(['added', 'joined', 'unmerged'])
    expect(index.audited() - before).to.equal(2)
  })

  it('tells registries of both by ITI-44, and no more of a merge that they have not heard of [ITI TF-2:3.44.4.1.1]', async () => {
    const one = await index.add(id('1'), maja)
    const two = await index.add(id('2'), peter)
    await index.merge(id('2'), id('1'))
    await undo(two)
    expect(index.notices()).to.deep.equal([
      { event: 'add', body: { patientIds: [one] } },
      { event: 'add', body: { patientIds: [two] } },
      { event: 'revise', body: { patientIds: [one] } },
      { event: 'add', body: { patientIds: [two] } },
    ])
  })

  it('notifies consumers of the ids that each of both has now [ITI TF-2:3.46.4.1]', async () => {
    const consumers = [{ name: 'south', url: 'https://south.example/pix', domains: [] }]
    const followed = await aPatientIndex({ registries: [], consumers })
    const one = await followed.add(id('1'), maja)
    const two = await followed.add(id('2'), peter)
    await followed.merge(id('2'), id('1'))
    await followed.ask('/admin/persons/unmerge', { rest: id('2'), body: {} })
    expect(followed.notices().slice(-2)).to.deep.equal([
      { event: 'revise', body: { patientIds: [one, id('1')] } },
      { event: 'revise', body: { patientIds: [two, id('2')] } },
    ])
    await followed.close()
  })

  it('parts two that a number in common had joined, and takes no message that would join them again', async () => {
    await index.add(id('1'), maja, spid)
    const other = await index.add(id('a', south), peter)
    await index.feed('revise', { patientIds: [id('a', south), spid], person: peter })
    expect(index.own(id('1'))).to.equal(other)
    await undo(id('1'))
    expect(index.own(id('a', south))).to.equal(other)
    expect((await index.pix(id('1'), nation)).patientIds).to.deep.equal([spid])
    const again = await index.feed('revise', { patientIds: [id('a', south), spid], person: peter })
    expect(again).to.deep.include({ typeCode: 'CE' })
    expect(again.detail).to.contain(`${id('a', south)} was told apart from it by an administrator`)
    expect(index.own(id('a', south))).to.equal(other)
  })

  it('parts two that somebody had joined, and asks no more about them', async () => {
    await index.add(id('1'))
    const away: Person = {
      ...maja,
      names: [{ kind: 'current', family: 'Müller', given: ['Maja'] }],
      addresses: [{ lines: ['Rue du Marché 1'], postalCode: '2800', city: 'Delémont' }],
      telecoms: [],
    }
    const other = await index.add(id('a', south), away)
    const { reviews } = (await index.ask('/admin/reviews')) as { reviews: { review: number }[] }
    await index.ask('/admin/reviews/decide', { body: { review: reviews[0]?.review, verdict: 'same' } })
    expect(index.own(id('a', south))).not.to.equal(other)
    await undo(id('a', south))
    expect(index.own(id('a', south))).to.equal(other)
    await index.feed('revise', { patientIds: [id('a', south)], person: away })
    expect(await index.ask('/admin/reviews')).to.deep.equal({ reviews: [] })
  })

  it('undoes one link of a chain and leaves the others, in any order', async () => {
    const [one, two, three] = [
      await index.add(id('1'), maja),
      await index.add(id('2'), peter),
      await index.add(id('3'), rosa),
    ]
    await index.merge(id('1'), id('2'))
    await index.merge(id('2'), id('3'))
    expect([id('1'), id('2'), id('3')].map(index.own)).to.deep.equal([three, three, three])
    await undo(id('2'))
    expect([id('1'), id('2'), id('3')].map(index.own)).to.deep.equal([two, two, three])
    await index.merge(id('2'), id('3'))
    await undo(id('1'))
    expect([id('1'), id('2'), id('3')].map(index.own)).to.deep.equal([one, three, three])
  })

  it('gives a number back through a chain', async () => {
    await index.add(id('1'), maja, spid)
    await index.add(id('2'), peter)
    await index.add(id('3'), rosa)
    await index.merge(id('1'), id('2'))
    await index.merge(id('2'), id('3'))
    expect((await index.pix(id('3'), nation)).patientIds).to.deep.equal([spid])
    await undo(id('1'))
    expect((await index.pix(id('1'), nation)).patientIds).to.deep.equal([spid])
    expect(await index.pix(id('3'), nation)).to.deep.include({ responseCode: 'NF' })
  })

  it('takes one record back where the person had others', async () => {
    const one = await index.add(id('1'))
    await index.add(id('a', south))
    const two = await index.add(id('2'), peter)
    await index.merge(id('1'), id('2'))
    expect(index.own(id('1'))).to.equal(two)
    await undo(id('1'))
    expect(index.own(id('1'))).to.equal(one)
    expect((await index.pix(id('1'))).patientIds).to.have.members([one, id('a', south)])
  })

  it('brings a record back into use where both were of one person', async () => {
    const one = await index.add(id('1'))
    await index.merge(id('1'), id('9'))
    expect((await index.pix(id('9'))).patientIds).to.deep.equal([one])
    await undo(id('1'))
    expect((await index.pix(id('9'))).patientIds).to.have.members([one, id('1')])
  })

  it('lets the source merge again what was undone', async () => {
    const one = await index.add(id('1'), maja)
    await index.add(id('2'), peter)
    await index.merge(id('2'), id('1'))
    await undo(id('2'))
    expect((await index.merge(id('2'), id('1'))).typeCode).to.equal('CA')
    expect(index.own(id('2'))).to.equal(one)
  })

  it('says what was never merged, and changes nothing', async () => {
    await index.add(id('1'))
    const before = index.notices()
    for (const [rest, words] of [
      [id('nobody'), 'is not known here'],
      [id('1'), 'was not merged into another id'],
    ] as const) {
      const refusal = await Promise.resolve(undo(rest)).catch(problem => problem)
      expect(String(refusal)).to.contain(words)
    }
    expect(index.notices()).to.deep.equal(before)
  })
})

describe('a patient index of before merges could be undone', () => {
  it('undoes what it had merged then', async () => {
    const old = patientIndexMigrations.slice(0, 2)
    const path = `${await systemPorts.files.temporaryFolder('patient-index-')}/index.sqlite`
    const before = await openStore({ path, migrations: old }, systemPorts.clock, systemPorts.files)
    await before.write(() => {
      for (const text of [
        `INSERT INTO domains (domain, oid) VALUES (1, '${ours}'), (2, '2.999.1')`,
        'INSERT INTO persons (person, survivor) VALUES (1, 1), (2, 1)',
        `INSERT INTO person_ids (domain, extension, person) VALUES (1, 'one', 1), (1, 'two', 2)`,
        `INSERT INTO records (record, domain, extension, person, body, changed_ms) VALUES (1, 2, '1', 1, '{"names":[]}', 0), (2, 2, '2', 2, '{"names":[]}', 0)`,
      ]) {
        before.prepare(text).run()
      }
    })
    await before.close()
    const store = await openStore({ path, migrations: patientIndexMigrations }, systemPorts.clock, systemPorts.files)
    const persons = openPersonStore(store)
    expect(of(ours, persons.idsOf(persons.personBy(id('2')) ?? 0))).to.deep.equal([id('one', ours)])
    await store.write(() => persons.part(2))
    expect(of(ours, persons.idsOf(persons.personBy(id('2')) ?? 0))).to.deep.equal([id('two', ours)])
    await store.close()
  })
})
