// Where the bytes of documents are kept: what an engine has to do, be it a folder, segments of one file after another, or an
// object store. Rows, states and digests are not its business: a row of the database says what was received and where it is
// (`place`), and whoever reads holds every chunk against the digest made when it arrived (contents.ts).
import type { Spooled } from '../soap/message.js'
import type { SubmissionState } from './submission-state.js'

/**
 * Where an engine has put one document: its name, and behind a colon whatever it wants to find again (`segment:7:4096:812`).
 * Text that stands in the document's row and that nobody else reads. It may change while the document is served, by
 * `DocumentStore.moved`.
 */
export type Place = string

/** The engine cannot be asked now (no connection, say); the document may well be whole. Nobody is alarmed of a spoilt document. */
export class ContentUnreachable extends Error {
  override name = 'ContentUnreachable'
}

/** What was open is there no more: it was removed or moved while it was read. */
export class ContentGone extends Error {
  override name = 'ContentGone'
}

export interface NewContent {
  /** Ours, a UUID, never used twice: names and keys are made of it and of nothing that a sender chose. */
  id: string
  /**
   * Some kilobytes in memory (`bytes`); or in a file beside the documents (`path`), which `keepAs` renames and syncs; or neither,
   * then from `open()`. Of known size and digests. Whoever received it discards it afterwards, kept or not.
   */
  content: Spooled
}

/** A document's bytes, as its row names them. */
export interface PlacedContent {
  id: string
  place: Place
}

export interface OpenContent {
  /**
   * Up to `length` bytes from `position`; fewer only at the end. Several reads may be under way at once. An engine that cannot hold
   * on to what is removed meanwhile throws ContentGone. What is given back may lie in `into`, which is as long.
   */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>
  close(): Promise<void>
}

/** The document is at another place as well now, durably. */
export interface Move {
  id: string
  from: Place
  to: Place
}

/** Of a document that is in reach. */
export interface Standing {
  state: SubmissionState
  place: Place
}

/** What the rows of the database say, for those who clear away and move in a folder that is theirs alone. */
export interface Rows {
  /** At this instant; undefined without a row, and for a document that is being removed. */
  standing(id: string): Standing | undefined
  /**
   * From this commit on the rows name the new places of all that are still where they were and not being removed; the ids of those.
   * Of the others whoever moves takes the new copies back; of these the old ones, but not before.
   */
  moved(moves: readonly Move[]): Promise<ReadonlySet<string>>
}

/** An engine. None of its calls looks at what a document is: whose it is, and whether it may be given, was decided before. */
export interface ContentStore {
  /**
   * Keeps all of these or none. When it resolves they are durable, whatever ends then: process, power, connection; only
   * afterwards a commit names their places, and only after that commit anybody is told. When it rejects nothing of them stays,
   * or what stays the next sweep finds. No room is a StoreFull, told to the sender in words and healed by itself.
   */
  put(contents: readonly NewContent[]): Promise<ReadonlyMap<string, Place>>
  /**
   * Nothing will be taken back of these any more: registered for good, or removed. Until then a sweep of this process leaves
   * them alone, whatever the rows say. Ids that the engine does not know, from an earlier process, it passes over.
   */
  final(ids: readonly string[]): void
  /**
   * Undefined where there is nothing (any more). A ContentUnreachable says that nobody can tell now; any other problem, here or while
   * reading, means that the bytes are damaged: it is written down, in its own words, and another copy is looked for. Reading begins
   * at `from`, as far as is known.
   */
  open(content: PlacedContent, from?: number): Promise<OpenContent | undefined>
  /** As many as could be read, without reading them; undefined where there is nothing. */
  sizeBytes(content: PlacedContent): Promise<number | undefined>
  /** Takes back what no row knows any more. What fails here the next sweep finds. */
  remove(content: PlacedContent): Promise<void>
  /**
   * Removes for good, durably: when it resolves no file and no object holds any of it, no copy that the engine is just making
   * of it included, and no crash brings it back. What is not there is no error: a removal may be repeated.
   */
  erase(content: PlacedContent): Promise<void>
  /**
   * Once after each start, beside the service, where no other process keeps documents here: finds what no row knows (what a crash between `put` and commit, or between commit
   * and removal, left) and removes it; the number. In bounds: it must not read what is kept, and it leaves alone whatever this
   * process has put that is not yet `final`, and names that are none of ours. `rows` may be used from here on until `close`.
   */
  sweep(rows: Rows): Promise<number>
  /** Nothing is under way any more. */
  close(): Promise<void>
}
