// Whose record is it? What the feed makes of records, and what it tells those who follow.
import { expect } from 'chai'
import type { Person } from '../../transactions/person.js'
import { aPatientIndex, id, maja, nation, north, of, ours, south, type TestPatientIndex } from './a-patient-index.js'

const peter: Person = {
  ...maja,
  names: [{ kind: 'current', family: 'Favre', given: ['Pierre'] }],
  gender: 'M',
  birthTime: '19450203',
  telecoms: [],
}
const away = { addresses: [{ lines: ['Rue du Marché 1'], postalCode: '2800', city: 'Delémont' }], telecoms: [] }
/** A name that many have, and no address in common. */
const doubtful: Person = { ...maja, ...away, names: [{ kind: 'current', family: 'Müller', given: ['Maja'] }] }
const spid = id('761337610000000002', nation)
const otherSpid = id('761337610411353650', nation)

describe('the patient index', () => {
  let index: TestPatientIndex
  beforeEach(async () => {
    index = await aPatientIndex({}, 'ch-epr')
  })
  afterEach(() => index.close())

  it('keeps no id that nobody could ask for, and says which [ITI TF-3: Table 4.2.3.1.7-2]', async () => {
    const record = { patientIds: [id('strange')], person: maja }
    const refused: [told: Parameters<TestPatientIndex['feed']>[1], why: string][] = [
      [{ ...record, strangeRoots: ['abc'] }, 'patient/id@root: expected an OID, found "abc"'],
      [{ ...record, patientIds: [id('x'.repeat(300))] }, 'expected at most 256 characters'],
      [{ ...record, patientIds: [id('x\u0007')] }, 'expected no control characters, found U+0007'],
    ]
    for (const [told, why] of refused) {
      const { typeCode, detail } = await index.feed('add', told)
      expect([typeCode, detail?.includes(why)], why).to.deep.equal(['CE', true])
    }
    expect(index.own(id('strange'))).to.equal(undefined)
  })

  it('gives each new person an id of its own, and audits it with the change [ITI TF-2:3.44.4.1.3]', async () => {
    const one = await index.add(id('1'))
    expect(of(ours, [one])).to.deep.equal([one])
    expect(await index.add(id('2'), peter)).not.to.equal(one)
    expect(index.audited()).to.equal(2)
  })

  it('takes two records for one person when it is sure, and says why [ITI TF-2:3.44.4.1.3]', async () => {
    const one = await index.add(id('1'))
    expect(
      await index.add(id('a', south), { ...maja, names: [{ kind: 'current', family: 'MUELLER', given: ['Maja'] }] }),
    ).to.equal(one)
    const { history } = (await index.ask('/admin/persons', { rest: id('1') })) as {
      history: { what: string; why: string }[]
    }
    expect(history.at(-1)?.why).to.match(
      /^weight 51: family same, a frequent name \(\+8\), given same \(\+8\), born same \(\+13\)/,
    )
  })

  it('has somebody look at what is doubtful, and follows the verdict', async () => {
    const one = await index.add(id('1'))
    const other = await index.add(id('a', south), doubtful)
    expect(other).not.to.equal(one)
    const { reviews } = (await index.ask('/admin/reviews')) as {
      reviews: { review: number; records: { patientId: string }[] }[]
    }
    expect(reviews.map(({ records }) => records.map(each => each.patientId))).to.deep.equal([[id('1'), id('a', south)]])
    await index.ask('/admin/reviews/decide', { body: { review: reviews[0]?.review, verdict: 'same' } })
    expect(index.own(id('1'))).to.equal(index.own(id('a', south)))
    expect(index.notices().at(-1)).to.deep.equal({ event: 'merge', body: { patientIds: [one], subsumedIds: [other] } })
    expect(await index.ask('/admin/reviews')).to.deep.equal({ reviews: [] })
  })

  it('asks no more about two that somebody has told apart', async () => {
    await index.add(id('1'))
    await index.add(id('a', south), doubtful)
    const { reviews } = (await index.ask('/admin/reviews')) as { reviews: { review: number }[] }
    await index.ask('/admin/reviews/decide', { body: { review: reviews[0]?.review, verdict: 'different' } })
    await index.feed('revise', { patientIds: [id('a', south)], person: doubtful })
    expect(await index.ask('/admin/reviews')).to.deep.equal({ reviews: [] })
    expect(index.own(id('1'))).not.to.equal(index.own(id('a', south)))
  })

  it('chooses nobody where two fit', async () => {
    const phone = { addresses: [], telecoms: ['tel:+41790000000'] }
    const one = await index.add(id('1'), { ...maja, ...away }, spid)
    const other = await index.add(id('2'), { ...maja, ...phone }, otherSpid)
    expect(other).not.to.equal(one)
    const third = await index.add(id('a', south), { ...maja, ...away, telecoms: phone.telecoms })
    expect([one, other]).not.to.include(third)
  })

  it('goes by the national number before all likeness [EPR annex 5.1:1.7.1]', async () => {
    const one = await index.add(id('1'), maja, spid)
    expect(await index.add(id('a', south), peter, spid)).to.equal(one)
    // As alike as can be, and yet another number: two people.
    expect(await index.add(id('b', south), maja, otherSpid)).not.to.equal(one)
  })

  it('joins two persons that turn out to have one national number, and tells it [EPR annex 5.1:1.7.1]', async () => {
    const one = await index.add(id('1'), maja, spid)
    const other = await index.add(id('a', south), peter)
    await index.feed('revise', { patientIds: [id('a', south), spid], person: peter })
    expect(index.own(id('a', south))).to.equal(index.own(id('1')))
    const { event, body } = index.notices().find(each => each.event === 'merge') ?? {}
    expect(event).to.equal('merge')
    expect(JSON.stringify(body)).to.contain(one).and.to.contain(other)
  })

  it('joins nobody with the number of another because a source has corrected its own, and frees the wrong one [EPR annex 5.1:1.7.1]', async () => {
    const one = await index.add(id('1'), maja, spid)
    await index.add(id('a', south), peter, otherSpid)
    await index.feed('revise', { patientIds: [id('a', south), spid], person: peter })
    expect(index.own(id('a', south))).to.equal(index.own(id('1')))
    expect((await index.pix(id('1'), nation)).patientIds).to.deep.equal([spid])
    // The number that was wrong may be given to whoever it is of.
    expect(await index.add(id('b', south), { ...peter, birthTime: '19990101' }, otherSpid)).not.to.equal(one)
    expect(index.own(id('b', south))).not.to.equal(index.own(id('1')))
  })

  it('changes nothing for a number of another person where others tell of this one by its own', async () => {
    const one = await index.add(id('1'), maja, spid)
    const other = await index.add(id('2'), peter, otherSpid)
    await index.add(id('a', south), peter, otherSpid)
    const { typeCode, detail } = await index.feed('revise', { patientIds: [id('a', south), spid], person: peter })
    expect([typeCode, detail]).to.deep.equal(['CE', detail])
    expect(detail).to.contain(`${spid} is the number of another person`).and.to.contain(otherSpid)
    expect([index.own(id('1')), index.own(id('a', south))]).to.deep.equal([one, other])
    await index.ask('/admin/persons/separate', { body: { patientId: id('a', south) } })
    await index.feed('revise', { patientIds: [id('a', south), spid], person: peter })
    expect(index.own(id('a', south))).to.equal(index.own(id('1')))
    expect(index.own(id('2'))).to.equal(other)
  })

  it('takes nothing away from a person of whom a message tells an id alone [EPR annex 5.1:1.7.1]', async () => {
    await index.add(id('1'), maja)
    expect((await index.feed('revise', { patientIds: [id('1'), spid] })).typeCode).to.equal('CA')
    const { patients } = await index.demographics({ names: maja.names, born: { from: '19600618', to: '19600618' } })
    expect(patients.map(({ otherIds, person }) => [otherIds, person])).to.deep.equal([[[spid], maja]])
  })

  it('writes down and tells each of two persons whose records come in one message', async () => {
    const one = await index.add(id('1'))
    const other = await index.add(id('a', south), peter)
    const told = index.notices().length
    await index.feed('revise', { patientIds: [id('1'), id('a', south)], person: maja })
    expect([index.own(id('1')), index.own(id('a', south))]).to.deep.equal([one, other])
    const { history } = (await index.ask('/admin/persons', { rest: id('a', south) })) as { history: { what: string }[] }
    expect(history.map(({ what }) => what)).to.deep.equal(['added', 'revised'])
    const since = index.notices().slice(told)
    expect(since.map(({ body }) => (body as { patientIds: string[] }).patientIds[0])).to.deep.equal([one, other])
  })

  it('follows a merge of its source, once and again, and lets nothing undo it [ITI TF-2:3.44.4.2.3, 3.44.4.2.4]', async () => {
    const one = await index.add(id('1'), maja)
    const two = await index.add(id('2'), peter)
    expect((await index.merge(id('2'), id('1'))).typeCode).to.equal('CA')
    expect((await index.merge(id('2'), id('1'))).typeCode).to.equal('CA')
    expect(index.own(id('2'))).to.equal(one)
    expect(index.notices().filter(({ event }) => event === 'merge')).to.deep.equal([
      { event: 'merge', body: { patientIds: [one], subsumedIds: [two] } },
    ])
    const again = await index.feed('revise', { patientIds: [id('2')], person: peter })
    expect(again).to.deep.include({ typeCode: 'CE' })
    expect(again.detail).to.contain('was merged into another id; no message undoes that [ITI TF-2:3.44.4.2.4]')
  })

  it('refuses a merge that names nobody, and changes nothing [ITI TF-2:3.44.4.2.4]', async () => {
    await index.add(id('1'))
    for (const [subsumed, survivor] of [
      [id('9'), id('1')],
      [id('1'), id('1')],
    ] as const) {
      expect((await index.merge(subsumed, survivor)).typeCode).to.equal('CE')
    }
    expect(index.audited()).to.equal(1)
    expect(index.notices()).to.have.length(1)
  })

  it('leaves others of a person alone when a source merges one of its records away', async () => {
    const one = await index.add(id('1'))
    await index.add(id('a', south))
    const two = await index.add(id('2'), peter)
    await index.merge(id('1'), id('2'))
    expect(index.own(id('a', south))).to.equal(one)
    expect(index.own(id('1'))).to.equal(two)
  })

  it('takes a record out of a person when somebody says so, and keeps it out', async () => {
    const one = await index.add(id('1'))
    await index.add(id('a', south))
    await index.ask('/admin/persons/separate', { body: { patientId: id('a', south), why: 'her cousin' } })
    expect(index.own(id('a', south))).not.to.equal(one)
    await index.feed('revise', { patientIds: [id('a', south)], person: maja })
    expect(index.own(id('a', south))).not.to.equal(one)
    expect(await index.ask('/admin/reviews')).to.deep.equal({ reviews: [] })
  })

  it('tells its registries each person by the id of the affinity domain and the national number [ITI TF-2:3.44.4.1.1]', async () => {
    const one = await index.add(id('1'), maja, spid)
    expect(index.notices()).to.deep.equal([{ event: 'add', body: { patientIds: [one, spid] } }])
  })

  it('takes a record that names the national number and one more id, wherever the number stands [EPR annex 5.1:1.7.1]', async () => {
    const swiss = await aPatientIndex({ recordsWithoutNationalId: 'refused' }, 'ch-epr')
    const without = await swiss.feed('add', { patientIds: [id('1')], person: maja })
    expect(without).to.deep.include({ typeCode: 'CE' })
    expect(without.detail).to.contain(`the EPR-SPID of the patient (${nation}) is missing [EPR annex 5.1:1.7.1]`)
    const alone = await swiss.feed('revise', { patientIds: [spid], person: maja })
    expect(alone.detail).to.contain('a patient id beside the EPR-SPID is missing')
    expect(swiss.audited()).to.equal(0)
    expect((await swiss.feed('add', { patientIds: [id('1')], otherIds: [spid], person: maja })).typeCode).to.equal('CA')
    expect((await swiss.pix(id('1'), nation)).patientIds).to.deep.equal([spid])
    // A merge names the ids that it is about.
    await swiss.feed('add', { patientIds: [id('2'), otherSpid], person: peter })
    expect((await swiss.merge(id('2'), id('1'))).typeCode).to.equal('CA')
    await swiss.close()
  })

  it('takes no religion, race, ethnic group or personal relationship [EPR annex 5.1:1.7.1]', async () => {
    const sensitive = ['religiousAffiliationCode', 'personalRelationship'] as const
    const answer = await index.feed('add', { patientIds: [id('1'), spid], person: maja, sensitive: [...sensitive] })
    expect(answer).to.deep.include({ typeCode: 'CE' })
    for (const name of sensitive) expect(answer.detail).to.contain(`${name} may not be sent [EPR annex 5.1:1.7.1]`)
    expect(index.own(id('1'))).to.equal(undefined)
  })

  it('takes no ids but those of its sources [ITI TF-2:3.44.4.1.3]', async () => {
    const only = await aPatientIndex({ sources: [north] })
    const answer = await only.feed('add', { patientIds: [id('a', south)], person: maja })
    expect(answer.detail).to.match(/^none of the patient ids is of 2\.999\.1 \[ITI TF-2:3\.44\.4\.1\.3\]\n\(trace /)
    await only.close()
  })
})

describe('the patient index and its consumers', () => {
  it('notifies them of the ids of their domains alone [ITI TF-2:3.46.4.1]', async () => {
    const consumers = [{ name: 'south', url: 'https://south.example/pix', domains: [south, ours] }]
    const index = await aPatientIndex({ registries: [], consumers })
    const one = await index.add(id('1'))
    await index.add(id('a', south))
    expect(index.notices()).to.deep.equal([
      { event: 'revise', body: { patientIds: [one] } },
      { event: 'revise', body: { patientIds: [one, id('a', south)] } },
    ])
    await index.close()
  })
})
