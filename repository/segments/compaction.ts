// What is done with a segment to which nothing is added any more: erased where no row knows a record, kept as it is, or its few
// remaining documents moved on and the file removed.
import { StoreBroken } from '../../store/failures.js'
import type { Place, PlacedContent, Rows } from '../content-store.js'
import { mostOrphans, tooManyOrphans } from '../orphans.js'
import { groupBytes, type NewRecord, type Spot } from './appender.js'
import { erasedRecord, type FoundRecord, headerBytes, recordsIn, spanOf } from './record.js'
import type { SegmentFolder } from './segment-folder.js'

export interface Keeping {
  segments: SegmentFolder
  rows: Rows
  segmentBytes: number
  put(records: readonly NewRecord[]): Promise<Map<string, Place>>
  takeBack(content: PlacedContent, isDurable: boolean): Promise<void>
  final(ids: readonly string[]): void
  placeOf(spot: Spot): Place
}

interface Contents {
  kept: FoundRecord[]
  /** Of which the registry's word is still to come: the resolver may take them back. */
  registering: number
  /** Without a row, or elsewhere by it. */
  orphans: FoundRecord[]
  /** How many of these have no row at all. */
  unknown: number
  endsAt: number
}

/** Documents of an earlier process: what a crash has left of others is erased. @returns how many that were @throws where that is more than a crash leaves */
export async function tidied(segment: number, keeping: Keeping): Promise<number> {
  const { segments, segmentBytes } = keeping
  const { kept, registering, orphans, unknown, endsAt } = await contentsOf(segment, keeping)
  if (unknown > mostOrphans) throw new Error(tooManyOrphans('documents', `in segment ${segment}`, 'folder'))
  await segments.use(segment, async file => {
    for (const { position, lengthBytes } of orphans) await file.writeAt(position, erasedRecord(lengthBytes))
    await file.sync()
  })
  // What was torn while it was written, by a power cut or a full disk. More than that is damage, and left to those who can tell.
  const tornBytes = (await segments.sizeBytes(segment)) - endsAt
  const isTorn = tornBytes > 0 && tornBytes <= groupBytes
  if (isTorn) {
    await segments.use(segment, async file => {
      await file.writeAt(endsAt, Buffer.alloc(tornBytes))
      await file.sync()
    })
  }
  if (registering > 0) return orphans.length
  const keptBytes = kept.reduce((sum, { lengthBytes }) => sum + spanOf(lengthBytes), 0)
  if (keptBytes * 4 < segmentBytes) await compacted(segment, keeping)
  else await segments.keep(segment)
  return orphans.length
}

/** Moves its documents to the newest segment and removes the file, unless something in it cannot be read or stays. */
export async function compacted(segment: number, keeping: Keeping): Promise<void> {
  const { segments } = keeping
  const { kept, unknown, endsAt } = await contentsOf(segment, keeping)
  // Of a database that is older than they are: with the file they would go.
  if (unknown > mostOrphans) return
  const isWhole = await isZeroFrom(endsAt, segment, keeping)
  let isEmpty = isWhole
  for (const batch of batchesOf(kept)) isEmpty = (await moved(batch, segment, keeping)) && isEmpty
  if (isEmpty) await segments.remove(segment)
  else await segments.keep(segment)
}

/** Whether all of a batch have moved. */
async function moved(batch: readonly FoundRecord[], segment: number, keeping: Keeping): Promise<boolean> {
  const { segments, rows, put, takeBack, final } = keeping
  const records: NewRecord[] = []
  for (const { id, position, lengthBytes } of batch) {
    const bytes = await segments.use(segment, file => file.read(position + headerBytes, lengthBytes))
    if (bytes === undefined || bytes.length < lengthBytes) return false
    records.push({ id: id ?? '', bytes })
  }
  const places = await put(records)
  const moves = batch.map(record => ({
    id: record.id ?? '',
    from: keeping.placeOf(spotIn(segment, record)),
    to: places.get(record.id ?? '') ?? '',
  }))
  const takenBack = async (there: ReadonlySet<string>) => {
    for (const { id, to } of moves) if (!there.has(id)) await takeBack({ id, place: to }, true)
  }
  try {
    const there = await rows.moved(moves).catch(async problem => {
      // Undone, and no removal would find the copies; of a commit in doubt the next start finds out which counts.
      if (!(problem instanceof StoreBroken)) await takenBack(new Set())
      throw problem
    })
    // Being removed meanwhile: whoever removes it waits until nothing of it is copied any more.
    await takenBack(there)
    return there.size === moves.length
  } finally {
    final(moves.map(({ id }) => id))
  }
}

async function contentsOf(segment: number, { segments, rows, placeOf }: Keeping): Promise<Contents> {
  const found: Contents = { kept: [], registering: 0, orphans: [], unknown: 0, endsAt: 0 }
  await segments.use(segment, async file => {
    for await (const record of recordsIn(file)) {
      found.endsAt = record.position + spanOf(record.lengthBytes)
      if (record.id === undefined) continue
      const row = rows.standing(record.id)
      if (row?.place !== placeOf(spotIn(segment, record))) found.orphans.push(record)
      else found.kept.push(record)
      if (row === undefined) found.unknown += 1
      if (row?.state === 'registering') found.registering += 1
    }
  })
  return found
}

const spotIn = (segment: number, { position, lengthBytes }: FoundRecord): Spot => ({
  segment,
  offset: position + headerBytes,
  lengthBytes,
})

async function isZeroFrom(position: number, segment: number, { segments }: Keeping): Promise<boolean> {
  const rest = await segments.use(segment, file => file.read(position, groupBytes + 1))
  return rest === undefined || (rest.length <= groupBytes && rest.every(byte => byte === 0))
}

function* batchesOf(records: readonly FoundRecord[]): Generator<FoundRecord[]> {
  let batch: FoundRecord[] = []
  let bytes = 0
  for (const record of records) {
    batch.push(record)
    bytes += record.lengthBytes
    if (bytes < groupBytes / 4) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
