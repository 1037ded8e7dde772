// The bytes of kept documents on their way out: each chunk is held against its digest before it leaves.
import { isChunk } from '../soap/chunk-digests.js'
import { chunkBytes, type Opening } from '../soap/message.js'
import type { RepositoryAlarm } from './alarm.js'
import { chunkBuffers } from './chunk-buffers.js'
import {
  ContentGone,
  type ContentStore,
  ContentUnreachable,
  type OpenContent,
  type PlacedContent,
} from './content-store.js'
import type { DocumentStore, KeptDocument } from './document-store.js'
import { shownUniqueId } from './imaging/instance-row.js'
import { unlessPassing } from './unreadable.js'

/** What is found damaged raises an alarm that names the exchange by its `traceparent`. All throw DocumentSpoilt, DocumentGone and ContentUnreachable. */
export interface Contents {
  /** Whether the bytes are there, as many as were received. */
  checkSize(document: KeptDocument, traceparent: string): Promise<void>
  /** The first chunk, verified; for `pieces`, once. */
  firstChunk(document: KeptDocument, traceparent: string): Promise<Buffer>
  /** All bytes in order; throws in the place of the first chunk that is not as it was received. */
  pieces(document: KeptDocument, traceparent: string, how?: Opening & { firstChunk?: Buffer }): AsyncIterable<Buffer>
}

/** The bytes kept are not those that were received. */
export class DocumentSpoilt extends Error {
  override name = 'DocumentSpoilt'
}

/** The document was dropped meanwhile: the registry has refused its submission. */
export class DocumentGone extends Error {
  override name = 'DocumentGone'
}

/** Streams that may hold a second chunk, read ahead of the one under way; the others read when they are asked. */
const readingAhead = 8

/** Memory is bounded whatever a document's size: a chunk for each stream, two for the first eight. */
export function openContents(
  documents: Pick<DocumentStore, 'standing'>,
  store: Pick<ContentStore, 'open' | 'sizeBytes'>,
  alarm: (alarm: RepositoryAlarm) => void,
  /** Of bytes that are not those received. */
  doubt: (id: string) => void = () => {},
): Contents {
  let ahead = 0
  const buffers = chunkBuffers()
  const chunkOf = (source: OpenContent, index: number) => source.read(index * chunkBytes, chunkBytes)

  /** Into memory that is used again. Some engines have their own, as that of small documents: what was taken for nothing goes back. */
  async function reusedChunkOf(source: OpenContent, index: number): Promise<Buffer> {
    const into = buffers.take()
    const chunk = await source.read(index * chunkBytes, chunkBytes, into)
    if (chunk.buffer !== into.buffer) buffers.give(into)
    return chunk
  }

  /** To be read from that position on. What is moved away meanwhile is read on from where it is then. */
  async function open(document: KeptDocument, traceparent: string, from: number): Promise<OpenContent> {
    const openAt = async (position: number) =>
      (await found(document, traceparent, placed => store.open(placed, position))) ?? missing(document, traceparent)
    let source = openAt(from)
    await source
    return {
      async read(position, length, into) {
        const before = source
        try {
          return await (await before).read(position, length, into)
        } catch (problem) {
          if (!(problem instanceof ContentGone)) throw problem
          if (source === before) {
            source = openAt(position)
            await (await before).close()
          }
          return (await source).read(position, length, into)
        }
      },
      close: () =>
        source.then(
          opened => opened.close(),
          () => {},
        ),
    }
  }

  /** What has been moved since its row was read is elsewhere now. */
  async function found<Result>(
    { id, place, ...document }: KeptDocument,
    traceparent: string,
    look: (placed: PlacedContent) => Promise<Result | undefined>,
  ): Promise<Result | undefined> {
    try {
      const there = await look({ id, place })
      if (there !== undefined) return there
      const now = (await documents.standing(id))?.place
      return now === undefined || now === place ? undefined : await look({ id, place: now })
    } catch (problem) {
      return unread({ id, place, ...document }, traceparent, problem)
    }
  }

  /** The chunk that is being read, once it is known to be the one that was received. */
  async function verified(document: KeptDocument, traceparent: string, index: number, reading: Promise<Buffer>) {
    const chunk = await reading.catch(problem => unread(document, traceparent, problem))
    if (isAsReceived(chunk, document, index)) return chunk
    return spoilt(document, traceparent, `chunk ${index + 1} of ${chunksOf(document)} is not as it was received`)
  }

  async function missing(document: KeptDocument, traceparent: string): Promise<never> {
    if ((await documents.standing(document.id)) !== undefined)
      return spoilt(document, traceparent, 'its bytes are missing')
    throw new DocumentGone(`document ${document.id} was dropped with its submission`)
  }

  async function unread(document: KeptDocument, traceparent: string, failure: unknown): Promise<never> {
    const problem = unlessPassing(failure)
    if (problem instanceof ContentUnreachable && problem !== failure) unreadable(document, traceparent, problem.message)
    if (problem instanceof ContentGone) return missing(document, traceparent)
    if (isKnown(problem)) throw problem
    const why = problem instanceof Error ? problem.message : String(problem)
    return spoilt(document, traceparent, `its bytes cannot be read: ${why}`)
  }

  function unreadable(document: KeptDocument, traceparent: string, why: string): void {
    const { id, patientId, submissionId } = document
    const told = { documentUniqueId: shownUniqueId(document.uniqueId), patientId, submissionId, traceparent }
    alarm({ kind: 'document unreadable', detail: `document ${id}: ${why}`, ...told })
  }

  function spoilt(document: KeptDocument, traceparent: string, why: string): never {
    const { id, patientId, submissionId } = document
    const uniqueId = shownUniqueId(document.uniqueId)
    doubt(id)
    const detail = `document ${id}: ${why}`
    alarm({ kind: 'document spoilt', documentUniqueId: uniqueId, patientId, submissionId, traceparent, detail })
    throw new DocumentSpoilt(`the document with uniqueId ${uniqueId} is damaged: ${why}`)
  }

  return {
    async checkSize(document, traceparent) {
      const sizeBytes = await found(document, traceparent, placed => store.sizeBytes(placed))
      if (sizeBytes === undefined) return missing(document, traceparent)
      if (sizeBytes === document.sizeBytes) return
      spoilt(document, traceparent, `it has ${sizeBytes} bytes instead of ${document.sizeBytes}`)
    },

    async firstChunk(document, traceparent) {
      if (document.sizeBytes === 0) return Buffer.alloc(0)
      const source = await open(document, traceparent, 0)
      try {
        return await verified(document, traceparent, 0, reusedChunkOf(source, 0))
      } finally {
        await source.close()
      }
    },

    async *pieces(document, traceparent, { firstChunk: first, reusing = false } = {}) {
      const read = reusing ? reusedChunkOf : chunkOf
      const pieces = (chunk: Buffer) => (reusing ? inPieces(chunk) : [chunk])
      const done = (chunk: Buffer) => {
        // Whoever breaks off in the middle does not come here: bytes of it may be under way still.
        if (reusing) buffers.give(chunk)
      }
      const count = chunksOf(document)
      if (first !== undefined && count > 0) {
        yield* pieces(first)
        done(first)
      }
      const begin = first === undefined ? 0 : 1
      if (begin >= count) return
      const source = await open(document, traceparent, begin * chunkBytes)
      const mayReadAhead = ahead < readingAhead
      if (mayReadAhead) ahead += 1
      let next: Promise<Buffer> | undefined
      try {
        for (let index = begin; index < count; index++) {
          const reading: Promise<Buffer> = next ?? read(source, index)
          next = mayReadAhead && index + 1 < count ? read(source, index + 1) : undefined
          // Its failure is seen when its turn comes; until then it must not count as one that nobody sees.
          next?.catch(() => {})
          const chunk = await verified(document, traceparent, index, reading)
          yield* pieces(chunk)
          done(chunk)
        }
      } finally {
        if (mayReadAhead) ahead -= 1
        await next?.catch(() => {})
        await source.close()
      }
    },
  }
}

/** What encrypts them for the connection holds a piece once more. */
const pieceBytes = 262_144
/** Smaller ones are gathered with what stands around them, and so outlive their turn. */
const smallestPieceBytes = 65_536

function* inPieces(chunk: Buffer): Iterable<Buffer> {
  for (let from = 0; from < chunk.length; from += pieceBytes) {
    const piece = chunk.subarray(from, from + pieceBytes)
    yield piece.length < smallestPieceBytes ? Buffer.from(piece) : piece
  }
}

/** Whether these are the very bytes that were received, in length and digest. */
export function isAsReceived(chunk: Buffer, document: KeptDocument, index: number): boolean {
  return chunk.length === lengthOf(document, index) && isChunk(chunk, index, document.chunkDigests)
}

/** Said before, or no damage. */
const isKnown = (problem: unknown) =>
  problem instanceof ContentUnreachable || problem instanceof DocumentGone || problem instanceof DocumentSpoilt
const chunksOf = (document: KeptDocument) => Math.ceil(document.sizeBytes / chunkBytes)
const lengthOf = (document: KeptDocument, index: number) =>
  Math.min(chunkBytes, document.sizeBytes - index * chunkBytes)
