import { expect } from 'chai'
import {
  applicationStarted,
  applicationStopped,
  assertionRefused,
  auditLogRetrieved,
  auditLogUsed,
  documentSpoilt,
  type EventFacts,
  furtherHandshakesRefused,
  handshakeRefused,
  securityConfigurationChanged,
  unreadableRequest,
} from '../../atna-audit/events.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { faultsOf } from './audit-schema.js'

const facts: EventFacts = { actor: 'Document Registry', processId: 4711, hostName: 'carnet.example', dateTimeMs: 0 }
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'
const refused = { remoteAddress: '10.0.0.9', reason: 'certificate has expired', certificate: 'CN=old (SHA-256 AA)' }
const exchange = {
  side: 'responder',
  request: undefined,
  response: undefined,
  failure: 'the action urn:x is not answered here',
  partner: { name: 'hospital', address: '10.0.0.7' },
  endpoint: 'https://carnet.example:8441/registry',
  replyTo: '',
  traceparent,
  endedMs: 1,
  processId: 4711,
  hostName: 'carnet.example',
} as const
const reading = {
  uri: 'https://carnet.example/audit/records',
  query: '?trace=1',
  reader: { name: 'eve', address: '10.0.0.8' },
}

const summary = (record: AuditRecord) => [record.eventID[0], record.eventTypeCode?.[0], record.action, record.outcome]

describe('audit records of other events', () => {
  const all = {
    start: applicationStarted(facts),
    stop: applicationStopped(facts),
    handshake: handshakeRefused(refused, facts),
    handshakes: furtherHandshakesRefused(17, ['10.0.0.9', '10.0.0.10'], facts),
    request: unreadableRequest(exchange, 'Document Registry'),
    spoilt: documentSpoilt({ documentUniqueId: '1.2.3', why: 'chunk 4 has another SHA-256', traceparent }, facts),
    reading: auditLogUsed(reading, facts),
    retrieval: auditLogRetrieved(reading, facts),
    trust: securityConfigurationChanged('partners have changed', 'https://localhost:8441/registry', facts),
    assertion: assertionRefused({ ...exchange, failure: 'its time is over' }, 'Document Registry'),
  }

  for (const [name, record] of Object.entries(all)) {
    it(`keeps to the schema: ${name} [DICOM PS3.15 A.5.1]`, () => {
      expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
    })
  }

  it('has the codes of DICOM [DICOM PS3.15 A.5.3]', () => {
    expect(Object.values(all).map(summary)).to.deep.equal([
      ['110100', '110120', 'E', 0],
      ['110100', '110121', 'E', 0],
      ['110113', '110126', 'E', 8],
      ['110113', '110126', 'E', 8],
      ['110113', '110132', 'E', 8],
      ['110113', '110135', 'E', 12],
      ['110101', undefined, 'R', 0],
      ['110101', 'ITI-81', 'R', 0],
      ['110113', '110129', 'E', 0],
      ['110114', '110122', 'E', 8],
    ])
  })

  it('names the application and its process [DICOM PS3.15 A.5.3.1]', () => {
    expect(all.start.participants).to.deep.equal([
      {
        userID: 'Document Registry',
        alternativeUserID: '4711',
        userIsRequestor: false,
        roleIDCode: ['110150', 'DCM', 'Application'],
        networkAccessPointID: 'carnet.example',
      },
    ])
  })

  it('names the refused node, never as requestor, and the reason [DICOM PS3.15 A.5.3.11]', () => {
    expect(all.handshake.participants[1]).to.deep.equal({
      userID: 'CN=old (SHA-256 AA)',
      userIsRequestor: false,
      networkAccessPointID: '10.0.0.9',
    })
    expect(all.handshake.objects).to.deep.equal([
      {
        id: '10.0.0.9',
        typeCode: 2,
        role: 13,
        idTypeCode: ['110182', 'DCM', 'Node ID'],
        details: [{ type: 'Alert Description', value: 'TLS handshake refused: certificate has expired' }],
      },
    ])
  })

  it('leads from an unreadable request and a spoilt document to their trace', () => {
    for (const record of [all.request, all.spoilt]) expect(record.objects.at(-1)?.id).to.equal(traceparent)
  })

  it('names who read the log and what was asked [DICOM PS3.15 A.5.3.2]', () => {
    expect(all.reading.participants[0]).to.deep.equal({
      userID: 'eve',
      userIsRequestor: true,
      networkAccessPointID: '10.0.0.8',
    })
    expect(all.reading.objects[0]).to.deep.include({
      id: reading.uri,
      name: 'Security Audit Log',
      role: 13,
      details: [{ type: 'Request', value: '?trace=1' }],
    })
  })
})
