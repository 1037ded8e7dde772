import { expect } from 'chai'
import type { AuditedExchange, AuditRecord, ParticipantObject } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import type { RegistryError } from '../../metadata/model.js'
import { multiPatientQueries } from '../../registry/queries/multi-patient-queries.js'
import { storedQueries } from '../../registry/queries/stored-queries.js'
import { queryPatients } from '../../transactions/audited-query.js'
import { auditPatientFeed } from '../../transactions/patient-feed-audit.js'
import {
  auditCrossGatewayFetch,
  auditCrossGatewayProvide,
  auditMultiPatientQuery,
  auditProvideAndRegister,
  auditRegister,
  auditRegisterOnDemand,
  auditRestrictedUpdate,
  auditRetrieve,
  auditStoredQuery,
  auditUpdate,
} from '../../transactions/xds-audit.js'
import type {
  AdhocQueryRequest,
  DocumentRequest,
  RegistryResponse,
  RetrievedDocument,
} from '../../transactions/xds-messages.js'
import { recordFaults } from '../atna-audit/record-rules.js'
import { aDocumentEntry, aSubmission, samplePatientId } from '../samples/submission.js'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'
const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'
const success: RegistryResponse = { status: 'Success', errors: [] }
const error: RegistryError = { errorCode: 'XDSUnknownPatientId', codeContext: 'nobody knows P-1', severity: 'Error' }

function anExchange<Request, Response>(
  changes: Pick<AuditedExchange<Request, Response>, 'request' | 'response'> &
    Partial<AuditedExchange<Request, Response>>,
): AuditedExchange<Request, Response> {
  return {
    side: 'responder',
    failure: undefined,
    partner: { name: 'hospital', address: '::ffff:10.0.0.7' },
    endpoint: 'https://carnet.example:8442/repository',
    replyTo: anonymous,
    traceparent,
    endedMs: Date.UTC(2026, 10, 23, 10, 0, 0, 5),
    processId: 4711,
    hostName: 'carnet.example',
    ...changes,
  }
}

const bothSides = ['initiator', 'responder'] as const

function valid(records: AuditRecord[]): AuditRecord[] {
  for (const record of records) {
    const source = { auditSourceID: 'carnet-registry', auditEnterpriseSiteID: '2.999' }
    expect(recordFaults(writeMessage(record, source))).to.deep.equal([])
  }
  return records
}

function ids(record: AuditRecord | undefined, ofRole: number): string[] {
  return (record?.objects ?? []).filter(({ role }) => role === ofRole).map(({ id }) => id)
}
const patientsOf = (record: AuditRecord | undefined) => ids(record, 1)
const eventOf = ({ eventID, action, eventTypeCode }: AuditRecord) => [eventID[0], action, eventTypeCode?.[0]]

describe('the audit of submissions', () => {
  const submission = aSubmission()
  const uniqueId = submission.submissionSets[0]!.uniqueId!
  const request = { submission, documents: [] }

  it('is an export for who sends and an import for who receives [TF-2:3.41.5.1, TF-2:3.42.5.1, TF-2:3.61.5.1]', () => {
    const written = bothSides.map(side => [
      eventOf(valid(auditProvideAndRegister(anExchange({ side, request, response: success })))[0]!),
      eventOf(valid(auditRegister(anExchange({ side, request: submission, response: success })))[0]!),
      eventOf(valid(auditRegisterOnDemand(anExchange({ side, request: submission, response: success })))[0]!),
    ])
    expect(written).to.deep.equal([
      [
        ['110106', 'R', 'ITI-41'],
        ['110106', 'R', 'ITI-42'],
        ['110106', 'R', 'ITI-61'],
      ],
      [
        ['110107', 'C', 'ITI-41'],
        ['110107', 'C', 'ITI-42'],
        ['110107', 'C', 'ITI-61'],
      ],
    ])
  })

  it('of documents for another community is that of a submission, by its own name [ITI TF-2:3.80.5.1]', () => {
    const written = bothSides.map(side =>
      valid(auditCrossGatewayProvide(anExchange({ side, request, response: success }))),
    )
    expect(written.map(records => records.map(eventOf))).to.deep.equal([
      [['110106', 'R', 'ITI-80']],
      [['110107', 'C', 'ITI-80']],
    ])
    for (const [record] of written) {
      expect(record?.eventTypeCode?.[2]).to.equal('Cross-Gateway Document Provide')
      expect([patientsOf(record), ids(record, 20)]).to.deep.equal([[samplePatientId], [uniqueId]])
    }
  })

  it('of updates has the action U on both sides, and names the patient before and after [ITI TF-2:3.57.5.1, 3.92.5.1]', () => {
    const response = { ...success, patientIds: ['before^^^&2.999.1&ISO'] }
    for (const [id, audit] of [['ITI-57', auditUpdate] as const, ['ITI-92', auditRestrictedUpdate] as const]) {
      const written = bothSides.map(side => valid(audit(anExchange({ side, request: submission, response }))))
      expect(written.map(records => records.map(eventOf))).to.deep.equal([
        [
          ['110106', 'U', id],
          ['110106', 'U', id],
        ],
        [
          ['110107', 'U', id],
          ['110107', 'U', id],
        ],
      ])
      const patients = [[submission.submissionSets[0]?.patientId], ['before^^^&2.999.1&ISO']]
      expect(written[1]?.map(patientsOf)).to.deep.equal(patients)
    }
  })

  it('names source and destination as the repository sees them [TF-2:3.41.5.1.2]', () => {
    const [record] = auditProvideAndRegister(anExchange({ request, response: success }))
    expect(record?.participants).to.deep.equal([
      {
        userID: anonymous,
        userName: 'hospital',
        userIsRequestor: true,
        networkAccessPointID: '::ffff:10.0.0.7',
        roleIDCode: ['110153', 'DCM', 'Source Role ID'],
      },
      {
        userID: 'https://carnet.example:8442/repository',
        alternativeUserID: '4711',
        userIsRequestor: false,
        networkAccessPointID: 'carnet.example',
        roleIDCode: ['110152', 'DCM', 'Destination Role ID'],
      },
    ])
  })

  it('gives the process id to the side that writes [TF-2:3.42.5.1.1]', () => {
    const [record] = auditRegister(anExchange({ side: 'initiator', request: submission, response: success }))
    expect(record?.participants.map(({ alternativeUserID }) => alternativeUserID)).to.deep.equal(['4711', undefined])
    expect(record?.participants.map(({ networkAccessPointID }) => networkAccessPointID)).to.deep.equal([
      'carnet.example',
      '::ffff:10.0.0.7',
    ])
  })

  it('names patient, submission set and trace, in this order', () => {
    const [record, ...more] = auditProvideAndRegister(anExchange({ request, response: success }))
    expect(more).to.deep.equal([])
    expect(record?.objects).to.deep.equal([
      { id: samplePatientId, typeCode: 1, role: 1, idTypeCode: ['2', 'RFC-3881', 'Patient Number'] },
      {
        id: uniqueId,
        typeCode: 2,
        role: 20,
        idTypeCode: [
          'urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd',
          'IHE XDS Metadata',
          'submission set classificationNode',
        ],
      },
      { id: traceparent, typeCode: 4, role: 26, idTypeCode: ['traceparent', 'e-health-suisse', 'traceparent'] },
    ])
  })

  it('is one record for each patient [TF-2:3.20.7.1]', () => {
    const two = aSubmission({ documentEntries: [aDocumentEntry({ patientId: 'Q^^^&2.999&ISO' })] })
    const records = valid(auditRegister(anExchange({ request: two, response: { status: 'Failure', errors: [error] } })))
    expect(records.map(patientsOf)).to.deep.equal([[samplePatientId], ['Q^^^&2.999&ISO']])
  })

  it('stays bounded when a submission names thousands of patients', () => {
    const documentEntries = Array.from({ length: 2_000 }, (_, index) =>
      aDocumentEntry({ patientId: `${index}^^^&2.999&ISO` }),
    )
    const request = aSubmission({ documentEntries })
    expect(auditRegister(anExchange({ request, response: { status: 'Failure', errors: [error] } })).length).to.equal(32)
  })

  it('says what failed', () => {
    const errors = [error, error, { ...error, errorCode: 'XDSRegistryError', codeContext: 'more' }, error]
    const [record] = valid(auditRegister(anExchange({ request: submission, response: { status: 'Failure', errors } })))
    expect(record?.outcome).to.equal(8)
    expect(record?.outcomeDescription).to.equal(
      'XDSUnknownPatientId: nobody knows P-1; XDSUnknownPatientId: nobody knows P-1; XDSRegistryError: more; and 1 more',
    )
  })

  it('takes a failure with warnings only for a minor one', () => {
    const response: RegistryResponse = { status: 'Failure', errors: [{ ...error, severity: 'Warning' }] }
    expect(auditRegister(anExchange({ request: submission, response }))[0]?.outcome).to.equal(4)
  })

  for (const [what, failure] of [
    ['a fault', 'the envelope holds a DTD'],
    ['a partner that never answered', undefined],
  ] as const) {
    it(`writes ${what} down, readable or not`, () => {
      for (const side of bothSides) {
        const exchange = { side, request: undefined, response: undefined, failure }
        for (const records of [
          auditProvideAndRegister(anExchange<never, never>(exchange)),
          auditRegister(anExchange<never, never>(exchange)),
          auditStoredQuery(anExchange<never, never>(exchange)),
          auditRetrieve(anExchange<never, never>(exchange)),
          auditPatientFeed('add', anExchange<never, never>(exchange)),
        ]) {
          const [record, ...more] = valid(records)
          expect(more).to.deep.equal([])
          expect(record?.outcome).to.equal(8)
          expect(record?.outcomeDescription)
            .to.equal(failure ?? record?.outcomeDescription)
            .and.not.equal('')
          expect(ids(record, 26)).to.deep.equal([traceparent])
        }
      }
    })
  }
})

describe('the audit of stored queries', () => {
  const request: AdhocQueryRequest = {
    id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
    returnType: 'LeafClass',
    home: 'urn:oid:2.999.9',
    slots: [
      { name: '$XDSDocumentEntryPatientId', values: ["'P-1^^^&2.999.1.2.3&ISO'"] },
      { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
    ],
    xml: Buffer.from('<query:AdhocQueryRequest/>'),
  }
  const found = { ...success, registryObjects: [] }

  function patientsIn(slots: AdhocQueryRequest['slots']): string[] {
    return auditStoredQuery(anExchange({ request: { ...request, slots }, response: found })).flatMap(patientsOf)
  }

  it('has all patients of a query for several in one record, asked for or found [ITI TF-2:3.51.5.1]', () => {
    const many = Array.from({ length: 501 }, (_, at) => `P-${at}^^^&2.999.1.2.3&ISO`)
    const two = `('${many[0]}','${many[1]}')`
    const asked = { ...request, slots: [{ name: '$XDSDocumentEntryPatientId', values: [two] }] }
    for (const side of bothSides) {
      const [record, ...more] = valid(auditMultiPatientQuery(anExchange({ side, request: asked, response: found })))
      expect(more).to.deep.equal([])
      expect(eventOf(record!)).to.deep.equal(['110112', 'E', 'ITI-51'])
      expect(patientsOf(record)).to.deep.equal(many.slice(0, 2))
      expect(record?.objects.find(({ role }) => role === 24)?.idTypeCode).to.deep.equal([
        'ITI-51',
        'IHE Transactions',
        'Multi-Patient Stored Query',
      ])
    }
    const ofAll = { ...request, slots: [] }
    const records = valid(
      auditMultiPatientQuery(anExchange({ request: ofAll, response: { ...found, patientIds: many } })),
    )
    expect(records.map(record => patientsOf(record).length)).to.deep.equal([500, 1])
    expect(records.flatMap(patientsOf)).to.deep.equal(many)
    const refused = auditMultiPatientQuery(anExchange({ request: ofAll, response: found, failure: 'no role' }))
    expect(refused.map(({ outcome }) => outcome)).to.deep.equal([8])
  })

  it('holds the query, its encoding and the home community, not the result [TF-2:3.18.5.1]', () => {
    for (const side of bothSides) {
      const [record] = valid(auditStoredQuery(anExchange({ side, request, response: found })))
      expect(eventOf(record!)).to.deep.equal(['110112', 'E', 'ITI-18'])
      expect(patientsOf(record)).to.deep.equal(['P-1^^^&2.999.1.2.3&ISO'])
      const query = record?.objects.find(({ role }) => role === 24)
      expect(query).to.deep.equal({
        id: request.id,
        typeCode: 2,
        role: 24,
        idTypeCode: ['ITI-18', 'IHE Transactions', 'Registry Stored Query'],
        query: request.xml,
        details: [
          { type: 'QueryEncoding', value: 'UTF-8' },
          { type: 'urn:ihe:iti:xca:2010:homeCommunityId', value: 'urn:oid:2.999.9' },
        ],
      } satisfies ParticipantObject)
    }
  })

  it('finds the patient in the one parameter that the query goes by, whatever others say [TF-2:3.18.4.1.2.3.7]', () => {
    const holders = ['$patientId', '$XDSFolderPatientId', '$XDSSubmissionSetPatientId', '$XDSDocumentEntryPatientId']
    const slots = holders.map(name => ({ name, values: [`('${name}')`] }))
    for (const query of [...storedQueries.values(), ...multiPatientQueries.values()]) {
      const { name } = query.parameters.patientId ?? {}
      expect(queryPatients({ id: query.id, slots }), query.name).to.deep.equal(name === undefined ? [] : [name])
    }
    expect(queryPatients({ id: 'urn:uuid:somebody', slots })).to.have.members(holders)
    expect(patientsIn([{ name: '$XDSDocumentEntryUniqueId', values: ["('P')"] }])).to.deep.equal([])
  })

  it('names those found by ids, though the query names somebody else as well [TF-2:3.18.5.1]', () => {
    const asked = { ...request, id: 'urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4' }
    const slots = [{ name: '$patientId', values: ["'another'"] }]
    const response = { ...found, patientIds: ['P'] }
    const records = auditStoredQuery(anExchange({ request: { ...asked, slots }, response }))
    expect(records.flatMap(patientsOf)).to.deep.equal(['P'])
  })

  it('takes quotes off, doubled ones too, and makes a record for each patient of a list [TF-2:3.20.7.1]', () => {
    expect(
      patientsIn([{ name: '$XDSDocumentEntryPatientId', values: ["('O''Hara','Q')", "('Q','R')"] }]),
    ).to.deep.equal(["O'Hara", 'Q', 'R'])
    expect(patientsIn([{ name: '$XDSDocumentEntryPatientId', values: [' P '] }])).to.deep.equal(['P'])
  })

  it('writes a partial success as a success and a failure [TF-2:3.18.5.1]', () => {
    const response = { status: 'PartialSuccess' as const, errors: [error], registryObjects: [] }
    const records = valid(auditStoredQuery(anExchange({ request, response })))
    expect(records.map(({ outcome }) => outcome)).to.deep.equal([0, 8])
    expect(records.map(patientsOf)).to.deep.equal([['P-1^^^&2.999.1.2.3&ISO'], ['P-1^^^&2.999.1.2.3&ISO']])
  })

  it('cuts a query that would be longer than a message may be, and says so', () => {
    const xml = Buffer.alloc(6 * 1024 * 1024, 'x')
    const [record] = auditStoredQuery(anExchange({ request: { ...request, xml }, response: found }))
    const query = record?.objects.find(({ role }) => role === 24)
    expect(query?.query?.byteLength).to.equal(4 * 1024 * 1024)
    expect(query?.details).to.deep.include({ type: 'QueryTruncatedFrom', value: `${xml.length} bytes` })
  })

  it('writes the query out where nobody kept its bytes', () => {
    const { xml: _, ...unkept } = request
    const slots = [{ name: '$XDSDocumentEntryAuthorPerson', values: ["('%<Müller & Söhne>%')"] }]
    const [record] = auditStoredQuery(anExchange({ side: 'initiator', request: { ...unkept, slots }, response: found }))
    const text = record?.objects.find(({ role }) => role === 24)?.query?.toString()
    expect(text).to.contain(
      '<rim:AdhocQuery id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d" home="urn:oid:2.999.9">',
    )
    expect(text).to.contain('Müller &amp; Söhne')
  })
})

describe('the audit of fetches', () => {
  const request: AdhocQueryRequest = {
    ...{ id: 'urn:uuid:f2072993-9478-41df-a603-8f016706efe8', returnType: 'LeafClassWithRepositoryItem' },
    ...{ home: 'urn:oid:2.999.80', slots: [{ name: '$XDSDocumentEntryPatientId', values: [`'${samplePatientId}'`] }] },
  }
  const brought = {
    ...{ homeCommunityId: 'urn:oid:2.999.80', repositoryUniqueId: '2.999.20', documentUniqueId: '2.999.1' },
    ...{ mimeType: 'text/plain', sizeBytes: 0, open: () => [] },
  }

  it('is a query that names what it has brought, where it has brought anything [ITI TF-2:3.63.5.1]', () => {
    for (const side of bothSides) {
      const response = { ...success, status: 'PartialSuccess' as const, errors: [error], registryObjects: [] }
      const records = valid(
        auditCrossGatewayFetch(anExchange({ side, request, response: { ...response, documents: [brought] } })),
      )
      expect(records.map(eventOf)).to.deep.equal([
        ['110112', 'E', 'ITI-63'],
        ['110112', 'E', 'ITI-63'],
      ])
      expect(records.map(({ outcome }) => outcome)).to.deep.equal([0, 8])
      expect(records.map(record => [patientsOf(record), ids(record, 24), ids(record, 3)])).to.deep.equal([
        [[samplePatientId], [request.id], ['2.999.1']],
        [[samplePatientId], [request.id], []],
      ])
    }
  })
})

describe('the audit of retrievals', () => {
  const asked = (documentUniqueId: string): DocumentRequest => ({
    documentUniqueId,
    repositoryUniqueId: '2.999.3',
    homeCommunityId: 'urn:oid:2.999.9',
  })
  const fetched = (documentUniqueId: string, patientId?: string): RetrievedDocument => ({
    ...asked(documentUniqueId),
    mimeType: 'text/plain',
    sizeBytes: 1,
    open: () => [],
    patientId,
  })
  const request = { documents: [asked('1.1'), asked('1.2'), asked('1.3')] }

  it('has its roles turned round: the repository is the source [TF-2:3.43.6.1]', () => {
    const response = {
      ...success,
      documents: request.documents.map(({ documentUniqueId }) => fetched(documentUniqueId)),
    }
    const shapes = bothSides.map(side => {
      const [record] = valid(auditRetrieve(anExchange({ side, request, response })))
      return [
        ...eventOf(record!),
        ...record!.participants.map(({ roleIDCode, userID, userIsRequestor, alternativeUserID }) =>
          [roleIDCode?.[0], userID, userIsRequestor, alternativeUserID].join(' '),
        ),
      ]
    })
    expect(shapes).to.deep.equal([
      [
        '110107',
        'C',
        'ITI-43',
        '110153 https://carnet.example:8442/repository false ',
        `110152 ${anonymous} true 4711`,
      ],
      [
        '110106',
        'R',
        'ITI-43',
        '110153 https://carnet.example:8442/repository false 4711',
        `110152 ${anonymous} true `,
      ],
    ])
  })

  it('names each document with its repository and home community [TF-2:3.43.6.1]', () => {
    const one = { documents: [asked('1.1')] }
    const [record] = auditRetrieve(anExchange({ request: one, response: { ...success, documents: [fetched('1.1')] } }))
    expect(record?.objects[0]).to.deep.equal({
      id: '1.1',
      typeCode: 2,
      role: 3,
      idTypeCode: ['9', 'RFC-3881', 'Report Number'],
      details: [
        { type: 'Repository Unique Id', value: '2.999.3' },
        { type: 'ihe:homeCommunityID', value: 'urn:oid:2.999.9' },
      ],
    })
  })

  it('separates what was fetched from what was not, and patient from patient [TF-2:3.43.6.1, TF-2:3.20.7.1]', () => {
    const response = {
      status: 'PartialSuccess' as const,
      errors: [{ ...error, errorCode: 'XDSDocumentUniqueIdError', codeContext: 'no document 1.3' }],
      documents: [fetched('1.1', 'P'), fetched('1.2', 'Q')],
    }
    const records = valid(auditRetrieve(anExchange({ request, response })))
    expect(records.map(record => [record.outcome, patientsOf(record), ids(record, 3)])).to.deep.equal([
      [0, ['P'], ['1.1']],
      [0, ['Q'], ['1.2']],
      [8, [], ['1.3']],
    ])
    expect(records[2]?.outcomeDescription).to.equal('XDSDocumentUniqueIdError: no document 1.3')
  })

  it('is a failure as a whole when the exchange broke', () => {
    const response = { ...success, documents: [fetched('1.1', 'P')] }
    const records = valid(auditRetrieve(anExchange({ request, response, failure: 'the connection broke' })))
    expect(records.map(record => [record.outcome, ids(record, 3)])).to.deep.equal([[8, ['1.1', '1.2', '1.3']]])
  })

  it('writes down that a document without a name was asked for [TF-2:3.43.6.1]', () => {
    const response = { status: 'Failure' as const, errors: [error], documents: [] }
    const records = valid(auditRetrieve(anExchange({ request: { documents: [asked('')] }, response })))
    expect(records.map(record => [record.outcome, ids(record, 3)])).to.deep.equal([[8, []]])
  })

  it('spreads thousands of documents over several records, none lost', () => {
    const documents = Array.from({ length: 1_201 }, (_, index) => asked(`1.${index}`))
    const response = { status: 'Failure' as const, errors: [error], documents: [] }
    const records = auditRetrieve(anExchange({ request: { documents }, response }))
    expect(records.map(record => ids(record, 3).length)).to.deep.equal([500, 500, 201])
    expect(new Set(records.flatMap(record => ids(record, 3))).size).to.equal(1_201)
  })
})
