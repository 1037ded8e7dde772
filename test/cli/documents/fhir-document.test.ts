import { expect } from 'chai'
import { readFhirHeader } from '../../../cli/documents/fhir-document.js'

const composition = {
  resourceType: 'Composition',
  id: 'c',
  language: 'de-CH',
  status: 'final',
  type: { coding: [{ system: 'http://loinc.org', code: '18842-5', display: 'Discharge summary' }] },
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '721927009', display: 'Referral note' }] }],
  subject: { reference: 'Patient/p' },
  date: '2026-11-20T16:30:00.250+01:00',
  author: [{ reference: 'urn:uuid:5f1bcd0f-7a6e-4ae7-90c5-2f1a4c1f5a01' }],
  title: 'Austrittsbericht',
  confidentiality: 'N',
  attester: [{ mode: 'legal', party: { reference: '#boss' } }],
  contained: [{ resourceType: 'Practitioner', id: 'boss', name: [{ family: 'Vorbild', given: ['Eva'] }] }],
  event: [{ period: { start: '2026-11-12', end: '2026-11-20' } }],
}

const bundle = {
  resourceType: 'Bundle',
  type: 'document',
  identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:oid:2.999.20.5' },
  entry: [
    { fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001', resource: composition },
    {
      fullUrl: 'https://example.org/fhir/Patient/p',
      resource: {
        resourceType: 'Patient',
        id: 'p',
        identifier: [
          { system: 'https://example.org/ids', value: 'x' },
          { system: 'urn:oid:2.999.1.30', value: 'H-1' },
        ],
        name: [{ family: 'Muster', given: ['Anna', 'Maria'], prefix: ['Dr.'] }],
        birthDate: '1958-03-14',
        gender: 'female',
      },
    },
    {
      fullUrl: 'urn:uuid:5f1bcd0f-7a6e-4ae7-90c5-2f1a4c1f5a01',
      resource: {
        resourceType: 'PractitionerRole',
        practitioner: { reference: 'Practitioner/d' },
        organization: { reference: 'Organization/o' },
      },
    },
    {
      fullUrl: 'https://example.org/fhir/Practitioner/d',
      resource: {
        resourceType: 'Practitioner',
        id: 'd',
        identifier: [{ system: 'urn:oid:2.51.1.3', value: '7601000000019' }],
        name: [{ family: 'Beispiel', given: ['Lukas'], prefix: ['Dr. med.'] }],
      },
    },
    { resource: { resourceType: 'Organization', id: 'o', name: 'Example Hospital' } },
  ],
}

const changed = (more: object) => JSON.stringify({ ...bundle, ...more })

describe('cli/fhir-document', () => {
  it('takes from a Composition and those it refers to what they tell', () => {
    const header = readFhirHeader(JSON.stringify(bundle))
    expect(header).to.deep.include({
      title: 'Austrittsbericht',
      uniqueId: '2.999.20.5',
      languageCode: 'de-CH',
      creationTime: '20261120153000',
      serviceStartTime: '20261112',
      serviceStopTime: '20261120',
      authorPerson: '7601000000019^Beispiel^Lukas^^^Dr. med.^^^&2.51.1.3&ISO',
      authorInstitution: 'Example Hospital',
      legalAuthenticator: '^Vorbild^Eva',
      sourcePatientId: 'H-1^^^&2.999.1.30&ISO',
      sourcePatientInfo: ['PID-3|H-1^^^&2.999.1.30&ISO', 'PID-5|Muster^Anna^Maria^^Dr.', 'PID-7|19580314', 'PID-8|F'],
    })
    expect(header?.code).to.deep.include({ code: '18842-5', codingScheme: '2.16.840.1.113883.6.1' })
    expect(header?.classCode).to.deep.include({ code: '721927009', codingScheme: '2.16.840.1.113883.6.96' })
    expect(header?.confidentialityCode).to.deep.include({ code: 'N', codingScheme: '2.16.840.1.113883.5.25' })
  })

  it('reads the XML form alike', () => {
    expect(readFhirHeader(xmlOf('Bundle', bundle, ' xmlns="http://hl7.org/fhir"'))).to.deep.equal(
      readFhirHeader(JSON.stringify(bundle)),
    )
  })

  it('names a document by an identifier in the system of somebody', () => {
    const identifier = { system: 'urn:oid:2.999.20', value: 'DS-5' }
    expect(readFhirHeader(changed({ identifier }))?.uniqueId).to.equal('2.999.20^DS-5')
  })

  it('keeps a UUID as it is [ITI TF-3:4.2.3.2.26]', () => {
    const value = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'
    expect(readFhirHeader(changed({ identifier: { system: 'urn:ietf:rfc:3986', value } }))?.uniqueId).to.equal(value)
  })

  it('finds nothing in a Bundle that is no document', () => {
    expect(readFhirHeader(changed({ type: 'collection' }))).to.equal(undefined)
    expect(readFhirHeader(changed({ entry: [] }))).to.equal(undefined)
    expect(readFhirHeader('{"resourceType":"Patient"}')).to.equal(undefined)
  })

  it('bears parts that are missing or of another kind', () => {
    const bare = { resourceType: 'Composition', title: 7, author: 'nobody', subject: { reference: 'Patient/none' } }
    expect(readFhirHeader(changed({ entry: [{ resource: bare }] }))).to.deep.equal({ uniqueId: '2.999.20.5' })
  })
})

/** The XML form of a resource. [HL7 FHIR R4: xml] */
function xmlOf(name: string, value: unknown, attributes = ''): string {
  if (Array.isArray(value)) return value.map(each => xmlOf(name, each)).join('')
  if (typeof value !== 'object' || value === null) return `<${name} value="${value}"/>`
  const { resourceType, ...parts } = value as Record<string, unknown>
  const inner = Object.entries(parts)
    .map(([part, each]) => xmlOf(part, each))
    .join('')
  if (typeof resourceType !== 'string' || name === resourceType) return `<${name}${attributes}>${inner}</${name}>`
  return `<${name}><${resourceType}>${inner}</${resourceType}></${name}>`
}
