// ITI-56 as it travels, and as it is written down.
import { expect } from 'chai'
import { writeMessage } from '../../../atna-audit/write-message.js'
import { SoapFault } from '../../../soap/fault.js'
import {
  locationRequest,
  locationResponse,
  patientLocationQuery,
} from '../../../transactions/hl7v3/patient-location.js'
import { recordFaults } from '../../atna-audit/record-rules.js'
import { decodeText, overTheWire, xopXml } from '../../samples/encoded.js'
import { faultsOf } from '../../wsdl/validity.js'

const patientId = 'a\\T\\b^^^&2.999.7&ISO'
const answer = {
  locations: [
    { homeCommunityId: 'urn:oid:2.999.9', patientId, requestedPatientId: patientId },
    { homeCommunityId: 'urn:oid:2.999.80', patientId: 'b^^^&2.999.81&ISO', requestedPatientId: patientId },
  ],
}

describe('a Patient Location Query', () => {
  it('is the same after it has been written and read, and valid by the schema [ITI TF-2:3.56.4.1.2, 3.56.4.2.2]', async () => {
    const asked = { patientId: 'a^^^&2.999.7&ISO' }
    expect(await overTheWire(locationRequest, asked)).to.deep.equal(asked)
    expect(await overTheWire(locationResponse, answer)).to.deep.equal(answer)
    expect(faultsOf('xcpd', xopXml(locationRequest.encode(asked)))).to.deep.equal([])
    expect(faultsOf('xcpd', xopXml(locationResponse.encode(answer)))).to.deep.equal([])
  })

  it('is refused without an id that names somebody [ITI TF-2:3.56.4.1.2]', () => {
    for (const id of [
      '',
      '<RequestedPatientId root="2.999.7"/>',
      `<RequestedPatientId root="1" extension="${'a'.repeat(300)}"/>`,
    ]) {
      const xml = `<PatientLocationQueryRequest xmlns="urn:ihe:iti:xcpd:2009">${id}</PatientLocationQueryRequest>`
      expect(() => decodeText(locationRequest, xml)).to.throw(SoapFault, /RequestedPatientId/)
    }
  })

  it('is a query in the audit of both sides, with the patient and its text [ITI TF-2:3.56.5.1]', () => {
    const exchange = {
      ...{
        failure: undefined,
        partner: { name: 'bern', address: '127.0.0.1' },
        endedMs: 0,
        processId: 1,
        hostName: 'h',
      },
      ...{ endpoint: 'https://here/patient-index', replyTo: 'http://www.w3.org/2005/08/addressing/anonymous' },
      ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01', user: undefined },
      ...{ request: { patientId: 'a^^^&2.999.7&ISO' }, response: answer },
    }
    for (const side of ['initiator', 'responder'] as const) {
      const [record, ...more] = patientLocationQuery.audit({ ...exchange, side })
      expect(more).to.deep.equal([])
      expect(record?.outcome).to.equal(0)
      const source = { auditSourceID: 'carnet-gateway', auditEnterpriseSiteID: '2.999' }
      expect(recordFaults(writeMessage(record!, source))).to.deep.equal([])
      expect(String(record?.objects.find(({ role }) => role === 24)?.query)).to.contain('RequestedPatientId')
    }
    const failed = patientLocationQuery.audit({
      ...exchange,
      side: 'responder',
      response: undefined,
      failure: 'nobody',
    })
    expect(failed.map(({ outcome, outcomeDescription }) => [outcome, outcomeDescription])).to.deep.equal([
      [8, 'nobody'],
    ])
  })
})
