// What the patient index answers: ids that belong together, people by what is known of them, and other communities.
import { expect } from 'chai'
import type { Person } from '../../transactions/person.js'
import { aPatientIndex, id, maja, nation, north, of, ours, south, type TestPatientIndex } from './a-patient-index.js'

const named = (family: string, ...given: string[]): Person => ({
  ...maja,
  names: [{ kind: 'current', family, given }],
  telecoms: [],
})
const name = (family: string, ...given: string[]) => ({ names: [{ kind: 'current' as const, family, given }] })
const spid = id('761337610000000002', nation)

describe('ITI-45 PIXV3 Query', () => {
  let index: TestPatientIndex
  let own: string
  before(async () => {
    index = await aPatientIndex({}, 'ch-epr')
    own = await index.add(id('1'), maja, spid)
    await index.add(id('a', south))
  })
  after(() => index.close())

  it('answers the ids of the wanted domains [ITI TF-2:3.45.4.2.3]', async () => {
    const answer = await index.pix(id('1'), ours, nation)
    expect(answer).to.deep.include({ acknowledgement: 'AA', responseCode: 'OK', problems: [] })
    expect(answer.patientIds).to.have.members([own, spid])
  })

  it('answers all others without any [ITI TF-2:3.45.4.2.3]', async () => {
    expect((await index.pix(id('1'))).patientIds).to.have.members([own, spid, id('a', south)])
    expect((await index.pix(spid)).patientIds).to.have.members([own, id('1'), id('a', south)])
  })

  it('finds nothing where the patient has no id of the domain [ITI TF-2:3.45.4.2.3]', async () => {
    await index.add(id('2'), named('Favre', 'Pierre'))
    expect(await index.pix(id('2'), south)).to.deep.include({
      acknowledgement: 'AA',
      responseCode: 'NF',
      patientIds: [],
    })
  })

  it('is asked for a hundred domains at most', async () => {
    const domains = (count: number) => Array.from({ length: count }, (_, index) => `2.999.${index + 1_000}`)
    expect((await index.pix(id('1'), ...domains(100))).problems).to.have.length(100)
    const { acknowledgement, problems } = await index.pix(id('1'), ...domains(101))
    expect([acknowledgement, problems]).to.deep.equal([
      'AE',
      [{ text: 'dataSource: expected at most 100 values, found 101 [ITI TF-2: Table 3.45.4.1.2-1]' }],
    ])
  })

  it('says which id and which domain it does not know, and where they stand [ITI TF-2:3.45.4.2.3]', async () => {
    const unknown = await index.pix(id('nobody'), ours)
    expect(unknown).to.deep.include({ acknowledgement: 'AE', responseCode: 'AE', patientIds: [] })
    expect(unknown.problems).to.deep.equal([
      {
        code: '204',
        location: '/PRPA_IN201309UV02/controlActProcess/queryByParameter/parameterList/patientIdentifier[1]/value',
        text: 'the patient id nobody^^^&2.999.1&ISO is not known here',
      },
    ])
    const { problems } = await index.pix(id('1'), ours, '2.999.99')
    expect(problems.map(({ location }) => location?.split('/').at(-2))).to.deep.equal(['dataSource[2]'])
  })
})

const givenNames = [
  'Ada',
  'Bruno',
  'Clara',
  'Dieter',
  'Elsa',
  'Fritz',
  'Greta',
  'Hugo',
  'Irma',
  'Jonas',
  'Klara',
  'Luc',
]

describe('ITI-47 Patient Demographics Query', () => {
  let index: TestPatientIndex
  before(async () => {
    index = await aPatientIndex({ mostHits: 20 }, 'ch-epr')
    await index.add(id('1'), maja, spid)
    await index.add(id('a', south))
    for (let count = 0; count < 12; count += 1) {
      await index.add(id(`m${count}`), {
        ...named('Meier', givenNames[count] ?? ''),
        birthTime: `19${50 + count}0101`,
      })
    }
    for (let count = 0; count < 30; count += 1) {
      await index.add(id(`s${count}`), {
        ...named(
          'Schmid',
          `${'ABCDEFGHIJKLMNOPQRSTUVWXYZabcd'[count]}${'uioea'[count % 5]}${'ndtk'[count % 4]}${'xq'[count % 2]}us`,
        ),
        birthTime: `1970${String(1 + (count % 12)).padStart(2, '0')}0${1 + (count % 9)}`,
      })
    }
  })
  after(() => index.close())

  it('finds one person by name and birthday, however they are written [ITI TF-2:3.47.4.1.3]', async () => {
    for (const family of ['Müller', 'MUELLER', 'muller', 'Mül*', 'Muler']) {
      const { patients, responseCode } = await index.demographics({
        ...name(family, 'Maja'),
        born: { from: '19600618', to: '19600618' },
      })
      expect(responseCode, family).to.equal('OK')
      expect(
        patients.map(({ patientIds }) => of(north, patientIds)),
        family,
      ).to.deep.equal([[id('1')]])
    }
  })

  it('tells ids of the wanted domains, who it is, and how well it fits [ITI TF-2:3.47.4.2.2]', async () => {
    const [patient] = (await index.demographics({ patientIds: [id('1')] }, { domains: [ours, nation] })).patients
    expect(patient?.patientIds).to.have.members([index.own(id('1')), spid])
    expect(patient).to.deep.include({ otherIds: [spid], person: maja, degree: 100 })
  })

  it('finds nobody whom anything contradicts [ITI TF-2:3.47.4.1.3]', async () => {
    const wrong = [
      { ...name('Müller', 'Maja'), gender: 'M' as const },
      { ...name('Müller', 'Petra') },
      { ...name('Müller', 'Maja'), born: { from: '1970', to: '1979' } },
      { patientIds: [id('1')], ...name('Favre') },
    ]
    for (const wanted of wrong) {
      expect(await index.demographics(wanted), JSON.stringify(wanted)).to.deep.include({
        responseCode: 'NF',
        patients: [],
      })
    }
  })

  it('finds by a span of birthdays alone [ITI TF-2: Table 3.47.4.1.2-1]', async () => {
    const { patients } = await index.demographics({ born: { from: '1950', to: '1951' } })
    expect(patients.flatMap(({ patientIds }) => of(north, patientIds))).to.have.members([id('m0'), id('m1')])
  })

  it('tells a part, then the rest, and to nobody but the asker [ITI TF-2:3.47.4.3.3]', async () => {
    const queryId = { root: '2.999.5', extension: 'paged' }
    const first = await index.demographics(name('Meier'), { initialQuantity: 5, queryId })
    expect(first.counts).to.deep.equal({ total: 12, current: 5, remaining: 7 })
    expect(await index.more({ queryId, continuationQuantity: 5 }, 'somebody else')).to.deep.include({
      acknowledgement: 'AE',
    })
    const second = await index.more({ queryId, continuationQuantity: 5 })
    const third = await index.more({ queryId, continuationQuantity: 5 })
    expect([second.counts, third.counts]).to.deep.equal([
      { total: 12, current: 5, remaining: 2 },
      { total: 12, current: 2, remaining: 0 },
    ])
    const told = [first, second, third].flatMap(({ patients }) =>
      patients.flatMap(({ patientIds }) => of(north, patientIds)),
    )
    expect(new Set(told)).to.have.property('size', 12)
    expect(await index.more({ queryId })).to.deep.include({ acknowledgement: 'AE' })
    // Whoever has not got the last part asks for it by its number; the end is not passed by that of nobody.
    const again = await index.more({ queryId, startResultNumber: 11, continuationQuantity: 5 })
    expect(again.patients).to.deep.equal(third.patients)
    expect((await index.more({ queryId, startResultNumber: 99 })).patients).to.deep.equal([])
    expect((await index.more({ queryId, startResultNumber: 12 })).patients).to.have.length(1)
  })

  it('tells nobody where too many fit, and what else to ask for [EPR annex 5.1:1.7.3]', async () => {
    const answer = await index.demographics(name('Schmid'))
    expect(answer).to.deep.include({ acknowledgement: 'AA', patients: [] })
    expect(answer.moreWanted).to.include('LivingSubjectAdministrativeGenderRequested')
  })

  it('asks for no more than the Swiss EPR has words for, the name of birth among it [CH-EPR ITI-119]', async () => {
    const { moreWanted } = await index.demographics(name('Schmid'))
    expect(moreWanted).to.deep.equal([
      ...['PatientAddressRequested', 'LivingSubjectAdministrativeGenderRequested', 'BirthNameRequested'],
    ])
    const names = [...name('Schmid').names, { kind: 'birth' as const, family: 'Schmid', given: [] }]
    expect((await index.demographics({ names, gender: 'F' })).moreWanted).to.deep.equal(['PatientAddressRequested'])
  })

  it('refuses a query for nobody, and for ids of a domain that it does not know [ITI TF-2:3.47.4.2.3]', async () => {
    expect((await index.demographics({ gender: 'F' })).problems[0]?.text).to.contain('a query names at least')
    const { problems } = await index.demographics(name('Meier'), { domains: ['2.999.99'] })
    expect(problems).to.have.length(1)
    expect(problems[0]).to.deep.include({ code: '204' })
  })

  it('says which criterion it cannot read, and finds nobody without it [ITI TF-2: Table 3.47.4.1.2-1]', async () => {
    const unreadable = [{ text: 'livingSubjectBirthTime: expected a time as YYYYMMDD, found "1.1.1950"' }]
    expect(await index.demographics(name('Meier'), { unreadable })).to.deep.include({
      ...{ acknowledgement: 'AE', responseCode: 'AE', patients: [], problems: unreadable },
    })
  })
})

describe('ITI-55 Cross Gateway Patient Discovery', () => {
  let index: TestPatientIndex
  before(async () => {
    index = await aPatientIndex({}, 'ch-epr')
    await index.add(id('1'), maja, spid)
    await index.add(id('2'), {
      ...named('Müller', 'Maja'),
      addresses: [{ lines: ['Rue du Marché 1'], postalCode: '2800', city: 'Delémont' }],
      telecoms: [],
    })
  })
  after(() => index.close())

  it('answers with the one id to be used in ITI-38, and whose it is [ITI TF-2: Table 3.55.4.2.2.2-1, 3.55.4.2.2.4]', async () => {
    const answer = await index.discover({ patientIds: [spid] })
    expect(answer.patients.map(({ patientIds, otherIds }) => [patientIds, otherIds])).to.deep.equal([
      [[index.own(id('1'))], [spid]],
    ])
    expect(answer).to.deep.include({
      responseCode: 'OK',
      custodian: '2.999.9',
      receiverCommunity: '2.999.80',
      senderCommunity: '2.999.9',
    })
  })

  it('asks for more where two fit, and tells neither; that is no failure [ITI TF-2:3.55.4.2.2.6, 3.55.4.2.3]', async () => {
    const answer = await index.discover({ ...name('Müller', 'Maja'), born: { from: '19600618', to: '19600618' } })
    expect(answer).to.deep.include({ acknowledgement: 'AA', responseCode: 'OK', patients: [] })
    expect(answer.moreWanted?.[0]).to.equal('PatientAddressRequested')
  })

  it('is asked by the national number or not at all where the domain says so [CH-EPR ITI-55]', async () => {
    const swiss = await aPatientIndex({ nationalIdsOnly: true }, 'ch-epr')
    const own = await swiss.add(id('1'), maja, spid)
    for (const wanted of [
      { ...name('Müller', 'Maja'), born: { from: '19600618', to: '19600618' } },
      { patientIds: [id('1')] },
    ]) {
      const answer = await swiss.discover(wanted)
      expect(answer).to.deep.include({ acknowledgement: 'AE', responseCode: 'AE', patients: [] })
      expect(answer.unavailable).to.equal('AnswerNotAvailable')
      expect(answer.problems[0]?.text).to.contain(`expected an id of ${nation}`)
      expect(answer.problems[0]?.location).to.match(/livingSubjectId\[1\]\/value$/)
    }
    expect((await swiss.discover({ patientIds: [spid] })).patients[0]?.patientIds).to.deep.equal([own])
    await swiss.close()
  })

  it('tells nobody who is only alike [ITI TF-2:3.55.4.1.3]', async () => {
    expect(
      (await index.discover({ ...name('Miller', 'Maia'), born: { from: '19600816', to: '19600816' } })).patients,
    ).to.deep.equal([])
  })
})
