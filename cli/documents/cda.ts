// What the header of a CDA document (HL7 v3 ClinicalDocument) tells for its DocumentEntry. [IHE PCC TF-2: 4.1, XDS-MS bindings]
import { cxOf, escapeHl7, withoutEmptyEnd } from '../../metadata/hl7.js'
import type { Code } from '../../metadata/model.js'
import { attributeOf, childOf, childrenOf, isElement, parseXml, type XmlElement } from '../../soap/xml.js'
import { type DocumentHeader, defined, sourcePatientInfo } from './document-header.js'
import { codeOf, isOid, nameComponents, type PersonName, utcDtm, xcn, xon } from './hl7.js'

const hl7 = 'urn:hl7-org:v3'

export function looksLikeCda(head: string): boolean {
  return /<(?:[\w.-]+:)?ClinicalDocument[\s>]/.test(head)
}

/** Reads a whole CDA, or the beginning of a long one: all of the header stands before the body's `component`. */
export function readCdaHeader(text: string): DocumentHeader | undefined {
  const document = parseXml(headerOnly(text), { depth: 64 })
  return isElement(document, hl7, 'ClinicalDocument') ? headerOf(document) : undefined
}

function headerOnly(text: string): string {
  const body = /<((?:[\w.-]+:)?)component[\s>]/.exec(text)
  return body === null ? text : `${text.slice(0, body.index)}</${body[1]}ClinicalDocument>`
}

function headerOf(document: XmlElement): DocumentHeader {
  const author = at(document, 'author', 'assignedAuthor')
  const service = at(document, 'documentationOf', 'serviceEvent', 'effectiveTime')
  const title = textOf(childOf(document, hl7, 'title'))
  return defined<DocumentHeader>({
    title: title === '' ? undefined : title,
    uniqueId: uniqueIdOf(childOf(document, hl7, 'id')),
    code: codeIn(childOf(document, hl7, 'code')),
    confidentialityCode: codeIn(childOf(document, hl7, 'confidentialityCode')),
    languageCode: value(childOf(document, hl7, 'languageCode'), 'code'),
    creationTime: timeOf(childOf(document, hl7, 'effectiveTime')),
    authorPerson: personOf(author),
    legalAuthenticator: personOf(at(document, 'legalAuthenticator', 'assignedEntity')),
    authorInstitution: institutionOf(author),
    ...patientOf(at(document, 'recordTarget', 'patientRole')),
    serviceStartTime: timeOf(service && (childOf(service, hl7, 'low') ?? service)),
    serviceStopTime: timeOf(service && childOf(service, hl7, 'high')),
    formatCode: formatOf(document),
  })
}

const ihe = '1.3.6.1.4.1.19376.1.2.3'

const formatByTemplate: Readonly<Record<string, Code>> = {
  '1.3.6.1.4.1.19376.1.2.20': codeOf('urn:ihe:iti:xds-sd:pdf:2008', 'XDS-SD PDF', ihe),
  '2.16.840.1.113883.10.20.22.1.1': codeOf(
    'urn:hl7-org:sdwg:ccda-structuredBody:2.1',
    'C-CDA R2.1 with structured body',
    ihe,
  ),
}

function formatOf(document: XmlElement): Code | undefined {
  const templates = childrenOf(document, hl7, 'templateId').map(element => value(element, 'root') ?? '')
  const known = templates.find(id => Object.hasOwn(formatByTemplate, id))
  return known === undefined ? undefined : formatByTemplate[known]
}

/** root, or root^extension. */
function uniqueIdOf(element: XmlElement | undefined): string | undefined {
  const id = identifier(element)
  if (id === undefined) return undefined
  return id.extension === '' ? id.root : `${id.root}^${id.extension}`
}

function codeIn(element: XmlElement | undefined): Code | undefined {
  const code = value(element, 'code')
  const scheme = value(element, 'codeSystem')
  if (code === undefined || scheme === undefined) return undefined
  return codeOf(code, value(element, 'displayName') ?? code, scheme)
}

function timeOf(element: XmlElement | undefined): string | undefined {
  const time = value(element, 'value')
  return time === undefined ? undefined : utcDtm(time)
}

function personOf(role: XmlElement | undefined): string | undefined {
  const name = nameOf(role && at(role, 'assignedPerson', 'name'))
  const id = identifier(role && childOf(role, hl7, 'id'))
  return name && xcn(name, id?.extension === '' ? undefined : id)
}

function institutionOf(author: XmlElement | undefined): string | undefined {
  const organization = author && childOf(author, hl7, 'representedOrganization')
  const name = textOf(organization && childOf(organization, hl7, 'name'))
  return name === '' ? undefined : xon(name, identifier(organization && childOf(organization, hl7, 'id')))
}

const sexes: Readonly<Record<string, string>> = { M: 'M', F: 'F', UN: 'O' }

function patientOf(role: XmlElement | undefined): Pick<DocumentHeader, 'sourcePatientId' | 'sourcePatientInfo'> {
  const id =
    role &&
    childrenOf(role, hl7, 'id')
      .map(identifier)
      .find(found => found !== undefined && found.extension !== '')
  const sourcePatientId = id && cxOf(id.root, id.extension)
  const patient = role && childOf(role, hl7, 'patient')
  const name = nameOf(patient && childOf(patient, hl7, 'name'))
  const birth = value(patient && childOf(patient, hl7, 'birthTime'), 'value')?.slice(0, 8)
  const sex = value(patient && childOf(patient, hl7, 'administrativeGenderCode'), 'code')
  return defined<Pick<DocumentHeader, 'sourcePatientId' | 'sourcePatientInfo'>>({
    sourcePatientId,
    sourcePatientInfo: sourcePatientInfo([
      ['PID-3', sourcePatientId],
      ['PID-5', name && nameComponents(name)],
      ['PID-7', birth],
      ['PID-8', sex && (sexes[sex] ?? 'U')],
      ['PID-11', addressOf(role && childOf(role, hl7, 'addr'))],
    ]),
  })
}

function nameOf(element: XmlElement | undefined): PersonName | undefined {
  if (element === undefined) return undefined
  const parts = (part: string) => childrenOf(element, hl7, part).map(textOf).filter(Boolean)
  const [given = '', ...others] = parts('given')
  const family = parts('family').join(' ')
  // A name without parts is all family name; better than none.
  const whole = family === '' && given === '' ? textOf(element) : family
  if (whole === '' && given === '') return undefined
  return {
    family: whole,
    given,
    middle: others.join(' '),
    suffix: parts('suffix').join(' '),
    prefix: parts('prefix').join(' '),
  }
}

/** XAD: street^other^city^state^zip^country. */
function addressOf(element: XmlElement | undefined): string | undefined {
  if (element === undefined) return undefined
  const part = (name: string) => escapeHl7(textOf(childOf(element, hl7, name)))
  const street = [part('streetAddressLine') || part('streetName'), part('houseNumber')].filter(Boolean).join(' ')
  return withoutEmptyEnd([street, '', part('city'), part('state'), part('postalCode'), part('country')].join('^'))
}

function identifier(element: XmlElement | undefined): { root: string; extension: string } | undefined {
  const root = value(element, 'root')
  return root === undefined || !isOid(root) ? undefined : { root, extension: value(element, 'extension') ?? '' }
}

/** The first element on a path of names. */
function at(element: XmlElement, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((found, name) => found && childOf(found, hl7, name), element)
}

function value(element: XmlElement | undefined, name: string): string | undefined {
  const text = element && attributeOf(element, name)?.trim()
  return text === '' ? undefined : text
}

function textOf(element: XmlElement | undefined): string {
  return element?.text.replace(/\s+/g, ' ').trim() ?? ''
}
