import { expect } from 'chai'
import fc from 'fast-check'
import type { AuditRecord } from '../../atna-audit/message.js'
import { writeMessage } from '../../atna-audit/write-message.js'
import { parseXml, type XmlElement } from '../../soap/xml.js'
import { faultsOf } from './audit-schema.js'

const source = { auditSourceID: 'carnet-registry', auditEnterpriseSiteID: '2.999.1' }

function aRecord(changes: Partial<AuditRecord> = {}): AuditRecord {
  return {
    eventID: ['110112', 'DCM', 'Query'],
    eventTypeCode: ['ITI-18', 'IHE Transactions', 'Registry Stored Query'],
    action: 'E',
    outcome: 0,
    dateTimeMs: Date.UTC(2026, 10, 23, 10, 0, 0, 5),
    participants: [{ userID: 'https://registry', userIsRequestor: false, networkAccessPointID: '10.0.0.7' }],
    objects: [],
    ...changes,
  }
}

function attributesOf(element: XmlElement | undefined): Record<string, string> {
  return Object.fromEntries((element?.attributes ?? []).map(({ name, value }) => [name, value]))
}

function accessPoint(networkAccessPointID: string): (string | undefined)[] {
  const record = aRecord({ participants: [{ userID: 'x', userIsRequestor: true, networkAccessPointID }] })
  const participant = parseXml(writeMessage(record, source)).children[1]
  const { NetworkAccessPointID, NetworkAccessPointTypeCode } = attributesOf(participant)
  return [NetworkAccessPointID, NetworkAccessPointTypeCode]
}

describe('the audit message', () => {
  it('is written in the order of the schema, attributes as csd-code [DICOM PS3.15 A.5.1]', () => {
    const message = writeMessage(
      aRecord({
        outcome: 8,
        outcomeDescription: 'no',
        objects: [
          {
            id: 'q',
            typeCode: 2,
            role: 24,
            idTypeCode: ['ITI-18', 'IHE Transactions', 'Registry Stored Query'],
            query: Buffer.from('<q/>'),
            details: [{ type: 'QueryEncoding', value: 'UTF-8' }],
          },
        ],
      }),
      source,
    )
    expect(message).to.equal(
      '<AuditMessage><EventIdentification EventActionCode="E" EventDateTime="2026-11-23T10:00:00.005Z" EventOutcomeIndicator="8">' +
        '<EventID csd-code="110112" codeSystemName="DCM" originalText="Query"/>' +
        '<EventTypeCode csd-code="ITI-18" codeSystemName="IHE Transactions" originalText="Registry Stored Query"/>' +
        '<EventOutcomeDescription>no</EventOutcomeDescription></EventIdentification>' +
        '<ActiveParticipant UserID="https://registry" UserIsRequestor="false" NetworkAccessPointID="10.0.0.7" NetworkAccessPointTypeCode="2"/>' +
        '<AuditSourceIdentification AuditEnterpriseSiteID="2.999.1" AuditSourceID="carnet-registry">' +
        '<AuditSourceTypeCode csd-code="4" codeSystemName="DCM" originalText="Application server process"/></AuditSourceIdentification>' +
        '<ParticipantObjectIdentification ParticipantObjectID="q" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="24">' +
        '<ParticipantObjectIDTypeCode csd-code="ITI-18" codeSystemName="IHE Transactions" originalText="Registry Stored Query"/>' +
        '<ParticipantObjectQuery>PHEvPg==</ParticipantObjectQuery>' +
        '<ParticipantObjectDetail type="QueryEncoding" value="VVRGLTg="/></ParticipantObjectIdentification></AuditMessage>',
    )
  })

  it('tells addresses (2) from names (1) [DICOM PS3.15 A.5.1]', () => {
    expect(accessPoint('10.0.0.7')).to.deep.equal(['10.0.0.7', '2'])
    expect(accessPoint('::ffff:10.0.0.7')).to.deep.equal(['10.0.0.7', '2'])
    expect(accessPoint('fe80::1')).to.deep.equal(['fe80::1', '2'])
    expect(accessPoint('registry.example')).to.deep.equal(['registry.example', '1'])
  })

  it('is valid whatever a partner has sent, and says it unchanged where XML can', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        (raw, fine) => {
          const message = writeMessage(
            aRecord({
              outcomeDescription: `a${raw}z`,
              participants: [{ userID: `a${raw}z`, userName: `a${fine}z`, userIsRequestor: true }],
            }),
            source,
          )
          expect(faultsOf(message)).to.deep.equal([])
          expect(attributesOf(parseXml(Buffer.from(message)).children[1]).UserName).to.equal(`a${fine}z`)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('keeps line feeds, tabs and markup of a value', () => {
    const userName = 'one\n<two>\t"&\'\r'
    const record = aRecord({ participants: [{ userID: 'x', userName, userIsRequestor: true }] })
    expect(attributesOf(parseXml(writeMessage(record, source)).children[1]).UserName).to.equal(userName)
  })

  it('stays bounded when a value is not', () => {
    const huge = 'x'.repeat(10_000_000)
    const record = aRecord({
      outcomeDescription: huge,
      participants: [{ userID: huge, userIsRequestor: true }],
      objects: [
        { id: huge, typeCode: 2, role: 3, idTypeCode: ['9', huge, huge], details: [{ type: huge, value: huge }] },
      ],
    })
    expect(writeMessage(record, source).length).to.be.lessThan(50_000)
  })
})
