// A patient summary as CDA R2 with a narrative table (level 2): header from the entries, one section with a row for each document.
import { isOid } from '../../metadata/data-types.js'
import { components, instanceIdentifierOf, unescapeHl7 } from '../../metadata/hl7.js'
import type { Code, DocumentEntry } from '../../metadata/model.js'
import { escapeXml } from '../../soap/xml.js'

export interface Summary {
  /** The on-demand entry: patient, title, language and codes are its own. */
  entry: DocumentEntry
  uniqueId: string
  /** Newest first. */
  documents: readonly DocumentEntry[]
}

/** More would be read by nobody; how many there are beside is said. */
const mostRows = 1_000

/** In pieces, in UTF-8, whatever number of documents. The rows of its table are text for people (level 2), not coded. */
export function* summaryDocument({ entry, uniqueId, documents }: Summary): Generator<string> {
  const title = entry.title?.[0]?.value ?? 'Patient summary'
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
  yield '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>\n'
  yield `<id root="${uniqueId}"/>\n${codeXml('code', entry.typeCode)}<title>${escapeXml(title)}</title>\n`
  yield timeXml('effectiveTime', documents[0]?.creationTime)
  yield codeXml('confidentialityCode', entry.confidentialityCode[0])
  yield `<languageCode code="${escapeXml(entry.languageCode ?? 'en')}"/>\n`
  yield recordTarget(entry, documents)
  yield author(documents[0]?.creationTime, entry)
  yield custodian(entry)
  yield '<component><structuredBody><component><section>\n'
  yield `<code code="11503-0" codeSystem="2.16.840.1.113883.6.1" displayName="Medical records"/>\n`
  yield `<title>Documents</title>\n<text>${introduction(documents.length)}`
  if (documents.length > 0) yield* table(documents)
  yield '</text>\n</section></component></structuredBody></component>\n</ClinicalDocument>\n'
}

function introduction(count: number): string {
  if (count === 0) return '<paragraph>No documents are known of this patient.</paragraph>'
  const shown = count > mostRows ? ` The newest ${mostRows} are listed.` : ''
  return `<paragraph>${count === 1 ? 'One document is' : `${count} documents are`} known of this patient.${shown}</paragraph>`
}

function* table(documents: readonly DocumentEntry[]): Generator<string> {
  yield '<table border="1"><thead><tr><th>Date</th><th>Title</th><th>Type</th><th>Author</th><th>Institution</th><th>Format</th></tr></thead><tbody>\n'
  for (const document of documents.slice(0, mostRows)) yield row(document)
  yield '</tbody></table>'
}

function row(document: DocumentEntry): string {
  const [author] = document.author
  const cells = [
    dateInWords(document.serviceStartTime ?? document.creationTime ?? ''),
    document.title?.[0]?.value ?? '',
    document.typeCode?.displayName[0]?.value ?? document.typeCode?.code ?? '',
    personInWords(author?.authorPerson ?? ''),
    unescapeHl7(components(author?.authorInstitution[0] ?? '')[0] ?? ''),
    document.mimeType,
  ]
  return `<tr>${cells.map(cell => `<td>${escapeXml(cell)}</td>`).join('')}</tr>\n`
}

/** `20260401` is 2026-04-01; the hours are left out. */
function dateInWords(dtm: string): string {
  return [dtm.slice(0, 4), dtm.slice(4, 6), dtm.slice(6, 8)].filter(part => part !== '').join('-')
}

/** Prefix, given names and family name of an XCN, or its id where it has no name. */
function personInWords(xcn: string): string {
  const [id = '', family = '', given = '', middle = '', suffix = '', prefix = ''] = components(xcn)
  const name = [prefix, given, middle, family, suffix].filter(part => part !== '').map(unescapeHl7)
  return name.length > 0 ? name.join(' ') : id
}

function recordTarget({ patientId = '' }: DocumentEntry, documents: readonly DocumentEntry[]): string {
  const id = instanceIdentifierOf(patientId)
  const root =
    id === undefined
      ? '<id nullFlavor="UNK"/>'
      : `<id root="${escapeXml(id.root)}" extension="${escapeXml(id.extension)}"/>`
  const field = (name: string) => fieldOf(documents, name)
  const [family = '', given = ''] = components(field('PID-5'))
  const names = [
    given && `<given>${escapeXml(unescapeHl7(given))}</given>`,
    family && `<family>${escapeXml(unescapeHl7(family))}</family>`,
  ]
  const name = names.some(Boolean) ? `<name>${names.join('')}</name>` : '<name nullFlavor="UNK"/>'
  return (
    `<recordTarget><patientRole>${root}<patient>${name}` +
    genderXml(field('PID-8')) +
    `${timeXml('birthTime', dayOf(field('PID-7')))}</patient></patientRole></recordTarget>\n`
  )
}

/** Senders put hours, zones and words behind it, or in its place. */
function dayOf(dtm: string): string | undefined {
  return /^\d{4}(?:\d\d){0,2}/.exec(dtm)?.[0]
}

/** The newest document that says it wins. */
function fieldOf(documents: readonly DocumentEntry[], name: string): string {
  for (const { sourcePatientInfo } of documents) {
    const found = sourcePatientInfo.find(value => value.startsWith(`${name}|`))
    if (found !== undefined) return found.slice(name.length + 1).split('~')[0] ?? ''
  }
  return ''
}

const genders: Readonly<Record<string, string>> = { M: 'M', F: 'F', O: 'UN', A: 'UN' }

function genderXml(administrativeSex: string): string {
  const code = Object.hasOwn(genders, administrativeSex) ? genders[administrativeSex] : undefined
  return code === undefined
    ? '<administrativeGenderCode nullFlavor="UNK"/>'
    : `<administrativeGenderCode code="${code}" codeSystem="2.16.840.1.113883.5.1"/>`
}

function author(time: string | undefined, entry: DocumentEntry): string {
  return (
    `<author>${timeXml('time', time)}<assignedAuthor><id root="${escapeXml(entry.repositoryUniqueId ?? '')}"/>` +
    '<assignedAuthoringDevice><softwareName>Carnet</softwareName></assignedAuthoringDevice></assignedAuthor></author>\n'
  )
}

function custodian({ repositoryUniqueId = '' }: DocumentEntry): string {
  const organization = `<representedCustodianOrganization><id root="${escapeXml(repositoryUniqueId)}"/></representedCustodianOrganization>`
  return `<custodian><assignedCustodian>${organization}</assignedCustodian></custodian>\n`
}

function codeXml(element: string, code: Code | undefined): string {
  // A code system is an OID here; other schemes have no place in a CDA.
  if (code === undefined || !isOid(code.codingScheme)) return `<${element} nullFlavor="UNK"/>\n`
  const name = code.displayName[0]?.value
  const display = name === undefined ? '' : ` displayName="${escapeXml(name)}"`
  return `<${element} code="${escapeXml(code.code)}" codeSystem="${escapeXml(code.codingScheme)}"${display}/>\n`
}

/** DTM is what CDA takes as TS, but for the zone: hours without one would be local time. */
function timeXml(element: string, dtm: string | undefined): string {
  if (dtm === undefined) return `<${element} nullFlavor="UNK"/>\n`
  return `<${element} value="${escapeXml(dtm.length > 8 ? `${dtm}+0000` : dtm)}"/>\n`
}
