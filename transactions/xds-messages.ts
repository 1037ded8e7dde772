// What the messages of the XDS.b transactions say, as values; xds.ts has their contracts.
import type {
  Association,
  DocumentEntry,
  Folder,
  RegistryError,
  Slot,
  Submission,
  SubmissionSet,
} from '../metadata/model.js'
import type { Attachment, Opening } from '../soap/message.js'
import type { XmlPiece } from '../soap/xml.js'
import type { BinaryFault } from '../soap/xop.js'
import type { Person } from './person.js'

export type ResponseStatus = 'Success' | 'PartialSuccess' | 'Failure'

/** rs:RegistryResponse. [ITI TF-3:4.2.4] */
export interface RegistryResponse {
  status: ResponseStatus
  errors: RegistryError[]
  /** Whom it concerned beside those whom the request names: for the audit record; not part of the message. */
  patientIds?: string[]
}

/** Where the bytes of a binary element are: in a part of the MTOM package, or they were inline as base64. */
export type BinaryContent = { attachment: Attachment } | { inline: Buffer }

/** [ITI TF-2:3.41.4.1.2] */
export interface ProvideAndRegisterRequest {
  submission: Submission
  /** `id` is that of the DocumentEntry in the submission. */
  documents: { id: string; content: BinaryContent }[]
  /** What came as a Document and cannot be taken as one; absent in what is sent. */
  faultyDocuments?: FaultyDocument[]
}

/** The same with the communities that it names, distinct, as they are written; one is what it should be. [ITI TF-2:3.80.4.1.2] */
export interface ProvideToCommunityRequest extends ProvideAndRegisterRequest {
  homes: readonly string[]
}

/** A Document without an id, or without bytes that could be read, or both. */
export interface FaultyDocument {
  /** Its place among the Documents of the message, from 1. */
  number: number
  /** Empty when it has none. */
  id: string
  /** What is wrong with its content, where something is. */
  fault?: BinaryFault
}

/** [ITI TF-2:3.18.4.1.2] */
export interface AdhocQueryRequest {
  /** Of the stored query, as `urn:uuid:…`; empty when the request names none. */
  id: string
  returnType: 'LeafClass' | 'ObjectRef' | (string & {})
  /** homeCommunityId asked for. */
  home?: string
  /** The parameters as sent; repeated names stay apart. */
  slots: Slot[]
  /** The query:AdhocQueryRequest element, for the audit record. */
  xml?: Buffer
}

/** [ITI TF-2:3.18.4.1.3] */
export interface AdhocQueryResponse extends RegistryResponse {
  /** The contents of rim:RegistryObjectList, ready to be sent. */
  registryObjects: XmlPiece[]
  /** What was received, on the side that asked. */
  result?: QueryResult
}

export interface QueryResult {
  documentEntries: DocumentEntry[]
  submissionSets: SubmissionSet[]
  folders: Folder[]
  associations: Association[]
  objectRefs: { id: string; home?: string }[]
}

/** xdsb:DocumentRequest. [ITI TF-2:3.43.4.1.2] */
export interface DocumentRequest {
  homeCommunityId?: string
  /** Empty when the request does not say, as the next. */
  repositoryUniqueId: string
  documentUniqueId: string
}

/** [ITI TF-2:3.43.4.1.2] */
export interface RetrieveDocumentSetRequest {
  documents: DocumentRequest[]
}

/** A DICOM instance: its SOP Instance UID is the documentUniqueId. */
export interface ImageRequest extends DocumentRequest {
  /** Empty when the request does not say, as the next. */
  studyInstanceUID: string
  seriesInstanceUID: string
}

/** [IHE RAD TF-2: 4.69.4.1.2] */
export interface RetrieveImagingDocumentSetRequest {
  documents: ImageRequest[]
  /** Those that the consumer takes. */
  transferSyntaxUIDs: string[]
  /** What holds nothing where something belongs, one sentence each; absent in what is sent. */
  hollow?: string[]
}

/** xdsb:DocumentResponse; its bytes are read while they are sent. [ITI TF-2:3.43.4.2.2] */
export interface RetrievedDocument extends DocumentRequest {
  newRepositoryUniqueId?: string
  newDocumentUniqueId?: string
  mimeType: string
  /** Undefined while it is still arriving. */
  sizeBytes: number | undefined
  /** Hex, where the bytes are all there and were received. */
  sha1?: string
  /** The bytes in order, in pieces; of what is still arriving once. */
  open(how?: Opening): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** Forgets them, where they have been received. */
  discard?(): Promise<void>
  /** For the audit record; not part of the message. */
  patientId?: string
}

/** [ITI TF-2:3.43.4.2.2] */
export interface RetrieveDocumentSetResponse extends RegistryResponse {
  documents: RetrievedDocument[]
}

/** [ITI TF-2:3.62.4.1.2] */
export interface RemoveMetadataRequest {
  /** As named, in the canonical form; one may stand twice. */
  entryUUIDs: string[]
  /** Must not be there. */
  deletionScope?: string
  /** An AdhocQuery, which must not be there either. */
  hasQuery?: true
}

export interface RemoveMetadataResponse extends RegistryResponse {
  /** Those of the objects named that were there, on the side that answers: for the audit record; not part of the message. */
  found?: { entryUUID: string; patientId: string }[]
}

/** [ITI TF-2:3.86.4.1.2] */
export interface RemoveDocumentsRequest {
  documents: DocumentRequest[]
}

export interface RemoveDocumentsResponse extends RegistryResponse {
  /** What became of each document, on the side that answers: for the audit record; not part of the message. */
  outcomes?: RemovalOutcome[]
}

export interface RemovalOutcome extends DocumentRequest {
  removed: boolean
  /** Where known; copies of one document may be of several patients. */
  patientIds: string[]
}

/** ITI-44: what a message of the feed says of one patient. [ITI TF-2:3.44.4.1.2, 3.44.4.2.2] */
export interface PatientRecord {
  messageId: { root: string; extension?: string }
  /** Ids of the patient as CX; of a merge those that survive. */
  patientIds: string[]
  /** Ids that a merge ends. */
  subsumedIds?: string[]
  /** What else names the person, as CX: some sources tell the national number there. [ITI TF-2: Table 3.44.4.1.2-1] */
  otherIds?: string[]
  /** What of the message contradicts what it was sent as, one sentence each. */
  contradictions?: string[]
  /** Roots of ids that are no OIDs, so that these name nobody. */
  strangeRoots?: string[]
  /** Which of the elements are there that not every domain may see. */
  sensitive?: SensitiveElement[]
  /** Who it is; nothing to a registry. */
  person?: Person
  /** DTM of the sender's clock. */
  creationTime?: string
  /** OIDs of the devices at both ends. */
  sender?: string
  receiver?: string
}

export type FeedEvent = 'add' | 'revise' | 'merge'

/** By the names that HL7 v3 has for them. */
export type SensitiveElement = 'religiousAffiliationCode' | 'raceCode' | 'ethnicGroupCode' | 'personalRelationship'

/** MCCI_IN000002UV01. [ITI TF-2: Appendix O.1.2] */
export interface FeedAcknowledgement {
  typeCode: 'CA' | 'CE' | 'CR'
  targetMessageId: { root: string; extension?: string }
  detail?: string
  /** Of the acknowledgement itself; derived from the message that it answers unless given. */
  messageId?: { root: string; extension?: string }
  creationTime?: string
  sender?: string
  receiver?: string
}
