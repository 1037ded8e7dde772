// The patient index beside a registry, each behind its own door: a hospital's feed goes in at the one and is known to the other.
import { join } from 'node:path'
import { expect } from 'chai'
import { getText } from '../../cli/get-text.js'
import { personSeparate, personShow } from '../../cli/person.js'
import { flagsOfRun } from '../../cli/run-file.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { type Caller, openCaller } from '../../server/caller.js'
import { crossGatewayPatientDiscovery } from '../../transactions/patient-discovery.js'
import { patientRecordAdded } from '../../transactions/patient-feed.js'
import { pixQuery } from '../../transactions/pix-query.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { id, maja, north, south } from '../patient-index/a-patient-index.js'
import { aDeployment, type RunningDeployment } from './a-deployment.js'

describe('the patient index over mutual TLS', () => {
  let deployment: RunningDeployment
  let config: CarnetConfig
  let hospital: Caller
  let url: string

  before(async () => {
    deployment = await aDeployment()
    const context = { ports: systemPorts, terminal: playedTerminal(deployment.folder) }
    const flags = await flagsOfRun(deployment.folder, context)
    config = await loadConfig(join(deployment.folder, 'carnet.json'), systemPorts, flags)
    hospital = openCaller({ tls: deployment.partner, ports: systemPorts })
    url = deployment.urls.patientIndex
  })

  after(async () => {
    hospital?.close()
    await deployment?.close()
  })

  const message = { messageId: { root: '2.999.5', extension: 'm' } }
  const add = async (patientId: string) =>
    (await hospital.call(patientRecordAdded, { ...message, patientIds: [patientId], person: maja }, { url })).response
  const idsOf = async (patientId: string) => {
    const query = {
      ...message,
      queryId: { root: '2.999.5', extension: 'q' },
      queryXml: '',
      patientIds: [patientId],
      dataSources: [],
    }
    return (await hospital.call(pixQuery, query, { url })).response
  }

  it('takes two hospitals’ records of one person and tells the registry of the person [ITI TF-2:3.44.4.1.3, 3.44.4.1.1]', async () => {
    for (const patientId of [id('1', north), id('a', south)]) expect((await add(patientId)).typeCode).to.equal('CA')
    const { patientIds } = await idsOf(id('1', north))
    expect(patientIds).to.include(id('a', south)).and.to.have.length(2)
    const own = patientIds.find(each => each.includes(config.patientIndex?.assigningAuthority ?? '-')) ?? ''
    await untilRegistryKnows(own)
  })

  it('answers other communities only when they are let in [ITI TF-2:3.55.4.1.3]', async () => {
    const query = {
      ...{ ...message, queryId: { root: '2.999.5', extension: 'q' }, queryXml: '' },
      ...{ wanted: { names: [], addresses: [], telecoms: [], patientIds: [id('1', north)] }, domains: [] },
    }
    const refusal = await hospital.call(crossGatewayPatientDiscovery, query, { url }).catch(problem => problem)
    expect(String(refusal)).to.contain('that takes the role gateway or admin in "peers"')
    const administrator = openCaller({ tls: await deployment.identity('admin'), ports: systemPorts })
    const answered = await administrator.call(crossGatewayPatientDiscovery, query, { url })
    expect(answered.response.patients).to.have.length(1)
    administrator.close()
  })

  it('is looked after from the command line', async () => {
    const terminal = playedTerminal(deployment.folder)
    const context = { ports: systemPorts, terminal }
    await personSeparate(id('a', south), { data: deployment.folder, why: 'her cousin' }, context)
    await personShow(id('a', south), { data: deployment.folder }, context)
    expect(terminal.printed.join('\n')).to.contain('separated by admin: her cousin')
    expect((await idsOf(id('a', south))).patientIds).not.to.include(id('1', north))
  })

  async function untilRegistryKnows(patientId: string): Promise<void> {
    const tls = await deployment.identity('admin')
    const known = `${deployment.urls.registry}/admin/patients/${encodeURIComponent(patientId)}`
    let status = 0
    for (let tries = 0; tries < 100 && status !== 200; tries += 1) {
      status = (await getText(known, tls, systemPorts.network)).status
      if (status !== 200) await systemPorts.clock.sleep(50)
    }
    expect(status, patientId).to.equal(200)
  }
})
