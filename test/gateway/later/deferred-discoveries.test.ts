// ITI-55 asked in deferred mode: the answer comes by a request of its own, to the question that it relates to and to no other.
import { expect } from 'chai'
import type { CommunityConfig } from '../../../config/gateway-config.js'
import type { KeptQuestion } from '../../../gateway/later/deferred-questions.js'
import type { ForeignQueryResponse } from '../../../transactions/communities/foreign-objects-codec.js'
import type { DemographicsAnswer } from '../../../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery } from '../../../transactions/hl7v3/demographics-query-codec.js'
import { until } from '../../house/waiting.js'
import { aboutPatient, aGateway, bern, entry, id, known, type TestGateway, told, vaud } from '../a-gateway.js'

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
  const asked = () => gateway.asked.find(({ url, messageID }) => url === 'https://bern/discovery' && messageID)
  await until(() => asked() !== undefined, 'the question is sent')
  return { messageID: asked()?.messageID ?? '', request: asked()?.request as DemographicsQuery }
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
    const asUrn = answerTo(request, { senderCommunity: bern })
    expect((await gateway.answerLater(messageID, asUrn)).typeCode).to.equal('CA')
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

  it('takes no answer from whoever was not asked, and waits on [ITI TF-2:3.55.6.2]', async () => {
    const gateway = aGateway(answers, later())
    const answer = gateway.query(aboutPatient(id('1')))
    const { messageID, request } = await question(gateway)
    const said = await gateway.answerLater(messageID, answerTo(request), 'vaud')
    expect([said.typeCode, said.detail]).to.satisfy(
      ([code, detail]: string[]) => code === 'CE' && detail?.includes('comes from the partner "bern"') === true,
    )
    const [alert] = gateway.audited
    expect([alert?.eventID[0], alert?.outcome]).to.deep.equal(['110113', 8])
    expect(gateway.context.communities.named(vaud)?.state.refused).to.equal(1)
    await gateway.answerLater(messageID, answerTo(request))
    expect(found(await answer)).to.deep.equal(['a', 'b'])
  })

  it('finds its question when the gateway was started anew, and is asked for once [ITI TF-2:3.55.6.2]', async () => {
    const kept = new Map<string, KeptQuestion>()
    const before = aGateway(answers, later({ timeoutMs: 40 }), undefined, kept)
    await before.query(aboutPatient(id('1')))
    const { messageID, request } = await question(before)
    before.context.deferred.close()
    expect([...kept.keys()]).to.deep.equal([messageID])

    const after = aGateway(answers, later(), undefined, kept)
    const { deferred, correlations, communities } = after.context
    correlations.resume(await deferred.resume(communities))
    const answer = after.query(aboutPatient(id('1')))
    const lie = answerTo(request, { senderCommunity: '2.999.66' })
    expect((await after.answerLater('urn:uuid:another', lie)).typeCode).to.equal('CE')
    expect((await after.answerLater(messageID, answerTo(request))).typeCode).to.equal('CA')
    expect(found(await answer)).to.deep.equal(['a', 'b'])
    expect(after.asked.some(({ url }) => url === 'https://bern/discovery')).to.equal(false)
    expect(kept.size).to.equal(0)
    expect((await after.answerLater(messageID, answerTo(request))).typeCode).to.equal('CE')
  })

  it('holds an answer against what was asked before a restart, too [ITI TF-2:3.55.4.2.3]', async () => {
    const kept = new Map<string, KeptQuestion>()
    const before = aGateway(answers, later({ timeoutMs: 40 }), undefined, kept)
    await before.query(aboutPatient(id('1')))
    const { messageID, request } = await question(before)
    before.context.deferred.close()
    const after = aGateway(answers, later({ timeoutMs: 40 }), undefined, kept)
    const { deferred, correlations, communities } = after.context
    correlations.resume(await deferred.resume(communities))
    const another = answerTo(request, known(id('2')) as DemographicsAnswer)
    expect((await after.answerLater(messageID, another)).typeCode).to.equal('CE')
    expect(after.audited.map(({ eventID }) => eventID[0])).to.deep.equal(['110113'])
  })

  it('is forgotten where its community is none any more, or its time is over', async () => {
    const kept = new Map<string, KeptQuestion>()
    const before = aGateway(answers, later({ timeoutMs: 40 }), undefined, kept)
    await before.query(aboutPatient(id('1')))
    before.context.deferred.close()
    const alone = aGateway(answers, { communities: [] }, undefined, kept)
    expect(await alone.context.deferred.resume(alone.context.communities)).to.deep.equal([])
    expect(kept.size).to.equal(0)
  })

  it('is asked no more where too many answers are waited for', async () => {
    const gateway = aGateway(answers, later({ timeoutMs: 1, requestsAtOnce: 1_000 }))
    const [community] = gateway.context.communities.all
    for (let count = 0; count < 250; count += 1) {
      const question = { messageID: `urn:uuid:${count}`, queryId: { root: '1' }, community: community! }
      await gateway.context.deferred.expect({ ...question, patientId: id(String(count)), wanted: { patientIds: [] } })
    }
    const gone = await gateway.query(aboutPatient(id('1')))
    expect(codesOf(gone)).to.deep.equal(['XDSUnavailableCommunity'])
    expect(gateway.context.deferred.size).to.equal(250)
    gateway.context.deferred.close()
    expect(gateway.context.deferred.size).to.equal(0)
  })
})
