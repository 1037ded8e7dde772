// What the audit says of the patient identity feed.
import { expect } from 'chai'
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { auditPatientFeed } from '../../transactions/patient-feed-audit.js'
import type { FeedAcknowledgement, PatientRecord } from '../../transactions/xds-messages.js'
import { faultsOf } from '../atna-audit/audit-schema.js'

const request = { messageId: { root: '2.999.7', extension: 'm-1' }, patientIds: ['P^^^&2.999&ISO', 'E^^^&2.998&ISO'] }
const acknowledged = { typeCode: 'CA' as const, targetMessageId: request.messageId }

function anExchange(
  changes: Partial<AuditedExchange<PatientRecord, FeedAcknowledgement>> = {},
): AuditedExchange<PatientRecord, FeedAcknowledgement> {
  return {
    side: 'responder',
    request,
    response: acknowledged,
    failure: undefined,
    partner: { name: 'hospital', address: '10.0.0.7' },
    endpoint: 'https://carnet.example:8441/registry',
    replyTo: 'http://www.w3.org/2005/08/addressing/anonymous',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
    endedMs: Date.UTC(2026, 10, 23, 10, 0, 0, 5),
    processId: 4711,
    hostName: 'carnet.example',
    ...changes,
  }
}

function valid(records: AuditRecord[]): AuditRecord[] {
  const source = { auditSourceID: 'carnet', auditEnterpriseSiteID: '2.999' }
  for (const record of records) expect(faultsOf(writeMessage(record, source))).to.deep.equal([])
  return records
}

const eventOf = ({ eventID, action, eventTypeCode }: AuditRecord) => [eventID[0], action, eventTypeCode?.[0]]
const patientsOf = ({ objects }: AuditRecord) => objects.filter(({ role }) => role === 1).map(({ id }) => id)

describe('the audit of the patient feed', () => {
  it('is the creation of a patient record with the id of the message [ITI TF-2:3.44.5.1]', () => {
    for (const side of ['initiator', 'responder'] as const) {
      const [record, ...more] = valid(auditPatientFeed('add', anExchange({ side })))
      expect(more).to.deep.equal([])
      expect(eventOf(record!)).to.deep.equal(['110110', 'C', 'ITI-44'])
      expect(patientsOf(record!)).to.deep.equal(request.patientIds)
      expect(record?.objects[0]?.details).to.deep.equal([{ type: 'II', value: 'm-1^^^&2.999.7&ISO' }])
      expect(record?.outcome).to.equal(0)
    }
  })

  it('names the process on the side that writes [ITI TF-2:3.44.5.1]', () => {
    for (const [side, processes] of [
      ['initiator', ['4711', undefined]],
      ['responder', [undefined, '4711']],
    ] as const) {
      const [record] = auditPatientFeed('add', anExchange({ side }))
      expect(record?.participants.map(({ alternativeUserID }) => alternativeUserID)).to.deep.equal(processes)
      expect(record?.participants.map(({ roleIDCode }) => roleIDCode?.[0])).to.deep.equal(['110153', '110152'])
    }
  })

  it('is an update for a revision [ITI TF-2:3.44.5.1]', () => {
    expect(auditPatientFeed('revise', anExchange()).map(eventOf)).to.deep.equal([['110110', 'U', 'ITI-44']])
  })

  it('is two records for a merge: one of what is deleted, one of what stays [ITI TF-2:3.44.5.1]', () => {
    const merge = { ...request, subsumedIds: ['Q^^^&2.999&ISO'] }
    const records = valid(auditPatientFeed('merge', anExchange({ request: merge })))
    expect(records.map(record => [record.action, patientsOf(record)])).to.deep.equal([
      ['D', ['Q^^^&2.999&ISO']],
      ['U', request.patientIds],
    ])
  })

  it('fails when the feed is not accepted, and when there is no answer', () => {
    const response = { ...acknowledged, typeCode: 'CE' as const, detail: 'unknown assigning authority' }
    const [record] = auditPatientFeed('add', anExchange({ response }))
    expect([record?.outcome, record?.outcomeDescription]).to.deep.equal([8, 'unknown assigning authority'])
    const [broken] = valid(auditPatientFeed('add', anExchange({ request: undefined, failure: 'unreadable' })))
    expect([broken?.outcome, broken?.outcomeDescription]).to.deep.equal([8, 'unreadable'])
  })
})
