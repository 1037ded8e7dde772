// What was made is kept: a stable entry of its own, registered as the snapshot of the on-demand one before anybody gets it.
// ITI TF-2 §3.43.4.2.3, Persistence of Retrieved Documents Option.
import type { Association, Code, DocumentEntry, Submission } from '../../metadata/model.js'
import { dtmOf } from '../../ports/clock.js'
import { uuidOid, uuidUrn } from '../../ports/randomness.js'
import type { Exchange } from '../../server/actor.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { RepositoryContext } from '../context.js'
import { takeOn } from '../take-on.js'
import type { MadeDocument } from './make-document.js'

/** Registered as an ITI-41 of the repository's own would be, with all that follows when the registry is away. */
export async function keepSnapshot(
  document: MadeDocument,
  onDemand: DocumentEntry,
  context: RepositoryContext,
  { partner, trace, claims, security }: Pick<Exchange, 'partner' | 'trace' | 'claims' | 'security'>,
): Promise<RegistryResponse> {
  const submission = snapshotOf(document, onDemand, context)
  const documents = [{ id: submission.documentEntries[0]?.entryUUID ?? '', content: document.content }]
  // There was no ITI-41, so none is written down.
  const source = { partner, trace, claims, security, messageID: undefined, auditRecords: () => [] }
  return takeOn({ submission, documents, faultyDocuments: [] }, context, source)
}

/** A SubmissionSet, the stable entry, its membership, and whose snapshot it is. [ITI TF-2:3.43.4.2.3] */
function snapshotOf(
  { uniqueId, mimeType, content }: MadeDocument,
  onDemand: DocumentEntry,
  { config, ports }: RepositoryContext,
): Submission {
  const now = dtmOf(ports.clock.now())
  const [setId, entryUUID] = [uuidUrn(ports.randomness), uuidUrn(ports.randomness)]
  const { identifierIds: _, logicalID: _lid, version: _version, availabilityStatus: _status, ...described } = onDemand
  return {
    submissionSets: [
      {
        kind: 'SubmissionSet',
        entryUUID: setId,
        uniqueId: uuidOid(ports.randomness),
        sourceId: config.repositoryUniqueId,
        submissionTime: now,
        ...(onDemand.patientId === undefined ? {} : { patientId: onDemand.patientId }),
        contentTypeCode: contentType,
        author: onDemand.author,
        intendedRecipient: [],
        extraMetadata: [],
        identifierIds: {},
        limitedMetadata: false,
      },
    ],
    documentEntries: [
      {
        ...described,
        ...{ objectType: 'stable', entryUUID, uniqueId, mimeType, creationTime: now },
        ...{ hash: content.sha1, size: String(content.sizeBytes), identifierIds: {} },
      },
    ],
    folders: [],
    associations: [
      { ...association(uuidUrn(ports.randomness), 'HasMember', setId, entryUUID), submissionSetStatus: 'Original' },
      association(uuidUrn(ports.randomness), 'IsSnapshotOf', entryUUID, onDemand.entryUUID),
    ],
    findings: [],
  }
}

/** As a sender of documents that nobody tells the act says it. */
const contentType: Code = {
  code: '71388002',
  codingScheme: '2.16.840.1.113883.6.96',
  displayName: [{ value: 'Procedure' }],
}

function association(
  entryUUID: string,
  associationType: Association['associationType'],
  sourceObject: string,
  targetObject: string,
): Association {
  return { kind: 'Association', entryUUID, associationType, sourceObject, targetObject, extraMetadata: [] }
}
