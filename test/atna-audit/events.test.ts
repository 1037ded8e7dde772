import { expect } from 'chai'
import { applicationStarted, applicationStopped, type EventFacts } from '../../atna-audit/events.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { faultsOf } from './audit-schema.js'

const facts: EventFacts = { actor: 'Document Registry', processId: 4711, hostName: 'carnet.example', dateTimeMs: 0 }

describe('audit records of starts and stops', () => {
  const all = { start: applicationStarted(facts), stop: applicationStopped(facts) }

  for (const [name, record] of Object.entries(all)) {
    it(`keep to the schema: ${name} [DICOM PS3.15 A.5.1]`, () => {
      expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
    })
  }

  it('have the codes of DICOM [DICOM PS3.15 A.5.3.1]', () => {
    const summaries = Object.values(all).map(record => [record.eventID[0], record.eventTypeCode?.[0], record.outcome])
    expect(summaries).to.deep.equal([
      ['110100', '110120', 0],
      ['110100', '110121', 0],
    ])
  })

  it('name the application and its process [DICOM PS3.15 A.5.3.1]', () => {
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
})
