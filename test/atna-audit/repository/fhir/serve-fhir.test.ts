import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { AuditEvent } from '../../../../atna-audit/repository/fhir/audit-event.js'
import type { FhirObject } from '../../../../atna-audit/repository/fhir/fhir-json.js'
import { resourceOfXml, resourceXml } from '../../../../atna-audit/repository/fhir/fhir-xml.js'
import { searchAudit } from '../../../../atna-audit/repository/search.js'
import { type AuditRepository, openAuditRepository } from '../../../../atna-audit/repository/service-parts.js'
import type { HttpReply } from '../../../../ports/network.js'
import { systemPorts } from '../../../../ports/ports.js'
import type { Partner } from '../../../../server/actor.js'
import { certificates, silent } from '../../loopback.js'
import { withToken } from '../messages.js'

/** A page is short where the machine was slow; by this clock it never is. */
const ports = { ...systemPorts, clock: { ...systemPorts.clock, monotonicMs: () => 0 } }

const auditor: Partner = { name: 'auditor', roles: new Set(['auditor']), address: '10.0.0.8' }
const app: Partner = { name: 'app', roles: new Set(['source']), address: '10.0.0.9' }
const frame = `<85>1 - portal.example portal 7 IHE+RFC-3881 - ${withToken}`

function anEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    resourceType: 'AuditEvent',
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110112', display: 'Query' },
    subtype: [{ system: 'urn:ihe:event-type-code', code: 'ITI-67', display: 'Find Document References' }],
    action: 'E',
    recorded: '2026-03-04T10:11:12.345Z',
    outcome: '0',
    agent: [{ who: { identifier: { value: 'app-1' } }, name: 'An app', requestor: true }],
    source: { site: '2.999.7', observer: { display: 'An app' } },
    entity: [
      {
        what: { identifier: { system: 'urn:oid:2.16.756.5.30.1.127.3.10.3', value: '761337610411353650' } },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
      },
    ],
    ...changes,
  }
}

interface Told {
  status: number
  headers: Record<string, string>
  body: string
}

describe('the RESTful side of the audit repository', () => {
  let repository: AuditRepository

  beforeEach(async () => {
    repository = await openAuditRepository({
      config: { database: ':memory:', syslog: { host: '127.0.0.1', port: 0, maxMessageBytes: 20_000 } },
      trust: { identity: (await certificates()).service },
      source: { auditSourceID: 'carnet-atna-audit', appName: 'carnet-atna-audit' },
      origin: 'https://localhost:8443',
      ports,
      log: silent,
    })
  })
  afterEach(() => repository.close(0))

  async function ask(
    method: string,
    url: string,
    {
      body,
      partner = auditor,
      ...headers
    }: { body?: string | Buffer; partner?: Partner } & Record<string, unknown> = {},
  ): Promise<Told> {
    const stream = new PassThrough()
    const told: Told = { status: 0, headers: {}, body: '' }
    const reply: HttpReply = {
      start: (status, headers) => Object.assign(told, { status, headers }),
      stream,
      abort: () => expect.fail('the answer was broken off'),
    }
    const request = {
      method,
      url,
      headers: headers as Record<string, string>,
      body: Readable.from(body === undefined ? [] : [Buffer.from(body)]),
      remoteAddress: '10.0.0.8',
      peer: undefined,
    }
    await repository.handleHttp(request, reply, partner)
    return { ...told, body: await text(stream) }
  }

  const post = (resource: object, more: object = {}) =>
    ask('POST', '/audit/fhir/AuditEvent', {
      body: JSON.stringify(resource),
      'content-type': 'application/fhir+json',
      partner: app,
      ...more,
    })
  const json = ({ body }: Told) => JSON.parse(body) as FhirObject
  const found = async (query: string) => {
    const bundle = json(await ask('GET', `/audit/fhir/AuditEvent?${query}`)) as { entry?: { resource: AuditEvent }[] }
    return (bundle.entry ?? []).map(({ resource }) => resource)
  }
  const size = () => searchAudit(repository.store, { limit: 1_000 }).length

  it('takes an AuditEvent and says where it is [TF-2:3.20.4.1]', async () => {
    const told = await post(anEvent())
    expect([told.status, told.headers.location]).to.deep.equal([201, 'https://localhost:8443/audit/fhir/AuditEvent/2'])
    const read = json(await ask('GET', '/audit/fhir/AuditEvent/2'))
    expect(read).to.deep.include({ ...anEvent(), id: '2' })
  })

  it('takes the same in XML, and gives it in either form', async () => {
    const body = resourceXml({ ...anEvent() })
    const told = await ask('POST', '/audit/fhir/AuditEvent', {
      body,
      'content-type': 'application/fhir+xml',
      partner: app,
      accept: 'application/fhir+xml',
    })
    expect([told.status, told.headers['content-type']]).to.deep.equal([201, 'application/fhir+xml; charset=utf-8'])
    const read = await ask('GET', '/audit/fhir/AuditEvent/2?_format=xml')
    expect(resourceOfXml(Buffer.from(read.body))).to.deep.include({ ...anEvent(), id: '2' })
  })

  it('keeps what a sender sends again once, where the time tells events apart', async () => {
    const first = await post(anEvent())
    expect((await post(anEvent())).headers.location).to.equal(first.headers.location)
    const inSeconds = anEvent({ recorded: '2026-03-04T10:11:12Z' })
    await post(inSeconds)
    await post(inSeconds)
    expect(size()).to.equal(4)
  })

  it('takes what is good of a batch, and says of each entry what became of it [FHIR R4: http.html#transaction]', async () => {
    const { recorded: _, ...timeless } = anEvent()
    const entry = [anEvent(), timeless, anEvent({ action: 'R' })].map(resource => ({
      resource,
      request: { method: 'POST', url: 'AuditEvent' },
    }))
    const send = (type: string) =>
      ask('POST', '/audit/fhir', { body: JSON.stringify({ resourceType: 'Bundle', type, entry }), partner: app })
    const refused = await send('transaction')
    expect([refused.status, size()]).to.deep.equal([422, 1])
    expect(refused.body).to.contain('AuditEvent.recorded is missing')
    const told = json(await send('batch')) as { type: string; entry: { response: { status: string } }[] }
    expect([told.type, told.entry.map(({ response }) => response.status)]).to.deep.equal([
      'batch-response',
      ['201', '422', '201'],
    ])
    expect(size()).to.equal(3)
  })

  const faulty: [what: string, body: string | Buffer, status: number, words: string, more?: object][] = [
    ['no JSON', '{"resourceType":', 400, 'cannot be read'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'cannot be read'],
    ['another resource', '{"resourceType":"Patient"}', 422, 'no AuditEvent but Patient'],
    ['an event without agents', JSON.stringify({ ...anEvent(), agent: undefined }), 422, 'AuditEvent.agent is missing'],
    ['an event with a wrong outcome', JSON.stringify(anEvent({ outcome: '1' })), 422, 'expected one of 0, 4, 8, 12'],
    ['more than a request may have', JSON.stringify(anEvent({ outcomeDesc: 'x'.repeat(30_000) })), 413, '20000 bytes'],
    ['another form', 'a=b', 415, 'text/plain is not taken', { 'content-type': 'text/plain' }],
    [
      'an entity from outside',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><AuditEvent xmlns="http://hl7.org/fhir"/>',
      400,
      'cannot be read',
      { 'content-type': 'application/fhir+xml' },
    ],
  ]
  for (const [what, body, status, words, more = {}] of faulty) {
    it(`refuses ${what}, in words and with the trace`, async () => {
      const told = await ask('POST', '/audit/fhir/AuditEvent', {
        body,
        'content-type': 'application/fhir+json',
        partner: app,
        ...more,
      })
      expect(told.status).to.equal(status)
      expect(told.body)
        .to.contain(words)
        .and.to.match(/trace [0-9a-f]{32}/)
      expect(size()).to.equal(1)
    })
  }

  it('finds records of syslog and of the feed alike [TF-2:3.81.4.1.2]', async () => {
    await repository.ingest(Buffer.from(frame), 'test')
    await post(anEvent())
    const questions: Record<string, string[]> = {
      'date=ge2026-03-04&date=le2026-03-04': ['3', '2'],
      'date=2026-03&_sort=-date': ['3', '2'],
      'date=lt2026-03-04T10:11:12.200Z': ['2'],
      'date=gt2026-03-05&subtype=ITI-67': [],
      'entity.identifier=urn:oid:2.16.756.5.30.1.127.3.10.3|761337610411353650': ['3'],
      'patient.identifier=urn:oid:2.16.756.5.30.1.127.3.10.3|761337610411353650': ['3'],
      'entity.identifier=|1.2.3': ['2'],
      'entity.identifier=1.2.3,761337610411353650': ['3', '2'],
      'agent.identifier=7601000000000': ['2'],
      'agent-name=dr. jane': ['2'],
      'agent-role=urn:oid:2.16.756.5.30.1.127.3.10.6|HCP': ['2'],
      'entity-role=24': [],
      'type=http://dicom.nema.org/resources/ontology/DCM|110112': ['3'],
      'subtype=urn:ihe:event-type-code|ITI-43': ['2'],
      'outcome=0&action=C': ['2'],
      'outcome=8': [],
      'site=2.999.7&source=portal': ['2'],
      'address=10.9.9.9': [],
    }
    for (const [query, ids] of Object.entries(questions)) {
      const own = (await found(`${query}&site=2.999.7`)).map(({ id }) => id)
      expect(own, query).to.deep.equal(ids)
    }
  })

  it('finds groups, patients of any system, and documents of an authority [FHIR R4: search.html#token]', async () => {
    const resources = 'http://hl7.org/fhir/resource-types'
    const role = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/object-role', code })
    const groups = '2.16.756.5.30.1.127.3.10.14'
    const group = {
      who: { identifier: { value: 'urn:oid:2.999.70' } },
      name: 'Ward Two',
      role: [{ coding: [{ system: `urn:oid:${groups}`, code: 'GRP' }] }],
      requestor: false,
    }
    await post(
      anEvent({
        agent: [...anEvent().agent, group],
        entity: [
          {
            what: { identifier: { system: 'http://hospital.example/patients', value: 'P9' } },
            type: { system: resources, code: 'Patient' },
            role: role('1'),
          },
          {
            what: { identifier: { system: 'urn:oid:2.999.8', value: 'D9' } },
            type: { system: resources, code: 'DocumentReference' },
            role: role('3'),
          },
        ],
      }),
    )
    for (const query of [
      'agent.identifier=urn:oid:2.999.70',
      'user=urn:oid:2.999.70,nobody',
      'entity.identifier=http://hospital.example/patients|P9',
      'patient.identifier=http://hospital.example/patients|P9',
      'entity.identifier=urn:oid:2.999.8|D9',
      'action=http://hl7.org/fhir/audit-event-action|E',
    ])
      expect(
        (await found(`${query}&subtype=ITI-67`)).map(({ id }) => id),
        query,
      ).to.deep.equal(['2'])
    expect(await found('subtype=ITI-67&_count=0')).to.deep.equal([])
  })

  it('takes nothing that a page of another site has sent by somebody’s browser [Fetch Metadata: 2.3]', async () => {
    // A Blob without a type: the browser asks nobody before.
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
      expect((await post(anEvent(), { 'content-type': undefined, ...headers })).status).to.equal(403)
    expect(size()).to.equal(1)
    expect((await post(anEvent(), { origin: 'https://localhost:8443' })).status).to.equal(201)
  })

  it('gives nothing that a browser would run, whatever a sender has written', async () => {
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'
    await post(anEvent({ text: { status: 'generated', div } }))
    await repository.ingest(Buffer.from(frame), 'test')
    const asAdmin = { partner: { ...auditor, roles: new Set(['admin'] as const) } }
    for (const url of ['/audit/fhir/AuditEvent/2?_format=xml', '/audit/records?id=3&format=xml'])
      expect((await ask('GET', url, asAdmin)).headers['content-security-policy'], url).to.contain('sandbox')
    const json = await ask('GET', '/audit/records?id=2&format=xml', asAdmin)
    expect(json.headers['content-type']).to.equal('application/fhir+json')
  })

  it('gives pages with links, until there is no next', async () => {
    for (let count = 0; count < 5; count += 1) await post(anEvent({ recorded: `2026-03-04T10:11:12.00${count}Z` }))
    let url: string | undefined = '/audit/fhir/AuditEvent?subtype=ITI-67&_count=2'
    const times: string[] = []
    const sizes: number[] = []
    while (url !== undefined) {
      const bundle = json(await ask('GET', url)) as {
        type: string
        link: { relation: string; url: string }[]
        entry?: { fullUrl: string; resource: AuditEvent; search: { mode: string } }[]
      }
      expect(bundle.type).to.equal('searchset')
      expect(bundle.link[0]?.relation).to.equal('self')
      const entries = bundle.entry ?? []
      sizes.push(entries.length)
      for (const { fullUrl, resource, search } of entries) {
        expect([fullUrl, search.mode]).to.deep.equal([
          `https://localhost:8443/audit/fhir/AuditEvent/${resource.id}`,
          'match',
        ])
        times.push(resource.recorded)
      }
      url = bundle.link.find(({ relation }) => relation === 'next')?.url.slice('https://localhost:8443'.length)
    }
    expect(sizes).to.deep.equal([2, 2, 1])
    expect(times).to.deep.equal([4, 3, 2, 1, 0].map(count => `2026-03-04T10:11:12.00${count}Z`))
  })

  it('is searched by auditors only; each search is written down, refused ones too [TF-2:3.81.5]', async () => {
    expect((await ask('GET', '/audit/fhir/AuditEvent?date=2026', { partner: app })).status).to.equal(403)
    await ask('POST', '/audit/fhir/AuditEvent/_search', {
      body: 'date=2026',
      'content-type': 'application/x-www-form-urlencoded',
    })
    const readings = await found('subtype=ITI-81')
    expect(readings.map(({ outcome, agent }) => [outcome, agent[0]?.who?.identifier?.value])).to.deep.equal([
      ['0', 'auditor'],
      ['0', 'auditor'],
      ['8', 'app'],
    ])
    expect(readings[0]?.type.code).to.equal('110101')
    expect(readings[0]?.agent.map(({ type }) => type?.coding?.[0]?.code)).to.deep.equal(['110153', '110152'])
    expect(readings[0]?.entity?.[0]).to.deep.include({ name: 'Security Audit Log' })
    expect(readings[0]?.entity?.[1]?.role?.code).to.equal('26')
  })

  const refusals: [method: string, url: string, status: number, words: string][] = [
    ['GET', '/audit/fhir/AuditEvent?patiënt=1', 400, 'is not a parameter'],
    ['GET', '/audit/fhir/AuditEvent?__proto__=1', 400, 'is not a parameter'],
    ['GET', '/audit/fhir/AuditEvent?date=soon', 400, 'expected a date'],
    ['GET', '/audit/fhir/AuditEvent?_count=many', 400, 'whole number'],
    ['GET', '/audit/fhir/AuditEvent?_cursor=x', 400, 'no place in a list'],
    ['GET', '/audit/fhir/AuditEvent?_sort=date', 400, 'newest come first'],
    ['GET', '/audit/fhir/AuditEvent?_format=pdf', 406, 'cannot be given'],
    ['GET', '/audit/fhir/AuditEvent/999', 404, 'no AuditEvent 999'],
    ['GET', '/audit/fhir/Patient', 404, 'is not here'],
    ['DELETE', '/audit/fhir/AuditEvent/1', 405, 'never changed'],
    ['PUT', '/audit/fhir/AuditEvent/1', 405, 'never changed'],
  ]
  for (const [method, url, status, words] of refusals) {
    it(`answers ${method} ${url} with ${status} and an OperationOutcome`, async () => {
      const told = await ask(method, url)
      expect([told.status, json(told).resourceType]).to.deep.equal([status, 'OperationOutcome'])
      expect(told.body).to.contain(words)
    })
  }

  it('says what it can do', async () => {
    const told = json(await ask('GET', '/audit/fhir/metadata', { partner: app }))
    expect(told).to.deep.include({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' })
  })
})
