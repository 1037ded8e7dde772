// The resources of FHIR R4 that an Audit Record Repository takes and gives, element by element, in the order of their XML.

/** `1` and `+` must be there, `*` and `+` are lists. */
export type Count = '?' | '1' | '*' | '+'
export type ElementRow = readonly [name: string, type: string, count: Count]

const ofElement: readonly ElementRow[] = [['extension', 'Extension', '*']]
const ofBackbone: readonly ElementRow[] = [...ofElement, ['modifierExtension', 'Extension', '*']]
const ofResource: readonly ElementRow[] = [
  ['id', 'id', '?'],
  ['meta', 'Meta', '?'],
  ['implicitRules', 'uri', '?'],
  ['language', 'code', '?'],
]
const ofDomainResource: readonly ElementRow[] = [...ofResource, ['text', 'Narrative', '?'], ...ofBackbone]

export const resources = ['AuditEvent', 'Bundle', 'OperationOutcome', 'CapabilityStatement'] as const

export const elements: Readonly<Record<string, readonly ElementRow[]>> = {
  AuditEvent: [
    ...ofDomainResource,
    ['type', 'Coding', '1'],
    ['subtype', 'Coding', '*'],
    ['action', 'action', '?'],
    ['period', 'Period', '?'],
    ['recorded', 'instant', '1'],
    ['outcome', 'outcome', '?'],
    ['outcomeDesc', 'string', '?'],
    ['purposeOfEvent', 'CodeableConcept', '*'],
    ['agent', 'Agent', '+'],
    ['source', 'Source', '1'],
    ['entity', 'Entity', '*'],
  ],
  Agent: [
    ...ofBackbone,
    ['type', 'CodeableConcept', '?'],
    ['role', 'CodeableConcept', '*'],
    ['who', 'Reference', '?'],
    ['altId', 'string', '?'],
    ['name', 'string', '?'],
    ['requestor', 'boolean', '1'],
    ['location', 'Reference', '?'],
    ['policy', 'uri', '*'],
    ['media', 'Coding', '?'],
    ['network', 'Network', '?'],
    ['purposeOfUse', 'CodeableConcept', '*'],
  ],
  Network: [...ofBackbone, ['address', 'string', '?'], ['type', 'networkType', '?']],
  Source: [...ofBackbone, ['site', 'string', '?'], ['observer', 'Reference', '1'], ['type', 'Coding', '*']],
  Entity: [
    ...ofBackbone,
    ['what', 'Reference', '?'],
    ['type', 'Coding', '?'],
    ['role', 'Coding', '?'],
    ['lifecycle', 'Coding', '?'],
    ['securityLabel', 'Coding', '*'],
    ['name', 'string', '?'],
    ['description', 'string', '?'],
    ['query', 'base64Binary', '?'],
    ['detail', 'Detail', '*'],
  ],
  Detail: [
    ...ofBackbone,
    ['type', 'string', '1'],
    ['valueString', 'string', '?'],
    ['valueBase64Binary', 'base64Binary', '?'],
  ],
  Coding: [
    ...ofElement,
    ['system', 'uri', '?'],
    ['version', 'string', '?'],
    ['code', 'code', '?'],
    ['display', 'string', '?'],
    ['userSelected', 'boolean', '?'],
  ],
  CodeableConcept: [...ofElement, ['coding', 'Coding', '*'], ['text', 'string', '?']],
  Identifier: [
    ...ofElement,
    ['use', 'code', '?'],
    ['type', 'CodeableConcept', '?'],
    ['system', 'uri', '?'],
    ['value', 'string', '?'],
    ['period', 'Period', '?'],
    ['assigner', 'Reference', '?'],
  ],
  Reference: [
    ...ofElement,
    ['reference', 'string', '?'],
    ['type', 'uri', '?'],
    ['identifier', 'Identifier', '?'],
    ['display', 'string', '?'],
  ],
  Period: [...ofElement, ['start', 'dateTime', '?'], ['end', 'dateTime', '?']],
  Meta: [
    ...ofElement,
    ['versionId', 'id', '?'],
    ['lastUpdated', 'instant', '?'],
    ['source', 'uri', '?'],
    ['profile', 'uri', '*'],
    ['security', 'Coding', '*'],
    ['tag', 'Coding', '*'],
  ],
  Narrative: [...ofElement, ['status', 'code', '1'], ['div', 'xhtml', '1']],
  // Its url is an attribute in XML; of the many values those that audit events are met with.
  Extension: [
    ...ofElement,
    ['valueString', 'string', '?'],
    ['valueCode', 'code', '?'],
    ['valueUri', 'uri', '?'],
    ['valueUrl', 'uri', '?'],
    ['valueOid', 'uri', '?'],
    ['valueId', 'id', '?'],
    ['valueBoolean', 'boolean', '?'],
    ['valueDateTime', 'dateTime', '?'],
    ['valueInstant', 'instant', '?'],
    ['valueBase64Binary', 'base64Binary', '?'],
    ['valueCoding', 'Coding', '?'],
    ['valueCodeableConcept', 'CodeableConcept', '?'],
    ['valueIdentifier', 'Identifier', '?'],
    ['valueReference', 'Reference', '?'],
    ['valuePeriod', 'Period', '?'],
  ],
  Bundle: [
    ...ofResource,
    ['identifier', 'Identifier', '?'],
    ['type', 'code', '1'],
    ['timestamp', 'instant', '?'],
    ['total', 'unsignedInt', '?'],
    ['link', 'Link', '*'],
    ['entry', 'Entry', '*'],
  ],
  Link: [...ofBackbone, ['relation', 'string', '1'], ['url', 'uri', '1']],
  Entry: [
    ...ofBackbone,
    ['link', 'Link', '*'],
    ['fullUrl', 'uri', '?'],
    ['resource', 'Resource', '?'],
    ['search', 'Search', '?'],
    ['request', 'Request', '?'],
    ['response', 'Response', '?'],
  ],
  Search: [...ofBackbone, ['mode', 'code', '?']],
  Request: [
    ...ofBackbone,
    ['method', 'code', '1'],
    ['url', 'uri', '1'],
    ['ifNoneMatch', 'string', '?'],
    ['ifModifiedSince', 'instant', '?'],
    ['ifMatch', 'string', '?'],
    ['ifNoneExist', 'string', '?'],
  ],
  Response: [
    ...ofBackbone,
    ['status', 'string', '1'],
    ['location', 'uri', '?'],
    ['etag', 'string', '?'],
    ['lastModified', 'instant', '?'],
    ['outcome', 'Resource', '?'],
  ],
  OperationOutcome: [...ofDomainResource, ['issue', 'Issue', '+']],
  Issue: [
    ...ofBackbone,
    ['severity', 'code', '1'],
    ['code', 'code', '1'],
    ['details', 'CodeableConcept', '?'],
    ['diagnostics', 'string', '?'],
    ['expression', 'string', '*'],
  ],
  CapabilityStatement: [
    ...ofDomainResource,
    ['status', 'code', '1'],
    ['date', 'dateTime', '1'],
    ['kind', 'code', '1'],
    ['fhirVersion', 'code', '1'],
    ['format', 'code', '*'],
    ['rest', 'Rest', '*'],
  ],
  Rest: [...ofBackbone, ['mode', 'code', '1'], ['resource', 'RestResource', '*'], ['interaction', 'Interaction', '*']],
  RestResource: [
    ...ofBackbone,
    ['type', 'code', '1'],
    ['supportedProfile', 'uri', '*'],
    ['interaction', 'Interaction', '*'],
    ['searchParam', 'SearchParam', '*'],
  ],
  Interaction: [...ofBackbone, ['code', 'code', '1']],
  SearchParam: [...ofBackbone, ['name', 'string', '1'], ['type', 'code', '1']],
}

export interface Primitive {
  is(text: string): boolean
  /** For whoever has it wrong. */
  words: string
  json: 'string' | 'boolean' | 'number'
}

const primitive = (pattern: RegExp, words: string, json: Primitive['json'] = 'string'): Primitive => ({
  is: text => pattern.test(text),
  words,
  json,
})

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

export const primitives: Readonly<Record<string, Primitive>> = {
  string: primitive(/\S/, 'text that is not empty'),
  xhtml: primitive(/^\s*<div/, 'a div of XHTML'),
  uri: primitive(/^\S+$/, 'a URI'),
  id: primitive(/^[A-Za-z0-9\-.]{1,64}$/, 'an id of letters, digits, "-" and "."'),
  code: primitive(/^\S+(?: \S+)*$/, 'a code'),
  boolean: primitive(/^(?:true|false)$/, 'true or false', 'boolean'),
  unsignedInt: primitive(/^\d{1,10}$/, 'a whole number', 'number'),
  action: primitive(/^[CRUDE]$/, 'one of C, R, U, D, E'),
  outcome: primitive(/^(?:0|4|8|12)$/, 'one of 0, 4, 8, 12'),
  networkType: primitive(/^[1-5]$/, 'one of 1 to 5'),
  dateTime: primitive(/^\d{4}(?:-\d\d){0,2}(?:T\d\d:\d\d.*)?$/, 'a date or a time'),
  instant: {
    is: text =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
    words: 'a time with seconds and zone, such as 2026-11-23T08:00:00Z',
    json: 'string',
  },
  base64Binary: {
    is: text => {
      const packed = text.replace(/\s/g, '')
      return packed.length % 4 === 0 && base64.test(packed)
    },
    words: 'base64',
    json: 'string',
  },
}
