// Valid metadata for tests, with ids of its own each time. A test takes a sample and changes one thing.
import { randomUUID } from 'node:crypto'
import type {
  Association,
  Author,
  Code,
  DocumentEntry,
  Folder,
  Submission,
  SubmissionSet,
} from '../../metadata/model.js'

export const samplePatientId = 'P-1^^^&2.999.1.2.3&ISO'

/** What differs from the sample: of every object, of the SubmissionSet, of the one DocumentEntry; or other objects altogether. */
export interface SubmissionChanges {
  /** Of the SubmissionSet, the sample entry and the sample folders. */
  patientId?: string
  submissionSet?: Partial<SubmissionSet>
  /** Of the one entry that stands in the sample. */
  documentEntry?: Partial<DocumentEntry>
  /** Instead of the one entry; HasMember Associations to them are made. */
  documentEntries?: DocumentEntry[]
  /** HasMember Associations to them are made. */
  folders?: Folder[]
  /** Beside the HasMember Associations of the SubmissionSet. */
  associations?: Association[]
}

/** One SubmissionSet with one DocumentEntry, as a repository sends it: hash, size and repositoryUniqueId are there. */
export function aSubmission(changes: SubmissionChanges = {}): Submission {
  const patient = changes.patientId === undefined ? {} : { patientId: changes.patientId }
  const submissionSet = aSubmissionSet({ ...patient, ...changes.submissionSet })
  const documentEntries = changes.documentEntries ?? [aDocumentEntry({ ...patient, ...changes.documentEntry })]
  const folders = changes.folders ?? []
  const members = [
    ...documentEntries.map(entry =>
      anAssociation({
        sourceObject: submissionSet.entryUUID,
        targetObject: entry.entryUUID,
        submissionSetStatus: 'Original',
      }),
    ),
    ...folders.map(folder => anAssociation({ sourceObject: submissionSet.entryUUID, targetObject: folder.entryUUID })),
  ]
  return {
    submissionSets: [submissionSet],
    documentEntries,
    folders,
    associations: [...members, ...(changes.associations ?? [])],
    findings: [],
  }
}

/** What stands for a document that is made when it is asked for. [ITI TF-2:3.61.4.1.2] */
export function anOnDemandEntry(changes: Partial<DocumentEntry> = {}): DocumentEntry {
  const { creationTime, hash, size, ...entry } = aDocumentEntry()
  return { ...entry, objectType: 'on-demand', ...changes }
}

export function aDocumentEntry(changes: Partial<DocumentEntry> = {}): DocumentEntry {
  return {
    kind: 'DocumentEntry',
    entryUUID: aUuid(),
    objectType: 'stable',
    mimeType: 'application/pdf',
    author: [anAuthor()],
    classCode: aCode('422735006', 'Summary clinical document'),
    confidentialityCode: [aCode('17621005', 'Normal')],
    creationTime: '20261123060559',
    eventCodeList: [],
    formatCode: aCode('urn:ihe:iti:xds:2017:mimeTypeSufficient', 'mimeType sufficient', '1.3.6.1.4.1.19376.1.2.3'),
    hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    healthcareFacilityTypeCode: aCode('264358009', 'General practice premises'),
    languageCode: 'de-CH',
    practiceSettingCode: aCode('394802001', 'General medicine'),
    referenceIdList: [],
    repositoryUniqueId: '2.999.1.1',
    size: '0',
    sourcePatientId: 'L-4711^^^&2.999.2.1&ISO',
    sourcePatientInfo: ['PID-5|Müller^Änne', 'PID-7|19580211', 'PID-8|F'],
    typeCode: aCode('373942005', 'Discharge summary'),
    title: [{ value: 'Austrittsbericht', lang: 'de-CH', charset: 'UTF-8' }],
    patientId: samplePatientId,
    uniqueId: anOid(),
    limitedMetadata: false,
    identifierIds: {},
    extraMetadata: [],
    ...changes,
  }
}

export function aSubmissionSet(changes: Partial<SubmissionSet> = {}): SubmissionSet {
  return {
    kind: 'SubmissionSet',
    entryUUID: aUuid(),
    author: [anAuthor()],
    contentTypeCode: aCode('71388002', 'Procedure'),
    intendedRecipient: [],
    patientId: samplePatientId,
    sourceId: '2.999.3.1',
    submissionTime: '20261123060600',
    uniqueId: anOid(),
    limitedMetadata: false,
    identifierIds: {},
    extraMetadata: [],
    ...changes,
  }
}

export function aFolder(changes: Partial<Folder> = {}): Folder {
  return {
    kind: 'Folder',
    entryUUID: aUuid(),
    codeList: [aCode('184216000', 'Patient record')],
    patientId: samplePatientId,
    title: [{ value: 'Hospital stay', lang: 'en', charset: 'UTF-8' }],
    uniqueId: anOid(),
    limitedMetadata: false,
    identifierIds: {},
    extraMetadata: [],
    ...changes,
  }
}

/** A HasMember unless it is said otherwise; its ends are for the caller to give. */
export function anAssociation(changes: Partial<Association> = {}): Association {
  return {
    kind: 'Association',
    entryUUID: aUuid(),
    associationType: 'HasMember',
    sourceObject: aUuid(),
    targetObject: aUuid(),
    extraMetadata: [],
    ...changes,
  }
}

export function anAuthor(changes: Partial<Author> = {}): Author {
  return {
    authorPerson: '8802^Tanner^Mia^^^Dr^^^&2.999.7.2&ISO',
    authorInstitution: ['Praxis am See'],
    authorRole: ['Attending'],
    authorSpecialty: [],
    authorTelecommunication: [],
    ...changes,
  }
}

export function aCode(code: string, displayName: string, codingScheme = '2.16.840.1.113883.6.96'): Code {
  return { code, codingScheme, displayName: [{ value: displayName, lang: 'en', charset: 'UTF-8' }] }
}

export function aUuid(): string {
  return `urn:uuid:${randomUUID()}`
}

export function anOid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`
}
