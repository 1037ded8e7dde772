// The suite's own metadata: valid by every rule it knows, every attribute that a query asks for filled, ids new each time.
import { createHash } from 'node:crypto'
import type { Association, Code, DocumentEntry, Folder, Submission, SubmissionSet } from '../metadata/model.js'
import { dtmOf } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import { uuidOid, uuidUrn } from '../ports/randomness.js'
import type { ExaminedDomain } from './domain.js'

/** A submission with the bytes of its documents, by the entryUUID of their entries. */
export interface Sample {
  submission: Submission
  contents: Map<string, Buffer>
}

export interface Samples {
  entry(patientId: string, changes?: Partial<DocumentEntry>): DocumentEntry
  submissionSet(patientId: string, changes?: Partial<SubmissionSet>): SubmissionSet
  folder(patientId: string, changes?: Partial<Folder>): Folder
  association(type: Association['associationType'], source: string, target: string): Association
  /** One SubmissionSet that holds all that is given. */
  of(patientId: string, parts?: Parts): Sample
  uuid(): string
  oid(): string
}

export interface Parts {
  entries?: DocumentEntry[]
  folders?: Folder[]
  associations?: Association[]
  submissionSet?: Partial<SubmissionSet>
}

const snomed = '2.16.840.1.113883.6.96'
const dicom = '1.2.840.10008.2.16.4'

export function codeOf(code: string, name: string, codingScheme = snomed): Code {
  return { code, codingScheme, displayName: [{ value: name, lang: 'en', charset: 'UTF-8' }] }
}

/** Codes of the one entry of a query's fixture, and others that it does not have. */
export const codes = {
  classCode: codeOf('422735006', 'Summary clinical document'),
  typeCode: codeOf('373942005', 'Discharge summary'),
  practiceSettingCode: codeOf('394802001', 'General medicine'),
  healthcareFacilityTypeCode: codeOf('264358009', 'General practice premises'),
  formatCode: codeOf('urn:ihe:iti:xds:2017:mimeTypeSufficient', 'mimeType sufficient', '1.3.6.1.4.1.19376.1.2.3'),
  confidentialityCode: codeOf('17621005', 'Normal'),
  restricted: codeOf('263856008', 'Restricted'),
  event: codeOf('CT', 'Computed Tomography', dicom),
  otherEvent: codeOf('MR', 'Magnetic Resonance', dicom),
  contentTypeCode: codeOf('71388002', 'Procedure'),
  folder: codeOf('184216000', 'Patient record'),
  none: codeOf('74964007', 'Other'),
} as const

export const authorPerson = '8802^Tanner^Mia^^^Dr^^^&2.999.7.2&ISO'
export const sourceId = '2.999.3.1'
export const contentOf = (entryUUID: string) => Buffer.from(`a document of the acceptance suite, ${entryUUID}\n`)
export const sha1Of = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

const nothingMore = { limitedMetadata: false, identifierIds: {}, extraMetadata: [] } as const
const anAuthor = {
  authorPerson,
  authorInstitution: ['Praxis am See'],
  authorRole: [],
  authorSpecialty: [],
  authorTelecommunication: [],
}

export function samplesOf({ randomness, clock }: Pick<Ports, 'randomness' | 'clock'>, domain: ExaminedDomain): Samples {
  const author = { ...anAuthor, ...domain.author }
  const uuid = () => uuidUrn(randomness)
  const oid = () => uuidOid(randomness)
  const association: Samples['association'] = (associationType, sourceObject, targetObject) => ({
    ...{ kind: 'Association', entryUUID: uuid(), associationType, sourceObject, targetObject, extraMetadata: [] },
  })
  const submissionSet: Samples['submissionSet'] = (patientId, changes) => ({
    kind: 'SubmissionSet',
    entryUUID: uuid(),
    author: [author],
    contentTypeCode: codes.contentTypeCode,
    intendedRecipient: [],
    patientId,
    sourceId,
    submissionTime: dtmOf(clock.now()),
    uniqueId: oid(),
    ...copied(nothingMore),
    ...changes,
  })
  return {
    uuid,
    oid,
    association,
    submissionSet,
    entry: (patientId, changes) => ({
      kind: 'DocumentEntry',
      entryUUID: uuid(),
      objectType: 'stable',
      mimeType: 'text/plain',
      author: [author],
      classCode: codes.classCode,
      confidentialityCode: [codes.confidentialityCode],
      creationTime: '20260314101500',
      eventCodeList: [],
      formatCode: codes.formatCode,
      healthcareFacilityTypeCode: codes.healthcareFacilityTypeCode,
      languageCode: 'en',
      practiceSettingCode: codes.practiceSettingCode,
      referenceIdList: [],
      sourcePatientId: 'L-4711^^^&2.999.2.1&ISO',
      sourcePatientInfo: ['PID-5|Muster^Anna', 'PID-7|19580211', 'PID-8|F'],
      typeCode: codes.typeCode,
      title: [{ value: 'A document of the acceptance suite', lang: 'en', charset: 'UTF-8' }],
      patientId,
      uniqueId: oid(),
      ...copied(nothingMore),
      ...structuredClone(domain.entry),
      ...changes,
    }),
    folder: (patientId, changes) => ({
      kind: 'Folder',
      entryUUID: uuid(),
      codeList: [codes.folder],
      patientId,
      title: [{ value: 'A folder of the acceptance suite', lang: 'en', charset: 'UTF-8' }],
      uniqueId: oid(),
      ...copied(nothingMore),
      ...changes,
    }),
    of(patientId, { entries = [], folders = [], associations = [], ...changed } = {}) {
      const set = submissionSet(patientId, changed.submissionSet)
      const holds = (target: string) => association('HasMember', set.entryUUID, target)
      const originals = entries.map(({ entryUUID }) => ({ ...holds(entryUUID), submissionSetStatus: 'Original' }))
      const members = [...originals, ...folders.map(({ entryUUID }) => holds(entryUUID))]
      // What goes out of a Folder belongs to the submission as the Folder does. [ITI TF-3:4.2.1.4]
      const memberships = associations.filter(
        each => each.associationType === 'HasMember' && each.sourceObject !== set.entryUUID,
      )
      const held = memberships.map(({ entryUUID }) => holds(entryUUID))
      return {
        submission: {
          submissionSets: [set],
          documentEntries: entries,
          folders,
          associations: [...members, ...associations, ...held],
          findings: [],
        },
        contents: new Map(entries.map(({ entryUUID }) => [entryUUID, contentOf(entryUUID)])),
      }
    },
  }
}

function copied({ limitedMetadata }: typeof nothingMore) {
  return { limitedMetadata, identifierIds: {}, extraMetadata: [] }
}
