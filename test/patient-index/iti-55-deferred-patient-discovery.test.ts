// ITI-55 in deferred mode: taken only where it can be answered, and answered until somebody has the answer.
import { expect } from 'chai'
import { startDeferredAnswers } from '../../patient-index/deferred-answers.js'
import { openDeferredStore } from '../../patient-index/deferred-store.js'
import { serveDeferredPatientDiscovery } from '../../patient-index/iti-55-deferred-patient-discovery.js'
import type { Exchange } from '../../server/actor.js'
import type { Caller, CallOptions } from '../../server/caller.js'
import type { Log } from '../../server/log.js'
import { PartnerUnavailable } from '../../soap/call.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery } from '../../transactions/hl7v3/demographics-query-codec.js'
import type { FeedAcknowledgement } from '../../transactions/xds-messages.js'
import { aPatientIndex, id, maja, type TestPatientIndex } from './a-patient-index.js'

const respondTo = 'https://other.example/xcpd/answers'
const query: DemographicsQuery = {
  ...{ messageId: { root: '2.999.5', extension: '1' }, queryId: { root: '2.999.5', extension: 'q' } },
  ...{ queryXml: '<queryByParameter/>', sender: '2.999.81', senderCommunity: '2.999.80', respondTo, priority: 'D' },
  wanted: { names: [], addresses: [], telecoms: [], patientIds: [id('1')] },
  domains: [],
}

describe('ITI-55 in deferred mode', () => {
  let index: TestPatientIndex
  let said: FeedAcknowledgement['typeCode'] | Error
  let sent: { answer: DemographicsAnswer; options: CallOptions }[]

  beforeEach(async () => {
    index = await aPatientIndex()
    said = 'CA'
    sent = []
  })
  afterEach(() => index.close())

  const ask = (
    changes: Partial<DemographicsQuery> = {},
    partner = 'other',
    messageID: string | undefined = 'urn:uuid:m',
  ) =>
    serveDeferredPatientDiscovery.handle({ ...query, ...changes }, index.context, {
      partner: { name: partner, roles: new Set(), address: '127.0.0.1', replyTo: ['https://other.example/xcpd'] },
      ...{ messageID, trace: { traceId: 't' }, auditRecords: () => [] },
    } as unknown as Exchange) as Promise<FeedAcknowledgement>

  const send = async (listed: string[] = ['https://other.example/xcpd']) => {
    const caller = {
      async call(_contract: unknown, answer: DemographicsAnswer, options: CallOptions) {
        sent.push({ answer, options })
        if (said instanceof Error) throw said
        return { response: { typeCode: said, targetMessageId: { root: '' } } }
      },
    } as unknown as Caller
    const log = { warn() {}, error() {} } as unknown as Log
    const outbox = { append: async () => {} }
    const answers = startDeferredAnswers({ context: index.context, caller, log, outbox, listedFor: () => listed })
    await answers.send()
    await answers.close()
  }
  const waiting = () => index.context.deferred.waiting()
  const later = (ms: number) => {
    index.clock.nowMs += ms
  }

  it('is acknowledged, and answered at respondTo with what relates it to the question [ITI TF-2:3.55.6.2]', async () => {
    const own = await index.add(id('1'), maja)
    expect((await ask()).typeCode).to.equal('CA')
    await send()
    const [{ answer, options } = { answer: undefined, options: undefined }] = sent
    expect(options?.url).to.equal(respondTo)
    expect(options?.headers).to.deep.equal([
      '<wsa:RelatesTo xmlns:wsa="http://www.w3.org/2005/08/addressing">urn:uuid:m</wsa:RelatesTo>',
    ])
    expect(answer).to.deep.include({ queryId: query.queryId, responseCode: 'OK', receiverCommunity: '2.999.80' })
    expect(answer?.patients.map(({ patientIds }) => patientIds)).to.deep.equal([[own]])
    expect(waiting()).to.equal(0)
  })

  it('says of nobody that nobody was found [ITI TF-2:3.55.4.2.3]', async () => {
    await ask()
    await send()
    expect(sent[0]?.answer).to.deep.include({ acknowledgement: 'AA', responseCode: 'NF', patients: [] })
  })

  for (const [what, changes, messageID, words] of [
    [
      'an address that is not listed',
      { respondTo: 'https://evil.example/' },
      'm',
      'is not among the addresses of other',
    ],
    [
      'an address beside a listed one',
      { respondTo: 'https://other.example/xcpd2' },
      'm',
      'is not among the addresses of other',
    ],
    ['no address', { respondTo: undefined }, 'm', 'expected a telecom'],
    ['an answer at once', { priority: undefined }, 'm', 'responsePriorityCode: expected D'],
    ['no MessageID', {}, undefined, 'wsa:MessageID is missing'],
  ] as const) {
    it(`is refused with ${what} [ITI TF-2:3.55.6.2]`, async () => {
      const handled = serveDeferredPatientDiscovery.handle({ ...query, ...changes }, index.context, {
        partner: { name: 'other', roles: new Set(), address: '127.0.0.1', replyTo: ['https://other.example/xcpd'] },
        ...{ messageID, trace: { traceId: 't' }, auditRecords: () => [] },
      } as unknown as Exchange) as Promise<FeedAcknowledgement>
      const { typeCode, detail } = await handled
      expect(typeCode).to.equal('CE')
      expect(detail).to.contain(words).and.to.contain('(trace t)')
      expect(waiting()).to.equal(0)
    })
  }

  it('is an error where the action is that of answers at once [ITI TF-2:3.55.6.2]', async () => {
    const answer = await index.discover({ patientIds: [id('1')] }, { priority: 'D' })
    expect(answer).to.deep.include({ acknowledgement: 'AE', responseCode: 'AE' })
    expect(answer.problems[0]?.text).to.match(/^Unsupported Processing Mode/)
  })

  it('holds up no other where it cannot be worked out, and is tried again', async () => {
    await index.add(id('1'), maja)
    const { persons } = index.context
    const { personBy } = persons
    persons.personBy = patientId => {
      if (patientId === id('odd')) throw new Error('who is that?')
      return personBy(patientId)
    }
    await ask({ wanted: { ...query.wanted, patientIds: [id('odd')] } }, 'one')
    await ask({}, 'other')
    await send()
    expect([sent.length, waiting()]).to.deep.equal([1, 1])
    persons.personBy = personBy
    later(2_000)
    await send()
    expect([sent.length, waiting()]).to.deep.equal([2, 0])
  })

  it('is tried again until somebody has the answer, which tells what holds then', async () => {
    await index.add(id('1'), maja)
    await ask()
    said = new PartnerUnavailable('it is away', 'no')
    await send()
    expect(waiting()).to.equal(1)
    await send()
    expect(sent, 'not before its time').to.have.length(1)
    const survivor = await index.add(id('2'), { ...maja, birthTime: '19800101', addresses: [], telecoms: [] })
    await index.merge(id('1'), id('2'))
    later(2_000)
    said = 'CA'
    await send()
    expect(sent[1]?.answer.patients[0]?.patientIds).to.deep.equal([survivor])
    expect(waiting()).to.equal(0)
  })

  it('ends when it was refused, when its time is over, and when its address is listed no more', async () => {
    await ask()
    said = 'CE'
    await send()
    expect(waiting(), 'refused').to.equal(0)
    await ask()
    said = new Error('away')
    later(11 * 60_000)
    await send()
    expect(waiting(), 'over').to.equal(0)
    await ask()
    await send([])
    expect(waiting(), 'not listed').to.equal(0)
    expect(sent).to.have.length(2)
  })

  it('waits over a restart', async () => {
    await ask()
    expect(
      openDeferredStore(index.context.store).due(index.clock.nowMs, { most: 10, mostOfPartner: 2 }),
    ).to.have.length(1)
  })

  it('is told to ask later when too many answers wait, and holds up nobody else', async () => {
    for (let count = 0; count < 100; count += 1) await ask()
    expect((await ask()).typeCode).to.equal('CR')
    expect((await ask({}, 'third')).typeCode).to.equal('CA')
    await send()
    expect(sent.length).to.equal(3)
  })

  it('holds up nobody however many partners let theirs wait', async () => {
    for (const partner of ['one', 'two', 'three']) for (let count = 0; count < 100; count += 1) await ask({}, partner)
    await ask({}, 'last', 'urn:uuid:last')
    await send()
    expect(sent.map(({ options }) => options.headers?.join('')).join('')).to.contain('urn:uuid:last')
  })

  it('is not kept where it is longer than any question', async () => {
    const long = { queryXml: `<queryByParameter>${' '.repeat(70_000)}</queryByParameter>` }
    const { typeCode, detail } = await ask(long)
    expect([typeCode, waiting()]).to.deep.equal(['CE', 0])
    expect(detail).to.contain('may have 65536 characters')
  })
})
