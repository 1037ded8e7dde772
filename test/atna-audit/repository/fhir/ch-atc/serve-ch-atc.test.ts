import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import type { AuditedUser } from '../../../../../atna-audit/message.js'
import { patientEvent, trailDocument } from '../../../../../atna-audit/patient-events.js'
import type { AuditEvent } from '../../../../../atna-audit/repository/fhir/audit-event.js'
import type { ClaimsOf } from '../../../../../atna-audit/repository/fhir/ch-atc/serve-ch-atc.js'
import { resourceFaults } from '../../../../../atna-audit/repository/fhir/fhir-json.js'
import { type AuditRepository, openAuditRepository } from '../../../../../atna-audit/repository/service-parts.js'
import type { HttpReply } from '../../../../../ports/network.js'
import { systemPorts } from '../../../../../ports/ports.js'
import type { Partner } from '../../../../../server/actor.js'
import { SoapFault } from '../../../../../soap/fault.js'
import { auditPatientFeed } from '../../../../../transactions/patient-feed-audit.js'
import type { Claims } from '../../../../../xua/claims.js'
import { certificates, silent } from '../../../loopback.js'
import { withToken } from '../../messages.js'

/** By this clock, every look at it comes so much later than the one before; 0 for a machine with nothing else to do. */
let stallMs = 0
let nowMs = 0
const ports = {
  ...systemPorts,
  clock: {
    ...systemPorts.clock,
    monotonicMs: () => {
      nowMs += stallMs
      return nowMs
    },
  },
}

const eprSpid = '761337610411353650'
const nationalId = `${eprSpid}^^^&2.16.756.5.30.1.127.3.10.3&ISO`
const localId = 'P-1^^^&2.999.1&ISO'
const roles = '2.16.756.5.30.1.127.3.10.6'
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'
const portal: Partner = { name: 'portal', roles: new Set(['consumer']), address: '10.0.0.8' }
const auditor: Partner = { name: 'auditor', roles: new Set(['auditor']), address: '10.0.0.9' }
const professional: AuditedUser = {
  nameID: '7601000000019',
  issuer: 'https://sts.example',
  name: 'Vera Muster',
  role: ['HCP', roles, 'Healthcare professional'],
  purposeOfUse: ['EMER', '2.16.756.5.30.1.127.3.10.5', 'Emergency Access'],
  organisations: [{ id: 'urn:oid:2.999.4', name: 'Cardiology' }],
}

function claimsOf(role: string, about = eprSpid): Claims {
  const subject = { value: eprSpid, nameQualifier: 'urn:e-health-suisse:2015:epr-spid', format: '', spProvidedId: '' }
  return {
    ...{
      assertionId: '_1',
      issuer: 'https://sts.example',
      issuedMs: 0,
      notBeforeMs: 0,
      notOnOrAfterMs: 1,
      audiences: [],
    },
    ...{ subject, subjectName: 'Jakob Muster', organisations: [], acting: undefined, homeCommunityId: undefined },
    role: { code: role, codeSystem: roles, displayName: role },
    purposeOfUse: { code: 'NORM', codeSystem: '2.16.756.5.30.1.127.3.10.5', displayName: 'Normal Access' },
    resourceId: `${about}^^^&2.16.756.5.30.1.127.3.10.3&ISO`,
    eprSpid: about,
  }
}

/** A played reader of assertions: the words of a token say whose it is. */
const played: ClaimsOf = token => {
  const [role = '', about] = token.split(' ')
  if (role === 'expired') throw new SoapFault('Sender', 'the assertion is not valid')
  return claimsOf(role, about)
}

describe('the audit trail of a patient [CH:ATC ITI-81]', () => {
  let repository: AuditRepository

  beforeEach(async () => {
    repository = await openAuditRepository({
      config: { database: ':memory:', syslog: { host: '127.0.0.1', port: 0, maxMessageBytes: 100_000 } },
      trust: { identity: (await certificates()).service },
      source: { auditSourceID: 'carnet-atna-audit', auditEnterpriseSiteID: '2.999.7', appName: 'carnet-atna-audit' },
      origin: 'https://localhost:8443',
      claimsOf: played,
      ports,
      log: silent,
    })
    const facts = { partner: portal, traceparent, user: professional }
    const at = (second: number) => Date.UTC(2026, 2, 4, 10, 0, second)
    const document = { uniqueId: '2.999.1.1', repositoryUniqueId: '2.999.9', homeCommunityId: 'urn:oid:2.999.8' }
    const feed = auditPatientFeed('add', {
      ...{
        side: 'responder',
        failure: undefined,
        partner: portal,
        endpoint: 'https://x',
        replyTo: 'urn:x',
        traceparent,
      },
      ...{
        endedMs: at(0),
        processId: 1,
        hostName: 'h',
        response: { typeCode: 'CA', targetMessageId: { root: '2.999.3' } },
      },
      request: { messageId: { root: '2.999.3' }, patientIds: [localId, nationalId] },
    })
    await repository.record([
      ...feed,
      patientEvent({
        ...facts,
        event: 'create',
        patientId: localId,
        object: trailDocument({ ...document, typeCode: '419891008', title: 'Austrittsbericht' }),
        dateTimeMs: at(1),
      }),
      patientEvent({ ...facts, event: 'read', patientId: localId, object: trailDocument(document), dateTimeMs: at(2) }),
      patientEvent({
        ...facts,
        event: 'read',
        patientId: 'P-2^^^&2.999.1&ISO',
        object: trailDocument(document),
        dateTimeMs: at(3),
      }),
    ])
    await repository.ingest(Buffer.from(`<85>1 - h a 7 m - ${withToken.replace('1.2.3"', '2.999.1.1"')}`), 'test')
  })
  afterEach(() => {
    stallMs = 0
    return repository.close(0)
  })

  async function ask(query: string, { token, partner = portal }: { token?: string; partner?: Partner } = {}) {
    const stream = new PassThrough()
    const told = { status: 0 }
    const reply: HttpReply = { start: status => Object.assign(told, { status }), stream, abort: () => undefined }
    const authorization = token && `Bearer ${Buffer.from(token).toString('base64')}`
    await repository.handleHttp(
      {
        method: 'GET',
        url: `/audit/ch-atc/AuditEvent?${query}`,
        headers: { authorization },
        body: Readable.from([]),
        remoteAddress: '10.0.0.8',
        peer: undefined,
      },
      reply,
      partner,
    )
    const body = await text(stream)
    const json = JSON.parse(body) as { meta?: { profile: string[] }; entry?: { resource: AuditEvent }[] }
    return { ...told, body, json, events: (json.entry ?? []).map(({ resource }) => resource) }
  }

  const own = `date=ge2026-01-01&date=le2099-01-01&entity.identifier=urn:oid:2.16.756.5.30.1.127.3.10.3|${eprSpid}`
  const code = ({ subtype }: AuditEvent) => subtype?.[0]?.code

  it('has what was done with their documents under any of their ids, and the reading itself', async () => {
    const { status, json, events } = await ask(own, { token: 'PAT' })
    expect([status, json.meta?.profile]).to.deep.equal([
      200,
      ['http://fhir.ch/ig/ch-epr-fhir/StructureDefinition/CH-ATC.ITI-81.Response'],
    ])
    expect(events.map(code)).to.deep.equal(['ATC_LOG_READ', 'ATC_DOC_READ', 'ATC_DOC_CREATE'])
    for (const event of events) expect(resourceFaults(event)).to.deep.equal([])
    for (const { entity } of events)
      expect(entity?.[0]?.what?.identifier).to.deep.equal({
        system: 'urn:oid:2.16.756.5.30.1.127.3.10.3',
        value: eprSpid,
      })
  })

  it('names people and groups, the document by title and type, as the profile asks', async () => {
    const { events } = await ask(`${own}&subtype=ATC_DOC_READ`, { token: 'PAT' })
    const [event] = events
    expect(event?.meta?.profile).to.deep.equal(['http://fhir.ch/ig/ch-epr-fhir/StructureDefinition/DocumentAuditEvent'])
    expect(event).to.deep.include({ action: 'R', outcome: '0', recorded: '2026-03-04T10:00:02.000Z' })
    expect(event?.type.code).to.equal('110106')
    expect(event?.purposeOfEvent?.[0]?.coding?.[0]?.code).to.equal('EMER')
    expect(
      event?.agent.map(({ role, who, name, requestor }) => [
        role?.[0]?.coding?.[0]?.code,
        who?.identifier,
        name,
        requestor,
      ]),
    ).to.deep.equal([
      ['HCP', { system: 'urn:oid:2.51.1.3', value: '7601000000019' }, 'Vera Muster', true],
      ['GRP', { value: 'urn:oid:2.999.4' }, 'Cardiology', false],
    ])
    expect(event?.source.observer.identifier).to.deep.equal({ system: 'urn:ietf:rfc:3986', value: 'urn:oid:2.999.7' })
    const document = event?.entity?.[1]
    expect(document?.what?.identifier).to.deep.equal({ system: 'urn:ihe:iti:xds:2013:uniqueId', value: '2.999.1.1' })
    const details = (document?.detail ?? []).map(({ type, valueBase64Binary = '' }) => [
      type,
      Buffer.from(valueBase64Binary, 'base64').toString(),
    ])
    expect(Object.fromEntries(details)).to.deep.equal({
      'Repository Unique Id': '2.999.9',
      homeCommunityID: '2.999.8',
      EprDocumentTypeCode: '419891008',
      title: 'Austrittsbericht',
    })
    expect(event?.entity?.[2]?.what?.identifier?.value).to.equal(traceparent)
    expect(event?.text?.div).to.contain(
      'Document retrieval 2026-03-04 10:00 UTC by Vera Muster for Cardiology (Emergency Access)',
    )
  })

  it('has all ids of the patient and the title of a document, however long it takes to find them', async () => {
    const asked = `${own}&subtype=ATC_DOC_READ`
    const { events } = await ask(asked, { token: 'PAT' })
    stallMs = 61
    expect((await ask(asked, { token: 'PAT' })).events)
      .to.deep.equal(events)
      .and.to.have.length(1)
  })

  it('has what a policy repository has fed, as it was fed', async () => {
    const fed = {
      resourceType: 'AuditEvent',
      type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110106' },
      subtype: [{ system: 'urn:oid:2.16.756.5.30.1.127.3.10.7', code: 'ATC_POL_ENA_EMER_USE' }],
      action: 'U',
      recorded: '2026-03-04T11:00:00Z',
      agent: [
        { role: [{ coding: [{ system: `urn:oid:${roles}`, code: 'PAT' }] }], name: 'Jakob Muster', requestor: true },
      ],
      source: { observer: { identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:oid:2.999.6' } } },
      entity: [
        {
          what: { identifier: { system: 'urn:oid:2.16.756.5.30.1.127.3.10.3', value: eprSpid } },
          type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
          role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
        },
      ],
    }
    await repository.ingest(Buffer.from(JSON.stringify(fed)), 'policies')
    const { events } = await ask(`${own}&subtype=ATC_POL_ENA_EMER_USE`, { token: 'PAT' })
    expect(events.map(({ agent, source }) => [agent, source])).to.deep.equal([[fed.agent, fed.source]])
    expect(events[0]?.meta?.profile).to.deep.equal([
      'http://fhir.ch/ig/ch-epr-fhir/StructureDefinition/PolicyAuditEvent',
    ])
  })

  const refusals: [what: string, query: string, token: string | undefined, status: number, words: string][] = [
    ['without a patient', 'date=ge2026-01-01', 'PAT', 400, 'entity.identifier is nothing'],
    [
      'for a patient of another authority',
      'entity.identifier=urn:oid:2.999|761337610411353650',
      'PAT',
      400,
      'expected urn:oid:2.16.756.5.30.1.127.3.10.3',
    ],
    [
      'for two patients',
      `${own}&entity.identifier=urn:oid:2.16.756.5.30.1.127.3.10.3|761337610411353651`,
      'PAT',
      400,
      ' and ',
    ],
    ['by a parameter that CH:ATC does not use', `${own}&outcome=0`, 'PAT', 400, 'outcome is not used'],
    ['without an assertion', own, undefined, 401, 'known by an assertion'],
    ['with one that does not hold', own, 'expired', 401, 'the assertion is not valid'],
    ['for another patient than that of the assertion', own, 'PAT 761337610411353651', 403, 'another patient'],
    ['by a professional', own, 'HCP', 403, 'not for the role HCP'],
  ]
  for (const [what, query, token, status, words] of refusals) {
    it(`is refused ${what}, and shows nothing`, async () => {
      const told = await ask(query, token === undefined ? {} : { token })
      expect([told.status, told.events]).to.deep.equal([status, []])
      expect(told.body).to.contain(words)
    })
  }

  it('is for representatives, and for systems of auditors', async () => {
    expect((await ask(own, { token: 'REP' })).events.length).to.equal(3)
    expect((await ask(own, { partner: auditor })).events.length).to.equal(4)
  })

  it('is itself in the log for auditors, refused looks too, with the person [ITI TF-2:3.81.5]', async () => {
    await ask(own, { token: 'PAT' })
    await ask(own, { token: 'HCP' })
    const stream = new PassThrough()
    const reply: HttpReply = { start: () => undefined, stream, abort: () => undefined }
    const request = {
      method: 'GET',
      url: '/audit/fhir/AuditEvent?subtype=ITI-81',
      headers: {},
      body: Readable.from([]),
      remoteAddress: '',
      peer: undefined,
    }
    await repository.handleHttp(request, reply, auditor)
    const { entry } = JSON.parse(await text(stream)) as { entry: { resource: AuditEvent }[] }
    const looks = entry.map(({ resource }) => [
      resource.outcome,
      resource.agent.find(({ requestor }) => requestor)?.name,
    ])
    expect(looks).to.deep.equal([
      ['0', undefined],
      ['8', 'Jakob Muster'],
      ['0', 'Jakob Muster'],
    ])
  })
})
