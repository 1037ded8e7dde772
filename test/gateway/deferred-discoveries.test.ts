// ITI-55 asked in deferred mode: the answer comes by a request of its own, to the question that it relates to and to no other.
import { expect } from 'chai'
import type { CommunityConfig } from '../../config/gateway-config.js'
import type { DemographicsAnswer } from '../../transactions/demographics-answer-codec.js'
import type { DemographicsQuery } from '../../transactions/demographics-query-codec.js'
import type { ForeignQueryResponse } from '../../transactions/foreign-objects-codec.js'
import { aboutPatient, aGateway, bern, entry, id, known, type TestGateway, told } from './a-gateway.js'

const theirs = id('b', '2.999.80')
const taken = { typeCode: 'CA', targetMessageId: { root: '' } }
const answers = {
  'https://registry': () => told(entry('a')),
  'https://bern/discovery': (): unknown => taken,
  'https://bern/query': () => told(entry('b', { home: bern, patientId: theirs })),
  'https://vaud/discovery': () => known(),
}
const { config } = aGateway({}).context
const later = (changes: Partial<CommunityConfig> = {}) => ({
  communities: config.communities.map(each =>
    each.homeCommunityId === bern ? { ...each, deferredDiscovery: true, ...changes } : each,
  ),
})
const found = ({ objects }: ForeignQueryResponse) => objects.map(each => each.id.slice('urn:uuid:'.length))
const codesOf = ({ errors }: ForeignQueryResponse) => errors.map(({ errorCode }) => errorCode)

/** The question that was sent, once it was. */
async function question(gateway: TestGateway): Promise<{ messageID: string; request: DemographicsQuery }> {
  for (;;) {
    const asked = gateway.asked.find(({ url }) => url === 'https://bern/discovery')
    if (asked?.messageID !== undefined)
      return { messageID: asked.messageID, request: asked.request as DemographicsQuery }
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}

function answerTo({ queryId }: DemographicsQuery, changes: Partial<DemographicsAnswer> = {}): DemographicsAnswer {
  return {
    ...{ messageId: { root: '2.999.5', extension: 'm' }, targetMessageId: { root: '' }, queryId, queryXml: '' },
    ...(known(theirs) as DemographicsAnswer),
    ...{ custodian: '2.999.80', senderCommunity: '2.999.80' },
    ...changes,
  }
}

describe('a patient discovery that is answered later', () => {
  it('says where to, and goes on when the answer is there [ITI TF-2:3.55.6.2]', async () => {
    const gateway = aGateway(answers, later())
    const answer = gateway.query(aboutPatient(id('1')))
    const { messageID, request } = await question(gateway)
    expect(request).to.deep.include({ priority: 'D', respondTo: 'https://us/gateway' })
    expect((await gateway.answerLater(messageID, answerTo(request))).typeCode).to.equal('CA')
    expect(found(await answer)).to.deep.equal(['a', 'b'])
    expect(gateway.context.deferred.size).to.equal(0)
    const again = await gateway.answerLater(messageID, answerTo(request))
    expect(again.typeCode).to.equal('CE')
  })

  it('is not waited for longer than the community has, and known when the answer has come [ITI TF-2:3.55.6.2]', async () => {
    const gateway = aGateway(answers, later({ timeoutMs: 40 }))
    const early = await gateway.query(aboutPatient(id('1')))
    expect([found(early), codesOf(early)]).to.deep.equal([['a'], ['XDSUnavailableCommunity']])
    const { messageID, request } = await question(gateway)
    await gateway.answerLater(messageID, answerTo(request))
    expect(found(await gateway.query(aboutPatient(id('1'))))).to.deep.equal(['a', 'b'])
    expect(gateway.asked.filter(({ url }) => url === 'https://bern/discovery')).to.have.length(1)
  })

  it('is given up when its time is over [ITI TF-2:3.55.6.2]', async () => {
    const gateway = aGateway(answers, { ...later(), deferredMinutes: 0.001 })
    const answer = await gateway.query(aboutPatient(id('1')))
    expect(answer.errors[0]?.codeContext).to.contain('no deferred answer has come within 0.001 minutes')
    expect(gateway.context.deferred.size).to.equal(0)
  })

  it('waits for nothing where the question is not taken [ITI TF-2:3.55.6.2]', async () => {
    const refused = () => ({ ...taken, typeCode: 'CE', detail: 'respondTo is not listed' })
    const gateway = aGateway({ ...answers, 'https://bern/discovery': refused }, later())
    const answer = await gateway.query(aboutPatient(id('1')))
    expect(answer.errors[0]?.codeContext).to.contain('it did not take the question (CE): respondTo is not listed')
    expect(gateway.context.deferred.size).to.equal(0)
  })

  it('takes no answer to nothing, or to another question [ITI TF-2:3.55.6.2]', async () => {
    const gateway = aGateway(answers, later())
    const answer = gateway.query(aboutPatient(id('1')))
    const { messageID, request } = await question(gateway)
    for (const relatesTo of [undefined, 'urn:uuid:other']) {
      const said = await gateway.answerLater(relatesTo, answerTo(request))
      expect(said.typeCode).to.equal('CE')
      expect(said.detail).to.contain('wsa:RelatesTo').and.to.contain('(trace ')
    }
    expect(gateway.context.deferred.size).to.equal(1)
    expect(gateway.audited).to.deep.equal([])
    await gateway.answerLater(messageID, answerTo(request))
    expect(found(await answer)).to.deep.equal(['a', 'b'])
  })

  it('is refused where it is false, and audited, whether anybody waits for it or not [ITI TF-2:3.55.4.2.3, 3.55.6.2]', async () => {
    const lies: Partial<DemographicsAnswer>[] = [
      { queryId: { root: '2.999.5', extension: 'another' } },
      { senderCommunity: '2.999.66' },
      { custodian: '2.999.66' },
    ]
    for (const lie of lies) {
      const gateway = aGateway(answers, later())
      const answer = gateway.query(aboutPatient(id('1')))
      const { messageID, request } = await question(gateway)
      expect((await gateway.answerLater(messageID, answerTo(request, lie))).typeCode).to.equal('CE')
      expect([found(await answer), codesOf(await answer)]).to.deep.equal([['a'], ['XDSUnavailableCommunity']])
      expect(gateway.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
    }
  })

  it('is asked no more where too many answers are waited for', async () => {
    const gateway = aGateway(answers, later({ timeoutMs: 1, requestsAtOnce: 1_000 }))
    const [community] = gateway.context.communities.all
    for (let count = 0; count < 250; count += 1) {
      const question = { messageID: `urn:uuid:${count}`, queryId: { root: '1' }, community: community! }
      gateway.context.deferred
        .expect({ ...question, wanted: { names: [], addresses: [], telecoms: [], patientIds: [] } })
        .catch(() => {})
    }
    const gone = await gateway.query(aboutPatient(id('1')))
    expect(codesOf(gone)).to.deep.equal(['XDSUnavailableCommunity'])
    expect(gateway.context.deferred.size).to.equal(250)
    gateway.context.deferred.close()
    expect(gateway.context.deferred.size).to.equal(0)
  })
})
