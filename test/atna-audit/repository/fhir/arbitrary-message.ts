// Audit messages of any content that the schema allows, as trees.
import fc from 'fast-check'
import type { XmlElement } from '../../../../soap/xml.js'

const token = fc
  .array(
    fc.oneof(fc.constantFrom('<', '&', '"', "'", 'ä', '^', '%', ' ', '日'), fc.string({ minLength: 1, maxLength: 3 })),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map(pieces =>
    pieces
      .join('')
      .replace(/[^\x20-\x7eä日]/g, '')
      .trim(),
  )
  .filter(text => text !== '')
const code = token.map(text => text.replace(/\s/g, '')).filter(text => text !== '')
const base64 = fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes).toString('base64'))
const digit = (most: number) => fc.integer({ min: 1, max: most }).map(String)
const systems = fc.oneof(
  fc.constantFrom(
    'DCM',
    'IHE Transactions',
    'e-health-suisse',
    'RFC-3881',
    '2.16.756.5.30.1.127.3.10.6',
    'Local codes',
    'urn:oid:1.2',
    'http://dicom.nema.org/resources/ontology/DCM',
    'urn:carnet:code-system-name:x',
  ),
  token,
)

function element(
  name: string,
  attributes: Record<string, string | undefined>,
  children: XmlElement[] = [],
  text = '',
): XmlElement {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ namespace: '', name: key, value }],
  )
  return { namespace: '', name, attributes: written, children, text }
}

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })
const coded = (name: string) =>
  fc
    .record({ 'csd-code': code, codeSystemName: systems, originalText: token })
    .map(attributes => element(name, attributes))
const textOf = (name: string, content: fc.Arbitrary<string>) => content.map(text => element(name, {}, [], text))
const list = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.array(arbitrary, { maxLength: 3 })
const perhaps = (arbitrary: fc.Arbitrary<XmlElement>) => fc.array(arbitrary, { maxLength: 1 })

const event = fc
  .tuple(
    fc.record({
      EventActionCode: fc.constantFrom('C', 'R', 'U', 'D', 'E'),
      EventDateTime: fc.constantFrom('2026-03-04T10:11:12Z', '2026-03-04T10:11:12.123456+01:00'),
      EventOutcomeIndicator: fc.constantFrom('0', '4', '8', '12'),
    }),
    coded('EventID'),
    list(coded('EventTypeCode')),
    perhaps(textOf('EventOutcomeDescription', token)),
    list(coded('PurposeOfUse')),
  )
  .map(([attributes, id, ...more]) => element('EventIdentification', attributes, [id, ...more.flat()]))

const participant = fc
  .tuple(
    fc.record({
      UserID: token,
      AlternativeUserID: maybe(token),
      UserName: maybe(token),
      UserIsRequestor: fc.constantFrom('true', 'false'),
      NetworkAccessPointID: maybe(token),
      NetworkAccessPointTypeCode: maybe(digit(5)),
    }),
    list(coded('RoleIDCode')),
    perhaps(coded('MediaType').map(type => element('MediaIdentifier', {}, [type]))),
  )
  .map(([attributes, ...more]) => element('ActiveParticipant', attributes, more.flat()))

const source = fc
  .tuple(
    fc.record({ AuditEnterpriseSiteID: maybe(token), AuditSourceID: token }),
    list(
      fc.oneof(
        coded('AuditSourceTypeCode'),
        fc.record({ 'csd-code': digit(9), originalText: token }).map(attributes =>
          element('AuditSourceTypeCode', {
            'csd-code': attributes['csd-code'],
            codeSystemName: 'DCM',
            originalText: attributes.originalText,
          }),
        ),
      ),
    ),
  )
  .map(([attributes, types]) => element('AuditSourceIdentification', attributes, types))

const object = fc
  .tuple(
    fc.record({
      ParticipantObjectID: fc.oneof(token, fc.constant('P-1^^^&2.999.1&ISO'), fc.constant('P^^^&x&ISO')),
      ParticipantObjectTypeCode: digit(4),
      ParticipantObjectTypeCodeRole: digit(26),
      ParticipantObjectDataLifeCycle: maybe(digit(15)),
      ParticipantObjectSensitivity: maybe(fc.oneof(token, fc.constant('17621005^Normal^2.16.840.1.113883.6.96'))),
    }),
    coded('ParticipantObjectIDTypeCode'),
    perhaps(fc.oneof(textOf('ParticipantObjectName', token), textOf('ParticipantObjectQuery', base64.filter(Boolean)))),
    list(fc.record({ type: token, value: base64 }).map(attributes => element('ParticipantObjectDetail', attributes))),
    perhaps(textOf('ParticipantObjectDescription', token)),
  )
  .map(([attributes, type, ...more]) => element('ParticipantObjectIdentification', attributes, [type, ...more.flat()]))

export const arbitraryMessage: fc.Arbitrary<XmlElement> = fc
  .tuple(event, fc.array(participant, { minLength: 1, maxLength: 4 }), source, list(object))
  .map(([identification, participants, from, objects]) =>
    element('AuditMessage', {}, [identification, ...participants, from, ...objects]),
  )
