// EPR-SPIDs of persons: asked for, looked after, given up; and everything that keeps a person from getting the wrong one.
import { expect } from 'chai'
import { replaced } from '../../../patient-index/upi/national-number.js'
import type { UpiAnswer } from '../../../patient-index/upi/upi.js'
import { PartnerUnavailable } from '../../../soap/call.js'
import type { Person } from '../../../transactions/person.js'
import { eprSpidIn } from '../../../xua/swiss-rules.js'
import { aPatientIndex, id, maja, nation, south, type TestPatientIndex } from '../a-patient-index.js'
import { ahv, aUpi, registeredMaja, type TestUpi } from './a-upi.js'

const peter: Person = {
  ...maja,
  names: [{ kind: 'current', family: 'Favre', given: ['Pierre'] }],
  gender: 'M',
  birthTime: '19450203',
  telecoms: [],
}
const path = '/admin/persons/epr-spid'

interface Told {
  number: string | null
  what: string
  notices: string[]
}

describe('the EPR-SPID of a person', () => {
  let upi: TestUpi
  let index: TestPatientIndex
  beforeEach(async () => {
    upi = await aUpi()
    index = await aPatientIndex({}, 'ch-epr', upi)
  })
  afterEach(async () => {
    await index.close()
    await upi.close()
  })

  const request = (rest: string, body: object = { ahvNumber: ahv('1') }) =>
    index.ask(path, { rest, body }) as Promise<Told>
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => 'it was done',
      problem => String(problem.message),
    )
  const numberOf = async (patientId: string) => (await index.pix(patientId, nation)).patientIds

  it('is asked of the UPI, kept, told to registries and written down [eCH-0213: generate]', async () => {
    const own = await index.add(id('1'))
    const { number, what } = await request(id('1'), {
      ahvNumber: `756.0000.0000.${ahv('1').slice(11)}`,
      why: 'EPR opened',
    })
    expect(what).to.equal('assigned')
    expect(eprSpidIn(number ?? '')).to.be.a('string')
    expect(await numberOf(id('1'))).to.deep.equal([number])
    expect(index.notices().at(-1)).to.deep.equal({ event: 'revise', body: { patientIds: [own, number] } })
    const { history } = (await index.ask('/admin/persons', { rest: id('1') })) as {
      history: { why: string; by: string }[]
    }
    expect(history.at(-1)).to.deep.include({ by: 'admin', why: `${number}, assigned by the UPI: EPR opened` })
  })

  it('is given for somebody whom no source has told of yet, and kept nowhere then', async () => {
    const person = { family: 'Müller', given: 'Maja Anna', born: '1960-06-18', sex: 'F' }
    const first = await request('', { ...person, ahvNumber: ahv('1') })
    expect(await request('', { ...person, ahvNumber: ahv('1') })).to.deep.include({ number: first.number })
    expect(index.context.persons.personBy(first.number ?? '')).to.equal(undefined)
    expect(await refusal(request('', { ...person, born: '18.6.1960', ahvNumber: ahv('1') }))).to.contain('YYYY-MM-DD')
    expect(await refusal(request('', { ...person, family: ' ', ahvNumber: ahv('1') }))).to.contain('say whom')
    expect(await refusal(request('', person))).to.contain('say it')
    await index.add(id('1'), maja, first.number ?? '')
    expect(await request(id('1'), {})).to.deep.include({ number: first.number, what: 'in use' })
  })

  it('is the same when it is asked for again, and no AHV number is needed for that', async () => {
    await index.add(id('1'))
    const first = await request(id('1'))
    expect(await request(id('1'), {})).to.deep.include({ number: first.number, what: 'in use' })
    expect(upi.asked.filter(each => 'action' in each)).to.have.length(1)
  })

  it('is found where the UPI had given it before anybody heard the answer', async () => {
    await upi.manage({ action: 'generate', vn: ahv('1'), person: registeredMaja })
    await index.add(id('1'))
    await request(id('1'))
    expect(upi.asked.filter(each => 'action' in each)).to.have.length(1)
  })

  it('is not asked for with an AHV number that is none, nor kept together with one', async () => {
    await index.add(id('1'))
    expect(await refusal(request(id('1'), {}))).to.contain('by the AHV number: say it')
    expect(await refusal(request(id('1'), { ahvNumber: '7561234567890' }))).to.contain(
      'does not follow from the others',
    )
    expect(await refusal(request(id('1'), { ahvNumber: '12345' }))).to.contain('has 13 digits and begins with 756')
    expect(upi.asked).to.deep.equal([])
    await request(id('1'))
    const everything = ['persons', 'records', 'history', 'notices', 'person_ids'].map(table =>
      JSON.stringify(index.context.store.prepare(`SELECT * FROM ${table}`).all()),
    )
    expect(everything.join()).not.to.contain(ahv('1'))
  })

  it('is refused where the AHV number is of somebody else, or of nobody, in words [eCH-0213: 2.4.1]', async () => {
    await upi.manage({
      action: 'generate',
      vn: ahv('1'),
      person: { ...registeredMaja, firstName: 'Rosa', dateOfBirth: '1999-01-01' },
    })
    await index.add(id('1'))
    expect(await refusal(request(id('1')))).to.contain('the given name and the birthday are others')
    expect(await refusal(request(id('1'), { ahvNumber: ahv('999900001') }))).to.contain(
      'the UPI refused (310404): nobody has',
    )
    expect(await numberOf(id('1'))).to.deep.equal([])
  })

  it('is refused for somebody of whom too little is known, or nothing', async () => {
    await index.add(id('1'), { ...maja, names: [], telecoms: ['tel:+41790000000'] })
    expect(await refusal(request(id('1')))).to.contain('lacks a family name, a given name')
    expect(await refusal(request(id('nobody')))).to.contain('is not known here')
    expect(upi.asked).to.deep.equal([])
  })

  it('is no one’s twice: whoever has it is named', async () => {
    await index.add(id('1'))
    const { number } = await request(id('1'))
    await index.add(id('a', south), { ...maja, birthTime: '19600619', addresses: [], telecoms: [] })
    expect(index.own(id('a', south))).not.to.equal(index.own(id('1')))
    const words = await refusal(request(id('a', south)))
    expect(words).to.contain(`${number}, which ${id('1')} has here: if the two are one person, join them`)
  })

  it('is one: whoever was named while the UPI was asked has no second [eCH-0213: generate]', async () => {
    const meanwhile = id('761337610000000002', nation)
    const slow = await aPatientIndex({}, 'ch-epr', {
      async info(by) {
        await slow.feed('revise', { patientIds: [id('1'), meanwhile], person: maja })
        return upi.info(by)
      },
      manage: asked => upi.manage(asked),
    })
    await slow.add(id('1'))
    const words = await refusal(slow.ask(path, { rest: id('1'), body: { ahvNumber: ahv('1') } }))
    expect(words).to.contain(`was given ${meanwhile} in the meantime`)
    expect((await slow.pix(id('1'), nation)).patientIds).to.deep.equal([meanwhile])
    await slow.close()
  })

  it('is one after a merge too, whatever becomes of the number that ended with it [eCH-0215: inactivationOfSPID]', async () => {
    const [x, y, z, r] = ['000000002', '411353650', '000000019', '469261945'].map(end =>
      id(`761337610${end}`, nation),
    ) as [string, string, string, string]
    const one = await index.add(id('1'), maja, x)
    const two = await index.add(id('2'), peter, y)
    await index.merge(id('2'), id('1'))
    const { context } = index
    await context.store.write(() => replaced(y, z, { by: 'UPI', why: 'it says so' }, context))
    expect([index.own(z), await numberOf(id('1'))]).to.deep.equal([one, [x]])
    const three = await index.add(id('3'), { ...peter, birthTime: '19990101' }, r)
    await context.store.write(() => replaced(z, r, { by: 'UPI', why: 'it says so' }, context))
    expect([index.own(id('1')), index.own(id('3'))]).to.deep.equal([one, three])
    expect(two).not.to.equal(one)
  })

  it('is not believed where the UPI says something that is none', async () => {
    const answer: UpiAnswer = {
      is: 'positive',
      pids: { spids: ['761337610411353651'] },
      person: undefined,
      notices: [],
    }
    const wrong = await aPatientIndex({}, 'ch-epr', { info: async () => answer, manage: async () => answer })
    await wrong.add(id('1'))
    const words = await refusal(wrong.ask(path, { rest: id('1'), body: { ahvNumber: ahv('1') } }))
    expect(words).to.contain('"761337610411353651", which is no EPR-SPID; nothing was changed')
    await wrong.close()
  })

  it('waits for another time when the UPI is away', async () => {
    for (const [sent, words] of [
      ['no', 'nothing was changed'],
      ['maybe', 'ask again'],
    ] as const) {
      const away = () => Promise.reject(new PartnerUnavailable('https://upi.example cannot be reached', sent))
      const lonely = await aPatientIndex({}, 'ch-epr', { info: away, manage: away })
      await lonely.add(id('1'))
      const problem = await lonely.ask(path, { rest: id('1'), body: { ahvNumber: ahv('1') } }).then(
        () => undefined,
        each => each,
      )
      expect(problem).to.deep.include({ status: 503 })
      expect(problem.message)
        .to.contain('the UPI did not answer: https://upi.example cannot be reached')
        .and.to.contain(words)
      await lonely.close()
    }
  })

  it('is cancelled at the UPI, and gone here [eCH-0213: cancel]', async () => {
    const own = await index.add(id('1'))
    await request(id('1'))
    expect(await index.ask(`${path}/cancel`, { rest: id('1'), body: { ahvNumber: ahv('1') } })).to.deep.include({
      number: null,
      what: 'cancelled',
    })
    expect(await numberOf(id('1'))).to.deep.equal([])
    expect(index.notices().at(-1)).to.deep.equal({ event: 'revise', body: { patientIds: [own] } })
    expect(await refusal(index.ask(`${path}/cancel`, { rest: id('1'), body: {} }))).to.contain('has no EPR-SPID')
  })

  it('ends in another where two persons are one, who are joined [eCH-0213: inactivate]', async () => {
    await index.add(id('1'))
    const stays = await index.add(id('2'), peter)
    await request(id('1'))
    const { number } = await request(id('2'), { ahvNumber: ahv('2') })
    const told = await index.ask(`${path}/inactivate`, { rest: id('1'), body: { activeId: id('2') } })
    expect(told).to.deep.include({ number, what: 'replaced' })
    expect(index.own(id('1'))).to.equal(stays)
    expect(await numberOf(id('1'))).to.deep.equal([number])
  })

  it('follows when it was replaced or cancelled elsewhere, once it is asked for [eCH-0214: getInfoPerson]', async () => {
    await index.add(id('1'))
    const { number } = await request(id('1'))
    const spid = number?.split('^')[0] ?? ''
    const other = await upi.manage({ action: 'generate', vn: ahv('2'), person: registeredMaja })
    const [active = ''] = other.is === 'positive' ? other.pids.spids : []
    await upi.manage({ action: 'inactivate', inactive: spid, active })
    expect(await request(id('1'), {})).to.deep.include({ number: `${active}^^^&${nation}&ISO`, what: 'replaced' })
    await upi.manage({ action: 'cancel', spid: active })
    expect(await request(id('1'), {})).to.deep.include({ number: null, what: 'cancelled' })
    expect(await numberOf(id('1'))).to.deep.equal([])
  })

  it('is nothing to a deployment without national numbers, or without a way to the UPI', async () => {
    const international = await aPatientIndex({}, 'ihe', upi)
    await international.add(id('1'))
    expect(await refusal(international.ask(path, { rest: id('1'), body: { ahvNumber: ahv('1') } }))).to.contain(
      'has no national number',
    )
    await international.close()
    const alone = await aPatientIndex({}, 'ch-epr')
    await alone.add(id('1'))
    expect(await refusal(alone.ask(path, { rest: id('1'), body: { ahvNumber: ahv('1') } }))).to.contain(
      'patientIndex.upi',
    )
    await alone.close()
  })
})
