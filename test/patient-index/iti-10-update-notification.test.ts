// ITI-10 over real sockets: what a consumer hears of changes, again until it has acknowledged them, and what is written down of it.
import { expect } from 'chai'
import { acknowledgementOf } from '../../hl7v2/acknowledgement.js'
import type { Hl7Error } from '../../hl7v2/errors.js'
import { type Hl7Header, readHl7 } from '../../hl7v2/message.js'
import { mllpFramed, mllpReader } from '../../hl7v2/mllp.js'
import { startNotifier } from '../../patient-index/notifier.js'
import type { Connection } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { openMllpCaller } from '../../server/hl7v2/mllp-caller.js'
import { certificates, silent } from '../atna-audit/loopback.js'
import { until } from '../house/waiting.js'
import { aPatientIndex, id, maja, north, ours, south, type TestPatientIndex } from './a-patient-index.js'

const { network } = systemPorts

/** On which pauses are short. */
const quick = {
  ...systemPorts,
  clock: {
    ...systemPorts.clock,
    monotonicMs: () => systemPorts.clock.monotonicMs() * 50,
    every: (ms: number, work: () => void) => systemPorts.clock.every(Math.ceil(ms / 50), work),
  },
}

type Answer = (header: Hl7Header) => Buffer | undefined

/** A consumer that answers each message as it is told, the last way for all that follow. */
async function aConsumer(...answers: Answer[]) {
  const heard: string[] = []
  const serve = async ({ stream }: Connection) => {
    const reader = mllpReader({ maxMessageBytes: 100_000 })
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const { bytes } of reader.read(chunk)) {
        const answer = answers[Math.min(heard.push(bytes.toString()), answers.length) - 1]
        const { header } = readHl7(bytes, { characterSet: 'ASCII' })
        const said = header && answer?.(header)
        if (said === undefined) stream.destroy()
        else stream.write(mllpFramed(said))
      }
    }
  }
  const { service } = await certificates()
  const options = { host: '127.0.0.1', port: 0, tls: service }
  const server = await network.serveTls(options, connection => void serve(connection).catch(() => {}))
  return { heard, url: `mllps://localhost:${server.port}`, close: () => server.close(0) }
}

const told =
  (...errors: Hl7Error[]): Answer =>
  header =>
    acknowledgementOf({ header, errors, controlId: 'A', time: '20261123' })

const taken = told()
const tooBusy = told({ condition: '207', text: 'not now' })
const notTaken = told({ condition: '201', at: 'MSH-9', text: 'A31 is not taken here' })
const wrong = told({ condition: '204', at: 'PID-3', text: 'no such patient' })

describe('ITI-10 PIX Update Notification', () => {
  let index: TestPatientIndex
  let closing: (() => Promise<unknown>)[]
  beforeEach(() => {
    closing = []
  })
  afterEach(async () => {
    for (const close of closing.reverse()) await close()
  })

  async function notifying(...answers: Answer[]) {
    const consumer = await aConsumer(...answers)
    const config = {
      registries: [],
      consumers: [{ name: 'kis', url: consumer.url, domains: [north, south], application: 'KIS', facility: 'Spital' }],
    }
    index = await aPatientIndex(config)
    const { context } = index
    const { service } = await certificates()
    const mllp = openMllpCaller({ tls: service, ports: systemPorts })
    const never = async () => {
      throw new Error('nobody is told over SOAP')
    }
    const notifier = startNotifier({
      ...{ store: context.store, persons: context.persons, caller: { call: never }, mllp, config: context.config },
      ...{ ports: quick, log: silent as never, outbox: context.outbox },
    })
    closing.push(
      () => index.close(),
      consumer.close,
      async () => mllp.close(),
      () => notifier.close(),
    )
    return { heard: consumer.heard, notifier }
  }

  const emptied = () => until(() => index.notices().length === 0, 'nothing waits any more')

  it('tells a consumer the ids of its domains, as they are together now [ITI TF-2:3.10.4.1.2]', async () => {
    const { heard, notifier } = await notifying(taken)
    await index.add(id('1'), maja)
    await index.add(id('a', south))
    notifier.wake()
    await emptied()
    expect(heard).to.have.length(2)
    const [, last = ''] = heard
    expect(last.split('\r').map(line => line.replace(/\d{14}\+0000|[0-9a-f]{20}/g, '*'))).to.deep.equal([
      'MSH|^~\\&|CARNET|localhost|KIS|Spital|*||ADT^A31^ADT_A05|*|P|2.5||||||UNICODE UTF-8',
      'EVN|A31|*',
      'PID|||a^^^&2.999.2&ISO~1^^^&2.999.1&ISO|| ',
      'PV1||N',
      '',
    ])
    expect(last).not.to.contain(ours)
  })

  it('writes down each id that was told, with the message [ITI TF-2:3.10.5.1.1]', async () => {
    const { heard, notifier } = await notifying(taken)
    await index.add(id('1'), maja)
    notifier.wake()
    await emptied()
    const record = index.records.find(({ eventTypeCode }) => eventTypeCode?.[0] === 'ITI-10')
    expect([record?.eventID[0], record?.action, record?.outcome]).to.deep.equal(['110110', 'R', 0])
    expect(record?.participants.map(({ userID }) => userID)).to.deep.equal(['localhost|CARNET', 'Spital|KIS'])
    const controlId = heard[0]?.split('|')[9] ?? ''
    expect(record?.objects[0]).to.deep.include({ id: id('1'), details: [{ type: 'MSH-10', value: controlId }] })
  })

  it('sends again, in order, what was not acknowledged: no answer, no time, another message [ITI TF-2:3.10.4.1.2]', async () => {
    const other: Answer = header => taken({ ...header, controlId: 'another' })
    const { heard, notifier } = await notifying(() => undefined, tooBusy, other, taken)
    await index.add(id('1'), maja)
    await index.add(id('a', south))
    notifier.wake()
    await emptied()
    const ids = heard.map(message => /PID\|\|\|([^|]*)/.exec(message)?.[1])
    const alone = '1^^^&2.999.1&ISO'
    expect(ids).to.deep.equal([alone, alone, alone, alone, `a^^^&2.999.2&ISO~${alone}`])
    const outcomes = index.records
      .filter(({ eventTypeCode }) => eventTypeCode?.[0] === 'ITI-10')
      .map(each => each.outcome)
    expect(outcomes).to.deep.equal([8, 8, 8, 0, 0])
  })

  for (const [what, answer] of [
    ['is refused for what it says', wrong],
    ['its receiver does not take at all', notTaken],
  ] as const) {
    it(`lets the rest not wait for a message that ${what} [HL7 v2.5.1: 2.9.2.2]`, async () => {
      const { heard, notifier } = await notifying(answer, taken)
      await index.add(id('1'), maja)
      await index.add(id('a', south))
      notifier.wake()
      await emptied()
      expect(heard).to.have.length(2)
      const [record] = index.records.filter(({ eventTypeCode }) => eventTypeCode?.[0] === 'ITI-10')
      expect(record?.outcome).to.equal(8)
    })
  }

  it('is not waited for by a service that ends while its connection comes about', async () => {
    const { service } = await certificates()
    const consumer = await aConsumer(() => undefined)
    closing.push(consumer.close)
    const connectTls: typeof network.connectTls = async options => {
      const connection = await network.connectTls(options)
      caller.close()
      return connection
    }
    const caller = openMllpCaller({ tls: service, ports: { ...systemPorts, network: { ...network, connectTls } } })
    const why = await caller
      .send(Buffer.from('MSH'), { url: consumer.url, controlId: '1', timeoutMs: 20_000 })
      .catch(problem => (problem as Error).message)
    expect([why, consumer.heard]).to.deep.equal(['the service ends', []])
  })
})
