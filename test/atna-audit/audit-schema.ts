// The schema of an AuditMessage as data, and a check against it. DICOM PS3.15 §A.5.1 with the changes of IHE; element order counts.
import { parseXml, type XmlElement } from '../../soap/xml.js'

interface ElementRule {
  /** Name and how many, in order: `1`, `?`, `*`, `+`; names with `|` exclude each other. */
  children?: [names: string, count: '1' | '?' | '*' | '+'][]
  required?: Record<string, RegExp>
  optional?: Record<string, RegExp>
  text?: RegExp
}

const anything = /^.*$/s
const filled = /^\S(?:.*\S)?$/s
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const upTo = (most: number) => new RegExp(`^(?:${Array.from({ length: most }, (_, index) => index + 1).join('|')})$`)

const coded: ElementRule = {
  required: { 'csd-code': filled, codeSystemName: filled, originalText: filled },
  optional: { displayName: anything },
}

const rules: Record<string, ElementRule> = {
  AuditMessage: {
    children: [
      ['EventIdentification', '1'],
      ['ActiveParticipant', '+'],
      ['AuditSourceIdentification', '1'],
      ['ParticipantObjectIdentification', '*'],
    ],
  },
  EventIdentification: {
    children: [
      ['EventID', '1'],
      ['EventTypeCode', '*'],
      ['EventOutcomeDescription', '?'],
      ['PurposeOfUse', '*'],
    ],
    required: {
      EventActionCode: /^[CRUDE]$/,
      EventDateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
      EventOutcomeIndicator: /^(0|4|8|12)$/,
    },
  },
  EventID: coded,
  EventTypeCode: coded,
  PurposeOfUse: coded,
  EventOutcomeDescription: { text: filled },
  ActiveParticipant: {
    children: [['RoleIDCode', '*']],
    required: { UserID: filled, UserIsRequestor: /^(true|false)$/ },
    optional: {
      AlternativeUserID: filled,
      UserName: filled,
      NetworkAccessPointID: filled,
      NetworkAccessPointTypeCode: upTo(5),
    },
  },
  RoleIDCode: coded,
  AuditSourceIdentification: {
    children: [['AuditSourceTypeCode', '*']],
    required: { AuditSourceID: filled },
    optional: { AuditEnterpriseSiteID: filled },
  },
  AuditSourceTypeCode: coded,
  ParticipantObjectIdentification: {
    children: [
      ['ParticipantObjectIDTypeCode', '1'],
      ['ParticipantObjectName|ParticipantObjectQuery', '?'],
      ['ParticipantObjectDetail', '*'],
    ],
    required: {
      ParticipantObjectID: filled,
      ParticipantObjectTypeCode: upTo(4),
      ParticipantObjectTypeCodeRole: upTo(26),
    },
    optional: { ParticipantObjectDataLifeCycle: upTo(15), ParticipantObjectSensitivity: filled },
  },
  ParticipantObjectIDTypeCode: coded,
  ParticipantObjectName: { text: filled },
  ParticipantObjectQuery: { text: base64 },
  ParticipantObjectDetail: { required: { type: filled, value: base64 } },
}

/** What is wrong with a message, nothing when it is valid. */
export function faultsOf(message: string): string[] {
  return elementFaults(parseXml(message), '')
}

function elementFaults(element: XmlElement, above: string): string[] {
  const path = `${above}/${element.name}`
  const rule = rules[element.name]
  if (rule === undefined || element.namespace !== '') return [`${path} is not in the schema`]
  return [
    ...attributeFaults(element, rule, path),
    ...childFaults(element, rule.children ?? [], path),
    ...((rule.text ?? /^$/).test(element.text) ? [] : [`${path} holds ${JSON.stringify(element.text.slice(0, 40))}`]),
    ...element.children.flatMap(child => elementFaults(child, path)),
  ]
}

function attributeFaults(
  { attributes }: XmlElement,
  { required = {}, optional = {} }: ElementRule,
  path: string,
): string[] {
  const known = { ...required, ...optional }
  const missing = Object.keys(required).filter(name => !attributes.some(one => one.name === name))
  const wrong = attributes.filter(({ name, value }) => !(Object.hasOwn(known, name) && known[name]!.test(value)))
  return [
    ...missing.map(name => `${path} has no ${name}`),
    ...wrong.map(({ name, value }) => `${path} has ${name}=${JSON.stringify(value.slice(0, 40))}`),
  ]
}

function childFaults({ children }: XmlElement, expected: [string, string][], path: string): string[] {
  const pattern = expected.map(([names, count]) => `(?:(?:${names}) )${count === '1' ? '' : count}`).join('')
  const found = children.map(({ name }) => `${name} `).join('')
  return new RegExp(`^${pattern}$`).test(found) ? [] : [`${path} has the children ${found}`]
}
