// The bytes of kept documents on their way out: each chunk is held against its digest before it leaves.
import { createHash } from 'node:crypto'
import { chunkBytes } from '../soap/message.js'
import type { RepositoryAlarm } from './context.js'
import type { DocumentFiles } from './document-files.js'
import type { DocumentStore, KeptDocument } from './document-store.js'

/** What is found damaged raises an alarm that names the exchange by its `traceparent`. All throw DocumentSpoilt and DocumentGone. */
export interface Contents {
  /** Whether the bytes are there, as many as were received. */
  checkSize(document: KeptDocument, traceparent: string): Promise<void>
  /** The first chunk, verified. */
  firstChunk(document: KeptDocument, traceparent: string): Promise<Buffer>
  /** All bytes in order; throws in the place of the first chunk that is not as it was received. */
  pieces(document: KeptDocument, traceparent: string, firstChunk?: Buffer): AsyncIterable<Buffer>
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
const readingAhead = 16

interface Source {
  /** Fewer bytes than a chunk only at the end. */
  chunk(index: number): Promise<Buffer>
  close(): Promise<void>
}

export function openContents(
  documents: DocumentStore,
  files: DocumentFiles,
  alarm: (alarm: RepositoryAlarm) => void,
): Contents {
  let ahead = 0

  async function open(document: KeptDocument, traceparent: string): Promise<Source> {
    const { id } = document
    if (document.inline) return inlineSource(documents.inlineContent(id) ?? missing(document, traceparent))
    try {
      const file = await files.open(id)
      return { chunk: index => file.read(index * chunkBytes, chunkBytes), close: () => file.close() }
    } catch (problem) {
      return isAbsent(problem) ? missing(document, traceparent) : spoilt(document, traceparent, unreadable(problem))
    }
  }

  /** The chunk that is being read, once it is known to be the one that was received. */
  async function verified(document: KeptDocument, traceparent: string, index: number, reading: Promise<Buffer>) {
    const chunk = await reading.catch(problem => spoilt(document, traceparent, unreadable(problem)))
    const digest = createHash('sha256').update(chunk).digest()
    const received = document.chunkDigests.subarray(index * 32, index * 32 + 32)
    if (chunk.length === lengthOf(document, index) && digest.equals(received)) return chunk
    return spoilt(document, traceparent, `chunk ${index + 1} of ${chunksOf(document)} is not as it was received`)
  }

  function missing(document: KeptDocument, traceparent: string): never {
    if (documents.isKept(document.id)) return spoilt(document, traceparent, 'its bytes are missing')
    throw new DocumentGone(`document ${document.id} was dropped with its submission`)
  }

  function spoilt({ id, uniqueId, patientId, submissionId }: KeptDocument, traceparent: string, why: string): never {
    const detail = `document ${id}: ${why}`
    alarm({ kind: 'document spoilt', documentUniqueId: uniqueId, patientId, submissionId, traceparent, detail })
    throw new DocumentSpoilt(`the document with uniqueId ${uniqueId} is damaged: ${why}`)
  }

  return {
    async checkSize(document, traceparent) {
      const { id, inline } = document
      const sizeBytes = inline ? documents.inlineContent(id)?.length : await files.sizeBytes(id)
      if (sizeBytes === undefined) missing(document, traceparent)
      if (sizeBytes === document.sizeBytes) return
      spoilt(document, traceparent, `it has ${sizeBytes} bytes instead of ${document.sizeBytes}`)
    },

    async firstChunk(document, traceparent) {
      if (document.sizeBytes === 0) return Buffer.alloc(0)
      const source = await open(document, traceparent)
      try {
        return await verified(document, traceparent, 0, source.chunk(0))
      } finally {
        await source.close()
      }
    },

    async *pieces(document, traceparent, first) {
      const count = chunksOf(document)
      if (first !== undefined && count > 0) yield first
      const begin = first === undefined ? 0 : 1
      if (begin >= count) return
      const source = await open(document, traceparent)
      const mayReadAhead = ahead < readingAhead
      if (mayReadAhead) ahead += 1
      let next: Promise<Buffer> | undefined
      try {
        for (let index = begin; index < count; index++) {
          const reading: Promise<Buffer> = next ?? source.chunk(index)
          next = mayReadAhead && index + 1 < count ? source.chunk(index + 1) : undefined
          // Its failure is seen when its turn comes; until then it must not count as one that nobody sees.
          next?.catch(() => {})
          yield await verified(document, traceparent, index, reading)
        }
      } finally {
        if (mayReadAhead) ahead -= 1
        await next?.catch(() => {})
        await source.close()
      }
    },
  }
}

function inlineSource(content: Buffer): Source {
  return {
    chunk: async index => content.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    close: async () => {},
  }
}

const chunksOf = (document: KeptDocument) => Math.ceil(document.sizeBytes / chunkBytes)
const lengthOf = (document: KeptDocument, index: number) =>
  Math.min(chunkBytes, document.sizeBytes - index * chunkBytes)
const isAbsent = (problem: unknown) => (problem as { code?: unknown }).code === 'ENOENT'

function unreadable(problem: unknown): string {
  return `its bytes cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`
}
