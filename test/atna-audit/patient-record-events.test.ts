import { expect } from 'chai'
import type { EventFacts } from '../../atna-audit/events.js'
import { patientMergeUndone, patientRecordsUsed } from '../../atna-audit/patient-record-events.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { faultsOf } from './audit-schema.js'

const facts: EventFacts = { actor: 'Document Registry', processId: 4711, hostName: 'carnet.example', dateTimeMs: 0 }
const by = { name: 'desk', address: '10.0.0.8' }
const [patientId, survivor] = ['P-1^^^&2.999.1&ISO', 'P-2^^^&2.999.1&ISO']

describe('audit records of what people do with the records of patients', () => {
  const looked = patientRecordsUsed({ patientIds: [patientId, survivor], action: 'R', what: 'compared', by }, facts)
  const undone = patientMergeUndone({ patientId, survivor, by }, facts)

  it('keep to the schema [DICOM PS3.15 A.5.1]', () => {
    for (const record of [looked, ...undone]) {
      expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
    }
  })

  it('name who has looked as the requestor, and each patient [ITI TF-2: Table 3.20.4.1.1.1-1]', () => {
    expect([looked.eventID[0], looked.action]).to.deep.equal(['110110', 'R'])
    expect(looked.participants.map(({ userID, userIsRequestor }) => [userID, userIsRequestor])).to.deep.equal([
      ['desk', true],
      ['Document Registry', false],
    ])
    expect(looked.objects.map(({ id }) => id)).to.deep.equal([patientId, survivor])
  })

  it('tell an undone merge as its reverse: one patient is there again, the other is changed [ITI TF-2:3.44.5.1]', () => {
    expect(undone.map(({ action, objects }) => [action, objects.map(({ id }) => id)])).to.deep.equal([
      ['C', [patientId]],
      ['U', [survivor]],
    ])
  })
})
