import { expect } from 'chai'
import fc from 'fast-check'
import { attribute, auditMessageIn, childrenNamed } from '../../../../atna-audit/repository/audit-xml.js'
import type { AuditEvent } from '../../../../atna-audit/repository/fhir/audit-event.js'
import { resourceFaults } from '../../../../atna-audit/repository/fhir/fhir-json.js'
import { resourceOfXml, resourceXml } from '../../../../atna-audit/repository/fhir/fhir-xml.js'
import { auditEventOf } from '../../../../atna-audit/repository/fhir/from-dicom.js'
import { auditMessageOf } from '../../../../atna-audit/repository/fhir/to-dicom.js'
import { parseXml, serialiseXml, type XmlElement } from '../../../../soap/xml.js'
import { indented, old, withToken } from '../messages.js'
import { arbitraryMessage } from './arbitrary-message.js'

const arrived = { receivedAt: '2026-03-04T10:00:00Z' }
const eventOf = (message: string) => auditEventOf(auditMessageIn(Buffer.from(message)), arrived)

/** Attributes in the order of their names, so that only what is said is compared. */
function said({ name, attributes, children, text }: XmlElement): unknown {
  const sorted = attributes.map(one => [one.name, one.value] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  return [name, Object.fromEntries(sorted), children.length > 0 ? '' : text, ...children.map(said)]
}

describe('audit messages of DICOM and FHIR', () => {
  it('say the same, there and back, whatever a message of the schema holds [FHIR R4 AuditEvent]', () => {
    fc.assert(
      fc.property(arbitraryMessage, message => {
        const event = auditEventOf(message, arrived)
        expect(resourceFaults(event)).to.deep.equal([])
        expect(said(parseXml(auditMessageOf(event)))).to.deep.equal(said(parseXml(serialiseXml(message))))
      }),
      { numRuns: 80 },
    )
  })

  it('say the same as JSON and as XML, and once more after DICOM', () => {
    fc.assert(
      fc.property(arbitraryMessage, message => {
        const event = auditEventOf(message, arrived)
        expect(resourceOfXml(Buffer.from(resourceXml({ ...event })))).to.deep.equal(event)
        expect(auditEventOf(parseXml(auditMessageOf(event)), arrived)).to.deep.equal(event)
      }),
      { numRuns: 60 },
    )
  })

  it('find each thing of a record with a token in the place that FHIR has for it', () => {
    const event = eventOf(withToken)
    expect(event.type).to.deep.equal({
      system: 'http://dicom.nema.org/resources/ontology/DCM',
      code: '110107',
      display: 'Import',
    })
    expect(event.subtype).to.deep.equal([
      { system: 'urn:ihe:event-type-code', code: 'ITI-43', display: 'Retrieve Document Set' },
    ])
    expect([event.action, event.recorded, event.outcome]).to.deep.equal(['C', '2026-03-04T10:11:12.123456789Z', '0'])
    expect(event.purposeOfEvent?.[0]?.coding?.[0]?.system).to.equal('urn:oid:2.16.756.5.30.1.127.3.10.5')
    expect(event.agent[1]).to.deep.equal({
      role: [
        {
          coding: [{ system: 'urn:oid:2.16.756.5.30.1.127.3.10.6', code: 'HCP', display: 'Healthcare professional' }],
        },
      ],
      who: { identifier: { value: '7601000000000' } },
      name: 'Dr. Jane Doe',
      requestor: true,
    })
    expect(event.source).to.deep.include({ site: '2.999.7', observer: { identifier: { value: 'portal' } } })
    expect(event.entity?.[0]?.securityLabel).to.deep.equal([{ system: 'urn:oid:2.999', code: 'normal', display: 'N' }])
    // A plain value among those that should be base64 stays what it is.
    expect(event.entity?.[0]?.detail).to.deep.equal([
      { type: 'Repository Unique Id', valueBase64Binary: 'Mi45OTkuMw==' },
      { type: 'ihe:homeCommunityID', valueString: '2.999.9' },
    ])
    expect(event.entity?.[1]?.role?.display).to.equal('Processing Element')
  })

  it('split the id of a patient into authority and value', () => {
    const event = eventOf(indented)
    expect(event.entity?.[0]?.what?.identifier).to.deep.include({ system: 'urn:oid:2.999.5', value: 'A1' })
    expect(event.recorded).to.equal('2026-03-04T10:11:12.345+01:00')
  })

  it('know the patient where the type is a resource of FHIR, or is left out', () => {
    const resources = 'http://hl7.org/fhir/resource-types'
    const role = { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' }
    const typeCodes = (entity: AuditEvent['entity']) =>
      childrenNamed(
        parseXml(auditMessageOf({ ...eventOf(indented), entity: entity ?? [] })),
        'ParticipantObjectIdentification',
      ).map(object => attribute(object, 'ParticipantObjectTypeCode'))
    expect(
      typeCodes([
        { type: { system: resources, code: 'Patient' }, role },
        { role },
        { type: { system: resources, code: 'Organization' } },
        { type: { system: resources, code: 'DocumentReference' } },
      ]),
    ).to.deep.equal(['1', '1', '3', '2'])
  })

  it('split it also where a namespace or a type stands with it', () => {
    const event = eventOf(indented.replace('A1^^^&amp;2.999.5&amp;ISO', 'A1^^^ward&amp;2.999.5&amp;ISO^PI'))
    expect(event.entity?.[0]?.what?.identifier).to.deep.include({ system: 'urn:oid:2.999.5', value: 'A1' })
  })

  it('are resources of FHIR R4 even where a message lacks what R4 requires', () => {
    for (const message of [old, indented, withToken, '<AuditMessage><EventIdentification/></AuditMessage>'])
      expect(resourceFaults(eventOf(message))).to.deep.equal([])
  })

  it('let no narrative out of its element', () => {
    const hostile = { ...eventOf(withToken), text: { status: 'generated', div: '<div></div></text><agent/><text>' } }
    expect(resourceXml({ ...hostile })).to.contain('<div xmlns="http://www.w3.org/1999/xhtml"/>')
    expect((resourceOfXml(Buffer.from(resourceXml({ ...hostile }))).agent as unknown[]).length).to.equal(2)
  })
})
