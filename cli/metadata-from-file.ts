// The DocumentEntry of a file: flags first, then what its header tells (CDA, FHIR, DICOM), then defaults that fit the media type.
import { basename, extname } from 'node:path'
import type { Author, Code, DocumentEntry } from '../metadata/model.js'
import { dtmOf } from '../ports/clock.js'
import { looksLikeCda, readCdaHeader } from './cda.js'
import { looksLikeDicom, readDicomHeader } from './dicom.js'
import type { DocumentHeader } from './document-header.js'
import { readFhirHeader } from './fhir-document.js'
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

/** Enough for the header of any CDA or DICOM instance, and for most FHIR documents as a whole. */
export const headBytes = 8_388_608

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

const titleLength = 127

/** `ids.uniqueId` is used when the document has none of its own. */
export function describeFile(
  file: FileFacts,
  patientId: string,
  flags: DocumentFlags,
  ids: { entryUUID: string; uniqueId: string },
): Described {
  const mimeType = flags.mime ?? mimeTypeOf(file.name, file.head)
  const { header, note } = headerOf(file, mimeType)
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
    classCode: flags.class ?? header?.classCode ?? defaults.class,
    formatCode: flags.format ?? header?.formatCode ?? defaults.format,
    confidentialityCode: [flags.confidentiality ?? header?.confidentialityCode ?? defaults.confidentiality],
    healthcareFacilityTypeCode: flags.facility ?? defaults.facility,
    practiceSettingCode: flags.practice ?? header?.practiceSettingCode ?? defaults.practice,
    author: authorsOf(flags, header),
    eventCodeList: header?.eventCodeList ?? [],
    referenceIdList: header?.referenceIdList ?? [],
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

interface Reader {
  /** As people call such documents. */
  form: string
  reads(file: FileFacts, mimeType: string): boolean
  /** Undefined when the file turns out to be something else. @throws when it cannot be read */
  header(file: FileFacts): DocumentHeader | undefined
}

const readers: readonly Reader[] = [
  { form: 'DICOM instance', reads: ({ head }) => looksLikeDicom(head), header: ({ head }) => readDicomHeader(head) },
  {
    form: 'CDA',
    reads: ({ head }, mimeType) => !mimeType.includes('fhir') && looksLikeCda(decoded(head)),
    header: ({ head }) => readCdaHeader(decoded(head)),
  },
  {
    form: 'FHIR document',
    reads: (_, mimeType) => mimeType.startsWith('application/fhir+'),
    header({ head, sizeBytes }) {
      if (sizeBytes > head.length) throw new Error(`it is longer than ${headBytes} bytes`)
      return readFhirHeader(decoded(head))
    },
  },
]

function headerOf(file: FileFacts, mimeType: string): { header?: DocumentHeader; note?: string } {
  const reader = readers.find(({ reads }) => reads(file, mimeType))
  if (reader === undefined) return {}
  try {
    const header = reader.header(file)
    return header === undefined ? {} : { header }
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem)
    return { note: `looks like a ${reader.form}, but its header cannot be read (${why}); defaults are used` }
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

function authorsOf(flags: DocumentFlags, header: DocumentHeader | undefined): Author[] {
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

function given<Value extends object>(values: Value): Value {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Value
}

function titleOf(name: string): string {
  const file = basename(name)
  return file.slice(0, file.length - extname(file).length) || file
}
