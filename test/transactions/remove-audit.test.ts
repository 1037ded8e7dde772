import { expect } from 'chai'
import type { AuditedExchange, AuditRecord } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { auditRemoveDocuments, auditRemoveMetadata } from '../../transactions/remove-audit.js'
import type {
  RegistryResponse,
  RemovalOutcome,
  RemoveDocumentsRequest,
  RemoveDocumentsResponse,
  RemoveMetadataResponse,
} from '../../transactions/xds-messages.js'
import { faultsOf } from '../atna-audit/audit-schema.js'

function anExchange<Request, Response>(
  changes: Pick<AuditedExchange<Request, Response>, 'request' | 'response'> &
    Partial<AuditedExchange<Request, Response>>,
): AuditedExchange<Request, Response> {
  return {
    side: 'responder',
    failure: undefined,
    partner: { name: 'administrator', address: '10.0.0.7' },
    endpoint: 'https://carnet.example:8441/registry',
    replyTo: 'http://www.w3.org/2005/08/addressing/anonymous',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
    endedMs: Date.UTC(2026, 10, 23, 10, 0, 0, 5),
    processId: 4711,
    hostName: 'carnet.example',
    ...changes,
  }
}

/** Event, outcome, patient, then what was removed with its life cycle. */
function told(records: AuditRecord[]): string[] {
  return records.map(record => {
    expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet', auditEnterpriseSiteID: '2.999' }))).to.deep.equal(
      [],
    )
    const { eventID, action, eventTypeCode, outcome, objects } = record
    const event = [eventID[0], action, eventTypeCode?.[0], outcome].join(' ')
    const named = objects
      .filter(({ role }) => role !== 26)
      .map(({ id, dataLifeCycle }) => (dataLifeCycle === undefined ? id : `${id} ${dataLifeCycle}`))
    return [event, ...named].join(', ')
  })
}

const [a, b, c] = ['a', 'b', 'c'].map(digit => `urn:uuid:00000000-0000-4000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
]
const error = { errorCode: 'XDSDocumentUniqueIdError', codeContext: 'not here', severity: 'Error' } as const

describe('the audit of ITI-62', () => {
  const request = { entryUUIDs: [a, b, a, c] }
  const response: RemoveMetadataResponse = {
    status: 'Success',
    errors: [],
    found: [
      { entryUUID: a, patientId: 'P1' },
      { entryUUID: b, patientId: 'P2' },
      { entryUUID: c, patientId: 'P1' },
    ],
  }

  it('is a deletion, one record for each patient, each object once [ITI TF-2:3.62.5]', () => {
    expect(told(auditRemoveMetadata(anExchange({ request, response })))).to.deep.equal([
      `110110 D ITI-62 0, P1, ${a} 15, ${c} 15`,
      `110110 D ITI-62 0, P2, ${b} 15`,
    ])
  })

  it('says of a refusal who was meant, and of ids that nobody has that they were named [ITI TF-2:3.62.5]', () => {
    const refused = { ...response, status: 'Failure' as const, errors: [error], found: response.found!.slice(0, 1) }
    expect(told(auditRemoveMetadata(anExchange({ request, response: refused })))).to.deep.equal([
      `110110 D ITI-62 8, P1, ${a} 15`,
      `110110 D ITI-62 8, ${b} 15, ${c} 15`,
    ])
  })

  it('is written also of a request that could not be read [ITI TF-2:3.20.4.1.1.1]', () => {
    const nothing = anExchange<typeof request, RemoveMetadataResponse>({
      request: undefined,
      response: undefined,
      failure: 'not a message',
    })
    expect(told(auditRemoveMetadata(nothing))).to.deep.equal(['110110 D ITI-62 8'])
  })
})

describe('the audit of ITI-86', () => {
  const document = (documentUniqueId: string) => ({ repositoryUniqueId: '2.999.1', documentUniqueId })
  const request: RemoveDocumentsRequest = { documents: ['2.25.1', '2.25.2', '2.25.3'].map(document) }
  const outcome = (id: string, removed: boolean, ...patientIds: string[]): RemovalOutcome => ({
    ...document(id),
    removed,
    patientIds,
  })

  function by(status: RegistryResponse['status'], ...outcomes: RemovalOutcome[]): string[] {
    const response: RemoveDocumentsResponse = { status, errors: status === 'Success' ? [] : [error], outcomes }
    return told(auditRemoveDocuments(anExchange({ request, response })))
  }

  it('has a record for each patient and each outcome [ITI TF-2:3.86.5]', () => {
    expect(
      by('PartialSuccess', outcome('2.25.1', true, 'P1'), outcome('2.25.2', true, 'P2'), outcome('2.25.3', false)),
    ).to.deep.equal([
      '110110 D ITI-86 0, P1, 2.25.1 14',
      '110110 D ITI-86 0, P2, 2.25.2 14',
      '110110 D ITI-86 8, 2.25.3 14',
    ])
  })

  it('names a document for every patient whose copy it was [ITI TF-2:3.86.5]', () => {
    expect(by('Success', outcome('2.25.1', true, 'P1', 'P2'))).to.deep.equal([
      '110110 D ITI-86 0, P1, 2.25.1 14',
      '110110 D ITI-86 0, P2, 2.25.1 14',
    ])
  })

  it('tells from the answer what was removed, for who asked [ITI TF-2:3.86.5]', () => {
    const response: RemoveDocumentsResponse = { status: 'PartialSuccess', errors: [{ ...error, location: '2.25.2' }] }
    expect(told(auditRemoveDocuments(anExchange({ side: 'initiator', request, response })))).to.deep.equal([
      '110110 D ITI-86 0, 2.25.1 14, 2.25.3 14',
      '110110 D ITI-86 8, 2.25.2 14',
    ])
  })

  it('is a failure of all when there was no answer [ITI TF-2:3.86.5]', () => {
    const failed = anExchange<RemoveDocumentsRequest, RemoveDocumentsResponse>({
      request,
      response: undefined,
      failure: 'unreachable',
    })
    expect(told(auditRemoveDocuments(failed))).to.deep.equal(['110110 D ITI-86 8, 2.25.1 14, 2.25.2 14, 2.25.3 14'])
  })
})
