// Small documents, one behind the other in segments of bounded size: a write and a sync for all that arrive at the same time.
// docs/decisions/0230-small-documents-in-segments.md
import assert from 'node:assert'
import type { Clock } from '../../ports/clock.js'
import type { Files } from '../../ports/files.js'
import type { Spooled } from '../../soap/message.js'
import type { ContentStore, Place, PlacedContent, Rows } from '../content-store.js'
import { roomInWords } from '../full-disk.js'
import { type Appender, openAppender, type Spot } from './appender.js'
import { compacted, type Keeping, tidied } from './compaction.js'
import { erasedRecord, headerBytes, headerIn, mostBytes, recordsIn, spanOf } from './record.js'
import { openSegmentFolder, type SegmentFolder } from './segment-folder.js'

/** The place of such a document begins with it. */
export const inSegment = 'segment'

export interface OpenContentSegments {
  files: Files
  clock: Clock
  folder: string
  segmentBytes?: number
  /** What could not be cleared away, in words; it is tried again later, or at the next start. */
  onProblem(detail: string): void
}

/** For one process: a segment has one writer. Documents longer than a record may be are for another engine. */
export async function openContentSegments(options: OpenContentSegments): Promise<ContentStore> {
  const { files, clock, folder, segmentBytes = 64 * 1_048_576 } = options
  const segments = await openSegmentFolder(files, folder)
  /** Records that may yet be taken back, by their id. */
  const unsettled = new Map<string, number>()
  const erasedBytes = new Map<number, number>()
  let rows: Rows | undefined
  let underWay: Promise<unknown> = Promise.resolve()

  const appender: Appender = openAppender({ clock, segments, segmentBytes, onFull: look })

  /** What changes segments is done one after the other, so that nothing is erased while it is being copied. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = underWay.then(work)
    underWay = turn.catch(() => {})
    return turn
  }

  const isBusy = (segment: number) => segment === appender.segment || [...unsettled.values()].includes(segment)

  /** Whether something is to be done with a segment to which nothing is added any more. */
  function look(segment: number): void {
    inTurn(async () => {
      if (isBusy(segment) || !segments.has(segment)) return
      const isMostlyErased = (erasedBytes.get(segment) ?? 0) * 2 > (await segments.sizeBytes(segment))
      if (isMostlyErased && rows !== undefined) await compacted(segment, keepingWith(rows))
      else await segments.keep(segment)
    }).catch(problem => options.onProblem(`segment ${segment}: ${wordsOf(problem)}`))
  }

  const keepingWith = (known: Rows): Keeping => ({ segments, rows: known, segmentBytes, put, takeBack, final, placeOf })

  async function put(records: readonly { id: string; bytes: Uint8Array }[]): Promise<Map<string, Place>> {
    const spots = await appender.append(records).catch(problem => {
      throw roomInWords(problem)
    })
    for (const [at, { id }] of records.entries()) unsettled.set(id, spots[at]?.segment ?? 0)
    return new Map(records.map(({ id }, at) => [id, placeOf(spots[at] as Spot)]))
  }

  function final(ids: readonly string[]): void {
    const settled = new Set<number>()
    for (const id of ids) {
      const segment = unsettled.get(id)
      unsettled.delete(id)
      if (segment !== undefined && segment !== appender.segment) settled.add(segment)
    }
    for (const segment of settled) look(segment)
  }

  /** Writes zeros over a record, if it is still there. */
  async function takeBack({ id, place }: PlacedContent, isDurable: boolean): Promise<void> {
    const { segment, offset, lengthBytes } = spotOf(place)
    const before = erasedBytes.get(segment) ?? (await erasedIn(segments, segment))
    await segments.use(segment, async file => {
      const position = offset - headerBytes
      const isThere = mayBe(id, await file.read(position, headerBytes))
      if (isThere) await file.writeAt(position, erasedRecord(lengthBytes))
      // Also what an earlier attempt has written and not synced.
      if (isDurable) await file.sync()
      erasedBytes.set(segment, before + (isThere ? spanOf(lengthBytes) : 0))
    })
  }

  async function taken(content: PlacedContent, isDurable: boolean): Promise<void> {
    await inTurn(() => takeBack(content, isDurable))
    look(spotOf(content.place).segment)
  }

  return {
    put: async contents =>
      put(await Promise.all(contents.map(async ({ id, content }) => ({ id, bytes: await bytesOf(content) })))),
    final,
    async open({ id, place }) {
      const { segment, offset, lengthBytes } = spotOf(place)
      const record = await segments.use(segment, file => file.read(offset - headerBytes, headerBytes + lengthBytes))
      if (record === undefined || !mayBe(id, record)) return undefined
      const bytes = record.subarray(headerBytes)
      return { read: async (position, length) => bytes.subarray(position, position + length), close: async () => {} }
    },
    async sizeBytes({ id, place }) {
      const { segment, offset, lengthBytes } = spotOf(place)
      const record = await segments.use(segment, file => file.read(offset - headerBytes, headerBytes + lengthBytes))
      return record === undefined || !mayBe(id, record) ? undefined : record.length - headerBytes
    },
    remove: content => taken(content, false),
    erase: content => taken(content, true),
    async sweep(known) {
      rows = known
      let removed = 0
      for (const segment of segments.left) removed += await inTurn(() => tidied(segment, keepingWith(known)))
      return removed
    },
    async close() {
      await underWay
      await appender.close()
      await segments.close()
    },
  }
}

/** A header that has rotted says nothing: the row knows where the document is, and the digests whether it is whole. */
function mayBe(id: string, record: Buffer): boolean {
  if (record.length < headerBytes) return false
  const header = headerIn(record)
  return header === undefined || header.id === id
}

/** Read once for each segment in which something is erased: how much of it was before. */
async function erasedIn(segments: SegmentFolder, segment: number): Promise<number> {
  let bytes = 0
  await segments.use(segment, async file => {
    for await (const { id, lengthBytes } of recordsIn(file)) if (id === undefined) bytes += spanOf(lengthBytes)
  })
  return bytes
}

async function bytesOf({ bytes, sizeBytes, open }: Spooled): Promise<Buffer> {
  assert(sizeBytes <= mostBytes, `a document of ${sizeBytes} bytes is not for a segment`)
  if (bytes !== undefined) return bytes
  const pieces: Uint8Array[] = []
  for await (const piece of open?.() ?? []) pieces.push(piece)
  return Buffer.concat(pieces)
}

const placeOf = ({ segment, offset, lengthBytes }: Spot): Place => `${inSegment}:${segment}:${offset}:${lengthBytes}`

function spotOf(place: Place): Spot {
  const [, segment, offset, lengthBytes] = place.split(':').map(Number)
  assert(
    segment !== undefined && offset !== undefined && lengthBytes !== undefined,
    `${place} is no place in a segment`,
  )
  return { segment, offset, lengthBytes }
}

const wordsOf = (problem: unknown) => (problem instanceof Error ? problem.message : String(problem))
