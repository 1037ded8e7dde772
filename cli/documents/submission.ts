// A submission made of documents: one SubmissionSet, its HasMember Associations, and RPLC where one is replaced. [ITI TF-3:4.2.1.4]
import { createHash, X509Certificate } from 'node:crypto'
import type { Association, Code, DocumentEntry, Slot, Submission, SubmissionSet } from '../../metadata/model.js'
import { dtmOf } from '../../ports/clock.js'
import type { Ports } from '../../ports/ports.js'
import { uuidOid, uuidUrn } from '../../ports/randomness.js'
import { codeOf } from './hl7.js'

export interface SubmissionRequest {
  patientId: string
  /** OID of the document source. */
  sourceId: string
  entries: DocumentEntry[]
  /** Of the domain, where it has one of its own. */
  contentTypeCode?: Code | undefined
  /** Slots of the SubmissionSet that the domain wants. */
  extraMetadata?: Slot[]
  /** entryUUID of what the one entry replaces. */
  replaces?: string | undefined
}

const contentType = codeOf('71388002', 'Procedure', '2.16.840.1.113883.6.96')

/** With fresh ids and the time of now. `replaces` is the entryUUID of what the first entry replaces. [ITI TF-3:4.2.1.2] */
export function submissionOf(request: SubmissionRequest, { clock, randomness }: Ports): Submission {
  const submissionSet = submissionSetOf(request, uuidUrn(randomness), uuidOid(randomness), dtmOf(clock.now()))
  const members = request.entries.map(entry => hasMember(submissionSet, entry, uuidUrn(randomness)))
  const replaced =
    request.replaces === undefined
      ? []
      : [association('RPLC', request.entries[0]!.entryUUID, request.replaces, uuidUrn(randomness))]
  return {
    submissionSets: [submissionSet],
    documentEntries: request.entries,
    folders: [],
    associations: [...members, ...replaced],
    findings: [],
  }
}

/** An OID that stays the same for a certificate: the first 128 bits of its digest, as a UUID below 2.25. [ITU-T X.667] */
export function sourceIdOf(certificatePem: string | Buffer): string {
  return oidOf(createHash('sha256').update(new X509Certificate(certificatePem).raw).digest())
}

/** The same for the same digest. */
export function oidOf(of: Buffer): string {
  const digest = Buffer.from(of.subarray(0, 16))
  digest[6] = (digest[6]! & 0x0f) | 0x80 // version 8: made in a way of our own [RFC 9562 §5.8]
  digest[8] = (digest[8]! & 0x3f) | 0x80
  return `2.25.${BigInt(`0x${digest.toString('hex')}`)}`
}

function submissionSetOf(
  { patientId, sourceId, entries, contentTypeCode = contentType, extraMetadata = [] }: SubmissionRequest,
  entryUUID: string,
  uniqueId: string,
  submissionTime: string,
): SubmissionSet {
  return {
    kind: 'SubmissionSet',
    entryUUID,
    uniqueId,
    sourceId,
    patientId,
    submissionTime,
    contentTypeCode,
    author: entries[0]?.author ?? [],
    intendedRecipient: [],
    extraMetadata,
    identifierIds: {},
    limitedMetadata: false,
  }
}

function hasMember(submissionSet: SubmissionSet, entry: DocumentEntry, entryUUID: string): Association {
  return {
    ...association('HasMember', submissionSet.entryUUID, entry.entryUUID, entryUUID),
    submissionSetStatus: 'Original',
  }
}

function association(
  associationType: Association['associationType'],
  sourceObject: string,
  targetObject: string,
  entryUUID: string,
): Association {
  return { kind: 'Association', entryUUID, associationType, sourceObject, targetObject, extraMetadata: [] }
}
