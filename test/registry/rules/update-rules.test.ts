// Every rule of ITI-57 and ITI-92 once: a valid request and one change, and all that the answer says.
import { expect } from 'chai'
import type { Association, DocumentEntry, Folder, Submission } from '../../../metadata/model.js'
import { statusTypes } from '../../../metadata/uuids.js'
import { restrictedUpdateRules, updateRules } from '../../../registry/rules/update-rules.js'
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
import { aSwissSubmission, originalProviderRole, roleOf } from '../../samples/swiss.js'
import { aRegistry, codesOf, ihe, type TestRegistry } from '../a-registry.js'
import { aFolderHolding, replacing } from '../submissions.js'
import { addAssociation, addStatusOrder, addUpdate, anUpdate, approving, aRequest } from '../updates.js'

/** What is registered before each request. */
interface Before {
  /** In `folder`, and the target of `transformation`. */
  entry: DocumentEntry
  /** Related to nothing. */
  lone: DocumentEntry
  folder: Folder
  emptyFolder: Folder
  /** The FD-DE HasMember of `folder` and `entry`. */
  membership: string
  submissionSet: string
  /** The HasMember of that and `entry`. */
  setMembership: string
  deprecated: DocumentEntry
  transformation: DocumentEntry
  transforms: string
  onDemand: DocumentEntry
  /** Versions 1 and 2 of one entry. */
  superseded: DocumentEntry
  current: DocumentEntry
  othersEntry: DocumentEntry
  othersFolder: Folder
}

interface Row {
  title: string
  request(before: Before): Submission
  codes: string[]
  /** Where ITI-92 says something else. */
  restrictedCodes?: string[]
  /** Said in the first error. */
  says?: string
}

const other = 'other^^^&2.999.1.2.3&ISO'
const updateError = ['XDSMetadataUpdateError']
const operationError = ['XDSMetadataUpdateOperationError']
const annotationError = ['XDSMetadataAnnotationError']
const metadataError = ['XDSRegistryMetadataError']
const versionError = ['XDSMetadataVersionError']

/** Of both transactions. */
const shared: Row[] = [
  {
    title: 'accepts a new version of an entry [ITI TF-2:3.57.4.1.3.3.1]',
    request: ({ entry }) => anUpdate(entry, { title: [{ value: 'New' }] }),
    codes: [],
  },
  {
    title: 'accepts other hash, size, creation time, mime type and format [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ entry }) =>
      anUpdate(entry, {
        hash: '0000000000000000000000000000000000000000',
        size: '17',
        creationTime: '2020',
        mimeType: 'text/plain',
      }),
    codes: [],
  },
  {
    title: 'accepts the third version after the second [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ current }) => anUpdate(current, {}, { previousVersion: '2' }),
    codes: [],
  },
  {
    title: 'takes no notice of a version that is sent [ITI TF-2:3.57.4.1.3.3.1]',
    request: ({ entry }) => anUpdate(entry, { version: 17 }),
    codes: [],
  },
  {
    title: 'accepts a new version of an on-demand entry, without hash and size [ITI TF-2:3.61.4.1.2]',
    request: ({ onDemand }) => anUpdate(onDemand),
    codes: [],
  },
  {
    title: 'accepts updates of two entries at once [ITI TF-2:3.57.4.1.3.1]',
    request({ entry, lone }) {
      const request = anUpdate(entry)
      addUpdate(request, lone)
      return request
    },
    codes: [],
  },

  // ---- the request as a whole
  {
    title: 'refuses two SubmissionSets [ITI TF-3:4.2.1.4]',
    request({ entry }) {
      const request = anUpdate(entry)
      request.submissionSets.push(aSubmissionSet())
      return request
    },
    codes: ['XDSMetadataUpdateError'],
  },
  {
    title: 'refuses a request that asks for nothing [ITI TF-2:3.57.4.1.3.1]',
    request: () => aRequest(),
    codes: operationError,
    says: 'nothing to do',
  },
  {
    title: 'refuses an attribute that is wrong in itself [ITI TF-3: Table 4.3.1-3]',
    request: ({ entry }) => anUpdate(entry, { languageCode: 'no such language' }),
    codes: metadataError,
    says: 'languageCode',
  },
  ...(['hash', 'size', 'repositoryUniqueId'] as const).map(attribute => ({
    title: `refuses a stable entry without ${attribute} [ITI TF-3: Table 4.3.1-3]`,
    request: ({ lone }: Before) => {
      const request = anUpdate(lone)
      delete request.documentEntries[0]?.[attribute]
      return request
    },
    codes: metadataError,
    restrictedCodes: attribute === 'repositoryUniqueId' ? ['XDSRegistryMetadataError'] : metadataError,
    says: attribute,
  })),
  {
    title: 'refuses service times out of order [ITI TF-2:3.42.4.1.3.3.6]',
    request: ({ lone }) => anUpdate(lone, { serviceStartTime: '20260102', serviceStopTime: '20260101' }),
    codes: metadataError,
  },
  {
    title: 'refuses a patient nobody knows [ITI TF-2:3.42.4.1.3.3.3]',
    request: ({ lone }) => anUpdate(lone, { patientId: 'nobody^^^&2.999.1.2.3&ISO' }),
    codes: ['XDSUnknownPatientId'],
    restrictedCodes: ['XDSUnknownPatientId', 'XDSPatientIDReconciliationError'],
  },
  {
    title: 'refuses a SubmissionSet of another patient than the entry [ITI TF-2:3.42.4.1.3.3.3]',
    request({ lone }) {
      const request = aRequest({ patientId: other })
      addUpdate(request, lone)
      return request
    },
    codes: ['XDSPatientIdDoesNotMatch'],
  },
  {
    title: 'refuses the uniqueId of an earlier SubmissionSet [ITI TF-2:3.42.4.1.3.3.7]',
    request({ entry, lone }) {
      const request = aRequest({ submissionSet: { uniqueId: entry.uniqueId ?? '' } })
      addUpdate(request, lone)
      return request
    },
    codes: ['XDSDuplicateUniqueIdInRegistry'],
  },
  {
    title: 'refuses an id that is registered already [ITI TF-2:3.42.4.1.3.7]',
    request: ({ entry, lone }) => anUpdate(lone, { entryUUID: entry.entryUUID }),
    codes: metadataError,
    says: 'already registered',
  },

  // ---- new versions
  {
    title: 'refuses an initial version by its own id [ITI TF-2:3.57.4.1.3.1]',
    request() {
      const entryUUID = aUuid()
      return anUpdate(aDocumentEntry(), { entryUUID, logicalID: entryUUID })
    },
    codes: updateError,
    restrictedCodes: ['XDSInvalidRequestException'],
    says: 'its own id',
  },
  {
    title: 'refuses a symbolic logicalID [ITI TF-2:3.57.4.1.3.3.1.2]',
    request: ({ lone }) => anUpdate(lone, { logicalID: 'Document01' }),
    codes: updateError,
    restrictedCodes: ['XDSMetadataIdentifierError'],
    says: 'never a symbol',
  },
  {
    title: 'refuses a logicalID that nobody has [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ lone }) => anUpdate(lone, { logicalID: aUuid() }),
    codes: ['XDSMetadataVersionError', 'XDSMetadataUpdateError'],
    restrictedCodes: versionError,
  },
  {
    title: 'refuses the logicalID of a Folder for an entry [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ lone, emptyFolder }) => anUpdate(lone, { logicalID: emptyFolder.entryUUID }),
    codes: ['XDSMetadataVersionError', 'XDSMetadataUpdateError'],
    restrictedCodes: versionError,
  },
  {
    title: 'refuses the id of a later version as logicalID [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ current }) => anUpdate(current, { logicalID: current.entryUUID }, { previousVersion: '2' }),
    codes: ['XDSMetadataVersionError', 'XDSMetadataUpdateError'],
    restrictedCodes: versionError,
  },
  {
    title: 'refuses two updates of one entry [ITI TF-2:3.57.4.1.3.1]',
    request({ lone }) {
      const request = anUpdate(lone)
      addUpdate(request, lone)
      return request
    },
    codes: ['XDSRegistryDuplicateUniqueIdInMessage', 'XDSMetadataUpdateOperationError'],
  },
  {
    title: 'refuses a new version that the SubmissionSet does not hold [ITI TF-2:3.57.4.1.3.3.1.2]',
    request: ({ lone }) => ({ ...anUpdate(lone), associations: [] }),
    codes: operationError,
    restrictedCodes: annotationError,
    says: 'PreviousVersion',
  },
  {
    title: 'refuses one that it holds twice [ITI TF-2:3.57.4.1.3.3.1.2]',
    request({ lone }) {
      const request = anUpdate(lone)
      request.associations.push({ ...(request.associations[0] as Association), entryUUID: aUuid() })
      return request
    },
    codes: operationError,
    restrictedCodes: annotationError,
  },
  {
    title: 'refuses a new version without PreviousVersion [ITI TF-2:3.57.4.1.3.3.1.2]',
    request: ({ lone }) => anUpdate(lone, {}, { previousVersion: undefined }),
    codes: operationError,
    restrictedCodes: annotationError,
  },
  {
    title: 'refuses a PreviousVersion that is no number [ITI TF-2:3.57.4.1.3.3.1.2]',
    request: ({ lone }) => anUpdate(lone, {}, { previousVersion: 'one' }),
    codes: operationError,
    restrictedCodes: annotationError,
  },
  {
    title: 'refuses a PreviousVersion that is not the latest: too high [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ lone }) => anUpdate(lone, {}, { previousVersion: '2' }),
    codes: versionError,
    says: 'the number of the latest version, 1',
  },
  {
    title: 'refuses a PreviousVersion that is not the latest: too low [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ superseded }) => anUpdate(superseded),
    codes: versionError,
    says: 'the number of the latest version, 2',
  },
  ...[undefined, 'Reference', 'original'].map(submissionSetStatus => ({
    title: `refuses SubmissionSetStatus ${submissionSetStatus} [ITI TF-3:4.2.2.1.1]`,
    request: ({ lone }: Before) => anUpdate(lone, {}, { submissionSetStatus }),
    codes: operationError,
    restrictedCodes: annotationError,
  })),
  {
    title: 'refuses an AssociationPropagation that is neither yes nor no [ITI TF-2:3.57.4.1.3.3.1.2]',
    request: ({ lone }) => anUpdate(lone, {}, { associationPropagation: 'perhaps' }),
    codes: operationError,
    restrictedCodes: annotationError,
  },
  {
    title: 'refuses Slots of a status on the HasMember of a new version [ITI TF-2:3.57.4.1.3.3.2.2]',
    request: ({ lone }) => anUpdate(lone, {}, { newStatus: statusTypes.Deprecated }),
    codes: operationError,
    restrictedCodes: annotationError,
  },
  {
    title: 'refuses another uniqueId [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ lone }) => anUpdate(lone, { uniqueId: anOid() }),
    codes: updateError,
    restrictedCodes: ['XDSMetadataIdentifierError'],
  },
  {
    title: 'refuses another objectType [ITI TF-2:3.57.4.1.3.3.1.3]',
    request({ lone }) {
      const { creationTime, hash, size, ...entry } = lone
      return anUpdate(entry, { objectType: 'on-demand' })
    },
    codes: updateError,
    restrictedCodes: ['UnmodifiableMetadataError', 'XDSObjectTypeError'],
  },
]

/** Of ITI-57 alone. */
const updating: Row[] = [
  {
    title: 'refuses an initial version without logicalID [ITI TF-2:3.57.4.1.3.1]',
    request: () => anUpdate(aDocumentEntry(), { logicalID: undefined }),
    codes: updateError,
  },
  {
    title: 'refuses a new version of what is Deprecated [ITI TF-2:3.57.4.1.3.3.1.3]',
    request: ({ deprecated }) => anUpdate(deprecated),
    codes: updateError,
    says: 'whose latest version is Approved',
  },
  {
    title: 'accepts a new version of a Folder [ITI TF-2:3.57.4.1.3.3.3]',
    request: ({ folder }) => anUpdate(folder, { title: [{ value: 'New' }] }),
    codes: [],
  },
  {
    title: 'refuses another uniqueId of a Folder [ITI TF-2:3.57.4.1.3.3.3.3]',
    request: ({ folder }) => anUpdate(folder, { uniqueId: anOid() }),
    codes: updateError,
  },
  {
    title: 'refuses a Folder with the logicalID of an entry [ITI TF-2:3.57.4.1.3.3.3.3]',
    request: ({ folder, lone }) => anUpdate(folder, { logicalID: lone.entryUUID }),
    codes: ['XDSMetadataVersionError', 'XDSMetadataUpdateError'],
  },

  // ---- another patient
  {
    title: 'accepts another patient of what is related to nothing [ITI TF-2:3.57.4.1.3.3.1.7]',
    request: ({ lone }) => anUpdate(lone, { patientId: other }),
    codes: [],
  },
  {
    title: 'accepts another patient of what takes nothing over [ITI TF-2:3.57.4.1.3.3.1.7]',
    request: ({ entry }) => anUpdate(entry, { patientId: other }, { associationPropagation: 'no' }),
    codes: [],
  },
  {
    title: 'refuses another patient of an entry that stays in its Folder [ITI TF-2:3.57.4.1.3.3.1.7]',
    request: ({ transformation }) => anUpdate(transformation, { patientId: other }),
    codes: ['XDSPatientIDReconciliationError'],
  },
  {
    title: 'refuses another patient of a Folder that keeps its entries [ITI TF-2:3.57.4.1.3.3.3.7]',
    request: ({ folder }) => anUpdate(folder, { patientId: other }),
    codes: ['XDSPatientIDReconciliationError'],
    says: 'AssociationPropagation',
  },

  // ---- statuses
  {
    title: 'accepts Deprecated for an entry [ITI TF-2:3.57.4.1.3.3.2]',
    request: ({ entry }) => ordering(entry.entryUUID),
    codes: [],
  },
  {
    title: 'accepts Approved for an entry that is Deprecated and the latest version [ITI TF-2:3.57.4.1.3.3.2]',
    request: ({ deprecated }) => ordering(deprecated.entryUUID, approving),
    codes: [],
  },
  {
    title: 'accepts Deprecated for a Folder [ITI TF-2:3.57.4.1.3.3.4]',
    request: ({ folder }) => ordering(folder.entryUUID),
    codes: [],
  },
  {
    title: 'accepts Deprecated for what a Folder holds, and for a relationship [ITI TF-2:3.57.4.1.3.3.5]',
    request({ membership, transforms }) {
      const request = ordering(membership)
      addStatusOrder(request, transforms)
      return request
    },
    codes: [],
  },
  {
    title: 'accepts an order from a SubmissionSet of another patient [ITI TF-2:3.57.4.1.3.3.2]',
    request({ entry }) {
      const request = aRequest({ patientId: other })
      addStatusOrder(request, entry.entryUUID)
      return request
    },
    codes: [],
  },
  ...(['originalStatus', 'newStatus'] as const).map(attribute => ({
    title: `refuses an order without ${attribute} [ITI TF-2:3.57.4.1.3.3.2.2]`,
    request: ({ entry }: Before) => ordering(entry.entryUUID, { [attribute]: undefined }),
    codes: operationError,
    says: attribute,
  })),
  {
    title: 'refuses a new status that is none [ITI TF-2:3.57.4.1.3.3.2.2]',
    request: ({ entry }) =>
      ordering(entry.entryUUID, { newStatus: 'urn:oasis:names:tc:ebxml-regrep:StatusType:Submitted' }),
    codes: operationError,
  },
  {
    title: 'refuses a new status that is the original one [ITI TF-2:3.57.4.1.3.3.2.2]',
    request: ({ entry }) => ordering(entry.entryUUID, { newStatus: statusTypes.Approved }),
    codes: operationError,
  },
  {
    title: 'refuses Slots of a new version on an order [ITI TF-2:3.57.4.1.3.3.2.2]',
    request: ({ entry }) => ordering(entry.entryUUID, { previousVersion: '1' }),
    codes: operationError,
  },
  {
    title: 'refuses an order for what nobody has [ITI TF-2:3.57.4.1.3.3.2.3]',
    request: () => ordering(aUuid()),
    codes: ['UnresolvedReferenceException'],
  },
  {
    title: 'refuses an original status that it does not have [ITI TF-2:3.57.4.1.3.3.2.3]',
    request: ({ entry }) => ordering(entry.entryUUID, approving),
    codes: updateError,
    says: 'the status that it has',
  },
  {
    title: 'refuses a status of a version that is not the latest [ITI TF-2:3.57.4.1.3.3.2.3]',
    request: ({ superseded }) => ordering(superseded.entryUUID, approving),
    codes: updateError,
    says: 'version 1, not the latest',
  },
  {
    title: 'refuses a status of a SubmissionSet [ITI TF-2:3.57.4.1.3.3.5]',
    request: ({ submissionSet }) => ordering(submissionSet),
    codes: updateError,
  },
  {
    title: 'refuses a status of a HasMember of a SubmissionSet [ITI TF-2:3.57.4.1.3.3.5]',
    request: ({ setMembership }) => ordering(setMembership),
    codes: updateError,
  },
  {
    title: 'refuses two orders for one object [ITI TF-2:3.57.4.1.3.1]',
    request({ entry }) {
      const request = ordering(entry.entryUUID)
      addStatusOrder(request, entry.entryUUID)
      return request
    },
    codes: operationError,
  },
  {
    title: 'refuses an order from anybody but the SubmissionSet [ITI TF-2:3.57.4.1.3.2]',
    request: ({ entry, folder }) => ordering(entry.entryUUID, { sourceObject: folder.entryUUID }),
    codes: updateError,
  },
  {
    title: 'accepts a new version and its status together [ITI TF-2:3.57.4.1.3.1]',
    request: ({ entry }) => {
      const request = anUpdate(entry)
      addStatusOrder(request, entry.entryUUID)
      return request
    },
    codes: [],
  },
  {
    title: 'refuses a status with it that the former version does not have [ITI TF-2:3.57.4.1.3.3.2.3]',
    request({ entry }) {
      const request = anUpdate(entry)
      addStatusOrder(request, entry.entryUUID, approving)
      return request
    },
    codes: updateError,
  },
  {
    title: 'refuses an order for the former version and one for the new one [ITI TF-2:3.57.4.1.3.1]',
    request({ entry }) {
      const request = anUpdate(entry)
      addStatusOrder(request, entry.entryUUID)
      addStatusOrder(request, request.documentEntries[0]?.entryUUID ?? '')
      return request
    },
    codes: operationError,
  },

  // ---- Associations
  ...['APND', 'XFRM', 'RPLC', 'XFRM_RPLC', 'signs'].map(associationType => ({
    title: `accepts ${associationType} between registered entries [ITI TF-2:3.57.4.1.3.3.6]`,
    request: ({ entry, lone }: Before) => submitting(lone.entryUUID, entry.entryUUID, { associationType }),
    codes: [],
  })),
  {
    title: 'accepts an entry into a Folder [ITI TF-2:3.57.4.1.3.3.6]',
    request: ({ emptyFolder, lone }) => submitting(emptyFolder.entryUUID, lone.entryUUID),
    codes: [],
  },
  {
    title: 'accepts a snapshot of an on-demand entry [ITI TF-3:4.2.2.2.6]',
    request: ({ lone, onDemand }) =>
      submitting(lone.entryUUID, onDemand.entryUUID, { associationType: 'IsSnapshotOf' }),
    codes: [],
  },
  {
    title: 'refuses a snapshot of a stable entry [ITI TF-3:4.2.2.2.6]',
    request: ({ lone, entry }) => submitting(lone.entryUUID, entry.entryUUID, { associationType: 'IsSnapshotOf' }),
    codes: updateError,
  },
  ...['RPLC', 'XFRM_RPLC'].map(associationType => ({
    title: `refuses ${associationType} of an on-demand entry by a stable one [ITI TF-2:3.61.4.1.2]`,
    request: ({ lone, onDemand }: Before) => submitting(lone.entryUUID, onDemand.entryUUID, { associationType }),
    codes: updateError,
    says: 'on-demand',
  })),
  {
    title: 'accepts that an on-demand entry replaces a stable one [ITI TF-2:3.61.4.1.2]',
    request: ({ lone, onDemand }) => submitting(onDemand.entryUUID, lone.entryUUID, { associationType: 'RPLC' }),
    codes: [],
  },
  {
    title: 'refuses an addendum to a transformation [ITI TF-3:4.2.2.2.1]',
    request: ({ lone, transformation }) =>
      submitting(lone.entryUUID, transformation.entryUUID, { associationType: 'APND' }),
    codes: updateError,
  },
  {
    title: 'refuses an association type that nobody knows [ITI TF-3:4.2.2]',
    request: ({ lone, entry }) => submitting(lone.entryUUID, entry.entryUUID, { associationType: 'urn:example:odd' }),
    codes: metadataError,
  },
  {
    title: 'refuses documentation of a membership [ITI TF-3:4.2.2.1]',
    request: ({ emptyFolder, lone }) =>
      submitting(emptyFolder.entryUUID, lone.entryUUID, {
        associationDocumentation: aCode('1', 'why'),
      }),
    codes: metadataError,
  },
  {
    title: 'refuses an order for an Association that is not in the request [ITI TF-2:3.57.4.1.3.3.6]',
    request({ entry, lone }) {
      const request = submitting(lone.entryUUID, entry.entryUUID, { associationType: 'APND' })
      request.associations.splice(0, 1)
      return request
    },
    codes: ['UnresolvedReferenceException'],
  },
  {
    title: 'refuses an order for a registered Association [ITI TF-2:3.57.4.1.3.3.6]',
    request: ({ membership }) =>
      ordering(membership, { associationType: 'SubmitAssociation', originalStatus: undefined, newStatus: undefined }),
    codes: updateError,
    says: 'registered already',
  },
  {
    title: 'refuses an order for what is no Association [ITI TF-2:3.57.4.1.3.3.6]',
    request({ lone }) {
      const request = anUpdate(lone, {}, { associationPropagation: 'no' })
      const targetObject = request.documentEntries[0]?.entryUUID ?? ''
      request.associations.push(
        anAssociation({
          associationType: 'SubmitAssociation',
          sourceObject: request.submissionSets[0]?.entryUUID ?? '',
          targetObject,
        }),
      )
      return request
    },
    codes: updateError,
    says: 'found a DocumentEntry',
  },
  {
    title: 'refuses two orders for one Association [ITI TF-2:3.57.4.1.3.1]',
    request({ entry, lone }) {
      const request = submitting(lone.entryUUID, entry.entryUUID, { associationType: 'APND' })
      request.associations.push({ ...(request.associations[1] as Association), entryUUID: aUuid() })
      return request
    },
    codes: operationError,
  },
  {
    title: 'refuses an Association without an order [ITI TF-2:3.57.4.1.3.2]',
    request({ entry, lone }) {
      const request = submitting(lone.entryUUID, entry.entryUUID, { associationType: 'APND' })
      request.associations.pop()
      return request
    },
    codes: operationError,
  },
  ...(['sourceObject', 'targetObject'] as const).map(end => ({
    title: `refuses a ${end} that nobody has [ITI TF-2:3.57.4.1.3.3.6.3]`,
    request: ({ entry, lone }: Before) =>
      submitting(lone.entryUUID, entry.entryUUID, { associationType: 'APND', [end]: aUuid() }),
    codes: ['UnresolvedReferenceException'],
    says: end,
  })),
  {
    title: 'refuses an entry that is related to itself [ITI TF-3:4.2.2.2]',
    request: ({ lone }) => submitting(lone.entryUUID, lone.entryUUID, { associationType: 'APND' }),
    codes: metadataError,
  },
  {
    title: 'refuses a relationship with a Folder [ITI TF-2:3.57.4.1.3.3.6.3]',
    request: ({ emptyFolder, lone }) => submitting(emptyFolder.entryUUID, lone.entryUUID, { associationType: 'APND' }),
    codes: updateError,
  },
  {
    title: 'refuses a Folder in a Folder [ITI TF-2:3.57.4.1.3.3.6.3]',
    request: ({ emptyFolder, folder }) => submitting(emptyFolder.entryUUID, folder.entryUUID),
    codes: updateError,
  },
  {
    title: 'refuses what a registered SubmissionSet would hold [ITI TF-2:3.57.4.1.3.3.6.3]',
    request: ({ submissionSet, lone }) => submitting(submissionSet, lone.entryUUID),
    codes: updateError,
  },
  ...(['RPLC', 'APND', 'signs'] as const).map(associationType => ({
    title: `refuses ${associationType} to what is Deprecated [ITI TF-2:3.57.4.1.3.3.6.3]`,
    request: ({ lone, deprecated }: Before) => submitting(lone.entryUUID, deprecated.entryUUID, { associationType }),
    codes: updateError,
  })),
  {
    title: 'refuses an Association from what this request supersedes [ITI TF-2:3.57.4.1.3.3.6.3]',
    request({ entry, lone }) {
      const request = anUpdate(lone, {}, { associationPropagation: 'no' })
      addAssociation(request, {
        associationType: 'APND',
        sourceObject: lone.entryUUID,
        targetObject: entry.entryUUID,
      })
      return request
    },
    codes: updateError,
    says: 'which this request supersedes',
  },
  {
    title: 'accepts an Association from a new version that takes nothing over [ITI TF-2:3.57.4.1.3.1]',
    request: before => fromNewVersion(before, 'no'),
    codes: [],
  },
  {
    title: 'refuses one from a new version that does [ITI TF-2:3.57.4.1.3.1]',
    request: before => fromNewVersion(before, 'yes'),
    codes: operationError,
  },
  {
    title: 'refuses an Association between patients [ITI TF-2:3.57.4.1.3.3.6.7]',
    request: ({ lone, othersEntry }) => submitting(lone.entryUUID, othersEntry.entryUUID, { associationType: 'APND' }),
    codes: ['XDSPatientIDReconciliationError'],
  },
  {
    title: 'refuses an entry into a Folder of another patient [ITI TF-2:3.57.4.1.3.3.6.7]',
    request: ({ lone, othersFolder }) => submitting(othersFolder.entryUUID, lone.entryUUID),
    codes: ['XDSPatientIDReconciliationError'],
  },
  {
    title: 'refuses an Association that is there already [ITI TF-2:3.57.4.1.3.3.6.3]',
    request: ({ folder, entry }) => submitting(folder.entryUUID, entry.entryUUID),
    codes: updateError,
    says: 'between the same objects',
  },
  {
    title: 'refuses one that says what another of the request says [ITI TF-2:3.57.4.1.3.3.6.3]',
    request({ entry, lone }) {
      const request = submitting(lone.entryUUID, entry.entryUUID, { associationType: 'APND' })
      addAssociation(request, {
        associationType: 'APND',
        sourceObject: lone.entryUUID,
        targetObject: entry.entryUUID,
      })
      return request
    },
    codes: updateError,
  },
  {
    title: 'refuses to replace an entry while its Folder is updated [ITI TF-2:3.57.4.1.3.1]',
    request({ entry, lone, folder }) {
      const request = anUpdate(folder)
      addAssociation(request, {
        associationType: 'RPLC',
        sourceObject: lone.entryUUID,
        targetObject: entry.entryUUID,
      })
      return request
    },
    codes: operationError,
    says: 'to replace an entry in a request of its own',
  },
  {
    title: 'refuses to replace a new version [ITI TF-2:3.42.4.1.3.5]',
    request({ entry, lone }) {
      const request = anUpdate(lone, {}, { associationPropagation: 'no' })
      addAssociation(request, {
        associationType: 'RPLC',
        sourceObject: entry.entryUUID,
        targetObject: request.documentEntries[0]?.entryUUID ?? '',
      })
      return request
    },
    codes: updateError,
  },
]

/** Of ITI-92 alone. */
const restricted: Row[] = [
  {
    title: 'accepts a new version without logicalID, by the uniqueId [ITI TF-2:3.92.4.1.3]',
    request: ({ lone }) => anUpdate(lone, { logicalID: undefined }),
    codes: [],
  },
  {
    title: 'refuses one whose uniqueId nobody has [ITI TF-2:3.92.4.1.3]',
    request: () => anUpdate(aDocumentEntry(), { logicalID: undefined }),
    codes: ['XDSInvalidRequestException'],
  },
  {
    title: 'accepts a new version of what is Deprecated [CP-ITI-1190]',
    request: ({ deprecated }) => anUpdate(deprecated),
    codes: [],
  },
  {
    title: 'refuses AssociationPropagation no [ITI TF-2:3.92.4.1.2.2.2]',
    request: ({ lone }) => anUpdate(lone, {}, { associationPropagation: 'no' }),
    codes: annotationError,
  },
  {
    title: 'refuses another patient [ITI TF-2:3.92.4.1.3]',
    request: ({ lone }) => anUpdate(lone, { patientId: other }),
    codes: ['XDSPatientIDReconciliationError'],
  },
  ...Object.entries({
    sourcePatientId: 'other^^^&2.999.2.1&ISO',
    repositoryUniqueId: '2.999.77',
    documentAvailability: 'urn:ihe:iti:2010:DocumentAvailability:Offline',
  }).map(([attribute, value]) => ({
    title: `refuses another ${attribute} [ITI TF-2:3.92.4.1.3]`,
    request: ({ lone }: Before) => anUpdate(lone, { [attribute]: value }),
    codes: ['UnmodifiableMetadataError'],
    says: attribute,
  })),
  {
    title: 'refuses another availabilityStatus inside of the entry [ITI TF-2:3.92.4.1.3]',
    request: ({ lone }) => anUpdate(lone, { availabilityStatus: 'Deprecated' }),
    codes: ['UnmodifiableMetadataError'],
    says: 'availabilityStatus',
  },
  {
    title: 'accepts the availabilityStatus that the entry has [ITI TF-2:3.92.4.1.3]',
    request: ({ deprecated }) => anUpdate(deprecated, { availabilityStatus: 'Deprecated' }),
    codes: [],
  },
  {
    title: 'accepts the availability that was not said before [ITI TF-2:3.92.4.1.3]',
    request: ({ lone }) => anUpdate(lone, { documentAvailability: 'urn:ihe:iti:2010:DocumentAvailability:Online' }),
    codes: [],
  },
  {
    title: 'refuses a Folder [ITI TF-2:3.92.4.1.2]',
    request: ({ folder }) => anUpdate(folder),
    codes: ['XDSObjectTypeError'],
  },
  {
    title: 'refuses a status [ITI TF-2:3.92.4.1.2]',
    request: ({ entry }) => ordering(entry.entryUUID),
    codes: ['UnmodifiableMetadataError'],
  },
  {
    title: 'refuses Associations [ITI TF-2:3.92.4.1.2]',
    request: ({ entry, lone }) => submitting(lone.entryUUID, entry.entryUUID, { associationType: 'APND' }),
    codes: ['UnmodifiableMetadataError'],
  },
]

describe('the rules of updates', () => {
  let registry: TestRegistry
  let registered: Before

  beforeEach(async () => {
    registry = await aRegistry()
    registered = await fill(registry)
  })
  afterEach(() => registry.close())

  async function judged(send: 'update' | 'restrictedUpdate', { request, says }: Row, codes: string[]): Promise<void> {
    const before = await registry.contents()
    const response = await registry[send](request(registered))
    expect(codesOf(response), JSON.stringify(response.errors)).to.deep.equal(codes)
    expect(response.status).to.equal(codes.length === 0 ? 'Success' : 'Failure')
    if (codes.length > 0) expect(await registry.contents()).to.deep.equal(before)
    if (says !== undefined) expect(response.errors[0]?.codeContext).to.contain(says)
  }

  describe('ITI-57', () => {
    for (const row of [...shared, ...updating]) it(row.title, () => judged('update', row, row.codes))

    it('tells all that is wrong with all operations [ITI TF-2:3.57.4.1.3]', async () => {
      const { entry, lone, folder } = registered
      const request = anUpdate(lone, { uniqueId: anOid() }, { previousVersion: '5' })
      addStatusOrder(request, entry.entryUUID, approving)
      addAssociation(request, { sourceObject: folder.entryUUID, targetObject: entry.entryUUID })
      const response = await registry.update(request)
      expect(codesOf(response)).to.deep.equal([
        ...['XDSMetadataVersionError', 'XDSMetadataUpdateError', 'XDSMetadataUpdateError', 'XDSMetadataUpdateError'],
      ])
    })

    it('may update what is Deprecated where the registry says so', async () => {
      registry.context.config.updateDeprecated = true
      expect(codesOf(await registry.update(anUpdate(registered.deprecated)))).to.deep.equal([])
    })
  })

  describe('ITI-92', () => {
    for (const row of [...shared, ...restricted]) {
      it(row.title, () => judged('restrictedUpdate', row, row.restrictedCodes ?? row.codes))
    }
  })

  it('include what the domain says must stay [CH-EPR originalProviderRole]', async () => {
    const domain = await aRegistry({}, 'ch-epr')
    try {
      const submission = aSwissSubmission()
      expect((await domain.register(submission)).errors).to.deep.equal([])
      const entry = submission.documentEntries[0] as DocumentEntry
      const extraMetadata = [{ name: originalProviderRole, values: [roleOf('PAT')] }]
      const update = (changes: Partial<DocumentEntry>) => {
        const request = anUpdate(entry, changes)
        request.submissionSets = aSwissSubmission().submissionSets.map(set => ({
          ...set,
          entryUUID: request.submissionSets[0]?.entryUUID ?? '',
        }))
        return request
      }
      expect(codesOf(await domain.update(update({ extraMetadata })))).to.deep.equal(updateError)
      expect(codesOf(await domain.restrictedUpdate(update({ extraMetadata })))).to.deep.equal([
        'UnmodifiableMetadataError',
      ])
      expect((await domain.update(update({}))).errors).to.deep.equal([])
    } finally {
      await domain.close()
    }
  })

  it('are not those of ITI-42: PreviousVersion and orders stay refused there [ITI TF-3: Table 4.2.2-1]', async () => {
    const response = await registry.register(anUpdate(registered.lone))
    expect(codesOf(response)).to.include('XDSRegistryMetadataError')
  })

  it('name a clause each', () => {
    for (const { clause } of [...updateRules({ updateDeprecated: false }, ihe), ...restrictedUpdateRules(ihe)]) {
      expect(clause).to.match(/^ITI TF-[23]:( Table)? ?\d+(\.\d+)+(-\d+)?$/)
    }
  })
})

function ordering(targetObject: string, changes: Partial<Association> = {}): Submission {
  const request = aRequest()
  addStatusOrder(request, targetObject, changes)
  return request
}

function submitting(sourceObject: string, targetObject: string, changes: Partial<Association> = {}): Submission {
  const request = aRequest()
  addAssociation(request, { sourceObject, targetObject, ...changes })
  return request
}

/** The kit's 20006. */
function fromNewVersion({ entry, lone }: Before, associationPropagation: string): Submission {
  const request = anUpdate(lone, {}, { associationPropagation })
  addAssociation(request, {
    associationType: 'APND',
    sourceObject: request.documentEntries[0]?.entryUUID ?? '',
    targetObject: entry.entryUUID,
  })
  return request
}

async function fill(registry: TestRegistry): Promise<Before> {
  await registry.addPatient(other)
  const register = async (submission: Submission, send: 'register' | 'registerOnDemand' | 'update' = 'register') => {
    const response = await registry[send](submission)
    expect(response.errors).to.deep.equal([])
    return submission
  }
  const entryOf = ({ documentEntries: [entry] }: Submission) => entry as DocumentEntry
  const first = await register(aSubmission())
  const lone = await register(aSubmission())
  const replaced = await register(aSubmission())
  await register(replacing(entryOf(replaced).entryUUID))
  const transformation = await register(replacing(entryOf(first).entryUUID, 'XFRM'))
  const folder = aFolder()
  const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject: entryOf(first).entryUUID })
  await register(aFolderHolding(folder, holds))
  const emptyFolder = aFolder()
  await register(aSubmission({ documentEntries: [], folders: [emptyFolder] }))
  const othersFolder = aFolder({ patientId: other })
  const others = await register(aSubmission({ patientId: other, folders: [othersFolder] }))
  const onDemand = await register(aSubmission({ documentEntries: [anOnDemandEntry()] }), 'registerOnDemand')
  const superseded = await register(aSubmission())
  const current = await register(anUpdate(entryOf(superseded)), 'update')
  const [transforms] = transformation.associations.filter(({ associationType }) => associationType === 'XFRM')
  return {
    ...{ entry: entryOf(first), lone: entryOf(lone), folder, emptyFolder, membership: holds.entryUUID },
    submissionSet: first.submissionSets[0]?.entryUUID ?? '',
    setMembership: first.associations[0]?.entryUUID ?? '',
    deprecated: entryOf(replaced),
    transformation: entryOf(transformation),
    transforms: transforms?.entryUUID ?? '',
    onDemand: entryOf(onDemand),
    ...{ superseded: entryOf(superseded), current: entryOf(current) },
    ...{ othersEntry: entryOf(others), othersFolder },
  }
}
