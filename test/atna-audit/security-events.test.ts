import { expect } from 'chai'
import type { EventFacts } from '../../atna-audit/events.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import {
  assertionRefused,
  auditLogDamaged,
  documentSpoilt,
  falseAnswer,
  furtherHandshakesRefused,
  handshakeRefused,
  restrictedFunctionUsed,
  securityConfigurationChanged,
  unreadableRequest,
} from '../../atna-audit/security-events.js'
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
const uri = 'https://carnet.example/audit/records'
const by = { name: 'admin', address: '10.0.0.8' }

const summary = (record: AuditRecord) => [record.eventID[0], record.eventTypeCode?.[0], record.action, record.outcome]

describe('audit records of what concerns security', () => {
  const all = {
    handshake: handshakeRefused(refused, facts),
    handshakes: furtherHandshakesRefused(17, ['10.0.0.9', '10.0.0.10'], facts),
    request: unreadableRequest(exchange, 'Document Registry'),
    spoilt: documentSpoilt({ documentUniqueId: '1.2.3', why: 'chunk 4 has another SHA-256', traceparent }, facts),
    lie: falseAnswer({ homeCommunityId: 'urn:oid:2.999.2', why: 'it is about nobody asked for', traceparent }, facts),
    damage: auditLogDamaged('record 7 is missing', uri, facts),
    use: restrictedFunctionUsed({ does: 'list holds', uri, by, outcome: 0, why: undefined }, facts),
    trust: securityConfigurationChanged('partners have changed', 'https://localhost:8441/registry', facts),
    assertion: assertionRefused({ ...exchange, failure: 'its time is over' }, 'Document Registry'),
  }

  for (const [name, record] of Object.entries(all)) {
    it(`keep to the schema: ${name} [DICOM PS3.15 A.5.1]`, () => {
      expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
    })
  }

  it('have the codes of DICOM [DICOM PS3.15 A.5.3.11]', () => {
    expect(Object.values(all).map(summary)).to.deep.equal([
      ['110113', '110126', 'E', 8],
      ['110113', '110126', 'E', 8],
      ['110113', '110132', 'E', 8],
      ['110113', '110135', 'E', 12],
      ['110113', '110135', 'E', 8],
      ['110113', '110135', 'E', 12],
      ['110113', '110132', 'E', 0],
      ['110113', '110129', 'E', 0],
      ['110114', '110122', 'E', 8],
    ])
  })

  it('name the refused node, never as requestor, and the reason [DICOM PS3.15 A.5.3.11]', () => {
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

  it('lead from an unreadable request, a spoilt document and a false answer to their trace', () => {
    for (const record of [all.request, all.spoilt, all.lie]) expect(record.objects.at(-1)?.id).to.equal(traceparent)
  })
})
