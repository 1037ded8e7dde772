// Every rule of ITI-42 once: a valid submission and one change, and all that the answer says.
import { expect } from 'chai'
import type { Association, DocumentEntry, Submission } from '../../../metadata/model.js'
import { submissionRules } from '../../../registry/rules/submission-rules.js'
import {
  aCode,
  aDocumentEntry,
  aFolder,
  anAssociation,
  anOid,
  anOnDemandEntry,
  aSubmission,
  aSubmissionSet,
  aUuid,
} from '../../samples/submission.js'
import { aRegistry, codesOf, type TestRegistry } from '../a-registry.js'
import { aFolderHolding, heldBySet, replacing } from '../submissions.js'

/** What is registered before each submission. */
interface Before {
  entry: DocumentEntry
  folder: string
  submissionSet: string
  deprecated: string
  transformation: string
  onDemand: string
  /** The FD-DE HasMember of the folder and the entry. */
  membership: string
  /** An entry and a Folder of another patient. */
  othersEntry: string
  othersFolder: string
}

interface Row {
  title: string
  submission(before: Before): Submission
  codes: string[]
  /** Said in the first error. */
  says?: string
}

const other = 'other^^^&2.999.1.2.3&ISO'
const metadataError = ['XDSRegistryMetadataError']

const rows: Row[] = [
  // ---- metadata
  {
    title: 'refuses two SubmissionSets [ITI TF-3:4.2.1.4]',
    submission() {
      const submission = aSubmission()
      submission.submissionSets.push(aSubmissionSet())
      return submission
    },
    codes: metadataError,
    says: 'exactly one SubmissionSet, found 2 SubmissionSets',
  },
  {
    title: 'refuses a submission without SubmissionSet [ITI TF-3:4.2.1.4]',
    submission: () => ({ ...aSubmission({ documentEntries: [] }), submissionSets: [], associations: [] }),
    codes: metadataError,
  },
  {
    title: 'refuses on-demand entries [ITI TF-2:3.42.4.1.2]',
    submission: () => aSubmission({ documentEntry: { objectType: 'on-demand' } }),
    codes: metadataError,
    says: 'on-demand',
  },
  {
    title: 'refuses limited metadata of an entry [ITI TF-3: Table 4.3.1-3]',
    submission: () => aSubmission({ documentEntry: { limitedMetadata: true } }),
    codes: metadataError,
  },
  {
    title: 'refuses limited metadata of a SubmissionSet [ITI TF-3: Table 4.3.1-3]',
    submission: () => aSubmission({ submissionSet: { limitedMetadata: true } }),
    codes: metadataError,
  },
  ...(['hash', 'size', 'repositoryUniqueId'] as const).map(attribute => ({
    title: `refuses an entry without ${attribute} [ITI TF-3: Table 4.3.1-3]`,
    submission: () => aSubmission({ documentEntry: { [attribute]: undefined } }),
    codes: metadataError,
    says: attribute,
  })),
  ...(['UpdateAvailabilityStatus', 'SubmitAssociation'] as const).map(associationType => ({
    title: `refuses ${associationType}, which is for ITI-57 [ITI TF-3: Table 4.2.2-1]`,
    submission: (before: Before) => replacing(before.entry.entryUUID, associationType),
    codes: metadataError,
  })),
  {
    title: 'refuses PreviousVersion, which is for ITI-57 [ITI TF-3: Table 4.2.2-1]',
    submission: () => changed(aSubmission(), { previousVersion: '1' }),
    codes: metadataError,
    says: 'ITI-57',
  },
  {
    title: 'refuses an association type that nobody knows [ITI TF-3: Table 4.2.2-1]',
    submission: before => replacing(before.entry.entryUUID, 'urn:example:odd'),
    codes: metadataError,
  },
  {
    title: 'refuses serviceStopTime before serviceStartTime [ITI TF-2:3.42.4.1.3.3.6]',
    submission: () => aSubmission({ documentEntry: { serviceStartTime: '20260102', serviceStopTime: '20260101' } }),
    codes: metadataError,
    says: 'serviceStopTime',
  },
  {
    title: 'accepts service times that do not contradict one another [ITI TF-2:3.42.4.1.3.3.6]',
    submission: () => aSubmission({ documentEntry: { serviceStartTime: '20260401', serviceStopTime: '2026' } }),
    codes: [],
  },

  {
    title: 'does not judge what it sets itself: the time of a Folder [ITI TF-2:3.42.4.1.3.6]',
    submission: () => aSubmission({ folders: [aFolder({ lastUpdateTime: '2026' })] }),
    codes: [],
  },

  // ---- ids and uniqueness
  {
    title: 'refuses one id for two objects [ITI TF-3:4.2.3.1.5]',
    submission() {
      const entryUUID = aUuid()
      return aSubmission({ documentEntries: [aDocumentEntry({ entryUUID }), aDocumentEntry({ entryUUID })] })
    },
    codes: metadataError,
  },
  {
    title: 'refuses an entryUUID that is registered already [ITI TF-2:3.42.4.1.3.7]',
    submission: before => aSubmission({ documentEntry: { entryUUID: before.entry.entryUUID } }),
    codes: metadataError,
    says: 'already registered',
  },
  {
    title: 'refuses an Association id that is registered already [ITI TF-2:3.42.4.1.3.7]',
    submission: before => changed(aSubmission(), { entryUUID: before.membership }),
    codes: metadataError,
  },
  {
    title: 'refuses a uniqueId twice in a submission [ITI TF-3: Table 4.2.4.1-2]',
    submission() {
      const uniqueId = anOid()
      return aSubmission({ documentEntries: [aDocumentEntry({ uniqueId }), aDocumentEntry({ uniqueId })] })
    },
    codes: ['XDSRegistryDuplicateUniqueIdInMessage'],
  },
  {
    title: 'refuses a uniqueId of SubmissionSet and entry alike [ITI TF-3: Table 4.2.4.1-2]',
    submission() {
      const uniqueId = anOid()
      return aSubmission({ submissionSet: { uniqueId }, documentEntry: { uniqueId } })
    },
    codes: ['XDSRegistryDuplicateUniqueIdInMessage'],
  },
  {
    title: 'refuses a SubmissionSet.uniqueId in use by an entry [ITI TF-2:3.42.4.1.3.3.7]',
    submission: before => aSubmission({ submissionSet: { uniqueId: before.entry.uniqueId } }),
    codes: ['XDSDuplicateUniqueIdInRegistry'],
    says: 'in use by a DocumentEntry',
  },
  {
    title: 'refuses a Folder.uniqueId in use [ITI TF-3: Table 4.2.4.1-2]',
    submission: before => aSubmission({ folders: [aFolder({ uniqueId: before.entry.uniqueId })] }),
    codes: ['XDSDuplicateUniqueIdInRegistry'],
  },
  {
    title: 'refuses another hash under a known uniqueId [ITI TF-2:3.42.4.1.3.3.1]',
    submission: before =>
      aSubmission({
        documentEntry: { uniqueId: before.entry.uniqueId, hash: 'b4a0fa3dcdb340271f4a3ccf76a52f09a243b465' },
      }),
    codes: ['XDSNonIdenticalHash'],
  },
  {
    title: 'refuses another size under a known uniqueId [ITI TF-2:3.42.4.1.3.3.1]',
    submission: before => aSubmission({ documentEntry: { uniqueId: before.entry.uniqueId, size: '1' } }),
    codes: ['XDSNonIdenticalSize'],
  },

  // ---- the patient
  {
    title: 'refuses a patient it does not know, once for the whole submission [ITI TF-2:3.42.4.1.3.3.2]',
    submission: () => aSubmission({ patientId: 'nobody^^^&2.999.1.2.3&ISO' }),
    codes: ['XDSUnknownPatientId'],
    says: 'of assigning authority 2.999.1.2.3, found "nobody^^^&2.999.1.2.3&ISO"',
  },
  {
    title: 'does not call a missing patientId an unknown patient',
    submission: () => aSubmission({ documentEntry: { patientId: undefined } }),
    codes: metadataError,
  },
  {
    title: 'does not call a malformed patientId an unknown patient',
    submission: () => aSubmission({ documentEntry: { patientId: 'P-1' } }),
    codes: metadataError,
  },
  {
    title: 'refuses an entry of another patient than the SubmissionSet [ITI TF-2:3.42.4.1.3.3.2]',
    submission: () => aSubmission({ documentEntry: { patientId: other } }),
    codes: ['XDSPatientIdDoesNotMatch'],
  },
  {
    title: 'refuses a Folder of another patient than the SubmissionSet [ITI TF-2:3.42.4.1.3.3.2]',
    submission: () => aSubmission({ folders: [aFolder({ patientId: other })] }),
    codes: ['XDSPatientIdDoesNotMatch'],
  },

  // ---- HasMember
  {
    title: 'refuses a SubmissionSet that holds nothing [ITI TF-3:4.2.1.4]',
    submission: () => ({ ...aSubmission(), associations: [] }),
    codes: metadataError,
    says: 'HasMember',
  },
  {
    title: 'refuses an entry that the SubmissionSet does not hold [ITI TF-3:4.2.1.4]',
    submission() {
      const submission = aSubmission()
      submission.documentEntries.push(aDocumentEntry())
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'refuses a Folder that the SubmissionSet does not hold [ITI TF-3:4.2.1.4]',
    submission() {
      const submission = aSubmission()
      submission.folders.push(aFolder())
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'refuses HasMember without SubmissionSetStatus [ITI TF-3:4.2.2.1.1]',
    submission: () => changed(aSubmission(), { submissionSetStatus: undefined }),
    codes: metadataError,
    says: 'Original',
  },
  {
    title: 'refuses Reference for an entry of the submission [ITI TF-3:4.2.2.1.1]',
    submission: () => changed(aSubmission(), { submissionSetStatus: 'Reference' }),
    codes: metadataError,
  },
  {
    title: 'refuses Original for an entry of the registry [ITI TF-3:4.2.2.1.1]',
    submission: before => holding(before.entry.entryUUID, { submissionSetStatus: 'Original' }),
    codes: metadataError,
  },
  {
    title: 'accepts Reference for an entry of the registry [ITI TF-3:4.2.2.1.1]',
    submission: before => holding(before.entry.entryUUID, { submissionSetStatus: 'Reference' }),
    codes: [],
  },
  {
    title: 'refuses Reference for an entry that is Deprecated [ITI TF-3:4.2.2]',
    submission: before => holding(before.deprecated, { submissionSetStatus: 'Reference' }),
    codes: ['XDSRegistryDeprecatedDocumentError'],
  },
  {
    title: 'accepts Reference for an entry of another patient [ITI TF-3:4.2.2.1.1]',
    submission: before => holding(before.othersEntry, { submissionSetStatus: 'Reference' }),
    codes: [],
  },
  {
    title: 'refuses a documentation code on HasMember [ITI TF-3:4.2.2.2]',
    submission: () => changed(aSubmission(), { associationDocumentation: aCode('1', 'why') }),
    codes: metadataError,
  },
  {
    title: 'refuses HasMember to something that is nowhere [ITI TF-3:4.2.1.5]',
    submission: () => holding('Document07'),
    codes: ['UnresolvedReferenceException'],
    says: 'Document07',
  },
  {
    title: 'refuses HasMember from something that is nowhere [ITI TF-3:4.2.1.5]',
    submission() {
      const submission = aSubmission()
      const targetObject = submission.documentEntries[0]?.entryUUID ?? ''
      submission.associations.push(anAssociation({ sourceObject: aUuid(), targetObject }))
      return submission
    },
    codes: ['UnresolvedReferenceException'],
  },
  {
    title: 'refuses a registered Folder as member of the SubmissionSet [ITI TF-3:4.2.2.1.2]',
    submission: before => holding(before.folder),
    codes: metadataError,
  },
  {
    title: 'refuses a SubmissionSet of the registry as source [ITI TF-3:4.2.2.1.1]',
    submission(before) {
      const submission = aSubmission()
      const targetObject = submission.documentEntries[0]?.entryUUID ?? ''
      submission.associations.push(
        anAssociation({ sourceObject: before.submissionSet, targetObject, submissionSetStatus: 'Original' }),
      )
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'refuses a Folder in a Folder [ITI TF-3:4.2.1.3]',
    submission() {
      const folders = [aFolder(), aFolder()]
      return aSubmission({
        folders,
        associations: [
          anAssociation({ sourceObject: folders[0]?.entryUUID ?? '', targetObject: folders[1]?.entryUUID ?? '' }),
        ],
      })
    },
    codes: metadataError,
    says: 'a Folder holding a Folder',
  },
  {
    title: 'refuses an entry as holder [ITI TF-3:4.2.2.1]',
    submission(before) {
      const submission = aSubmission()
      const sourceObject = submission.documentEntries[0]?.entryUUID ?? ''
      submission.associations.push(anAssociation({ sourceObject, targetObject: before.entry.entryUUID }))
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'refuses an SS-HM HasMember to another kind of Association [ITI TF-3:4.2.2.1.4]',
    submission() {
      const submission = aSubmission()
      submission.associations.push(heldBySet(submission, submission.associations[0]?.entryUUID ?? ''))
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'accepts an SS-HM HasMember to a registered FD-DE HasMember [ITI TF-3:4.2.2.1.4]',
    submission: before => holding(before.membership),
    codes: [],
  },
  {
    title: 'accepts a new entry in a registered Folder [ITI TF-3:4.2.2.1.3]',
    submission: before => inFolder(before.folder),
    codes: [],
  },
  {
    title: 'refuses an FD-DE HasMember that the SubmissionSet does not hold [ITI TF-3:4.2.2.1.5]',
    submission(before) {
      const submission = inFolder(before.folder)
      submission.associations.pop()
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'refuses a Deprecated entry in a Folder [ITI TF-2:3.42.4.1.3.4]',
    submission(before) {
      const folder = aFolder()
      return aFolderHolding(folder, anAssociation({ sourceObject: folder.entryUUID, targetObject: before.deprecated }))
    },
    codes: ['XDSRegistryDeprecatedDocumentError'],
  },
  {
    title: "refuses an entry in another patient's Folder [ITI TF-2:3.42.4.1.3.3.2]",
    submission: before => inFolder(before.othersFolder),
    codes: ['XDSPatientIdDoesNotMatch'],
  },
  {
    title: "refuses another patient's entry in a Folder [ITI TF-2:3.42.4.1.3.3.2]",
    submission(before) {
      const folder = aFolder()
      return aFolderHolding(folder, anAssociation({ sourceObject: folder.entryUUID, targetObject: before.othersEntry }))
    },
    codes: ['XDSPatientIdDoesNotMatch'],
  },

  // ---- relations between documents
  ...['RPLC', 'XFRM', 'APND', 'XFRM_RPLC', 'signs', 'IsSnapshotOf'].flatMap((type): Row[] => [
    {
      title: `${type}: refuses a target that is nowhere [ITI TF-2:3.42.4.1.3.5]`,
      submission: () => replacing(aUuid(), type),
      codes: ['UnresolvedReferenceException'],
    },
    {
      title: `${type}: refuses a target that is no DocumentEntry [ITI TF-2:3.42.4.1.3.5]`,
      submission: before => replacing(before.folder, type),
      codes: ['UnresolvedReferenceException'],
    },
    {
      title: `${type}: refuses a source outside of the submission [ITI TF-2:3.42.4.1.3.5]`,
      submission(before) {
        const submission = aSubmission()
        const [sourceObject, targetObject] = [before.entry.entryUUID, before.transformation]
        submission.associations.push(anAssociation({ associationType: type, sourceObject, targetObject }))
        return submission
      },
      codes: ['UnresolvedReferenceException'],
    },
    {
      title: `${type}: refuses a Deprecated target [ITI TF-2:3.42.4.1.3.5]`,
      submission: before => replacing(before.deprecated, type),
      codes: ['XDSRegistryDeprecatedDocumentError'],
    },
    {
      title: `${type}: refuses a target of another patient [ITI TF-2:3.42.4.1.3.5]`,
      submission: before => replacing(before.othersEntry, type),
      codes:
        type === 'IsSnapshotOf'
          ? ['XDSPatientIdDoesNotMatch', 'XDSRegistryMetadataError']
          : ['XDSPatientIdDoesNotMatch'],
    },
    {
      title: `${type}: refuses a document that is related to itself [ITI TF-3:4.2.2.2]`,
      submission() {
        const submission = aSubmission()
        const id = submission.documentEntries[0]?.entryUUID ?? ''
        submission.associations.push(anAssociation({ associationType: type, sourceObject: id, targetObject: id }))
        return submission
      },
      codes: ['XFRM', 'APND', 'signs'].includes(type) ? metadataError : ['UnresolvedReferenceException'],
    },
  ]),
  ...['RPLC', 'XFRM_RPLC', 'IsSnapshotOf'].map(
    (type): Row => ({
      title: `${type}: refuses a target in the same submission [ITI TF-2:3.42.4.1.3.5]`,
      submission: () => related(type),
      codes: ['UnresolvedReferenceException'],
    }),
  ),
  ...['XFRM', 'APND', 'signs'].map(
    (type): Row => ({
      title: `${type}: accepts a target in the same submission [ITI TF-2:3.42.4.1.3.5]`,
      submission: () => related(type),
      codes: [],
    }),
  ),
  {
    title: 'refuses a snapshot of a stable entry [ITI TF-3:4.2.2.2.6]',
    submission: before => replacing(before.entry.entryUUID, 'IsSnapshotOf'),
    codes: metadataError,
  },
  {
    title: 'accepts a snapshot of an on-demand entry [ITI TF-3:4.2.2.2.6]',
    submission: before => replacing(before.onDemand, 'IsSnapshotOf'),
    codes: [],
  },
  ...['RPLC', 'XFRM_RPLC'].map(
    (type): Row => ({
      title: `${type}: refuses a stable entry in the place of an on-demand one [ITI TF-2:3.61.4.1.2]`,
      submission: before => replacing(before.onDemand, type),
      codes: metadataError,
      says: 'a stable DocumentEntry, found an on-demand one',
    }),
  ),
  {
    title: 'refuses an addendum to a transformation [ITI TF-3:4.2.2.2.1]',
    submission: before => replacing(before.transformation, 'APND'),
    codes: metadataError,
  },
  {
    title: 'refuses an addendum to a transformation of the same submission [ITI TF-3:4.2.2.2.1]',
    submission(before) {
      const submission = related('APND')
      const [, transformed] = submission.documentEntries
      submission.associations.push(
        anAssociation({
          associationType: 'XFRM',
          sourceObject: transformed?.entryUUID ?? '',
          targetObject: before.entry.entryUUID,
        }),
      )
      return submission
    },
    codes: metadataError,
  },
  {
    title: 'accepts a documentation code on a relation [ITI TF-3:4.2.2.2]',
    submission: before =>
      changed(replacing(before.entry.entryUUID, 'signs'), { associationDocumentation: aCode('1', 'why') }, 1),
    codes: [],
  },

  // ---- what follows from an earlier finding is not told again
  {
    title: 'does not complain of the patient of a relation whose entry has the wrong patient anyway',
    submission(before) {
      const submission = replacing(before.entry.entryUUID)
      submission.documentEntries = submission.documentEntries.map(entry => ({ ...entry, patientId: other }))
      return submission
    },
    codes: ['XDSPatientIdDoesNotMatch'],
  },
  {
    title: 'does not miss a SubmissionSet that could not be read as one',
    submission: () => ({
      ...aSubmission({ documentEntries: [] }),
      submissionSets: [],
      associations: [],
      findings: [
        {
          code: 'XDSRegistryMetadataError',
          object: 'RegistryPackage SubmissionSet01',
          attribute: 'Classification',
          rule: 'ITI TF-3:4.2.1.2.1',
          expected: 'one Classification',
          found: 'none',
        },
      ],
    }),
    codes: metadataError,
  },
]

describe('the rules of ITI-42', () => {
  let registry: TestRegistry
  let registered: Before

  before(async () => {
    registry = await aRegistry()
    registered = await fill(registry)
  })
  after(() => registry.close())

  for (const { title, submission, codes, says } of rows) {
    it(title, async () => {
      const response = await registry.register(submission(registered))
      expect(codesOf(response), JSON.stringify(response.errors)).to.deep.equal(codes)
      expect(response.status).to.equal(codes.length === 0 ? 'Success' : 'Failure')
      if (says !== undefined) expect(response.errors[0]?.codeContext).to.contain(says)
    })
  }

  it('names a clause for every rule', () => {
    for (const { clause } of submissionRules) expect(clause).to.match(/^ITI TF-[23]:( Table)? ?\d+(\.\d+)+(-\d+)?$/)
  })

  it('has each rule once', () => {
    expect(new Set(submissionRules).size).to.equal(submissionRules.length)
  })
})

async function fill(registry: TestRegistry): Promise<Before> {
  await registry.addPatient(other)
  const first = aSubmission()
  await registry.register(first)
  const [entry] = first.documentEntries
  if (entry === undefined) throw new Error('the sample has no entry')
  const deprecated = aSubmission()
  await registry.register(deprecated)
  await registry.register(replacing(deprecated.documentEntries[0]?.entryUUID ?? ''))
  const transformation = replacing(entry.entryUUID, 'XFRM')
  await registry.register(transformation)
  const folder = aFolder()
  const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entry.entryUUID })
  await registry.register(aFolderHolding(folder, holds))
  const othersFolder = aFolder({ patientId: other })
  const others = aSubmission({ patientId: other, folders: [othersFolder] })
  await registry.register(others)
  const onDemand = aSubmission({ documentEntries: [anOnDemandEntry()] })
  await registry.registerOnDemand(onDemand)
  const onDemandId = onDemand.documentEntries[0]?.entryUUID ?? ''
  return {
    entry,
    folder: folder.entryUUID,
    submissionSet: first.submissionSets[0]?.entryUUID ?? '',
    deprecated: deprecated.documentEntries[0]?.entryUUID ?? '',
    transformation: transformation.documentEntries[0]?.entryUUID ?? '',
    onDemand: onDemandId,
    membership: holds.entryUUID,
    othersEntry: others.documentEntries[0]?.entryUUID ?? '',
    othersFolder: othersFolder.entryUUID,
  }
}

/** The submission with one of its Associations changed. */
function changed(submission: Submission, changes: Partial<Association>, index = 0): Submission {
  const associations = submission.associations.map((each, at) => (at === index ? { ...each, ...changes } : each))
  return { ...submission, associations }
}

/** The sample, its SubmissionSet holding one more thing. */
function holding(targetObject: string, changes: Partial<Association> = {}): Submission {
  const submission = aSubmission()
  submission.associations.push({ ...heldBySet(submission, targetObject), ...changes })
  return submission
}

/** The sample, its entry in a Folder. */
function inFolder(folder: string): Submission {
  const submission = aSubmission()
  const holds = anAssociation({
    sourceObject: folder,
    targetObject: submission.documentEntries[0]?.entryUUID ?? '',
  })
  submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
  return submission
}

/** Two entries, the first related to the second. */
function related(associationType: string): Submission {
  const documentEntries = [aDocumentEntry(), aDocumentEntry()]
  return aSubmission({
    documentEntries,
    associations: [
      anAssociation({
        associationType,
        sourceObject: documentEntries[0]?.entryUUID ?? '',
        targetObject: documentEntries[1]?.entryUUID ?? '',
      }),
    ],
  })
}
