// ITI-56 as a gateway asks it: who need not be asked, and what becomes of a locator that is silent or lies.
import { expect } from 'chai'
import type { CommunityConfig } from '../../../config/gateway-config.js'
import type { ForeignQueryResponse } from '../../../transactions/communities/foreign-objects-codec.js'
import type { DemographicsQuery } from '../../../transactions/hl7v3/demographics-query-codec.js'
import type { LocationQuery } from '../../../transactions/hl7v3/patient-location.js'
import { aboutPatient, aGateway, bern, classOf, entry, id, known, told, vaud } from '../a-gateway.js'

const theirs = id('b', '2.999.80')
const location = (...homes: string[]) => ({
  locations: homes.map(homeCommunityId => ({
    homeCommunityId,
    patientId: id('x', '2.999.82'),
    requestedPatientId: theirs,
  })),
})
const answers = {
  'https://registry': () => told(entry('a')),
  'https://bern/discovery': () => known(theirs),
  'https://bern/query': () => told(),
  'https://bern/location': ({ patientId }: LocationQuery): unknown =>
    location(bern, vaud, patientId && 'urn:oid:2.999.99'),
  'https://vaud/discovery': () => known(id('v', '2.999.81')),
  'https://vaud/query': () => told(entry('v', { home: vaud, patientId: id('v', '2.999.81') })),
}
const { config } = aGateway({}).context
/** Bern is a locator, and Vaud is asked where that names it. */
const communities = config.communities.map(
  (each): CommunityConfig =>
    each.homeCommunityId === bern ? { ...each, location: 'https://bern/location' } : { ...each, asked: 'located' },
)
const askedOf = (gateway: ReturnType<typeof aGateway>) =>
  gateway.asked.map(({ id: transaction, url }) => `${transaction} ${url}`)
const statusOf = ({ status, errors }: ForeignQueryResponse) => [status, errors.map(({ errorCode }) => errorCode)]

describe('a gateway with a health data locator', () => {
  it('asks whom that names, by the id that those say themselves [ITI TF-2:3.56.4.1.1]', async () => {
    const gateway = aGateway(answers, { communities })
    const answer = await gateway.query(aboutPatient(id('1')))
    expect(statusOf(answer)).to.deep.equal(['Success', []])
    expect(answer.objects.map(({ home }) => home)).to.include(vaud)
    expect(gateway.asked.find(({ id: transaction }) => transaction === 'ITI-56')?.request).to.deep.equal({
      patientId: theirs,
    })
    const toVaud = gateway.asked.find(({ url }) => url === 'https://vaud/query')
    expect(JSON.stringify(toVaud?.request)).to.contain("'v^^^&2.999.81&ISO'").and.not.to.contain('2.999.82')
  })

  it('tries a locator again that was left alone, though it takes two requests', async () => {
    let isDead = true
    const mayBeDead = (answer: unknown) => () => {
      if (isDead) throw new Error('ECONNREFUSED')
      return answer
    }
    const gateway = aGateway(
      {
        ...answers,
        'https://bern/discovery': mayBeDead(known(theirs)),
        'https://bern/location': mayBeDead(location(bern)),
      },
      { communities },
    )
    for (let times = 0; times < 8; times += 1) await gateway.query(aboutPatient(id('1')))
    const state = () => gateway.context.communities.named(bern)?.state.failures
    expect(state()).to.be.at.least(5)
    isDead = false
    gateway.clock.ms += 61_000
    await gateway.query(aboutPatient(id('1')))
    expect(state()).to.equal(0)
    expect(askedOf(gateway)).to.include('ITI-56 https://bern/location')
  })

  it('spares those that nobody names, and remembers it for a while [ITI TF-2:3.56.4.2.3]', async () => {
    const gateway = aGateway({ ...answers, 'https://bern/location': () => location(bern) }, { communities })
    for (const _ of [1, 2]) expect(statusOf(await gateway.query(aboutPatient(id('1'))))).to.deep.equal(['Success', []])
    expect(askedOf(gateway).filter(each => each.includes('vaud'))).to.deep.equal([])
    expect(askedOf(gateway).filter(each => each.startsWith('ITI-56'))).to.have.length(1)
    await gateway.fetch(classOf(id('1')))
    expect(askedOf(gateway).filter(each => each.includes('vaud'))).to.deep.equal([])
    // Whoever names it wants it asked.
    await gateway.query({ ...aboutPatient(id('1')), home: vaud })
    expect(askedOf(gateway)).to.include('ITI-38 https://vaud/query')
    gateway.clock.ms += 61 * 60_000
    await gateway.query(aboutPatient(id('1')))
    expect(askedOf(gateway).filter(each => each.startsWith('ITI-56'))).to.have.length(2)
  })

  it('tells it by what id it knows the patient itself, unless only national numbers are told [ITI TF-2:3.55.4.1.2.4]', async () => {
    const gateway = aGateway(answers, { communities })
    await gateway.query(aboutPatient(id('1')))
    const discoveryBy = (url: string) =>
      gateway.asked.find(each => each.url === url)?.request as DemographicsQuery | undefined
    expect(discoveryBy('https://bern/discovery')).to.deep.include({ authority: '2.999.1' })
    expect(discoveryBy('https://bern/discovery')?.wanted.patientIds).to.include(id('1'))
    expect(discoveryBy('https://vaud/discovery')).not.to.have.property('authority')
  })

  it('asks everybody where it does not say [ITI TF-2:3.56.4.2.3]', async () => {
    const silent = () => {
      throw new Error('there was no answer within 10000 ms')
    }
    const gateway = aGateway({ ...answers, 'https://bern/location': silent }, { communities })
    expect((await gateway.query(aboutPatient(id('1')))).objects.map(({ home }) => home)).to.include(vaud)
    expect(gateway.audited).to.deep.equal([])
  })

  it('asks everybody where it lies, and audits that [ITI TF-2:3.56.4.2.2]', async () => {
    for (const lie of [
      { locations: [{ ...location(bern).locations[0], requestedPatientId: id('other', '2.999.80') }] },
      location('not a community'),
      location(...Array.from({ length: 1_001 }, () => bern)),
    ]) {
      const gateway = aGateway({ ...answers, 'https://bern/location': () => lie }, { communities })
      expect((await gateway.query(aboutPatient(id('1')))).objects.map(({ home }) => home)).to.include(vaud)
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })
})
