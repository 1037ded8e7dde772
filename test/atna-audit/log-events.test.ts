import { expect } from 'chai'
import type { EventFacts } from '../../atna-audit/events.js'
import { auditLogRetrieved, auditLogUsed, auditRecordsRemoved } from '../../atna-audit/log-events.js'
import type { AuditRecord } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { faultsOf } from './audit-schema.js'

const facts: EventFacts = { actor: 'Document Registry', processId: 4711, hostName: 'carnet.example', dateTimeMs: 0 }
const reading = {
  uri: 'https://carnet.example/audit/records',
  query: '?trace=1',
  reader: { name: 'eve', address: '10.0.0.8' },
}
const removed = { uri: reading.uri, urn: 'urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c', rule: '10 years', count: 3 }

const summary = (record: AuditRecord) => [record.eventID[0], record.eventTypeCode?.[0], record.action, record.outcome]

describe('audit records of the audit log', () => {
  const all = {
    reading: auditLogUsed(reading, facts),
    retrieval: auditLogRetrieved(reading, facts),
    removal: auditRecordsRemoved(removed, facts),
  }

  for (const [name, record] of Object.entries(all)) {
    it(`keep to the schema: ${name} [DICOM PS3.15 A.5.1]`, () => {
      expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
    })
  }

  it('have the codes of DICOM and of ITI-81 [DICOM PS3.15 A.5.3.2] [ITI TF-2:3.81.5]', () => {
    expect(Object.values(all).map(summary)).to.deep.equal([
      ['110101', undefined, 'R', 0],
      ['110101', 'ITI-81', 'R', 0],
      ['110101', undefined, 'D', 0],
    ])
  })

  it('name who read the log and what was asked [DICOM PS3.15 A.5.3.2]', () => {
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

  it('name the rule by which records were removed, and how many they were [DICOM PS3.15 A.5.3.2]', () => {
    const [, list] = all.removal.objects
    expect(list).to.deep.include({ id: removed.urn, dataLifeCycle: 15 })
    expect(list?.details).to.deep.equal([{ type: 'Retention Rule', value: '10 years: 3 records' }])
  })
})
