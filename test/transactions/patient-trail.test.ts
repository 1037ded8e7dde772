import { expect } from 'chai'
import type { AuditedExchange, AuditedUser, AuditRecord } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { patientRecords } from '../../transactions/patient-trail.js'
import { faultsOf } from '../atna-audit/audit-schema.js'
import { aDocumentEntry, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'

const roles = '2.16.756.5.30.1.127.3.10.6'
const eprSpid = '761337610411353650^^^&2.16.756.5.30.1.127.3.10.3&ISO'
const user: AuditedUser = {
  nameID: '7601000000019',
  issuer: 'https://sts.example',
  name: 'Vera Muster',
  role: ['HCP', roles, 'Healthcare professional'],
  purposeOfUse: ['EMER', '2.16.756.5.30.1.127.3.10.5', 'Emergency Access'],
  organisations: [{ id: 'urn:oid:2.999.4', name: 'Cardiology' }],
  patientId: eprSpid,
  delegate: { id: '7601000000026', name: 'Anna Hilf', role: ['ASS', roles, 'Assistant'] },
}

function told(id: string, changes: Partial<AuditedExchange<unknown, unknown>>): AuditRecord[] {
  const records = patientRecords(id, {
    side: 'responder',
    request: undefined,
    response: { status: 'Success', errors: [] },
    failure: undefined,
    partner: { name: 'hospital', address: '10.0.0.7' },
    endpoint: 'https://carnet.example:8441/registry',
    replyTo: 'urn:x',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
    endedMs: Date.UTC(2026, 10, 23),
    processId: 1,
    hostName: 'h',
    ...changes,
  })
  for (const record of records) expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
  return records
}

const typesOf = (records: AuditRecord[]) => records.map(({ eventTypeCode, action }) => [eventTypeCode?.[0], action])
const ids = (record: AuditRecord | undefined, ofRole: number) =>
  (record?.objects ?? []).filter(({ role }) => role === ofRole).map(({ id }) => id)

describe('what a patient is told of their documents', () => {
  it('is each document that is registered, with title and type [CH:ATC Table 5]', () => {
    const entry = aDocumentEntry({ repositoryUniqueId: '2.999.9', homeCommunityId: 'urn:oid:2.999.8' })
    const [record, ...more] = told('ITI-42', { request: aSubmission({ documentEntry: entry }), user })
    expect([typesOf([record!]), more]).to.deep.equal([[['ATC_DOC_CREATE', 'C']], []])
    expect([ids(record, 1), ids(record, 3)]).to.deep.equal([[eprSpid], [entry.uniqueId]])
    expect(record?.objects[1]?.details).to.deep.equal([
      { type: 'Repository Unique Id', value: '2.999.9' },
      { type: 'homeCommunityID', value: '2.999.8' },
      { type: 'EprDocumentTypeCode', value: entry.typeCode?.code },
      { type: 'title', value: entry.title?.[0]?.value },
    ])
  })

  it('names who did it, for whom, in which group and what for, and no machine [CH:ATC Table 5]', () => {
    const [record] = told('ITI-42', { request: aSubmission(), user })
    expect(record?.purposesOfUse).to.deep.equal([user.purposeOfUse])
    const people = record?.participants.map(one => [one.roleIDCode?.[0], one.userID, one.userName, one.userIsRequestor])
    expect(people).to.deep.equal([
      ['ASS', '7601000000026', 'Anna Hilf', true],
      ['HCP', '7601000000019', 'Vera Muster', false],
      ['GRP', 'urn:oid:2.999.4', 'Cardiology', false],
    ])
    const { delegate: _, organisations: __, ...alone } = user
    expect(told('ITI-42', { request: aSubmission(), user: alone })[0]?.participants).to.deep.equal([
      { userID: '7601000000019', userName: 'Vera Muster', userIsRequestor: true, roleIDCode: user.role },
    ])
  })

  it('is an update where a document takes the place of another [CH:ATC Table 4]', () => {
    const submission = aSubmission()
    const [entry] = submission.documentEntries
    for (const associationType of ['RPLC', 'XFRM_RPLC']) {
      const ends = { sourceObject: entry!.entryUUID, targetObject: 'urn:uuid:x' }
      const replacing = anAssociation({ associationType, ...ends })
      const request = { ...submission, associations: [...submission.associations, replacing] }
      expect(typesOf(told('ITI-42', { request }))).to.deep.equal([['ATC_DOC_UPDATE', 'U']])
    }
    expect(typesOf(told('ITI-57', { request: submission }))).to.deep.equal([['ATC_DOC_UPDATE', 'U']])
  })

  it('is the study of images that were handed out, however many these are', () => {
    const images = ['2.999.70.1', '2.999.70.2'].map(documentUniqueId => ({
      ...{ documentUniqueId, repositoryUniqueId: '2.999.9', patientId: samplePatientId },
      ...{ studyInstanceUID: '2.999.71', seriesInstanceUID: '2.999.72' },
    }))
    const records = told('RAD-69', {
      request: { documents: images, transferSyntaxUIDs: [] },
      response: { status: 'Success', errors: [], documents: images },
    })
    expect([typesOf(records), ids(records[0], 3)]).to.deep.equal([[['ATC_DOC_READ', 'R']], ['2.999.71']])
  })

  it('is what was handed out, removed or searched [CH:ATC Table 4]', () => {
    const document = { documentUniqueId: '2.999.1', repositoryUniqueId: '2.999.9', patientId: samplePatientId }
    const retrieved = told('ITI-43', {
      response: { status: 'PartialSuccess', errors: [], documents: [document, { ...document, patientId: undefined }] },
    })
    expect([typesOf(retrieved), ids(retrieved[0], 1), ids(retrieved[0], 3)]).to.deep.equal([
      [['ATC_DOC_READ', 'R']],
      [samplePatientId],
      ['2.999.1'],
    ])
    const outcomes = [
      { ...document, removed: true, patientIds: [samplePatientId] },
      { ...document, removed: false, patientIds: [samplePatientId] },
    ]
    expect(typesOf(told('ITI-86', { response: { status: 'PartialSuccess', errors: [], outcomes } }))).to.deep.equal([
      ['ATC_DOC_DELETE', 'D'],
    ])
    const request = {
      id: 'urn:uuid:1',
      returnType: 'LeafClass',
      slots: [{ name: '$XDSDocumentEntryPatientId', values: [`'${samplePatientId}'`] }],
    }
    const [searched] = told('ITI-18', { request })
    expect([typesOf([searched!]), ids(searched, 24)]).to.deep.equal([[['ATC_DOC_SEARCH', 'E']], ['urn:uuid:1']])
  })

  it('is nothing of what was refused, of other transactions, or of what somebody else answered', () => {
    const request = aSubmission()
    const nothing = [
      told('ITI-42', { request, response: { status: 'Failure', errors: [] } }),
      told('ITI-42', { request, failure: 'a fault' }),
      told('ITI-42', { request, side: 'initiator' }),
      told('ITI-44', { request }),
    ]
    expect(nothing).to.deep.equal([[], [], [], []])
  })
})
