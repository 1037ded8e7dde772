// Two communities with a CA, a registry, a repository and a gateway each: what is submitted in the one is found and fetched from the other.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { imagingAdd } from '../../cli/documents/imaging.js'
import { retrieveImages } from '../../cli/documents/retrieve-images.js'
import { run } from '../../cli/main.js'
import { flagsOfRun } from '../../cli/run-file.js'
import { runService } from '../../cli/services/run-service.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import type { TlsIdentity } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { type Caller, openCaller } from '../../server/caller.js'
import type { RunningService } from '../../server/service.js'
import { readMessage } from '../../soap/read-message.js'
import { openSpool } from '../../soap/spool.js'
import { writeMessage } from '../../soap/write-message.js'
import { crossGatewayQuery } from '../../transactions/communities/xca.js'
import { crossGatewayDocumentProvide, provideAndRegisterThrough } from '../../transactions/communities/xcdr.js'
import { crossGatewayFetch } from '../../transactions/communities/xcf.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery } from '../../transactions/hl7v3/demographics-query-codec.js'
import { deferredDiscoveryAnswer, deferredPatientDiscovery } from '../../transactions/hl7v3/patient-discovery.js'
import { acknowledged, patientRecordAdded } from '../../transactions/hl7v3/patient-feed.js'
import { pixQuery } from '../../transactions/hl7v3/pix-query.js'
import { retrieveImagingDocumentSet } from '../../transactions/imaging.js'
import { contentToSend } from '../../transactions/submission-codec.js'
import { registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import { aSource } from '../cli/a-source.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { anImage } from '../dicom/an-image.js'
import { until } from '../house/waiting.js'
import { anEntry, bytesFrom } from '../repository/a-repository.js'
import { aSubmission, samplePatientId } from '../samples/submission.js'
import { aDeployment, type RunningDeployment } from './a-deployment.js'
import { counted } from './counted.js'

describe('two communities', () => {
  const sides: { deployment: RunningDeployment; config: CarnetConfig }[] = []
  const gateways: RunningService[] = []
  let consumer: Caller

  before(async () => {
    for (const community of ['here', 'there'] as const) {
      const deployment = await aDeployment({}, undefined, {}, { resubmission: 'replay', community })
      sides.push({ deployment, config: await configOf(deployment) })
    }
    for (const [index, { deployment, config }] of sides.entries()) {
      await addTo(deployment.folder, sides[1 - index]!.deployment.folder)
      gateways.push(await runService('gateway', config, systemPorts))
    }
    consumer = openCaller({ tls: sides[0]!.deployment.partner, ports: systemPorts })
  })

  after(async () => {
    consumer?.close()
    for (const gateway of gateways) await gateway.close(1_000)
    for (const { deployment } of sides) await deployment.close()
  })

  const slots = [
    { name: '$XDSDocumentEntryPatientId', values: [`'${samplePatientId}'`] },
    { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
  ]
  const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots }

  it('find and fetch from one another, each document with its community [ITI TF-2:3.38.4.1.3, 3.39.4.1.3]', async () => {
    // Long enough to be passed on while it comes.
    const bytes = Buffer.alloc(1_000_000, 'written in the other community ')
    const sources = sides.map(({ deployment }) => aSource(deployment))
    const [, there] = await Promise.all(sources.map(source => source.submit(bytes)))
    for (const source of sources) source.close()
    const url = sides[0]!.deployment.urls.gateway
    const { response } = await consumer.call(registryStoredQuery, query, { url })
    expect([response.status, response.errors]).to.deep.equal(['Success', []])
    const entries = response.result?.documentEntries ?? []
    const homes = sides.map(({ config }) => config.gateway?.homeCommunityId)
    expect(entries.map(({ homeCommunityId }) => homeCommunityId)).to.have.members(homes)
    const foreign = entries.find(({ uniqueId }) => uniqueId === there?.uniqueId)
    expect(foreign?.homeCommunityId).to.equal(homes[1])
    const wanted = {
      homeCommunityId: foreign?.homeCommunityId ?? '',
      repositoryUniqueId: foreign?.repositoryUniqueId ?? '',
      documentUniqueId: foreign?.uniqueId ?? '',
    }
    const retrieved = await consumer.call(retrieveDocumentSet, { documents: [wanted] }, { url })
    expect([retrieved.response.status, retrieved.response.errors]).to.deep.equal(['Success', []])
    const pieces: Uint8Array[] = []
    for await (const piece of retrieved.response.documents[0]?.open() ?? []) pieces.push(piece)
    expect(Buffer.concat(pieces)).to.deep.equal(bytes)
  })

  it('fetch entries and documents from one another by one question [ITI TF-2:3.63.4.1.3]', async () => {
    const wanted = { name: '$XDSDocumentEntryClassCode', values: ["('422735006^^2.16.840.1.113883.6.96')"] }
    const fetch = {
      ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem' },
      slots: [...slots, wanted],
    }
    const url = sides[0]!.deployment.urls.gateway
    const { response } = await consumer.call(crossGatewayFetch, fetch, { url })
    expect([response.status, response.errors]).to.deep.equal(['Success', []])
    const homes = sides.map(({ config }) => config.gateway?.homeCommunityId)
    expect(response.documents.map(({ homeCommunityId }) => homeCommunityId)).to.deep.equal(homes)
    for (const document of response.documents) {
      const bytes = await bytesFrom(document.open())
      expect([bytes.length, bytes.toString('utf8', 0, 10)]).to.deep.equal([1_000_000, 'written in'])
    }
  })

  it('provide documents to one another, which are kept once however often they are sent [ITI TF-2:3.80.4.1.3, 3.80.4.2.2]', async () => {
    const [here, there] = sides as [(typeof sides)[0], (typeof sides)[0]]
    const bytes = Buffer.alloc(3_000_000, 'written for the other community ')
    const patientId = 'P-80^^^&2.999.1.2.3&ISO'
    const { entry, request } = aDocument(patientId, bytes)
    const url = here.deployment.urls.gateway
    const home = there.config.gateway?.homeCommunityId ?? ''
    const send = async (homes: string[], form?: 'plain') =>
      (await consumer.call(provideAndRegisterThrough, { ...request, homes }, { url, form })).response
    // In either form, and by either transaction.
    expect(await send([home])).to.deep.equal({ status: 'Success', errors: [] })
    expect(await send([home], 'plain')).to.deep.equal({ status: 'Success', errors: [] })
    const again = await consumer.call(crossGatewayDocumentProvide, { ...request, homes: [home] }, { url })
    expect(again.response).to.deep.equal({ status: 'Success', errors: [] })
    const source = aSource(there.deployment)
    expect((await source.retrieve(entry.uniqueId ?? ''))?.equals(bytes)).to.equal(true)
    source.close()
    const ofPatient = { ...query, slots: [{ ...slots[0]!, values: [`'${patientId}'`] }, slots[1]!] }
    const { response } = await consumer.call(registryStoredQuery, ofPatient, { url })
    expect(response.result?.documentEntries.map(({ uniqueId }) => uniqueId)).to.deep.equal([entry.uniqueId])

    const codes = async (homes: string[]) => (await send(homes)).errors.map(({ errorCode }) => errorCode)
    expect(await codes([])).to.deep.equal(['XDSMissingHomeCommunityId'])
    expect(await codes(['urn:oid:2.999.99'])).to.deep.equal(['XDSUnknownCommunity'])
    const other = aSubmission({ patientId, documentEntries: [{ ...entry, hash: '0'.repeat(40) }] })
    const refused = await consumer.call(
      provideAndRegisterThrough,
      { ...request, submission: other, homes: [home] },
      { url },
    )
    expect(refused.response.errors.map(({ errorCode, location }) => [errorCode, location])).to.deep.equal([
      ['XDSRepositoryMetadataError', home],
    ])
    expect(refused.response.errors[0]?.codeContext).to.contain(`(trace ${refused.traceId})`)
  })

  it('are sent documents from the command line [ITI TF-2:3.80.4.1.2]', async () => {
    const { folder } = sides[0]!.deployment
    writeFileSync(join(folder, 'note.txt'), 'from the command line')
    const sent = await carnet(folder, 'submit', 'note.txt', '--patient', 'P-81^^^&2.999.1.2.3&ISO', '--home', 'Other')
    expect([sent.code, sent.complained.includes('refused')]).to.deep.equal([0, false])
    const found = await carnet(folder, 'query', '--patient', 'P-81^^^&2.999.1.2.3&ISO', '--everywhere')
    expect(found.printed).to.match(/Other$/m)
  })

  it('fetch images from one another [IHE RAD TF-3: 4.75.4.1.3]', async () => {
    const image = anImage({ pixels: 1_500_000 })
    const { folder, repositoryUniqueId } = sides[1]!.deployment
    writeFileSync(join(folder, 'image.dcm'), image)
    const context = { ports: systemPorts, terminal: playedTerminal(folder) }
    await imagingAdd(['image.dcm'], { data: folder, patient: samplePatientId }, context)
    const wanted = {
      ...{ studyInstanceUID: '2.999.71', seriesInstanceUID: '2.999.72', documentUniqueId: '2.999.70.1' },
      ...{ repositoryUniqueId, homeCommunityId: sides[1]!.config.gateway?.homeCommunityId ?? '' },
    }
    const request = { documents: [wanted], transferSyntaxUIDs: ['1.2.840.10008.1.2.1'] }
    const url = sides[0]!.deployment.urls.gateway
    const { response } = await consumer.call(retrieveImagingDocumentSet, request, { url })
    expect([response.status, response.errors]).to.deep.equal(['Success', []])
    const pieces: Uint8Array[] = []
    for await (const piece of response.documents[0]?.open() ?? []) pieces.push(piece)
    expect(Buffer.concat(pieces).equals(image)).to.equal(true)

    const uniqueId = context.terminal.printed.find(line => line.startsWith('uniqueId'))?.split(/ +/)[1] ?? ''
    const asked = { data: sides[0]!.deployment.folder, home: wanted.homeCommunityId, output: 'fetched' }
    const here = { ports: systemPorts, terminal: playedTerminal(sides[0]!.deployment.folder) }
    await retrieveImages(uniqueId, asked, here)
    expect(readFileSync(join(asked.data, 'fetched', '2.999.70.1.dcm')).equals(image)).to.equal(true)

    const other = { ...request, transferSyntaxUIDs: ['1.2.840.10008.1.2.4.70'] }
    const refused = (await consumer.call(retrieveImagingDocumentSet, other, { url })).response
    expect(refused.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRepositoryError'])
  })

  it('are asked from the command line, document for document', async () => {
    const { folder } = sides[0]!.deployment
    const found = await carnet(folder, 'query', '--patient', samplePatientId, '--everywhere')
    expect([found.code, found.complained]).to.deep.equal([0, ''])
    const uniqueId = / 1000000 +Approved +(\S+) +Other$/m.exec(found.printed)?.[1] ?? ''
    const fetched = await carnet(folder, 'retrieve', uniqueId, '--home', 'Other', '-o', join(folder, 'fetched.txt'))
    expect([fetched.code, fetched.complained]).to.deep.equal([0, ''])
    expect(readFileSync(join(folder, 'fetched.txt')).toString('utf8', 0, 30)).to.equal('written in the other community')
    const unknown = await carnet(folder, 'retrieve', uniqueId, '--home', 'Nowhere', '-o', 'x')
    expect([unknown.code, unknown.complained]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('there are here, Other'),
    )
  })

  it('are examined by the gateway itself: trust, certificates, clocks, a test query', async () => {
    const { folder } = sides[0]!.deployment
    const { code, printed, complained } = await carnet(folder, 'community', 'doctor')
    expect([code, complained]).to.deep.equal([0, ''])
    for (const line of [
      'ok       its requests: its gateway is let in by 2 certificate(s)',
      'is trusted and is for localhost',
      'CN=gateway',
      'it agrees with ours',
      'ok       a test query by ITI-38: it has nothing of that patient, as it should be',
      'ok       documents by ITI-80: they go to https://localhost:',
    ])
      expect(printed).to.contain(line)
    expect((await carnet(folder, 'community', 'list')).printed).to.match(/^Other .* communities file +answers +\d{4}-/m)
  })

  it('are recorded from the command line, with nobody in it', async () => {
    const { folder } = sides[0]!.deployment
    const file = join(folder, 'recorded.json')
    let isOver = false
    const recording = carnet(folder, 'peer', 'record', 'Other', '-o', file, '--exchanges', '1').finally(() => {
      isOver = true
    })
    while (!isOver) {
      await systemPorts.clock.sleep(50)
      await consumer.call(registryStoredQuery, query, { url: sides[0]!.deployment.urls.gateway })
    }
    expect((await recording).printed).to.contain('1 exchange(s), with other names, ids, dates and documents')
    const { exchanges } = JSON.parse(readFileSync(file, 'utf8'))
    const [asked, answered] = [exchanges[0].request, exchanges[0].answer].map(each =>
      Buffer.from(each.base64, 'base64').toString(),
    )
    // What stands for a short id may be that by chance; for its authority it never is.
    const [, authority = ''] = samplePatientId.split('&')
    expect(asked).to.contain('AdhocQueryRequest').and.not.to.contain(authority)
    expect(answered).to.contain('ExtrinsicObject').and.not.to.contain(authority)
  })

  it('discover patients by answers that come later [ITI TF-2:3.55.6.2]', async () => {
    const [here, there] = sides as [(typeof sides)[0], (typeof sides)[0]]
    const callers = sides.map(({ deployment }) => openCaller({ tls: deployment.partner, ports: systemPorts }))
    const patient = {
      ...{ messageId: { root: '2.999.5', extension: 'later' }, patientIds: [samplePatientId] },
      person: {
        names: [{ kind: 'current' as const, family: 'Später', given: ['Léa'] }],
        ...{ gender: 'F' as const, birthTime: '19710304', addresses: [], telecoms: [] },
      },
    }
    for (const [index, { deployment }] of sides.entries()) {
      const url = deployment.urls.patientIndex
      const fed = await callers[index]!.call(patientRecordAdded, patient, { url })
      expect(fed.response.typeCode).to.equal('CA')
    }
    // The other side knows from our description where answers may go, this one says that they come later.
    edit(join(here.deployment.folder, 'communities.json'), ([other]) =>
      Object.assign(other!, {
        ...{ discovery: there.deployment.urls.patientIndex, deferredDiscovery: true, asynchronous: true },
      }),
    )
    const question = { messageId: { root: '2.999.5' }, queryId: { root: '2.999.5', extension: 'q' }, queryXml: '' }
    const ids = { ...question, patientIds: patient.patientIds, dataSources: [] }
    const [known] = (await callers[1]!.call(pixQuery, ids, { url: there.deployment.urls.patientIndex })).response
      .patientIds
    const source = aSource(there.deployment)
    const { kept } = await source.send(Buffer.from('found later'), known)
    source.close()
    for (const caller of callers) caller.close()
    const found = async () => {
      const { response } = await consumer.call(registryStoredQuery, query, { url: here.deployment.urls.gateway })
      return response.result?.documentEntries.map(({ uniqueId }) => uniqueId) ?? []
    }
    for (let tries = 0; tries < 60 && !(await found()).includes(kept.uniqueId); tries += 1) {
      await systemPorts.clock.sleep(500)
    }
    expect(await found()).to.include(kept.uniqueId)
  })

  it('answer each question by a request of their own where they are asked so [ITI TF-1: 18.2.2, ITI TF-2:3.38.1, 3.39.1]', async () => {
    const [here, there] = sides as [(typeof sides)[0], (typeof sides)[0]]
    const url = here.deployment.urls.gateway
    const home = there.config.gateway?.homeCommunityId
    const delivered = () => counted('xds_replies_delivered_total', there.config)
    const before = await delivered()
    const { result, errors } = (await consumer.call(registryStoredQuery, query, { url })).response
    expect(errors).to.deep.equal([])
    const [later] = result?.documentEntries.filter(({ homeCommunityId }) => homeCommunityId === home) ?? []
    const named = { homeCommunityId: home ?? '', repositoryUniqueId: there.deployment.repositoryUniqueId }
    const wanted = { ...named, documentUniqueId: later?.uniqueId ?? '' }
    const retrieved = await consumer.call(retrieveDocumentSet, { documents: [wanted] }, { url })
    expect(String(await bytesFrom(retrieved.response.documents[0]?.open() ?? []))).to.equal('found later')
    const image = { ...named, studyInstanceUID: '2.999.71', seriesInstanceUID: '2.999.72' }
    const images = {
      documents: [{ ...image, documentUniqueId: '2.999.70.1' }],
      transferSyntaxUIDs: ['1.2.840.10008.1.2.1'],
    }
    const seen = await consumer.call(retrieveImagingDocumentSet, images, { url })
    expect(await bytesFrom(seen.response.documents[0]?.open() ?? [])).to.have.length.above(1_500_000)
    const { entry, request } = aDocument(samplePatientId, Buffer.from('taken later'))
    const homes = [home ?? '']
    const provided = await consumer.call(provideAndRegisterThrough, { ...request, homes }, { url })
    expect(provided.response).to.deep.equal({ status: 'Success', errors: [] })
    const source = aSource(there.deployment)
    expect(String(await source.retrieve(entry.uniqueId ?? ''))).to.equal('taken later')
    source.close()
    await eventually(delivered, before + 4)
    expect(await counted('xca_answers_taken_total', here.config)).to.be.at.least(4)
    const doctor = await carnet(here.deployment.folder, 'community', 'doctor')
    expect([doctor.code, doctor.printed]).to.satisfy(
      ([code, text]: [number, string]) => code === 0 && text.includes('a test fetch by ITI-63: it has nothing of'),
    )
    await eventually(delivered, before + 6)
    await eventually(() => counted('xca_awaited_answers', here.config), 0)
  })

  it('find the question of a deferred answer when the gateway that asked was started anew [ITI TF-2:3.55.6.2]', async () => {
    const [here, there] = sides as [(typeof sides)[0], (typeof sides)[0]]
    const identity = await there.deployment.identity('patient-index')
    const tls = { ...identity, ca: `${identity.ca}${here.deployment.partner.ca}` }
    const { played, asked } = await aDeferringIndex(tls)
    const file = join(here.deployment.folder, 'communities.json')
    const before = readFileSync(file)
    const anew = async () => {
      await gateways[0]?.close(1_000)
      gateways[0] = await runService('gateway', here.config, systemPorts)
    }
    const index = openCaller({ tls, ports: systemPorts })
    try {
      edit(file, ([other]) =>
        Object.assign(other!, { discovery: `https://localhost:${played.port}/index`, timeoutMs: 2_000 }),
      )
      await anew()
      const url = here.deployment.urls.gateway
      const early = await consumer.call(registryStoredQuery, query, { url })
      expect(early.response.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSUnavailableCommunity'])
      await anew()
      const [{ request, messageID }] = asked as [(typeof asked)[0]]
      const id = { root: '2.999.5', extension: 'deferred' }
      const answer: DemographicsAnswer = {
        ...{ messageId: id, targetMessageId: request.messageId, queryId: request.queryId, problems: [] },
        queryXml: request.queryXml,
        ...{ acknowledgement: 'AA', responseCode: 'NF', patients: [] },
      }
      const relatesTo = `<wsa:RelatesTo xmlns:wsa="http://www.w3.org/2005/08/addressing">${messageID}</wsa:RelatesTo>`
      const options = { url: request.respondTo ?? '', headers: [relatesTo] }
      expect((await index.call(deferredDiscoveryAnswer, answer, options)).response.typeCode).to.equal('CA')
      expect((await index.call(deferredDiscoveryAnswer, answer, options)).response.typeCode).to.equal('CE')
      const { response } = await consumer.call(registryStoredQuery, query, { url })
      expect([response.status, response.errors, asked.length]).to.deep.equal(['Success', [], 1])
    } finally {
      index.close()
      await played.close(0)
      writeFileSync(file, before)
      await anew()
    }
  })

  it('let no stranger ask across [ITI TF-2:3.19]', async () => {
    const url = sides[1]!.deployment.urls.gateway
    const refusal = await consumer.call(crossGatewayQuery, query, { url }).catch(problem => problem)
    expect(refusal).to.be.instanceOf(Error)
  })

  it('answer in part when the other is gone [ITI TF-2:3.38.4.1.3]', async () => {
    await gateways.pop()?.close(1_000)
    const { response } = await consumer.call(registryStoredQuery, query, { url: sides[0]!.deployment.urls.gateway })
    expect([response.status, response.errors.map(({ errorCode }) => errorCode)]).to.deep.equal([
      'PartialSuccess',
      ['XDSUnavailableCommunity'],
    ])
    expect(response.result?.documentEntries).to.have.length(1)
    const { folder } = sides[0]!.deployment
    const partial = await carnet(folder, 'query', '--patient', samplePatientId, '--everywhere')
    expect(partial.code).to.equal(3)
    expect(partial.printed).to.match(/1 document\(s\)/)
    expect(partial.complained).to.contain('This is not all there may be').and.to.contain('XDSUnavailableCommunity')
    const doctor = await carnet(folder, 'community', 'doctor', 'Other')
    expect([doctor.code, doctor.printed]).to.satisfy(
      ([code, text]: [number, string]) =>
        code === 1 && /^failed +certificate of https.*nothing listens there/m.test(text),
    )
  })
})

function aDocument(patientId: string, bytes: Buffer) {
  const entry = anEntry({ patientId })
  const open = () => [bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]
  const content = contentToSend({ contentType: entry.mimeType, sizeBytes: bytes.length, open })
  const submission = aSubmission({ patientId, documentEntries: [entry] })
  return { entry, request: { submission, documents: [{ id: entry.entryUUID, content }] } }
}

/** A patient index that takes questions in deferred mode, and answers none by itself. */
async function aDeferringIndex(tls: TlsIdentity) {
  const asked: { request: DemographicsQuery; messageID: string | undefined }[] = []
  const { network, randomness } = systemPorts
  const spool = openSpool({ ...systemPorts, folder: '', inMemoryBytes: Number.MAX_SAFE_INTEGER })
  const limits = { envelopeBytes: 2 ** 20, inlineDocumentBytes: 0, attachmentBytes: 0, attachments: 0 }
  const played = await network.serveHttps({ host: '127.0.0.1', port: 0, tls }, async ({ headers, body }, reply) => {
    const message = await readMessage({ headers, body }, { limits, spool })
    const request = deferredPatientDiscovery.request.decode(message.body!, message)
    asked.push({ request, messageID: message.addressing.messageID })
    const said = deferredPatientDiscovery.response.encode(acknowledged({ ...request, patientIds: [] }, 'CA'))
    const { responseAction: action } = deferredPatientDiscovery
    const { contentType, pieces } = writeMessage({ form: 'plain', action, body: said }, randomness)
    reply.start(200, { 'content-type': contentType })
    for await (const piece of pieces) reply.stream.write(piece)
    reply.stream.end()
  })
  return { played, asked }
}

async function eventually(found: () => Promise<number>, wanted: number): Promise<void> {
  await until(async () => (await found()) === wanted).catch(() => {})
  expect(await found()).to.equal(wanted)
}

async function configOf({ folder }: RunningDeployment): Promise<CarnetConfig> {
  const flags = await flagsOfRun(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  return loadConfig(join(folder, 'carnet.json'), systemPorts, flags)
}

function edit(file: string, change: (list: Record<string, unknown>[]) => void): void {
  const list = JSON.parse(readFileSync(file, 'utf8'))
  change(list)
  writeFileSync(file, JSON.stringify(list))
}

/** As an operator does it. Patients have the same ids here and there, so that nobody is asked for them. */
async function addTo(folder: string, other: string): Promise<void> {
  const file = join(folder, 'other.json')
  await carnet(other, 'community', 'describe', '--name', 'Other', '-o', file)
  const { discovery: _, patientDomain: __, ...description } = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify(description))
  const { code, complained } = await carnet(folder, 'community', 'add', file)
  expect([code, complained]).to.deep.equal([0, ''])
}

async function carnet(data: string, ...args: string[]) {
  const terminal = playedTerminal(data)
  await run([...args, '--data', data], { ports: systemPorts, terminal })
  return { code: terminal.exitCode, printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
}
