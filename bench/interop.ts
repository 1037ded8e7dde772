// Recorded messages of other systems against a running Carnet: `node dist/bench/interop.js FOLDER`.
// FOLDER holds epd-by-example/ and cara-iti43/, as recorded: bare envelopes, HTTP dumps, audit messages.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { type Reading, readAnswer } from './answers.js'
import { holds, same, startChecks } from './checks.js'
import { type Deployment, deploy, type Identity, pause } from './deployment.js'
import { type Answer, httpRequest, openConnection } from './http-connection.js'
import {
  findDocuments,
  freshOid,
  type Message,
  patientAdded,
  plain,
  provideAndRegister,
  retrieve,
  sha1Of,
} from './messages.js'
import { checkRecordedAnswers } from './recorded-answers.js'

const folder = process.argv[2]
if (folder === undefined) {
  console.error('node dist/bench/interop.js FOLDER')
  process.exit(64)
}
const samples = join(folder, 'epd-by-example', 'samples')
const repaired = join(folder, 'epd-by-example', 'derived', 'ITI-41_request_repaired.http')
const cara = join(folder, 'cara-iti43')

const patientOfSample = 'CHPAM3946^^^&1.3.6.1.4.1.12559.11.20.1&ISO'
const documentOfSample = {
  uniqueId: '2.25.267241352778226683619515102048382761723',
  sha1: 'b4a0fa3dcdb340271f4a3ccf76a52f09a243b465',
}

const { check, conclude } = startChecks()
const carnet = await deploy([])
try {
  await registryAnswers(carnet)
  await repositoryAnswers(carnet)
  await patientIndexAnswers(carnet)
  await auditServiceKeeps(carnet)
} finally {
  await carnet.stop()
}
const swiss = await deploy(['--profile', 'ch-epr'])
try {
  await swissProfileAnswers(swiss)
} finally {
  await swiss.stop()
}
await checkRecordedAnswers(check, { samples, cara })
conclude()

async function registryAnswers(to: Deployment): Promise<void> {
  await check('ITI-18 request: empty answer on an empty registry', async () => {
    await announce(to, '7e1c6e78-58f1-4a43-ae88-0d5a5c4ab43e', '1.3.6.1.4.1.21367.2017.2.5.45')
    const answer = await send(to.urls.registry, plain(text('ITI-18_request_raw.xml')), to.client)
    same([answer.status, answer.references, answer.errors], ['Success', [], []], 'answer')
  })
  await check('ITI-44 request: acknowledged with CA, and both ids known afterwards', async () => {
    const answer = await send(to.urls.registry, plain(text('ITI-44_request_raw.xml')), to.admin)
    same(answer.acknowledgement, 'CA', 'acknowledgement')
    for (const patientId of [
      'TestSystemId^^^&1.3.6.1.4.1.21367.2017.2.5.89&ISO',
      '761337610435201235^^^&2.16.756.5.30.1.127.3.10.3&ISO',
    ]) {
      const submitted = await send(
        to.urls.repository,
        provideAndRegister({ uniqueId: freshOid(), patientId }, Buffer.from('x')),
        to.client,
      )
      same([submitted.status, submitted.errors], ['Success', []], `submission for ${patientId}`)
    }
  })
}

async function patientIndexAnswers(to: Deployment): Promise<void> {
  const url = `https://localhost:${to.portBase + 5}/patient-index`
  const feed = text('ITI-44_request_raw.xml')
  await check('patient index: ITI-44 request acknowledged, with who it is', async () => {
    same((await send(url, plain(feed), to.admin)).acknowledgement, 'CA', 'acknowledgement')
  })
  await check(
    'patient index: ITI-45 and ITI-47 requests refused with where they are wrong, then answered',
    async () => {
      const ask = async (name: string) => bare(await post(url, plain(text(name)), to.client))
      for (const name of ['ITI-45_request_raw.xml', 'ITI-47_request_raw.xml']) {
        const answer = await ask(name)
        holds(/<typeCode code="AE"\/>/.test(answer), `${name}: ${answer.slice(0, 2_000)}`)
        holds(answer.includes('<code code="204"'), `${name}: no 204`)
      }
      // The same person by the ids that the requests ask for.
      const ids = [
        ['900010', '1.3.6.1.4.1.21367.2017.2.5.103'],
        ['7f2e05e6-673e-44b6-8b76-e17ac58ea80f', '1.3.6.1.4.1.21367.2017.2.5.93'],
        ['08242eb8-dd47-4298-8d2f-25d60114f137', '1.1.1.2.2'],
        ['761337610435209810', '2.16.756.5.30.1.127.3.10.3'],
      ].map(([extension, root]) => `<id extension="${extension}" root="${root}"/>`)
      const known = feed.replace(/(<patient classCode="PAT">)[\s\S]*?(<statusCode)/, `$1${ids.join('')}$2`)
      same((await send(url, plain(known), to.admin)).acknowledgement, 'CA', 'acknowledgement')
      const [pix, pdq] = [await ask('ITI-45_request_raw.xml'), await ask('ITI-47_request_raw.xml')]
      for (const answer of [pix, pdq]) {
        holds(/<queryResponseCode code="OK"\/>/.test(answer), answer.slice(0, 2_000))
        for (const id of ids.slice(1, 2)) holds(answer.includes(id.match(/extension="([^"]*)"/)?.[1] ?? '-'), 'no id')
      }
      holds(pdq.includes('<family>Muster</family>') && pdq.includes('value="19600618"'), 'no name, no birthday')
    },
  )
}

async function repositoryAnswers(to: Deployment): Promise<void> {
  const { repository, registry } = to.urls
  await check('ITI-41 request, patient unknown: refused by name, nothing stored', async () => {
    const answer = await send(repository, dumped(repaired), to.client)
    same([answer.status, answer.errors.map(({ code }) => code)], ['Failure', ['XDSUnknownPatientId']], 'answer')
    same(await retrieved(to, documentOfSample.uniqueId), 'XDSDocumentUniqueIdError', 'retrieval')
  })
  await check('ITI-41 request as captured, damaged: refused as unreadable in a sentence, nothing stored', async () => {
    await announce(to, 'CHPAM3946', '1.3.6.1.4.1.12559.11.20.1')
    const answer = await send(repository, dumped(join(samples, 'ITI-41_request_raw.xml')), to.client)
    holds(
      answer.status !== 'Success' && (answer.fault ?? '').length > 20,
      `a fault was expected: ${JSON.stringify(answer)}`,
    )
    same(await retrieved(to, documentOfSample.uniqueId), 'XDSDocumentUniqueIdError', 'retrieval')
  })
  await check('ITI-41 request repaired, patient known: accepted, found, and its document comes back', async () => {
    const answer = await send(repository, dumped(repaired), to.client)
    same([answer.status, answer.errors], ['Success', []], 'answer')
    const found = await send(registry, findDocuments(patientOfSample), to.client)
    same(found.entries.length, 1, 'entries found')
    for (const fact of [
      'Slot size=6705',
      `Slot hash=${documentOfSample.sha1}`,
      `Slot repositoryUniqueId=${to.repositoryUniqueId}`,
      'Slot urn:e-health-suisse:2020:originalProviderRole=HCP^^^&2.16.756.5.30.1.127.3.10.6&ISO',
    ]) {
      holds(found.entries[0]?.facts.includes(fact) === true, `no "${fact}" in the entry`)
    }
    const back = await send(repository, retrieve(to.repositoryUniqueId, [documentOfSample.uniqueId]), to.client)
    const [document] = back.documents
    same(
      [document?.bytes.length, sha1Of(document?.bytes ?? Buffer.alloc(0))],
      [6705, documentOfSample.sha1],
      'document',
    )
  })
  await check('ITI-43 request of a CXF client: taken, its document is not here', async () => {
    const request = dumped(join(cara, 'iti43-request.http'))
    const answer = await send(repository, request, to.client)
    const [error] = answer.errors
    same(answer.status, 'Failure', 'answer')
    holds(/^XDS(DocumentUniqueIdError|UnknownRepositoryId)$/.test(error?.code ?? ''), JSON.stringify(answer.errors))
  })
  await check('the same, asked of this repository: XDSDocumentUniqueIdError', async () => {
    const { contentType, body } = dumped(join(cara, 'iti43-request.http'))
    const asked = Buffer.from(
      body.toString('latin1').replace(/(<xds:RepositoryUniqueId>)[^<]*/, `$1${to.repositoryUniqueId}`),
      'latin1',
    )
    const answer = await send(repository, { contentType, body: asked }, to.client)
    same([answer.status, answer.errors.map(({ code }) => code)], ['Failure', ['XDSDocumentUniqueIdError']], 'answer')
  })
}

/** The same messages by the rules of the Swiss EPR, whose sources wrote them. */
async function swissProfileAnswers(to: Deployment): Promise<void> {
  const { repository, registry } = to.urls
  await check(
    'ch-epr: ITI-44 request acknowledged with CA; the EPR-SPID names no patient of the community',
    async () => {
      const answer = await send(registry, plain(text('ITI-44_request_raw.xml')), to.admin)
      same(answer.acknowledgement, 'CA', 'acknowledgement')
      const eprSpid = '761337610435201235^^^&2.16.756.5.30.1.127.3.10.3&ISO'
      const submitted = await send(
        repository,
        provideAndRegister({ uniqueId: freshOid(), patientId: eprSpid }, Buffer.from('x')),
        to.client,
      )
      const codes = submitted.errors.map(({ code }) => code)
      holds(codes.includes('XDSUnknownPatientId'), `XDSUnknownPatientId was expected: ${codes}`)
    },
  )
  await check('ch-epr: a patient without EPR-SPID is refused by the feed', async () => {
    const answer = await send(registry, patientAdded('CHPAM3946', '1.3.6.1.4.1.12559.11.20.1'), to.admin)
    same(answer.acknowledgement, 'CE', 'acknowledgement')
  })
  await check('ch-epr: ITI-18 request answered with an empty result', async () => {
    const answer = await send(registry, plain(text('ITI-18_request_raw.xml')), to.client)
    same([answer.status, answer.references, answer.errors], ['Success', [], []], 'answer')
  })
  await check('ch-epr: ITI-41 request repaired, patient known: accepted with nothing to say', async () => {
    const asked = text('ITI-44_request_raw.xml')
      .replaceAll('TestSystemId', 'CHPAM3946')
      .replaceAll('1.3.6.1.4.1.21367.2017.2.5.89', '1.3.6.1.4.1.12559.11.20.1')
    const announced = await send(registry, plain(asked), to.admin)
    same(announced.acknowledgement, 'CA', 'acknowledgement')
    const answer = await send(repository, dumped(repaired), to.client)
    same([answer.status, answer.errors], ['Success', []], 'answer')
    const found = await send(registry, findDocuments(patientOfSample), to.client)
    same(found.entries.length, 1, 'entries found')
  })
  await check('ch-epr: what a source of another domain submits is refused, each rule by name', async () => {
    const message = provideAndRegister({ uniqueId: freshOid(), patientId: patientOfSample }, Buffer.from('x'))
    const answer = await send(repository, message, to.client)
    same(answer.status, 'Failure', 'answer')
    holds(
      answer.errors.every(({ code }) => code === 'XDSRegistryMetadataError'),
      JSON.stringify(answer.errors),
    )
  })
}

async function auditServiceKeeps(to: Deployment): Promise<void> {
  for (const name of readdirSync(samples).filter(file => /^iti-\d+-log\.xml$/.test(file))) {
    await check(`audit message ${name}: stored and shown as it came`, async () => {
      const message = text(name)
      await sendSyslog(to, message)
      holds(await kept(to, message), 'it is not among the newest records')
    })
  }
}

/** A frame of RFC 5425 around a message of RFC 5424. */
function sendSyslog(to: Deployment, message: string): Promise<void> {
  const line = Buffer.from(`<85>1 ${new Date().toISOString()} sample.example sample 1 IHE+RFC-3881 - ${message}`)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: to.portBase + 14, servername: 'localhost', ...to.client })
    socket.once('error', reject)
    socket.once('close', () => resolve())
    socket.resume().end(Buffer.concat([Buffer.from(`${line.length} `), line]))
  })
}

async function kept(to: Deployment, message: string): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await audited(to, 'newest=1&limit=1000')
    const { records } = JSON.parse(answer) as { records: { id: number; host?: string }[] }
    // Our own readings of the log are in it too.
    for (const { id } of records.filter(({ host }) => host === 'sample.example')) {
      if ((await audited(to, `id=${id}&format=xml`)).trim() === message.trim()) return true
    }
    await pause(250)
  }
  return false
}

async function audited(to: Deployment, query: string): Promise<string> {
  const url = new URL(`${to.urls.audit}/records?${query}`)
  const connection = await openConnection(url, to.admin)
  try {
    return (await connection.send(httpRequest('GET', url, {}))).body.toString()
  } finally {
    connection.close()
  }
}

async function announce(to: Deployment, extension: string, authority: string): Promise<void> {
  const answer = await send(to.urls.registry, patientAdded(extension, authority), to.admin)
  same(answer.acknowledgement, 'CA', `announcing ${extension}`)
}

/** Code of the error with which a document is not given out. */
async function retrieved(to: Deployment, uniqueId: string): Promise<string | undefined> {
  const answer = await send(to.urls.repository, retrieve(to.repositoryUniqueId, [uniqueId]), to.client)
  return answer.errors[0]?.code
}

async function send(url: string, message: Message, tls: Identity): Promise<Reading> {
  return readAnswer(await post(url, message, tls))
}

function bare({ body }: Answer): string {
  return body.toString()
}

async function post(url: string, message: Message, tls: Identity): Promise<Answer> {
  const target = new URL(url)
  const connection = await openConnection(target, tls)
  try {
    return await connection.send(httpRequest('POST', target, message))
  } finally {
    connection.close()
  }
}

function text(name: string): string {
  return readFileSync(join(samples, name), 'utf8')
}

/** Content type and body of an HTTP dump; the other headers were another connection's. */
function dumped(path: string): Message {
  const bytes = readFileSync(path)
  const [end, length] = bytes.includes('\r\n\r\n') ? [bytes.indexOf('\r\n\r\n'), 4] : [bytes.indexOf('\n\n'), 2]
  const head = bytes.toString('latin1', 0, end)
  const contentType = /^content-type: *(.*?)\r?$/im.exec(head)?.[1] ?? ''
  return { contentType, body: bytes.subarray(end + length) }
}
