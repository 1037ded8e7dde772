// What a FHIR document (a Bundle whose first entry is a Composition) tells for its DocumentEntry. [HL7 FHIR R4: documents, composition]
import { cxOf } from '../../metadata/hl7.js'
import type { Code } from '../../metadata/model.js'
import { attributeOf, parseXml, type XmlElement } from '../../soap/xml.js'
import { type DocumentHeader, defined, sourcePatientInfo } from './document-header.js'
import { codeOf, isOid, nameComponents, type PersonName, utcDtm, xcn, xon } from './hl7.js'

/** A resource or a part of one, as its JSON form has it. */
type Node = Readonly<Record<string, unknown>>

/** Undefined when it is FHIR, but no document. @throws when it cannot be read */
export function readFhirHeader(text: string): DocumentHeader | undefined {
  const bundle = text.trimStart().startsWith('<') ? nodeOf(parseXml(text, { depth: 64 })) : (JSON.parse(text) as Node)
  if (bundle.resourceType !== 'Bundle' || first(bundle, 'type') !== 'document') return undefined
  const resources = new Map<string, Node>()
  const entries = all(bundle, 'entry')
  for (const entry of entries) {
    const resource = resourceIn(entry)
    if (resource === undefined) continue
    resources.set(words(entry, 'fullUrl') ?? '', resource)
    resources.set(`${resource.resourceType}/${words(resource, 'id')}`, resource)
  }
  const composition = entries[0] === undefined ? undefined : resourceIn(entries[0])
  if (composition?.resourceType !== 'Composition') return undefined
  return headerOf(bundle, composition, reference => referred(reference, composition, resources))
}

type Resolve = (reference: Node | undefined) => Node | undefined

const confidentialities = '2.16.840.1.113883.5.25'

function headerOf(bundle: Node, composition: Node, resolve: Resolve): DocumentHeader {
  const author = authorOf(resolve(one(composition, 'author')), resolve)
  const legal = all(composition, 'attester').find(attester => words(attester, 'mode') === 'legal')
  const period = one(one(composition, 'event'), 'period')
  const confidentiality = words(composition, 'confidentiality')
  return defined<DocumentHeader>({
    title: words(composition, 'title'),
    uniqueId: uniqueIdOf(one(bundle, 'identifier')) ?? uniqueIdOf(one(composition, 'identifier')),
    code: codeIn(one(composition, 'type')),
    classCode: codeIn(one(composition, 'category')),
    confidentialityCode:
      confidentiality === undefined ? undefined : codeOf(confidentiality, confidentiality, confidentialities),
    languageCode: words(composition, 'language') ?? words(bundle, 'language'),
    creationTime: dtmOfDateTime(words(composition, 'date')),
    serviceStartTime: dtmOfDateTime(words(period, 'start')),
    serviceStopTime: dtmOfDateTime(words(period, 'end')),
    authorPerson: author.person,
    authorInstitution: author.institution ?? institutionOf(resolve(one(composition, 'custodian'))),
    legalAuthenticator: authorOf(resolve(one(legal, 'party')), resolve).person,
    ...patientOf(resolve(one(composition, 'subject'))),
  })
}

/** An identifier by URI, or by value in a system. [ITI TF-3:4.2.3.2.26] */
function uniqueIdOf(identifier: Node | undefined): string | undefined {
  const value = words(identifier, 'value')
  const system = words(identifier, 'system')
  if (value === undefined) return undefined
  if (system === 'urn:ietf:rfc:3986') return value.replace(/^urn:oid:/, '')
  const root = oidIn(system)
  return root === undefined ? undefined : `${root}^${value}`
}

/** What the field calls by OID and FHIR by URL. */
const systems: Readonly<Record<string, string>> = {
  'http://loinc.org': '2.16.840.1.113883.6.1',
  'http://snomed.info/sct': '2.16.840.1.113883.6.96',
  'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode': '1.3.6.1.4.1.19376.1.2.3',
}

function codeIn(concept: Node | undefined): Code | undefined {
  const coding = one(concept, 'coding')
  const code = words(coding, 'code')
  const system = words(coding, 'system')
  if (code === undefined || system === undefined) return undefined
  const display = words(coding, 'display') ?? words(concept, 'text') ?? code
  return codeOf(code, display, systems[system] ?? oidIn(system) ?? system)
}

function authorOf(found: Node | undefined, resolve: Resolve): { person?: string; institution?: string } {
  if (found?.resourceType === 'PractitionerRole') {
    const { person } = authorOf(resolve(one(found, 'practitioner')), resolve)
    return defined<{ person?: string; institution?: string }>({
      person,
      institution: institutionOf(resolve(one(found, 'organization'))),
    })
  }
  if (found?.resourceType === 'Organization') {
    return defined<{ institution?: string }>({ institution: institutionOf(found) })
  }
  if (found?.resourceType === 'Device') {
    const device = words(one(found, 'deviceName'), 'name')
    return device === undefined ? {} : { person: xcn({ ...nobody, family: device }, undefined) }
  }
  const name = nameOf(found)
  return name === undefined ? {} : { person: xcn(name, idOf(found)) }
}

function institutionOf(organization: Node | undefined): string | undefined {
  const name = words(organization, 'name')
  return name === undefined ? undefined : xon(name, idOf(organization))
}

const sexes: Readonly<Record<string, string>> = { male: 'M', female: 'F', other: 'O', unknown: 'U' }

function patientOf(patient: Node | undefined): Pick<DocumentHeader, 'sourcePatientId' | 'sourcePatientInfo'> {
  const id = idOf(patient)
  const sourcePatientId = id && cxOf(id.root, id.extension)
  const name = nameOf(patient)
  return defined<Pick<DocumentHeader, 'sourcePatientId' | 'sourcePatientInfo'>>({
    sourcePatientId,
    sourcePatientInfo: sourcePatientInfo([
      ['PID-3', sourcePatientId],
      ['PID-5', name && nameComponents(name)],
      ['PID-7', words(patient, 'birthDate')?.replaceAll('-', '')],
      ['PID-8', sexes[words(patient, 'gender') ?? '']],
    ]),
  })
}

/** The first identifier whose system is an OID. */
function idOf(resource: Node | undefined): { root: string; extension: string } | undefined {
  for (const identifier of all(resource, 'identifier')) {
    const root = oidIn(words(identifier, 'system'))
    const extension = words(identifier, 'value')
    if (root !== undefined && extension !== undefined) return { root, extension }
  }
  return undefined
}

const nobody: PersonName = { family: '', given: '', middle: '', suffix: '', prefix: '' }

function nameOf(resource: Node | undefined): PersonName | undefined {
  const name = one(resource, 'name')
  const [given = '', ...middle] = texts(name, 'given')
  const family = words(name, 'family') ?? (given === '' ? words(name, 'text') : undefined) ?? ''
  if (family === '' && given === '') return undefined
  const joined = (part: string) => texts(name, part).join(' ')
  return { family, given, middle: middle.join(' '), suffix: joined('suffix'), prefix: joined('prefix') }
}

/** A dateTime of FHIR as DTM in UTC, with the precision it has. */
function dtmOfDateTime(time: string | undefined): string | undefined {
  const [date = '', clock = ''] = (time ?? '').split('T')
  const [, hours = '', zone = ''] = /^([\d:]+)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(clock) ?? []
  const offset = zone === 'Z' ? '+0000' : zone.replace(':', '')
  return utcDtm(`${date}${hours}`.replace(/[-:]/g, '') + offset)
}

function oidIn(system: string | undefined): string | undefined {
  const oid = system?.replace(/^urn:oid:/, '')
  return oid !== undefined && oid !== system && isOid(oid) ? oid : undefined
}

/** By fullUrl, by relative reference, or contained. */
function referred(reference: Node | undefined, within: Node, resources: ReadonlyMap<string, Node>): Node | undefined {
  const to = words(reference, 'reference')
  if (to === undefined) return undefined
  if (to.startsWith('#')) return all(within, 'contained').find(resource => words(resource, 'id') === to.slice(1))
  return resources.get(to) ?? resources.get(to.split('/').slice(-2).join('/'))
}

// ---- reading nodes, of which the two forms of FHIR agree once attributes `value` are their elements' values ------------

function resourceIn(entry: Node): Node | undefined {
  return one(entry, 'resource')
}

function all(node: Node | undefined, name: string): Node[] {
  const found = node?.[name]
  const values = Array.isArray(found) ? found : [found]
  return values.filter((value): value is Node => typeof value === 'object' && value !== null)
}

function one(node: Node | undefined, name: string): Node | undefined {
  return all(node, name)[0]
}

function first(node: Node | undefined, name: string): unknown {
  const found = node?.[name]
  return Array.isArray(found) ? found[0] : found
}

function words(node: Node | undefined, name: string): string | undefined {
  return texts(node, name)[0]
}

function texts(node: Node | undefined, name: string): string[] {
  const found = node?.[name]
  return (Array.isArray(found) ? found : [found])
    .filter((value): value is string => typeof value === 'string')
    .map(value => value.trim())
    .filter(value => value !== '')
}

/** The XML form as the JSON form has it; a name that comes once stands alone, which the readers above do not mind. */
function nodeOf(element: XmlElement): Node {
  const node: Record<string, unknown> = { resourceType: element.name }
  const id = attributeOf(element, 'id')
  if (id !== undefined) node.id = id
  for (const child of element.children) {
    const value = attributeOf(child, 'value')
    const inner = child.children[0]
    const isHolder = child.name === 'resource' || child.name === 'contained'
    const read = value ?? nodeOf(isHolder && inner !== undefined ? inner : child)
    const before = node[child.name]
    node[child.name] = before === undefined ? read : [before, read].flat()
  }
  return node
}
