// The records of RAD-69 and RAD-75 on both sides, held against schema and table.
import { expect } from 'chai'
import type { AuditedExchange } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { crossGatewayRetrieveImagingDocumentSet, retrieveImagingDocumentSet } from '../../transactions/imaging.js'
import type {
  ImageRequest,
  RetrieveDocumentSetResponse,
  RetrieveImagingDocumentSetRequest,
} from '../../transactions/xds-messages.js'
import { recordFaults } from '../atna-audit/record-rules.js'

type Retrieval = AuditedExchange<RetrieveImagingDocumentSetRequest, RetrieveDocumentSetResponse>

const image = (documentUniqueId: string): ImageRequest => ({
  ...{ studyInstanceUID: '2.999.71', seriesInstanceUID: '2.999.72', documentUniqueId },
  ...{ repositoryUniqueId: '2.999.20', homeCommunityId: 'urn:oid:2.999.9' },
})

const exchange = (side: Retrieval['side']): Retrieval => ({
  side,
  request: { documents: [image('2.999.70.1'), image('2.999.70.2'), image('2.999.70.3')], transferSyntaxUIDs: ['1.2'] },
  response: {
    status: 'PartialSuccess',
    errors: [{ errorCode: 'XDSDocumentUniqueIdError', codeContext: 'not here', severity: 'Error' }],
    documents: ['2.999.70.1', '2.999.70.2'].map((documentUniqueId, index) => ({
      ...{ repositoryUniqueId: '2.999.20', documentUniqueId, mimeType: 'application/dicom', sizeBytes: 0 },
      ...{ open: () => [], patientId: `P${index}^^^&2.999.1&ISO` },
    })),
  },
  failure: undefined,
  partner: { name: 'hospital', address: '10.0.0.7' },
  endpoint: 'https://carnet.example:8442/repository',
  replyTo: 'http://www.w3.org/2005/08/addressing/anonymous',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
  endedMs: Date.UTC(2026, 10, 23),
  processId: 4711,
  hostName: 'carnet.example',
})

describe('the audit of images', () => {
  for (const contract of [retrieveImagingDocumentSet, crossGatewayRetrieveImagingDocumentSet]) {
    it(`tells of ${contract.id} which instances each patient's were, and which did not come [IHE RAD TF-2: 4.69.5]`, () => {
      for (const [side, event] of [
        ['initiator', '110103'],
        ['responder', '110104'],
      ] as const) {
        const records = contract.audit(exchange(side))
        const texts = records.map(record => writeMessage(record, { auditSourceID: 'carnet-test' }))
        expect(texts.flatMap(recordFaults)).to.deep.equal([])
        const told = records.map(({ eventID, outcome, objects }) => [
          eventID[0],
          outcome,
          ...objects.flatMap(({ id, idTypeCode, details }) =>
            idTypeCode[0] === '110180' ? [id, details?.[0]?.value] : idTypeCode[0] === '2' ? [id] : [],
          ),
        ])
        expect(told).to.deep.equal([
          [event, 0, 'P0^^^&2.999.1&ISO', '2.999.71', '2.999.70.1'],
          [event, 0, 'P1^^^&2.999.1&ISO', '2.999.71', '2.999.70.2'],
          [event, 8, '2.999.71', '2.999.70.3'],
        ])
      }
    })
  }
})
