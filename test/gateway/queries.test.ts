// ITI-18 and ITI-38 at a gateway: who is asked for what, and what becomes of the answers.
import { expect } from 'chai'
import { SoapFault } from '../../soap/fault.js'
import type { ForeignQueryResponse } from '../../transactions/communities/foreign-objects-codec.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import { aboutPatient, aGateway, bern, entry, id, known, ours, told, vaud } from './a-gateway.js'

const codesOf = ({ errors }: ForeignQueryResponse) => errors.map(({ errorCode, location }) => [errorCode, location])
const found = ({ objects }: ForeignQueryResponse) => objects.map(each => [each.id.slice('urn:uuid:'.length), each.home])
const theirs = id('b', '2.999.80')
const answers = {
  'https://registry': () => told(entry('a')),
  'https://bern/discovery': () => known(theirs),
  'https://bern/query': () => told(entry('b', { home: bern, patientId: theirs })),
  'https://vaud/discovery': () => known(),
}

describe('the Initiating Gateway', () => {
  it('asks everybody who knows the patient, each by its own id [ITI TF-2:3.38.4.1.2, 3.55.4.1.3]', async () => {
    const gateway = aGateway(answers)
    const answer = await gateway.query(aboutPatient(id('1')))
    expect(answer.status).to.equal('Success')
    expect(found(answer)).to.deep.equal([
      ['a', ours],
      ['b', bern],
    ])
    const { request } = gateway.asked.find(({ url }) => url === 'https://bern/query') ?? {}
    expect(request).to.deep.include({
      home: bern,
      slots: [{ name: '$XDSDocumentEntryPatientId', values: [`'${theirs}'`] }],
    })
    expect(gateway.asked.map(({ url }) => url)).not.to.include('https://vaud/query')
  })

  it('remembers who knows whom, for a while and until it is told otherwise [ITI TF-2:3.55.4.1.3]', async () => {
    let unknown = false
    const gateway = aGateway({
      ...answers,
      'https://bern/query': () =>
        unknown
          ? {
              ...told(),
              status: 'Failure',
              errors: [{ errorCode: 'XDSUnknownPatientId', codeContext: '', severity: 'Error' }],
            }
          : told(),
    })
    const discoveries = () => gateway.asked.filter(({ url }) => url === 'https://bern/discovery').length
    for (let times = 0; times < 3; times += 1) await gateway.query(aboutPatient(id('1')))
    expect(discoveries()).to.equal(1)
    unknown = true
    await gateway.query(aboutPatient(id('1')))
    await gateway.query(aboutPatient(id('1')))
    expect(discoveries()).to.equal(2)
    gateway.clock.ms += 61 * 60_000
    await gateway.query(aboutPatient(id('1')))
    expect(discoveries()).to.equal(4 - 1)
  })

  it('names the community that is silent, and gives what the others told [ITI TF-2:3.38.4.1.3]', async () => {
    const answer = await aGateway({
      ...answers,
      'https://bern/query': () => {
        throw new Error('there was no answer within 10000 ms')
      },
    }).query(aboutPatient(id('1')))
    expect(answer.status).to.equal('PartialSuccess')
    expect(codesOf(answer)).to.deep.equal([['XDSUnavailableCommunity', bern]])
    expect(answer.errors[0]?.codeContext).to.contain(
      'there was no answer within 10000 ms (trace 0af7651916cd43dd8448eb211c80319c)',
    )
    expect(found(answer)).to.deep.equal([['a', ours]])
  })

  it('has one deadline for a community, however many questions it takes [ITI TF-2:3.38.4.1.2]', async () => {
    const { config } = aGateway({}).context
    const communities = config.communities.map(each => ({ ...each, timeoutMs: 50 }))
    const slow = () => new Promise(() => {})
    const gateway = aGateway({ ...answers, 'https://bern/discovery': slow }, { communities })
    const startedMs = performance.now()
    const answer = await gateway.query(aboutPatient(id('1')))
    expect(performance.now() - startedMs).to.be.above(45)
    expect(codesOf(answer)).to.deep.equal([['XDSUnavailableCommunity', bern]])
    expect(answer.errors[0]?.codeContext).to.contain('there was no answer within 50 ms')
    const discovered = () => {
      other.clock.ms += 30
      return known(theirs)
    }
    const other = aGateway({ ...answers, 'https://bern/discovery': discovered }, { communities })
    await other.query(aboutPatient(id('1')))
    expect(other.asked.find(({ url }) => url === 'https://bern/query')?.timeoutMs).to.equal(20)
  })

  it('says why a community has not said whom it knows, in its words [ITI TF-2:3.55.4.2.2.7]', async () => {
    const busy = { ...known(), acknowledgement: 'AE', unavailable: 'ResponderBusy', problems: [{ text: 'come later' }] }
    const answer = await aGateway({ ...answers, 'https://bern/discovery': () => busy }).query(aboutPatient(id('1')))
    expect(answer.errors[0]?.codeContext).to.contain('did not answer: ResponderBusy; come later')
  })

  it('leaves a community alone that fails again and again, and tries it later with one request', async () => {
    let isDead = true
    const gateway = aGateway({
      ...answers,
      'https://bern/query': () => {
        if (isDead) throw new Error('ECONNREFUSED')
        return told()
      },
    })
    const tries = () => gateway.asked.filter(({ url }) => url === 'https://bern/query').length
    for (let times = 0; times < 9; times += 1) await gateway.query(aboutPatient(id('1')))
    expect(tries()).to.equal(5)
    const spared = await gateway.query(aboutPatient(id('1')))
    expect(spared.errors[0]?.codeContext).to.contain(
      'it has failed 5 times in a row and is left alone for now: ECONNREFUSED',
    )
    isDead = false
    gateway.clock.ms += 6_000
    expect((await gateway.query(aboutPatient(id('1')))).status).to.equal('Success')
    expect(tries()).to.equal(6)
  })

  it('takes a refusal for an answer: of one user or one patient it says nothing for others [SOAP 1.2 Part 1: 5.4.6]', async () => {
    const refused = new Error('not with this assertion', { cause: new SoapFault('Sender', 'FailedAuthentication') })
    const unsure = { ...known(), acknowledgement: 'AE', unavailable: 'AnswerNotAvailable' }
    let says: Record<string, () => unknown> = {
      ...answers,
      query: () => Promise.reject(refused),
      discovery: () => unsure,
    }
    const gateway = aGateway({
      ...answers,
      'https://bern/query': () => says.query?.() ?? answers['https://bern/query'](),
      'https://vaud/discovery': () => says.discovery?.() ?? known(),
    })
    for (let times = 0; times < 9; times += 1) {
      const answer = await gateway.query(aboutPatient(id('1')))
      expect(codesOf(answer).map(([code]) => code)).to.deep.equal(Array(2).fill('XDSUnavailableCommunity'))
    }
    says = {}
    expect((await gateway.query(aboutPatient(id('1')))).status).to.equal('Success')
    // Whoever cannot work, or says that it is busy, is still left alone.
    const away = new Error('an internal error', { cause: new SoapFault('Receiver', 'no') })
    const busy = { ...known(), acknowledgement: 'AE', unavailable: 'ResponderBusy' }
    says = { query: () => Promise.reject(away), discovery: () => busy }
    gateway.clock.ms += 61_000
    for (let times = 0; times < 9; times += 1) await gateway.query(aboutPatient(id('1')))
    expect(gateway.context.communities.all.map(({ state }) => state.failures)).to.deep.equal([5, 5])
  })

  it('blames no community for what our own index has not said, and asks that once for all of them [ITI TF-2:3.55.4.1.3]', async () => {
    const index = 'https://index'
    const patientIndex = { url: index, timeoutMs: 1_000 }
    let says: () => unknown = () => {
      throw new Error('nobody is there')
    }
    const gateway = aGateway({ ...answers, [index]: () => says() }, { patientIndex })
    const states = () => gateway.context.communities.all.map(({ state }) => [state.failures, state.answers])
    for (let times = 0; times < 6; times += 1) {
      const answer = await gateway.query(aboutPatient(id('1')))
      expect(codesOf(answer).map(([code]) => code)).to.deep.equal(Array(2).fill('XDSUnavailableCommunity'))
      expect(answer.errors[0]?.codeContext).to.contain(
        'it was not asked, for our patient index has not said who is meant: nobody is there',
      )
    }
    expect(gateway.asked.filter(({ url }) => url === index)).to.have.length(6)
    expect(states()).to.deep.equal([
      [0, 0],
      [0, 0],
    ])
    // Nor has a community answered that was asked nothing.
    says = () => ({ acknowledgement: 'AA', responseCode: 'NF', problems: [], patients: [] })
    expect((await gateway.query(aboutPatient(id('1')))).status).to.equal('Success')
    expect(states()).to.deep.equal([
      [0, 0],
      [0, 0],
    ])
    says = () => known(id('1'))
    await gateway.query(aboutPatient(id('2')))
    expect(states()).to.deep.equal([
      [0, 2],
      [0, 1],
    ])
  })

  it('sends a community no more at once than it takes, and holds up nobody else', async () => {
    const waiting: (() => void)[] = []
    const gateway = aGateway({
      ...answers,
      'https://bern/query': () => new Promise(done => waiting.push(() => done(told()))),
    })
    const first = gateway.query(aboutPatient(id('1')))
    await new Promise(done => setTimeout(done, 20))
    for (const done of waiting.splice(0)) done()
    await first
    const many = Array.from({ length: 40 }, () => gateway.query(aboutPatient(id('1'))))
    await new Promise(done => setTimeout(done, 20))
    const early = await many[39]
    expect(codesOf(early as ForeignQueryResponse)).to.deep.equal([['XDSUnavailableCommunity', bern]])
    expect(found(early as ForeignQueryResponse)).to.deep.equal([['a', ours]])
    for (const done of waiting) done()
    expect((await Promise.all(many)).filter(({ status }) => status === 'Success')).to.have.length(32)
  })

  it('hands on nothing of an answer that is false, and audits it', async () => {
    const falsehoods: [why: string, ForeignQueryResponse][] = [
      [
        'of another',
        told(
          entry('b', { home: bern, patientId: theirs }),
          entry('c', { home: bern, patientId: id('other', '2.999.80') }),
        ),
      ],
      ['of the community urn:oid:2.999.81', told(entry('b', { home: vaud, patientId: theirs }))],
      ['of the community urn:oid:2.999.9', told(entry('b', { home: ours, patientId: theirs }))],
    ]
    for (const [why, answer] of falsehoods) {
      const gateway = aGateway({ ...answers, 'https://bern/query': () => answer })
      const merged = await gateway.query(aboutPatient(id('1')))
      expect(found(merged), why).to.deep.equal([['a', ours]])
      expect(codesOf(merged), why).to.deep.equal([['XDSUnavailableCommunity', bern]])
      expect(
        gateway.audited.map(({ eventID, outcomeDescription }) => [eventID[0], outcomeDescription?.includes(why)]),
      ).to.deep.equal([['110113', true]])
      expect(gateway.context.communities.named(bern)?.state.refused).to.equal(1)
    }
  })

  it('chooses nobody where a community knows several [ITI TF-2:3.55.4.2.2]', async () => {
    const gateway = aGateway({ ...answers, 'https://bern/discovery': () => known(theirs, id('c', '2.999.80')) })
    expect(found(await gateway.query(aboutPatient(id('1'))))).to.deep.equal([['a', ours]])
  })

  it('takes of several ids the one of the domain that the community has named [ITI TF-2:3.55.4.2.2]', async () => {
    const config = aGateway(answers).context.config
    const communities = config.communities.map(each => ({ ...each, patientDomain: '2.999.80' }))
    const both = known(id('local', '2.999.77'))
    both.patients?.[0]?.patientIds.push(theirs)
    const gateway = aGateway({ ...answers, 'https://bern/discovery': () => both }, { communities })
    await gateway.query(aboutPatient(id('1')))
    const { request } = gateway.asked.find(({ url }) => url === 'https://bern/query') ?? {}
    expect(request).to.deep.include(aboutPatient(theirs))
  })

  it('tells each object once [ITI TF-2:3.38.4.1.3]', async () => {
    const gateway = aGateway(answers, {
      registries: [
        { url: 'https://registry', timeoutMs: 1 },
        { url: 'https://registry', timeoutMs: 1 },
      ],
    })
    expect(found(await gateway.query(aboutPatient(id('1'))))).to.deep.equal([
      ['a', ours],
      ['b', bern],
    ])
  })

  it('asks the one that is named where no patient is, and nobody where none is [ITI TF-2:3.18.4.1.2.3.8]', async () => {
    const gateway = aGateway(answers)
    expect(found(await gateway.query({ home: bern }))).to.deep.equal([['b', bern]])
    expect(found(await gateway.query({ home: ours }))).to.deep.equal([['a', ours]])
    expect(codesOf(await gateway.query({}))[0]?.[0]).to.equal('XDSMissingHomeCommunityId')
    expect(codesOf(await gateway.query({ home: 'urn:oid:2.999.99' }))[0]?.[0]).to.equal('XDSUnknownCommunity')
    expect(gateway.asked.map(({ url }) => url)).to.deep.equal(['https://bern/query', 'https://registry'])
  })
})

describe('the Responding Gateway', () => {
  it('asks everybody for a consumer of its own, and nobody else for another community [ITI TF-2:3.38.4.1.2]', async () => {
    const gateway = aGateway(answers)
    const everywhere = await gateway.crossQuery(aboutPatient(id('1')), 'consumer')
    expect(found(everywhere)).to.deep.equal([
      ['a', ours],
      ['b', bern],
    ])
    expect(found(await gateway.crossQuery({ home: bern }, 'consumer'))).to.deep.equal([['b', bern]])
    expect(found(await gateway.crossQuery(aboutPatient(id('1'))))).to.deep.equal([['a', ours]])
  })

  it('answers by its registries, each object as one of this community [ITI TF-2:3.38.4.1.3]', async () => {
    const gateway = aGateway(answers)
    expect(found(await gateway.crossQuery({ ...aboutPatient(id('1')), home: ours }))).to.deep.equal([['a', ours]])
    expect(gateway.asked.map(({ id: transaction, url }) => [transaction, url])).to.deep.equal([
      ['ITI-18', 'https://registry'],
    ])
  })

  it('wants to be meant where no patient is named [ITI TF-2:3.38.4.1.3]', async () => {
    const gateway = aGateway(answers)
    expect(codesOf(await gateway.crossQuery({}))).to.deep.equal([['XDSMissingHomeCommunityId', ours]])
    expect(codesOf(await gateway.crossQuery({ home: bern }))).to.deep.equal([['XDSUnknownCommunity', ours]])
    expect(gateway.asked).to.deep.equal([])
  })

  it('is meant by its OID alone too, and by a URN in capitals [RFC 8141: 3.1]', async () => {
    const gateway = aGateway(answers)
    for (const home of [ours.slice('urn:oid:'.length), ours.replace('urn:oid', 'URN:OID')]) {
      expect(found(await gateway.crossQuery({ home })), home).to.deep.equal([['a', ours]])
      expect(codesOf(await gateway.crossQuery({ home: `${home}.1` })), home).to.deep.equal([
        ['XDSUnknownCommunity', ours],
      ])
    }
    expect(found(await gateway.query({ home: bern.slice('urn:oid:'.length) }))).to.deep.equal([['b', bern]])
  })

  it('says that nobody knows the patient where none of its registries does, and not where one does [ITI TF-2:3.38.4.1.3]', async () => {
    const stranger = {
      ...{ ...told(), status: 'Failure' },
      errors: [{ errorCode: 'XDSUnknownPatientId', codeContext: '', severity: 'Error' }],
    }
    const registries = ['https://registry', 'https://other'].map(url => ({ url, timeoutMs: 1_000 }))
    const answered = async (...both: object[]) => {
      const [first, second] = both
      const gateway = aGateway({ 'https://registry': () => first, 'https://other': () => second }, { registries })
      const answer = await gateway.crossQuery(aboutPatient(id('1')))
      return [answer.status, answer.objects.length, answer.errors.map(({ errorCode }) => errorCode)]
    }
    expect(await answered(stranger, told(entry('a')))).to.deep.equal(['Success', 1, []])
    expect(await answered(stranger, told())).to.deep.equal(['Success', 0, []])
    const [status, found, codes] = await answered(stranger, stranger)
    expect([status, found, new Set(codes as string[])]).to.deep.equal(['Failure', 0, new Set(['XDSUnknownPatientId'])])
  })

  it('passes the query on as it came [ITI TF-2:3.38.4.1.3]', async () => {
    const gateway = aGateway(answers)
    const query: Partial<AdhocQueryRequest> = {
      home: ours,
      returnType: 'ObjectRef',
      slots: [{ name: '$uuid', values: ["('x')"] }],
    }
    await gateway.crossQuery(query)
    expect(gateway.asked[0]?.request).to.deep.include(query)
  })

  it('says when its registry is silent [ITI TF-2:3.38.4.1.3]', async () => {
    const answer = await aGateway({}).crossQuery({ ...aboutPatient(id('1')) })
    expect([answer.status, codesOf(answer)[0]?.[0]]).to.deep.equal(['Failure', 'XDSRegistryNotAvailable'])
  })
})
