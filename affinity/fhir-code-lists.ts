// Codes of FHIR: ValueSet, CodeSystem, or a Bundle of them, as JSON. https://hl7.org/fhir/R4/valueset.html
import { objectTables } from '../metadata/object-tables.js'
import { type CodeList, CodeListProblem, type ListedCode } from './code-list.js'

/** OID of a code system by its URL, beside those that are known here. */
export type Systems = ReadonlyMap<string, string>

/** URL of code systems in FHIR, and the OID by which XDS metadata calls them. */
const knownSystems: Readonly<Record<string, string>> = {
  'http://snomed.info/sct': '2.16.840.1.113883.6.96',
  'http://loinc.org': '2.16.840.1.113883.6.1',
  'http://dicom.nema.org/resources/ontology/DCM': '1.2.840.10008.2.16.4',
  'http://unitsofmeasure.org': '2.16.840.1.113883.6.8',
  'http://hl7.org/fhir/sid/icd-10': '2.16.840.1.113883.6.3',
  'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode': '1.3.6.1.4.1.19376.1.2.3',
  'http://ihe.net/fhir/ValueSet/IHE.FormatCode.codesystem': '1.3.6.1.4.1.19376.1.2.3',
  'http://terminology.hl7.org/CodeSystem/v3-Confidentiality': '2.16.840.1.113883.5.25',
  'http://terminology.hl7.org/CodeSystem/v3-ActCode': '2.16.840.1.113883.5.4',
}

/** Languages that have no OID; their codes stand in attributes without a scheme. */
const withoutScheme = ['urn:ietf:bcp:13', 'urn:ietf:bcp:47']

interface Concept {
  code?: unknown
  display?: unknown
  designation?: { language?: unknown; value?: unknown }[]
  system?: unknown
  abstract?: unknown
  concept?: Concept[]
  contains?: Concept[]
}

interface Resource {
  resourceType?: unknown
  id?: unknown
  url?: unknown
  name?: unknown
  title?: unknown
  version?: unknown
  identifier?: { value?: unknown }[] | { value?: unknown }
  concept?: Concept[]
  compose?: { include?: { system?: unknown; concept?: Concept[]; filter?: unknown; valueSet?: unknown }[] }
  expansion?: { contains?: Concept[] }
  entry?: { resource?: Resource }[]
}

/** @throws CodeListProblem */
export function codeListsOfFhir(text: string, systems: Systems): CodeList[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (problem) {
    throw new CodeListProblem(`is neither XML nor JSON (${(problem as Error).message})`)
  }
  const resources = resourcesIn(value as Resource)
  const lists = resources.filter(({ resourceType }) => resourceType === 'ValueSet' || resourceType === 'CodeSystem')
  if (lists.length === 0) throw new CodeListProblem('holds no ValueSet and no CodeSystem of FHIR')
  // A CodeSystem in the same file says what OID its URL stands for.
  const own = lists.flatMap(one =>
    typeof one.url === 'string' && oidOf(one) !== undefined ? [[one.url, oidOf(one)!] as const] : [],
  )
  const all = new Map([...Object.entries(knownSystems), ...own, ...systems])
  // Where value sets are given with their systems, the value sets are what is asked for.
  const valueSets = lists.filter(({ resourceType }) => resourceType === 'ValueSet')
  return (valueSets.length > 0 ? valueSets : lists).map(one => listOf(one, all, lists))
}

function resourcesIn(value: Resource): Resource[] {
  if (typeof value !== 'object' || value === null) return []
  if (value.resourceType !== 'Bundle') return [value]
  return (value.entry ?? []).flatMap(({ resource }) => (resource === undefined ? [] : resourcesIn(resource)))
}

function listOf(resource: Resource, systems: Systems, others: readonly Resource[]): CodeList {
  const called = String(resource.title ?? resource.name ?? resource.id ?? resource.url ?? 'a list without a name')
  const leftOut: string[] = []
  const codes = new Map<string, ListedCode>()
  for (const { system, concept } of conceptsOf(resource, others, leftOut)) {
    const { code, display, designation = [] } = concept
    if (typeof code !== 'string' || code === '' || concept.abstract === true) continue
    const codingScheme = schemeOf(system, systems)
    if (codingScheme === undefined) throw new CodeListProblem(unknownSystem(called, String(system)))
    const names: Record<string, string> = { en: typeof display === 'string' && display !== '' ? display : code }
    for (const { language, value } of designation) {
      if (typeof language === 'string' && typeof value === 'string' && value.trim() !== '') {
        names[language.slice(0, 2).toLowerCase()] = value.trim()
      }
    }
    codes.set(`${codingScheme}\n${code}`, { code, ...(codingScheme === '' ? {} : { codingScheme }), names })
  }
  const oid = oidOf(resource)
  return {
    ...{ attribute: attributeCalled([resource.id, resource.name, resource.title, resource.url]), called },
    ...{ codes: [...codes.values()], leftOut },
    ...(oid === undefined ? {} : { oid }),
    ...(typeof resource.version === 'string' ? { version: resource.version } : {}),
  }
}

function unknownSystem(called: string, system: string): string {
  return `has codes of the system "${system}" in ${called}, whose OID is not known here; say it by --system ${system}=OID`
}

function conceptsOf(
  resource: Resource,
  others: readonly Resource[],
  leftOut: string[],
): { system: unknown; concept: Concept }[] {
  if (resource.resourceType === 'CodeSystem') return flat(resource.concept ?? [], resource.url)
  // An expansion is complete; what composes it may need a terminology server.
  const expanded = resource.expansion?.contains
  if (expanded !== undefined) return flat(expanded, undefined)
  return (resource.compose?.include ?? []).flatMap(({ system, concept, filter, valueSet }) => {
    if (concept !== undefined) return flat(concept, system)
    const whole = others.find(({ resourceType, url }) => resourceType === 'CodeSystem' && url === system)
    if (whole !== undefined && filter === undefined && valueSet === undefined) return flat(whole.concept ?? [], system)
    leftOut.push(`what it includes of ${String(system ?? 'other value sets')} without naming codes; expand it first`)
    return []
  })
}

function flat(concepts: readonly Concept[], system: unknown): { system: unknown; concept: Concept }[] {
  return concepts.flatMap(concept => {
    const own = concept.system ?? system
    return [{ system: own, concept }, ...flat(concept.concept ?? concept.contains ?? [], own)]
  })
}

/** '' where the codes have no scheme in XDS metadata. */
function schemeOf(system: unknown, systems: Systems): string | undefined {
  if (typeof system !== 'string') return undefined
  const given = systems.get(system)
  if (given !== undefined) return given
  if (withoutScheme.includes(system)) return ''
  return system.startsWith('urn:oid:') ? system.slice('urn:oid:'.length) : undefined
}

function oidOf({ identifier }: Resource): string | undefined {
  const values = [identifier ?? []].flat().map(({ value }) => String(value ?? '').replace(/^urn:oid:/, ''))
  return values.find(value => /^[0-2](?:\.[0-9]+)+$/.test(value))
}

/** By a name such as DocumentEntry.classCode, DocumentEntryClassCode or SubmissionSet.Author.AuthorRole. */
function attributeCalled(names: readonly unknown[]): string | undefined {
  const words = names.map(
    name =>
      String(name ?? '')
        .split('/')
        .at(-1) ?? '',
  )
  const known = new Map(everyAttribute().map(attribute => [plain(attribute), attribute]))
  return words.map(word => known.get(plain(word))).find(attribute => attribute !== undefined)
}

/** `authorSpeciality` is how the Swiss value set spells it. */
function plain(name: string): string {
  return name
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
    .replace('speciality', 'specialty')
    .replace(/authorauthor/, 'author')
}

function everyAttribute(): string[] {
  const attributes = Object.values(objectTables).flatMap(({ kind, attributes }) =>
    attributes.map(({ name }) => `${kind}.${name}`),
  )
  const parts = ['DocumentEntry', 'SubmissionSet'].flatMap(kind => [
    `${kind}.author.authorRole`,
    `${kind}.author.authorSpecialty`,
  ])
  return [...attributes, ...parts]
}
