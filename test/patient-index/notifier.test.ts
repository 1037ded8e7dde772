// What registries and consumers are sent of persons over SOAP.
import { expect } from 'chai'
import { startNotifier } from '../../patient-index/notifier.js'
import { systemPorts } from '../../ports/ports.js'
import { acknowledged } from '../../transactions/hl7v3/patient-feed.js'
import type { PatientRecord } from '../../transactions/xds-messages.js'
import { until } from '../house/waiting.js'
import { aPatientIndex, id, maja, south } from './a-patient-index.js'

describe('whoever is told of persons', () => {
  it('gets a feed with their names, or a notification without, from device to device [ITI TF-2: Table 3.44.4.1.2-1, 3.44.4.2.2-1, O.1.1-1, 3.46.4.1.2]', async () => {
    const index = await aPatientIndex({
      registries: [{ name: 'registry', url: 'https://registry' }],
      consumers: [{ name: 'consumer', url: 'https://consumer', domains: [] }],
    })
    const { context } = index
    const sent: (PatientRecord & { transaction: string; action: string })[] = []
    const call = async (contract: { id: string; action: string }, request: PatientRecord) => {
      sent.push({ ...request, transaction: contract.id, action: contract.action.slice(-'201301UV02'.length) })
      return { response: acknowledged(request, 'CA') }
    }
    await index.add(id('1'), maja)
    await index.add(id('a', south))
    await index.merge(id('a', south), id('1'))
    const notifier = startNotifier({
      ...{ store: context.store, persons: context.persons, config: context.config, outbox: context.outbox },
      ...{ caller: { call: call as never }, mllp: { send: () => Promise.reject(new Error('nobody is there')) } },
      ...{ ports: systemPorts, log: { warn: () => {}, error: () => {} } as never },
    })
    await until(() => index.notices().length === 0, 'nothing waits any more')
    await notifier.close()
    await index.close()
    const device = context.config.homeCommunityId.replace('urn:oid:', '')
    for (const { sender, receiver } of sent) {
      expect([sender, receiver]).to.deep.equal([context.config.assigningAuthority, device])
    }
    const fed = sent.filter(({ transaction }) => transaction === 'ITI-44')
    expect(fed.map(({ action }) => action)).to.include.members(['201301UV02'])
    for (const { person } of fed) expect(person?.names).to.deep.equal(maja.names)
    const notified = sent.filter(({ transaction }) => transaction === 'ITI-46')
    expect(notified).to.have.length.above(0)
    for (const { person } of notified) expect(person).to.equal(undefined)
  })

  it('is missed where it is listed no more while something waits for it', async () => {
    const index = await aPatientIndex({ registries: [{ name: 'former', url: 'https://registry' }] })
    const { context } = index
    await index.add(id('1'), maja)
    const warned: object[] = []
    const notifier = startNotifier({
      ...{ store: context.store, persons: context.persons, outbox: context.outbox, ports: systemPorts },
      config: { ...context.config, registries: [], consumers: [] },
      ...{
        caller: { call: () => Promise.reject(new Error('nobody is there')) },
        mllp: { send: () => Promise.reject() },
      },
      log: { warn: (facts: object) => void warned.push(facts), error: () => {} } as never,
    })
    await notifier.close()
    expect(warned).to.deep.equal([{ target: 'former', notices: 1 }])
    await index.close()
  })
})
