// The patient index beside a registry, each behind its own door: a hospital's feed goes in at the one and is known to the other.
import { join } from 'node:path'
import { expect } from 'chai'
import { sendHl7 } from '../../acceptance/mllp.js'
import { getText } from '../../cli/get-text.js'
import { personSeparate, personShow, personUnmerge } from '../../cli/patients/person.js'
import { personAdd } from '../../cli/patients/person-number.js'
import { flagsOfRun } from '../../cli/run-file.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import { startDeferredAnswers } from '../../patient-index/deferred-answers.js'
import { broadcastIn } from '../../patient-index/upi/broadcasts.js'
import { startUpi } from '../../patient-index/upi/start.js'
import { systemPorts } from '../../ports/ports.js'
import { type Caller, openCaller } from '../../server/caller.js'
import type { LiveTrust } from '../../server/live-trust.js'
import type { OpenLog } from '../../server/log.js'
import { bytesOf } from '../../soap/xml.js'
import { crossGatewayPatientDiscovery } from '../../transactions/hl7v3/patient-discovery.js'
import { patientDuplicatesResolved, patientRecordAdded } from '../../transactions/hl7v3/patient-feed.js'
import { feedAcknowledgement } from '../../transactions/hl7v3/patient-feed-codec.js'
import { pixQuery } from '../../transactions/hl7v3/pix-query.js'
import { eprSpidAsCx, eprSpidIn } from '../../xua/swiss-rules.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { freePortBase } from '../cli/started.js'
import { aPatientIndex, id, maja, nation, north, south } from '../patient-index/a-patient-index.js'
import { ahv, registeredMaja } from '../patient-index/upi/a-upi.js'
import { anAdt } from '../samples/adt.js'
import { aCancel, aDemographicsQuery, aPixQuery } from '../samples/query-v2.js'
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

  it('is fed and asked in HL7 v2 over TLS and, on this machine, without [ITI TF-2:3.8.4.1.3, 3.9.4.2.2, 3.21.4.2.2]', async () => {
    const { port = 0, tls: secured } = config.patientIndex?.mllp ?? {}
    const messages = [
      anAdt({ pid3: id('v2') }),
      aPixQuery({ asked: id('1', north), domains: `^^^&${south}&ISO` }),
      aDemographicsQuery({ rcp: 'I|1^RD' }),
      aDemographicsQuery({ domains: '^^^NOWHERE' }),
      aCancel('T-1'),
    ]
    for (const address of [
      { host: 'localhost', port: secured?.port ?? 0, tls: true },
      { host: '127.0.0.1', port, tls: false },
    ]) {
      const answers = await sendHl7(messages, address, { tls: deployment.partner, ports: systemPorts })
      expect(answers.map(({ type, code }) => `${type} ${code}`)).to.deep.equal([
        'ACK^A01^ACK AA',
        'RSP^K23^RSP_K23 AA',
        'RSP^K22^RSP_K21 AA',
        'RSP^K22^RSP_K21 AE',
        'ACK^J01^ACK AA',
      ])
      expect(answers[1]?.text).to.contain('PID|||a^^^&2.999.2&ISO||~^^^^^^S')
      expect(answers[2]?.text).to.contain('||Müller^Maja^Anna^^^^L||19600618|F|')
    }
  })

  it('is looked after from the command line', async () => {
    const terminal = playedTerminal(deployment.folder)
    const context = { ports: systemPorts, terminal }
    const eva = { family: 'Neu', given: 'Eva Maria', born: '1970-01-01', sex: 'F', data: deployment.folder }
    await personAdd([id('9', north)], eva, context)
    expect(terminal.printed.join('\n')).to.match(/9\^\^\^&.* {2}Neu, Eva Maria {2}F {2}19700101/)
    await personSeparate(id('a', south), { data: deployment.folder, why: 'her cousin' }, context)
    await personShow(id('a', south), { data: deployment.folder }, context)
    expect(terminal.printed.join('\n')).to.contain('separated by admin: her cousin')
    expect((await idsOf(id('a', south))).patientIds).not.to.include(id('1', north))
  })

  it('undoes a merge in the registry too, so that the documents come back [ITI TF-2:3.44.4.2.4]', async () => {
    const other = { ...maja, names: [{ kind: 'current' as const, family: 'Favre', given: ['Pierre'] }], telecoms: [] }
    const feed = { ...message, patientIds: [id('x', north)], person: other }
    expect((await hospital.call(patientRecordAdded, feed, { url })).response.typeCode).to.equal('CA')
    const [ended = ''] = (await idsOf(id('x', north))).patientIds
    await untilRegistry(ended, ({ mergedInto }) => mergedInto === undefined)
    const merge = { ...message, patientIds: [id('1', north)], subsumedIds: [id('x', north)] }
    expect((await hospital.call(patientDuplicatesResolved, merge, { url })).response.typeCode).to.equal('CA')
    await untilRegistry(ended, ({ mergedInto }) => mergedInto !== undefined)
    const terminal = playedTerminal(deployment.folder)
    const options = { data: deployment.folder, why: 'two people' }
    await personUnmerge(id('x', north), options, { ports: systemPorts, terminal })
    expect(terminal.printed.join('\n')).to.contain(`unmerged by admin: ${id('x', north)}: two people`)
    await untilRegistry(ended, ({ mergedInto }) => mergedInto === undefined)
    expect((await idsOf(id('x', north))).patientIds).to.deep.equal([ended])
    const again = await personUnmerge(id('x', north), options, { ports: systemPorts, terminal }).catch(
      problem => problem,
    )
    expect(String(again)).to.contain('was not merged into another id')
  })

  it('undoes one from the page, in the registry too [ITI TF-2:3.44.4.2.4]', async () => {
    const [ended = ''] = (await idsOf(id('x', north))).patientIds
    const merge = { ...message, patientIds: [id('1', north)], subsumedIds: [id('x', north)] }
    expect((await hospital.call(patientDuplicatesResolved, merge, { url })).response.typeCode).to.equal('CA')
    await untilRegistry(ended, ({ mergedInto }) => mergedInto !== undefined)
    const client = systemPorts.network.httpClient(await deployment.identity('admin'))
    const ask = async (path: string, form?: Record<string, string>) => {
      const { status, body } = await client.call({
        ...{ url: `${url}/reviews/${path}`, method: form === undefined ? 'GET' : 'POST', timeoutMs: 5_000 },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form === undefined ? [] : [Buffer.from(String(new URLSearchParams(form)))],
      })
      return { status, text: Buffer.concat(await body.toArray()).toString() }
    }
    const { text } = await ask(`person?id=${encodeURIComponent(id('1', north))}`)
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const undone = await ask('undo', { token, merged: ended, id: id('1', north), why: 'two people' })
    client.close()
    expect(undone.status).to.equal(303)
    await untilRegistry(ended, ({ mergedInto }) => mergedInto === undefined)
    expect((await idsOf(id('x', north))).patientIds).to.deep.equal([ended])
  })

  it('is given numbers by what stands in for the UPI, over the wire, and hears of their end [eCH-0213: generate] [eCH-0215: cancellationOfSPID]', async () => {
    const { files, network } = systemPorts
    const folder = await files.temporaryFolder('upi-')
    const port = await freePortBase()
    const services = `https://localhost:${port}/wupispid/ws`
    const section = {
      ...{ management: `${services}/managementService/1`, query: `${services}/queryService/2` },
      ...{ senderId: 'sedex://T0-1-2', timeoutMs: 5_000, inbox: folder },
      standIn: { port, database: join(folder, 'stand-in.sqlite') },
    }
    const identity = await deployment.identity('patient-index')
    const trust = { identity, refusalOf: () => undefined, onRenewed() {} } as unknown as LiveTrust
    const log = { warn() {}, error() {}, info() {} } as unknown as OpenLog
    const options = { config: { mode: 'development' as const }, section, nationalAuthority: nation }
    const upi = await startUpi(options, { ports: systemPorts, trust, log })
    try {
      const vn = ahv('1')
      const given = await upi?.asked.manage({ action: 'generate', vn, person: registeredMaja })
      const [spid = ''] = given?.is === 'positive' ? given.pids.spids : []
      expect(eprSpidIn(eprSpidAsCx(spid))).to.equal(spid)
      const known = await upi?.asked.info({ spid })
      expect(known).to.deep.include({ is: 'positive', person: registeredMaja, pids: { vn, spids: [spid] } })
      expect(await upi?.asked.info({ vn: ahv('2') })).to.deep.include({ is: 'negative' })
      await upi?.asked.manage({ action: 'cancel', spid, vn })
      const [told = ''] = (await files.list(folder)).filter(name => name.startsWith('data_'))
      const { cancellations } = broadcastIn(await files.readFile(join(folder, told)))
      expect(cancellations).to.deep.equal([{ spid: eprSpidAsCx(spid), reason: 'notMentioned' }])
      const stranger = network.httpClient({ ca: identity.ca })
      const call = { url: section.query, method: 'POST' as const, headers: {}, timeoutMs: 5_000 }
      expect(await stranger.call(call).catch(problem => problem), 'without a certificate').to.be.instanceOf(Error)
      stranger.close()
    } finally {
      await upi?.close()
      await files.removeFolder(folder)
    }
    expect(await startUpi({ ...options, nationalAuthority: undefined }, { ports: systemPorts, trust, log })).to.equal(
      undefined,
    )
  })

  it('sends deferred answers as requests of their own [ITI TF-2:3.55.6.2]', async () => {
    const { network } = systemPorts
    const heard: { text: string; path: string }[] = []
    const tls = await deployment.identity('gateway')
    const acknowledgement = feedAcknowledgement.encode({ typeCode: 'CA', targetMessageId: { root: '2.999.5' } })
    const port = await freePortBase()
    const server = await network.serveHttps({ host: '127.0.0.1', port, tls }, async ({ body, url: path }, reply) => {
      heard.push({ path, text: Buffer.concat(await body.toArray()).toString() })
      reply.start(200, { 'content-type': 'application/soap+xml' })
      reply.stream.end(
        `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>${bytesOf(acknowledgement.xml)}</e:Body></e:Envelope>`,
      )
    })
    const index = await aPatientIndex()
    const own = await index.add(id('1'), maja)
    const respondTo = `https://localhost:${port}/answers`
    const query = {
      ...{ ...message, queryId: { root: '2.999.5', extension: 'q' }, queryXml: '', respondTo, domains: [] },
      wanted: { names: [], addresses: [], telecoms: [], patientIds: [id('1')] },
    }
    const question = { partner: 'other', url: respondTo, messageID: 'urn:uuid:asked', query, atMs: index.clock.nowMs }
    await index.context.store.write(() => index.context.deferred.keep(question))
    const log = { warn() {}, error() {} } as unknown as OpenLog
    const outbox = { append: async () => {} }
    const answers = startDeferredAnswers({
      ...{ context: index.context, caller: hospital, log, outbox },
      listedFor: () => [respondTo],
    })
    try {
      await answers.send()
      expect(index.context.deferred.waiting()).to.equal(0)
      const [{ text, path } = { text: '', path: '' }] = heard
      expect(path).to.equal('/answers')
      expect(text).to.match(/<wsa:RelatesTo [^>]*>urn:uuid:asked<\/wsa:RelatesTo>/)
      expect(text).to.contain('urn:hl7-org:v3:PRPA_IN201306UV02:Deferred:CrossGatewayPatientDiscovery')
      expect(text).to.contain(own.split('^')[0])
    } finally {
      await answers.close()
      await server.close(0)
      await index.close()
    }
  })

  const untilRegistryKnows = (patientId: string) => untilRegistry(patientId, () => true)

  async function untilRegistry(patientId: string, is: (known: { mergedInto?: string }) => boolean): Promise<void> {
    const tls = await deployment.identity('admin')
    const known = `${deployment.urls.registry}/admin/patients/${encodeURIComponent(patientId)}`
    for (let tries = 0; tries < 600; tries += 1) {
      const { status, text } = await getText(known, tls, systemPorts.network)
      if (status === 200 && is(JSON.parse(text))) return
      await systemPorts.clock.sleep(50)
    }
    expect.fail(`the registry has not come to know of ${patientId}`)
  }
})
