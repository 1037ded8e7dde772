import type { Duplex } from 'node:stream'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { searchAudit } from '../../../atna-audit/repository/search.js'
import { type AuditRepository, openAuditRepository } from '../../../atna-audit/repository/service-parts.js'
import { acknowledgedSyslog } from '../../../atna-audit/syslog.js'
import type { HttpReply, HttpRequest } from '../../../ports/network.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import type { Partner } from '../../../server/actor.js'
import { until } from '../../house/waiting.js'
import { certificates, silent } from '../loopback.js'
import { withToken } from './messages.js'

const admin: Partner = { name: 'auditor', roles: new Set(['admin']), address: '10.0.0.8' }
const frame = `<85>1 - portal.example portal 7 IHE+RFC-3881 - ${withToken}`

describe('the audit repository, over mutual TLS', () => {
  let repository: AuditRepository
  const opened: Duplex[] = []

  beforeEach(async () => {
    repository = await open(':memory:')
  })
  afterEach(async () => {
    for (const stream of opened.splice(0)) stream.destroy()
    await repository.close(0)
  })

  async function open(database: string): Promise<AuditRepository> {
    return openAuditRepository({
      config: { database, syslog: { host: '127.0.0.1', port: 0, maxMessageBytes: 100_000 } },
      trust: { identity: (await certificates()).service },
      source: { auditSourceID: 'carnet-atna-audit', appName: 'carnet-atna-audit' },
      origin: 'https://localhost:8443',
      ports,
      log: silent,
    })
  }

  async function connect(protocols?: string[]): Promise<Duplex> {
    const tls = (await certificates()).service
    const { port } = repository.listener
    const { stream } = await ports.network.connectTls({ host: '127.0.0.1', port, tls, protocols, timeoutMs: 5_000 })
    stream.on('error', () => undefined)
    opened.push(stream)
    return stream
  }

  const records = () => searchAudit(repository.store, { limit: 1_000 })
  const texts = () => records().map(one => Buffer.from(one.frame).toString())

  async function get(
    url: string,
    partner = admin,
    method = 'GET',
  ): Promise<{ status: number; type?: string; body: string }> {
    const stream = new PassThrough()
    const answer: { status: number; type?: string } = { status: 0 }
    const reply: HttpReply = {
      start: (status, headers) => Object.assign(answer, { status, type: headers['content-type'] }),
      stream,
      abort: () => undefined,
    }
    const request: HttpRequest = {
      method,
      url,
      headers: {},
      body: Readable.from([]),
      remoteAddress: '10.0.0.8',
      peer: undefined,
    }
    await repository.handleHttp(request, reply, partner)
    return { ...answer, body: await text(stream) }
  }

  async function getJson(url: string): Promise<Record<string, unknown>[]> {
    return (JSON.parse((await get(url)).body) as { records: Record<string, unknown>[] }).records
  }

  it('begins with the record of its own start [TF-2:3.20.4.1.1.1]', () => {
    expect(texts().length).to.equal(1)
    expect(texts()[0]).to.contain('csd-code="110120"')
  })

  it('takes messages with and without counts, several a connection, garbage too, and loses none [TF-2:3.20.4.1.3]', async () => {
    const stream = await connect()
    const counted = `${Buffer.byteLength(frame)} ${frame}`
    stream.write(`${counted}-3 `)
    stream.write(`garbage\n\x1b[31m\n${frame}\n`)
    stream.end(counted)
    await until(() => records().length === 5, 'four frames are kept')
    expect(texts().slice(1)).to.deep.equal([frame, '-3 garbage\n\x1b[31m', frame, frame])
    expect(records()[2]?.problem).to.contain('no octet count')
  })

  it('keeps the last message of a sender without counts once it pauses', async () => {
    const stream = await connect()
    stream.write(`${frame}\n`)
    await until(() => records().length === 2, 'the message is kept although the connection stays')
  })

  it('keeps a message that is too long as far as its bound, and says so', async () => {
    const stream = await connect()
    stream.end(`200000 <85>1 - h a p m - ${'x'.repeat(199_000)}`)
    await until(() => records().length === 2, 'the beginning is kept')
    expect(records()[1]?.frame.byteLength).to.equal(100_000)
    expect(records()[1]?.problem).to.contain('cut at 100000 of')
  })

  it('acknowledges what is on the disk, to those that asked for it', async () => {
    const stream = await connect([acknowledgedSyslog])
    let said = ''
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString()
    })
    for (let count = 1; count <= 3; count += 1) {
      stream.write(`${Buffer.byteLength(frame) + 1} ${frame}${count}`)
      await until(() => said.endsWith(`${count}\n`), 'the acknowledgement comes')
      expect(records().length).to.equal(1 + count)
    }
    stream.write(`${Buffer.byteLength(frame)} ${frame.slice(0, 100)}`)
    stream.destroy()
    await ports.clock.sleep(50)
    expect(records().length).to.equal(4)
  })

  it('takes a sender that offers another protocol, and never speaks to it', async () => {
    const stream = await connect(['something/else'])
    stream.on('data', () => expect.fail('nobody asked'))
    stream.write(`${Buffer.byteLength(frame)} ${frame}`)
    await until(() => records().length === 2, 'the message is kept')
  })

  it('shows records as JSON, and a message as it came', async () => {
    await repository.ingest(Buffer.from(frame), 'test')
    const [record, ...more] = await getJson('/audit/records?trace=0af7651916cd43dd8448eb211c80319c')
    expect(more).to.deep.equal([])
    expect(record).to.deep.include({
      id: 2,
      origin: 'test',
      host: 'portal.example',
      application: 'portal',
      eventDateTime: '2026-03-04T10:11:12.123456789',
      event: { code: '110107', system: 'DCM', text: 'Import' },
      type: { code: 'ITI-43', system: 'IHE Transactions', text: 'Retrieve Document Set' },
      action: 'C',
      outcome: 0,
      source: 'portal',
      patients: [],
      trace: '0af7651916cd43dd8448eb211c80319c',
    })
    const xml = await get('/audit/records?id=2&format=xml')
    expect([xml.status, xml.type, xml.body]).to.deep.equal([200, 'application/xml', withToken])
  })

  it('writes down who reads it; the same question again, at most once a minute [DICOM PS3.15 A.5.3.2]', async () => {
    for (const after of [0, 1, 2]) await get(`/audit/records?limit=10&after=${after}`)
    await get('/audit/records?patient=P')
    const readings = (await getJson('/audit/records?type=110101')).map(
      one => one as { objects: { id: string; details: unknown }[] },
    )
    expect(readings.map(({ objects }) => [objects[0]?.id, objects[0]?.details])).to.deep.equal([
      ['https://localhost:8443/audit/records', [{ type: 'Request', value: 'limit=10&after=0' }]],
      ['https://localhost:8443/audit/records', [{ type: 'Request', value: 'patient=P' }]],
      ['https://localhost:8443/audit/records', [{ type: 'Request', value: 'type=110101' }]],
    ])
  })

  it('is read by administrators only, and refusals are written down', async () => {
    const refused = await get('/audit/records', { ...admin, name: 'eve', roles: new Set(['source']) })
    expect(refused.status).to.equal(403)
    expect(refused.body).to.contain('needs the role admin')
    const [record] = await getJson('/audit/records?user=eve')
    expect(record?.outcome).to.equal(8)
  })

  for (const [url, method, status] of [
    ['/audit/records?id=999', 'GET', 404],
    ['/audit/record', 'GET', 404],
    ['/audit/records', 'POST', 405],
    ['/audit/records?limit=many', 'GET', 400],
    ['//evil/audit/records', 'GET', 404],
  ] as const) {
    it(`answers ${method} ${url} with ${status}`, async () =>
      expect((await get(url, admin, method)).status).to.equal(status))
  }

  it('says why when it cannot be read', async () => {
    await repository.store.close()
    const answer = await get('/audit/records')
    expect(answer.status).to.equal(503)
    expect(JSON.parse(answer.body)).to.have.property('problem')
    await repository.close(0)
    repository = await open(':memory:')
  })

  it('ends with the record of its stop, after all that has come [TF-2:3.20.4.1.1.1]', async () => {
    const folder = await ports.files.temporaryFolder('carnet-audit-')
    const path = `${folder}/audit.db`
    await repository.close(0)
    repository = await open(path)
    void repository.ingest(Buffer.from(frame), 'test')
    await repository.close(1_000)
    repository = await open(path)
    const types = texts().map(one => /<EventTypeCode csd-code="([^"]*)"/.exec(one)?.[1])
    expect(types).to.deep.equal(['110120', 'ITI-43', '110121', '110120'])
    await repository.close(0)
    await ports.files.removeFolder(folder)
    repository = await open(':memory:')
  })
})
