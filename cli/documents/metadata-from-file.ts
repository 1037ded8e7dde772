// The DocumentEntry of a file: flags first, then what its header tells (CDA, FHIR, DICOM), then defaults that fit the media type.
import { basename, extname } from 'node:path'
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import { attributesOfFlags, type CodeFlag } from '../../affinity/attribute-names.js'
import { classOfType, codeWritten, slotsFor, takes, translated, withRole } from '../../affinity/submitting.js'
import { looksLikeDicom } from '../../dicom/data-set.js'
import type { Author, Code, DocumentEntry } from '../../metadata/model.js'
import { dtmOf } from '../../ports/clock.js'
import { Failure } from '../failure.js'
import { looksLikeCda, readCdaHeader } from './cda.js'
import { readDicomHeader } from './dicom.js'
import { type DocumentHeader, defined } from './document-header.js'
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
  /** Of who submits, as the domain calls it. */
  role?: string | undefined
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

/** `ids.uniqueId` is used when the document has none of its own. Without a domain any code will do. */
export function describeFile(
  file: FileFacts,
  patientId: string,
  flags: DocumentFlags,
  ids: { entryUUID: string; uniqueId: string },
  domain?: AffinityDomain,
): Described {
  const mimeType = flags.mime ?? mimeTypeOf(file.name, file.head)
  const { header, note } = headerOf(file, mimeType)
  const notes = note === undefined ? [] : [note]
  const choose = choosingIn(domain, line => notes.push(line))
  const typeCode = flags.type ?? choose('type', header?.code, typeByMime[mimeType], defaults.type)
  const classCode = flags.class ?? choose('class', header?.classCode, classFor(typeCode, domain), defaults.class)
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
    languageCode: flags.language ?? languageFor(header, domain),
    typeCode,
    classCode,
    formatCode: flags.format ?? choose('format', header?.formatCode, defaults.format),
    confidentialityCode: [
      flags.confidentiality ?? choose('confidentiality', header?.confidentialityCode, defaults.confidentiality),
    ],
    healthcareFacilityTypeCode: flags.facility ?? choose('facility', defaults.facility),
    practiceSettingCode: flags.practice ?? choose('practice', header?.practiceSettingCode, defaults.practice),
    author: authorsOf(flags, header, domain),
    eventCodeList: (header?.eventCodeList ?? []).filter(
      code => domain === undefined || takes(domain, 'eventCodeList', code),
    ),
    referenceIdList: header?.referenceIdList ?? [],
    extraMetadata: domain === undefined ? [] : slotsFor(domain, 'DocumentEntry', roleIn(domain, flags)),
    identifierIds: {},
    limitedMetadata: false,
    ...defined({
      legalAuthenticator: header?.legalAuthenticator,
      serviceStartTime: header?.serviceStartTime,
      serviceStopTime: header?.serviceStopTime,
    }),
  }
  return { entry, notes: notes.map(line => `${file.name}: ${line}`) }
}

/** What the document says, as far as the domain takes it or has a code in its place; the domain's own code otherwise. */
function choosingIn(domain: AffinityDomain | undefined, tell: (note: string) => void) {
  return (flag: CodeFlag, ...candidates: [...(Code | undefined)[], Code]): Code => {
    const named = candidates.filter(code => code !== undefined)
    if (domain === undefined) return named[0] ?? defaults[flag]
    const attribute = attributesOfFlags[flag]
    const own = domain.submitting[flag]
    const [first] = named
    // What may not be told from a document is not to be guessed: it could be shown to more people than it should.
    if (
      flag === 'confidentiality' &&
      first !== undefined &&
      first !== defaults[flag] &&
      translated(domain, attribute, first) === undefined
    ) {
      const said = `its confidentialityCode "${first.code}" is none of domain ${domain.name}`
      throw new Failure('usage', `${said}; give one by --confidentiality (carnet codes list).`)
    }
    for (const code of named) {
      const taken =
        code === defaults[flag] && own !== undefined ? codeWritten(own) : translated(domain, attribute, code)
      if (taken === undefined) continue
      if (first !== undefined && first !== code && first !== defaults[flag]) {
        tell(
          `${attribute} "${first.code}" is none of domain ${domain.name}; "${taken.code}" is sent, --${flag} says otherwise`,
        )
      }
      return taken
    }
    return named.at(-1) ?? defaults[flag]
  }
}

function classFor(type: Code, domain: AffinityDomain | undefined): Code | undefined {
  return domain === undefined ? undefined : classOfType(domain, type.code)
}

function languageFor(header: DocumentHeader | undefined, domain: AffinityDomain | undefined): string {
  const known = domain?.codeSets.get('DocumentEntry.languageCode')
  const own = domain?.submitting.language ?? defaults.language
  const { languageCode = own } = header ?? {}
  return known === undefined || known.find(languageCode) !== undefined ? languageCode : own
}

export function roleIn({ submitting }: AffinityDomain, { role }: Pick<DocumentFlags, 'role'>): string {
  return role ?? submitting.role ?? ''
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

function authorsOf(
  flags: DocumentFlags,
  header: DocumentHeader | undefined,
  domain: AffinityDomain | undefined,
): Author[] {
  const authorPerson = flags.author ?? header?.authorPerson
  const authorInstitution = header?.authorInstitution === undefined ? [] : [header.authorInstitution]
  if (authorPerson === undefined && authorInstitution.length === 0) return []
  const authorRole = domain?.submitting.authorRole
  return [
    {
      ...defined({ authorPerson }),
      authorInstitution,
      authorRole: domain === undefined || authorRole === undefined ? [] : [withRole(authorRole, roleIn(domain, flags))],
      authorSpecialty: [],
      authorTelecommunication: [],
    },
  ]
}

function titleOf(name: string): string {
  const file = basename(name)
  return file.slice(0, file.length - extname(file).length) || file
}
