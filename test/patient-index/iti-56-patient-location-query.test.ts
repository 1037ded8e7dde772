// ITI-56 at the patient index: whoever has asked for a person by an id of its own is told to whoever asks where the person is known.
import { expect } from 'chai'
import { SoapFault } from '../../soap/fault.js'
import { aPatientIndex, id, maja, nation, ours, type TestPatientIndex } from './a-patient-index.js'

const spid = id('761337610000000002', nation)
const theirs = (extension: string) => id(extension, '2.999.81')
const asMaja = { names: maja.names, born: { from: '19600618', to: '19600618' }, gender: 'F' as const }

describe('a health data locator', () => {
  let index: TestPatientIndex
  let own: string
  beforeEach(async () => {
    index = await aPatientIndex({ healthDataLocator: { days: 90 } }, 'ch-epr')
    own = await index.add(id('1'), maja, spid)
  })
  afterEach(() => index.close())

  const asked = (community: string, extension: string, more: object = {}) =>
    index.discover(
      { ...asMaja, patientIds: [theirs(extension)] },
      { senderCommunity: community, authority: '2.999.81', ...more },
    )
  const located = async (patientId = own) =>
    (await index.locate(patientId)).locations.map(each => [each.homeCommunityId, each.patientId])
  const here = () => ['urn:oid:2.999.9', own]

  it('says so in each hit, and anybody else that it is none [ITI TF-2:3.55.4.2.2.5]', async () => {
    expect(await index.discover({ patientIds: [spid] })).to.deep.include({ isLocator: true })
    const other = await aPatientIndex({}, 'ch-epr')
    await other.add(id('1'), maja, spid)
    expect(await other.discover({ patientIds: [spid] })).to.deep.include({ isLocator: false })
    await other.close()
  })

  it('learns from ITI-55 by what id others know a person, whom it finds without that id [ITI TF-2:3.55.4.1.2.4]', async () => {
    expect((await asked('2.999.80', 'b')).patients.map(({ patientIds }) => patientIds)).to.deep.equal([[own]])
    await asked('2.999.82', 'v')
    index.clock.nowMs += 1
    await asked('2.999.80', 'b2')
    const answer = await index.locate(own)
    expect(answer.locations.every(({ requestedPatientId }) => requestedPatientId === own)).to.equal(true)
    expect(await located()).to.deep.equal([
      here(),
      ['urn:oid:2.999.80', theirs('b2')],
      ['urn:oid:2.999.82', theirs('v')],
    ])
  })

  it('is asked by the national number too, and answers with the id of our own [ITI TF-2:3.56.4.1.3]', async () => {
    await asked('2.999.80', 'b')
    expect(await located(spid)).to.deep.equal([here(), ['urn:oid:2.999.80', theirs('b')]])
  })

  it('learns nothing from who says no id of its own, finds nobody, or is of this community [ITI TF-2:3.55.4.1.2.4]', async () => {
    await asked('2.999.80', 'b', { authority: undefined })
    await asked('2.999.9', 'b')
    await asked('2.999.80', 'b', { senderCommunity: undefined })
    await index.discover(
      { names: [{ kind: 'current', family: 'Niemand', given: ['Nie'] }], patientIds: [theirs('n')] },
      { senderCommunity: '2.999.80', authority: '2.999.81' },
    )
    expect(await located()).to.deep.equal([here()])
  })

  it('follows persons through merges [ITI TF-2:3.56.4.1.3]', async () => {
    await asked('2.999.80', 'b')
    const survivor = await index.add(id('2'), { ...maja, birthTime: '19800101', addresses: [], telecoms: [] })
    await index.merge(id('1'), id('2'))
    expect(await located(survivor)).to.deep.include(['urn:oid:2.999.80', theirs('b')])
  })

  it('forgets what nobody has said for long, and remembers so many communities of a person', async () => {
    await asked('2.999.80', 'b')
    index.clock.nowMs += 91 * 86_400_000
    expect(await located()).to.deep.equal([here()])
    for (let count = 0; count < 70; count += 1) {
      index.clock.nowMs += 1
      await asked(`2.999.100.${count}`, `p${count}`)
    }
    const found = await located()
    expect(found).to.have.length(1 + 64)
    expect(found[1]).to.deep.equal(['urn:oid:2.999.100.69', theirs('p69')])
  })

  it('answers a fault for an id of nobody, or of a single source, and where it is no locator [ITI TF-2:3.56.4.1.3]', async () => {
    const other = await aPatientIndex()
    for (const [asking, patientId, words] of [
      [index, id('nobody', ours), 'found one of nobody'],
      [index, id('1'), 'found one of nobody'],
      [other, own, 'no health data locator'],
    ] as const) {
      const fault = await asking.locate(patientId).catch(problem => problem)
      expect(fault).to.be.instanceOf(SoapFault)
      expect(fault).to.deep.include({ code: 'Sender' })
      expect(fault.message).to.contain(words)
    }
    await other.close()
  })
})
