// Documents move from one place to another while they are served: copied, read back against the digests made when they arrived, then
// their rows name the new place, then the old bytes are erased. What a crash leaves half done the next start sweeps away.
import type { Ports } from '../ports/ports.js'
import { AdminProblem } from '../server/administration/resources.js'
import { traceOf } from '../server/trace.js'
import { chunkBytes, type Spooled } from '../soap/message.js'
import { StoreFull } from '../store/failures.js'
import { type ContentStore, ContentUnreachable, type Place, type PlacedContent } from './content-store.js'
import { type Contents, DocumentGone, DocumentSpoilt, isAsReceived } from './contents.js'
import type { Copies } from './copies.js'
import type { DocumentStore, KeptDocument } from './document-store.js'
import { innerPlace } from './encryption/sealed-place.js'
import { keyOf } from './object-keys.js'

/** Where documents may be moved. */
export interface Destination {
  store: ContentStore
  holds(place: Place): boolean
}

export interface MoveAnswer {
  /** Also those that were there already or are removed by now. */
  done: number
  bytes: number
  left: { id: string; uniqueId: string; why: string }[]
}

export interface Move {
  ids: string[]
  /** `folder`, or `s3://bucket/prefix`. */
  to: string
  bytesPerSecond: number
}

export interface Moves {
  /** @throws AdminProblem at once when nothing can be moved there, or not now; what it gives does the work. */
  begin(asked: Move): () => Promise<MoveAnswer>
  /** @throws AdminProblem */
  destination(to: string): Destination
}

export interface OpenMoves {
  context: {
    documents: DocumentStore
    contents: Contents
    /** What keeps the bytes. */
    kept: ContentStore
    copies: Copies
    ports: Ports
    /** Aborted when the service ends. */
    closing: AbortSignal
  }
  /** Undefined where the settings do not say how to get there. */
  destination(to: string): Destination | undefined
  /** Whether what lies there without a row is found by the next start. */
  isSwept(place: Place): boolean
  /** What sweeps and what moves must not meet. */
  swept: Promise<unknown>
}

type Moving = OpenMoves['context'] & Pick<OpenMoves, 'isSwept'>

/** Documents of one request that are on their way together. */
const atOnce = 4
/** Up to here a document is held in memory on its way. */
const smallBytes = 65_536

/** Waits for `swept`. At every instant a document has one place in its row, and all of its bytes there. */
export function openMoves({ context, destination, isSwept: isSweptAt, swept }: OpenMoves): Moves {
  let isSwept = false
  let isBusy = false
  const seen = () => {
    isSwept = true
  }
  swept.then(seen, seen)

  function known(to: string): Destination {
    const there = destination(to)
    if (there !== undefined) return there
    const words = 'name folder, or a bucket as s3://bucket/prefix with repository.objectStorage in carnet.json'
    throw new AdminProblem(409, `this repository knows no way to ${to}; ${words}`)
  }

  function assertFree(): void {
    if (!isSwept) throw new AdminProblem(503, 'what an earlier process has left is still being cleared away')
    // Two copies of one document at one place would be one: whoever fails would take back the other's.
    if (isBusy) throw new AdminProblem(409, 'documents are being moved already')
  }

  return {
    destination: known,
    begin(asked) {
      const there = known(asked.to)
      assertFree()
      return async () => {
        assertFree()
        isBusy = true
        try {
          return await moved(asked, there, { ...context, isSwept: isSweptAt })
        } finally {
          isBusy = false
        }
      }
    },
  }
}

async function moved({ ids, bytesPerSecond }: Move, there: Destination, context: Moving): Promise<MoveAnswer> {
  const { documents, closing } = context
  const answer: MoveAnswer = { done: 0, bytes: 0, left: [] }
  const pace = paceOf(bytesPerSecond, context)
  const waiting = [...new Set(ids)]
  let failed = false
  const line = async () => {
    for (let id = waiting.shift(); id !== undefined && !failed && !closing.aborted; id = waiting.shift()) {
      const document = await documents.document(id)
      const why = document === undefined ? undefined : await whyNotMoved(document, there, pace, context)
      if (why === undefined) answer.done += 1
      else answer.left.push({ id, uniqueId: document?.uniqueId ?? '', why })
      if (why === undefined) answer.bytes += document?.sizeBytes ?? 0
    }
  }
  const stopping = (problem: unknown) => {
    failed = true
    throw problem
  }
  // Nothing of it is under way any more when it has failed: whoever asks again would move the same beside it.
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, () => line().catch(stopping)))
  const failure = ends.find(end => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return answer
}

/** Undefined when it is there, or not kept any more. */
async function whyNotMoved(
  document: KeptDocument,
  there: Destination,
  pace: (bytes: number) => Promise<void>,
  context: Moving,
): Promise<string | undefined> {
  if (there.holds(document.place)) return undefined
  // Its submission may yet be refused, and is then dropped from where it was put.
  if (document.state === 'registering') return 'it is being registered'
  try {
    return await context.copies.making(document.id, assertWanted =>
      moveOne(
        document,
        there,
        bytes => {
          assertWanted()
          return pace(bytes)
        },
        context,
      ),
    )
  } catch (problem) {
    if (problem instanceof DocumentGone) return undefined
    const isKnown = [DocumentSpoilt, ContentUnreachable, StoreFull].some(kind => problem instanceof kind)
    if (!isKnown) throw problem
    return (problem as Error).message
  }
}

async function moveOne(
  document: KeptDocument,
  { store }: Destination,
  pace: (bytes: number) => Promise<void>,
  context: Moving,
): Promise<string | undefined> {
  const { documents, contents, copies, ports } = context
  const { id, place: from } = document
  const { traceparent } = traceOf(undefined, ports.randomness)
  async function* paced(): AsyncGenerator<Buffer> {
    for await (const piece of contents.pieces(document, traceparent)) {
      await pace(piece.length)
      yield piece
    }
  }
  const content = await copyOf(document, paced)
  const to = (await store.put([{ id, content }])).get(id) as Place
  const copy = { id, place: to }
  const orLeft = <Result>(work: Promise<Result>) =>
    work.catch(problem => {
      copies.left(copy)
      throw problem
    })
  try {
    const isRight = await isWhole(document, copy, store, pace).catch(async problem => {
      await orLeft(store.remove(copy)).catch(() => {})
      throw problem
    })
    // A commit in doubt may have happened all the same: which of the two copies goes the next start finds out, or a removal before that.
    if (isRight && (await orLeft(documents.moved([{ id, from, to }]))).has(id))
      return await erased({ id, place: from }, context)
    await orLeft(store.remove(copy))
    if ((await documents.document(id)) === undefined) return undefined
    return isRight ? 'it was moved by somebody else' : 'its copy is not as it was received'
  } finally {
    store.final([id])
  }
}

async function erased(old: PlacedContent, { kept, copies, isSwept }: Moving): Promise<string | undefined> {
  try {
    await kept.erase(old)
    return undefined
  } catch (problem) {
    copies.left(old)
    const why = problem instanceof Error ? problem.message : String(problem)
    const place = innerPlace(old.place)
    const until = isSwept(place)
      ? 'are not erased until the next start'
      : `stay at ${place} as ${keyOf(old.id)}, where no start looks: delete that object there`
    return `it is there, but its old bytes ${until}: ${why}`
  }
}

async function copyOf(document: KeptDocument, pieces: () => AsyncGenerator<Buffer>): Promise<Spooled> {
  const { sizeBytes, sha1, sha256, chunkDigests } = document
  const isSmall = sizeBytes <= smallBytes
  const bytes = isSmall ? await collected(pieces()) : undefined
  return {
    ...{ sizeBytes, sha1, sha256, chunkDigests, bytes, path: undefined },
    open: () => (bytes === undefined ? pieces() : [bytes]),
    keepAs: () => Promise.reject(new Error('there is no file of it')),
    discard: async () => {},
  }
}

async function collected(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

/** Reads the copy itself, and nothing else in its place. */
async function isWhole(
  document: KeptDocument,
  copy: PlacedContent,
  store: ContentStore,
  pace: (bytes: number) => Promise<void>,
): Promise<boolean> {
  const source = await store.open(copy)
  if (source === undefined) return false
  try {
    for (let index = 0; index * chunkBytes < document.sizeBytes; index++) {
      const chunk = await source.read(index * chunkBytes, chunkBytes)
      if (!isAsReceived(chunk, document, index)) return false
      await pace(chunk.length)
    }
    return (await source.read(document.sizeBytes, 1)).length === 0
  } finally {
    await source.close()
  }
}

/** Of all that is moved in one request, there and back again. */
function paceOf(bytesPerSecond: number, { ports: { clock }, closing }: OpenMoves['context']) {
  const startedMs = clock.monotonicMs()
  let passed = 0
  return async (bytes: number) => {
    passed += bytes / 2
    const aheadMs = (passed / bytesPerSecond) * 1_000 - (clock.monotonicMs() - startedMs)
    if (aheadMs > 1) await clock.sleep(aheadMs, { signal: closing })
  }
}
