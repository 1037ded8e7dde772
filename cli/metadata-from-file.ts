// The DocumentEntry of a file: flags first, then what a CDA header tells, then defaults that fit the media type.
import { basename, extname } from 'node:path'
import type { Author, Code, DocumentEntry } from '../metadata/model.js'
import { dtmOf } from '../ports/clock.js'
import { type CdaHeader, looksLikeCda, readCdaHeader } from './cda.js'
import { codeOf } from './hl7.js'
import { mimeTypeOf } from './mime.js'

/** What the user says of a document; each wins over what the file says. */
export interface DocumentFlags {
  type?: Code | undefined
  class?: Code | undefined
  format?: Code | undefined
  facility?: Code | undefined
  practice?: Code | undefined
  confidentiality?: Code | undefined
  title?: string | undefined
  mime?: string | undefined
  language?: string | undefined
  /** XCN. */
  author?: string | undefined
}

/** What has been read of a file before it is sent. */
export interface FileFacts {
  name: string
  sizeBytes: number
  /** 40 hex digits. */
  sha1: string
  modifiedMs: number
  /** Its first bytes, `headBytes` at most. */
  head: Buffer
}

export interface Described {
  entry: DocumentEntry
  /** What was noticed on the way, for the user. */
  notes: string[]
}

/** Enough for any CDA header. */
export const headBytes = 1_048_576

const loinc = '2.16.840.1.113883.6.1'
const snomed = '2.16.840.1.113883.6.96'
const ihe = '1.3.6.1.4.1.19376.1.2.3'

const defaults = {
  type: codeOf('34109-9', 'Note', loinc),
  class: codeOf('11503-0', 'Medical records', loinc),
  format: codeOf('urn:ihe:iti:xds:2017:mimeTypeSufficient', 'mimeType sufficient', ihe),
  facility: codeOf('22232009', 'Hospital', snomed),
  practice: codeOf('394802001', 'General medicine', snomed),
  confidentiality: codeOf('N', 'Normal', '2.16.840.1.113883.5.25'),
  language: 'en',
}

const typeByMime: Readonly<Record<string, Code>> = {
  'image/png': codeOf('72170-4', 'Photographic image', loinc),
  'image/jpeg': codeOf('72170-4', 'Photographic image', loinc),
  'application/dicom': codeOf('18748-4', 'Diagnostic imaging study', loinc),
}

const formatByTemplate: Readonly<Record<string, Code>> = {
  '1.3.6.1.4.1.19376.1.2.20': codeOf('urn:ihe:iti:xds-sd:pdf:2008', 'XDS-SD PDF', ihe),
  '2.16.840.1.113883.10.20.22.1.1': codeOf(
    'urn:hl7-org:sdwg:ccda-structuredBody:2.1',
    'C-CDA R2.1 with structured body',
    ihe,
  ),
}

const titleLength = 127

/** `ids.uniqueId` is used when the document has none of its own. */
export function describeFile(
  file: FileFacts,
  patientId: string,
  flags: DocumentFlags,
  ids: { entryUUID: string; uniqueId: string },
): Described {
  const mimeType = flags.mime ?? mimeTypeOf(file.name, file.head)
  const { header, note } = cdaHeaderOf(file.head)
  const entry: DocumentEntry = {
    kind: 'DocumentEntry',
    objectType: 'stable',
    entryUUID: ids.entryUUID,
    uniqueId: header?.uniqueId ?? ids.uniqueId,
    patientId,
    sourcePatientId: header?.sourcePatientId ?? patientId,
    sourcePatientInfo: header?.sourcePatientInfo ?? [],
    title: [{ value: (flags.title ?? header?.title ?? titleOf(file.name)).slice(0, titleLength) }],
    mimeType,
    hash: file.sha1,
    size: String(file.sizeBytes),
    creationTime: header?.creationTime ?? dtmOf(file.modifiedMs),
    languageCode: flags.language ?? header?.languageCode ?? defaults.language,
    typeCode: flags.type ?? header?.code ?? typeByMime[mimeType] ?? defaults.type,
    classCode: flags.class ?? defaults.class,
    formatCode: flags.format ?? formatOf(header) ?? defaults.format,
    confidentialityCode: [flags.confidentiality ?? header?.confidentialityCode ?? defaults.confidentiality],
    healthcareFacilityTypeCode: flags.facility ?? defaults.facility,
    practiceSettingCode: flags.practice ?? defaults.practice,
    author: authorsOf(flags, header),
    eventCodeList: [],
    referenceIdList: [],
    extraMetadata: [],
    identifierIds: {},
    limitedMetadata: false,
    ...given({
      legalAuthenticator: header?.legalAuthenticator,
      serviceStartTime: header?.serviceStartTime,
      serviceStopTime: header?.serviceStopTime,
    }),
  }
  return { entry, notes: note === undefined ? [] : [`${file.name}: ${note}`] }
}

function cdaHeaderOf(head: Buffer): { header?: CdaHeader; note?: string } {
  const text = decoded(head)
  if (!looksLikeCda(text)) return {}
  try {
    const header = readCdaHeader(text)
    return header === undefined ? {} : { header }
  } catch (problem) {
    return {
      note: `looks like a CDA, but its header cannot be read (${(problem as Error).message}); defaults are used`,
    }
  }
}

/** Text of an XML file in the encoding that its mark or its declaration names. */
function decoded(head: Buffer): string {
  const declared = /^<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(head.toString('latin1', 0, 200))?.[1]
  const marked =
    head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined
  try {
    return new TextDecoder(marked ?? declared ?? 'utf-8').decode(head)
  } catch {
    return head.toString('utf8')
  }
}

function authorsOf(flags: DocumentFlags, header: CdaHeader | undefined): Author[] {
  const authorPerson = flags.author ?? header?.authorPerson
  const authorInstitution = header?.authorInstitution === undefined ? [] : [header.authorInstitution]
  if (authorPerson === undefined && authorInstitution.length === 0) return []
  return [
    {
      ...given({ authorPerson }),
      authorInstitution,
      authorRole: [],
      authorSpecialty: [],
      authorTelecommunication: [],
    },
  ]
}

function formatOf(header: CdaHeader | undefined): Code | undefined {
  const template = header?.templateIds.find(id => id in formatByTemplate)
  return template === undefined ? undefined : formatByTemplate[template]
}

function given<Value extends object>(values: Value): Value {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Value
}

function titleOf(name: string): string {
  const file = basename(name)
  return file.slice(0, file.length - extname(file).length) || file
}
