// What the repository remembers: submissions it has taken on and the documents in them.
//
// A submission is `registering` from the commit that keeps its bytes until the registry's word is known, then
// `registered`; one that was refused leaves nothing behind. Its documents share its state. Before that commit a document
// is only `received`: bytes in memory or in the folder of those arriving, known to nobody. Each submission owns its rows
// and its bytes: to forget one never touches another, even when both carry the same document.
import type { AuditRecord } from '../atna-audit/message.js'
import type { Spooled } from '../soap/message.js'
import type { RegistryResponse } from '../transactions/xds-messages.js'
import type { Move, Place, Standing } from './content-store.js'
import type { ForwardedMessage, Registration } from './registration/registry-port.js'
import type { SubmissionState } from './submission-state.js'

/** At once where the database is a file of this process, later where it is on a server. */
export type Awaitable<Value> = Value | Promise<Value>

export interface NewSubmission {
  /** Ours, a UUID. */
  id: string
  /** SubmissionSet.uniqueId. */
  uniqueId: string | undefined
  partner: string
  /** wsa:MessageID of the ITI-41. */
  messageID: string | undefined
  /** What makes another submission the same as this one. */
  digest: string
  traceparent: string
  /** The ITI-42 as it is to be sent, and sent again. */
  itI42: Registration
  documents: NewDocument[]
}

/** What nobody has to be told of: registered from the commit that keeps it. */
export interface KeptAtOnce extends Omit<NewSubmission, 'itI42'> {
  answer: RegistryResponse
}

export interface NewDocument {
  /** Ours, a UUID; the only id that a file name is ever made of. */
  id: string
  uniqueId: string
  entryUUID: string
  patientId: string | undefined
  mimeType: string
  content: Spooled
  /** Of a DICOM instance, which no entry describes: what is known of it (imaging/instance-row.ts). */
  instance?: string
}

/** What a submission is held against before it is taken on. */
export interface Asked {
  partner: string
  digest: string
  /** SubmissionSet.uniqueId. */
  setUniqueId: string | undefined
  documentUniqueIds: readonly string[]
}

/** What is there of that, at one instant. */
export interface Facts {
  /** What this partner has sent with the same digest, uniqueId and all, and what still stands, oldest first. */
  sentBefore: KeptSubmission[]
  /** When documents of such a submission were removed; known as long as it could be sent again. */
  removedMs: number | undefined
  /** Of each uniqueId under which something is kept the copy that counts. */
  copies: ReadonlyMap<string, KeptDocument>
  /** Submissions whose SubmissionSet has that uniqueId, whoever sent them. */
  ofSet: KeptSubmission[]
}

/** By id of the document. */
export type Places = ReadonlyMap<string, Place>

export interface KeptSubmission {
  id: string
  uniqueId: string | undefined
  partner: string
  messageID: string | undefined
  state: SubmissionState
  traceparent: string
  receivedMs: number
  /** When the registry's word came, and what the source was answered; once registered. */
  settledMs: number | undefined
  answer: RegistryResponse | undefined
}

/** A document in reach: what was measured when it arrived, and where its bytes are. */
export interface KeptDocument {
  id: string
  submissionId: string
  state: SubmissionState
  receivedMs: number
  uniqueId: string
  patientId: string | undefined
  mimeType: string
  sizeBytes: number
  sha1: string
  sha256: string
  chunkDigests: Buffer
  /** Where its bytes are; it may be elsewhere a moment later. */
  place: Place
  /** Of a DICOM instance. */
  instance: string | undefined
}

/** One of the copies under a uniqueId, for its removal. */
export interface RemovableCopy {
  id: string
  uniqueId: string
  state: SubmissionState
  patientId: string | undefined
  /** From `beginRemoval` on it stays. */
  place: Place
  /** The legal hold that keeps it from being removed. */
  hold?: string
}

/** A document as administrators see it in a list. */
export interface ListedDocument {
  /** Ours; to go on after it. */
  id: string
  uniqueId: string
  sizeBytes: number
  receivedMs: number
}

export interface PlacedDocument {
  id: string
  place: Place
  sizeBytes: number
}

/** The same for SQLite and PostgreSQL. Whatever is decided by facts is decided again in the commit itself, by the same function. */
export interface DocumentStore {
  /** Some of those kept under a uniqueId, all with the same bytes: registered ones first, then by age. */
  documents(uniqueId: string): Awaitable<KeptDocument[]>
  documentsOf(submissionId: string): Awaitable<KeptDocument[]>
  /** By our own id; not one that is being removed. */
  document(id: string): Awaitable<KeptDocument | undefined>
  /** At this instant; undefined without a row, and for a document that is being removed. */
  standing(id: string): Awaitable<Standing | undefined>
  /** As `Rows.moved`. */
  moved(moves: readonly Move[]): Promise<ReadonlySet<string>>

  submission(id: string): Awaitable<KeptSubmission | undefined>
  facts(asked: Asked): Awaitable<Facts>
  /** Ids of submissions without the registry's word that this process has to look after, oldest first. */
  pending(limit: number): Awaitable<string[]>
  /** The ITI-42 of a submission that is still registering. */
  itI42(submissionId: string): Awaitable<ForwardedMessage | undefined>

  /** Puts the bytes in their place, durably; all or none. They belong to nobody before `begin` and may be taken back by `unplace`. */
  place(documents: NewDocument[]): Promise<Places>
  unplace(places: Places): Promise<void>
  /**
   * Keeps a submission as registering, durably, unless `obstacle` finds one among the facts of the very commit. Its documents
   * have been placed before.
   */
  begin<Found extends object>(
    submission: (NewSubmission | KeptAtOnce) & { places: Places },
    asked: Asked,
    obstacle: (facts: Facts) => Found | undefined,
  ): Promise<Found | undefined>
  /** The registry has it. `alongside` is committed with that. */
  registered(submissionId: string, answer: RegistryResponse, alongside: () => void): Promise<void>
  /**
   * The registry does not have it: forgets rows and bytes. `alongside` is committed with that. False, and nothing is done, when another
   * process looks after it now.
   */
  drop(submissionId: string, alongside: () => void): Promise<boolean>
  /**
   * All copies under these uniqueIds. Those of a uniqueId none of which is still registering or held are out of reach from here on,
   * durably; `audit` is what is to be written down when another process finishes the removal.
   */
  beginRemoval(uniqueIds: readonly string[], audit: (copy: RemovableCopy) => AuditRecord[]): Promise<RemovableCopy[]>
  /** The bytes of `gone` are removed: forgets the rows, and lets nothing of them in the files. `kept` come into reach again. */
  endRemoval(outcome: { gone: Iterable<string>; kept: Iterable<string> }, alongside: () => void): Promise<void>
  /** The legal hold that a document is under. */
  holdOf(document: Pick<KeptDocument, 'uniqueId' | 'patientId'>): Awaitable<string | undefined>
  /** Where documents are, in the order of their ids, those after the given one. */
  placed(after: string, limit: number): Awaitable<PlacedDocument[]>
  /** Registered documents in the order of their ids, those after the given one; with DICOM instances unless all have entries. */
  listed(after: string, limit: number, which?: 'all' | 'described'): Awaitable<ListedDocument[]>
  /** Copies that are out of reach, not yet forgotten, and this process's to finish. */
  halfRemoved(): Awaitable<(RemovableCopy & { audit: AuditRecord[] })[]>
}
