// The end of the newest segment: what arrives while others are brought to the disk goes there together, with one write that is durable when it returns.
import type { Clock } from '../../ports/clock.js'
import type { ChangeableFile } from '../../ports/files.js'
import { isOutOfSpace } from '../full-disk.js'
import { headerBytes, recordOf } from './record.js'
import type { SegmentFolder } from './segment-folder.js'

export interface NewRecord {
  id: string
  bytes: Uint8Array
}

/** Where the bytes of a record are, behind its header. */
export interface Spot {
  segment: number
  offset: number
  lengthBytes: number
}

export interface Appender {
  /** Durable when it resolves. */
  append(records: readonly NewRecord[]): Promise<Spot[]>
  /** The segment that grows; undefined between two. */
  readonly segment: number | undefined
  close(): Promise<void>
}

export interface OpenAppender {
  clock: Clock
  segments: SegmentFolder
  /** A segment of this size or more is not continued. */
  segmentBytes: number
  /** Something was added to this one for the last time. */
  onFull(segment: number): void
}

interface Waiting {
  records: readonly NewRecord[]
  resolve(spots: Spot[]): void
  reject(problem: unknown): void
}

/** As commits of the database gather: requests that have arrived are read in the next turns. docs/decisions/0086 */
const gatheredTurns = 3

/** A group: what a power cut may tear at most. */
export const groupBytes = 4 * 1_048_576

/** What arrives within a few turns is one write, and all of it rejects where that fails; unless only space was lacking, the segment is not continued then. */
export function openAppender({ clock, segments, segmentBytes, onFull }: OpenAppender): Appender {
  const waiting: Waiting[] = []
  let isWriting = false
  let end: { segment: number; file: ChangeableFile; position: number } | undefined

  function afterTurns(turns: number): void {
    clock.endOfTurn(() => void (turns > 1 ? afterTurns(turns - 1) : writeAll()))
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = nextGroup()
      try {
        const spots = await write(group.flatMap(({ records }) => records))
        for (const { records, resolve } of group) resolve(spots.splice(0, records.length))
      } catch (problem) {
        for (const { reject } of group) reject(problem)
      }
    }
    isWriting = false
  }

  function nextGroup(): Waiting[] {
    const sizeOf = ({ records }: Waiting) => records.reduce((sum, { bytes }) => sum + bytes.byteLength + headerBytes, 0)
    const group = waiting.splice(0, 1)
    let bytes = group.reduce((sum, each) => sum + sizeOf(each), 0)
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      bytes += sizeOf(next)
      if (bytes > groupBytes) break
      group.push(next)
      waiting.shift()
    }
    return group
  }

  async function write(records: readonly NewRecord[]): Promise<Spot[]> {
    end ??= { ...(await segments.create()), position: 0 }
    const { segment, file, position } = end
    const spots: Spot[] = []
    const pieces: Buffer[] = []
    let at = position
    for (const { id, bytes } of records) {
      spots.push({ segment, offset: at + headerBytes, lengthBytes: bytes.byteLength })
      const piece = recordOf(id, bytes)
      pieces.push(piece)
      at += piece.length
    }
    const data = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    try {
      await file.writeAt(position, data)
    } catch (problem) {
      // Where there was no space the next group writes over it. Of any other failure nobody can tell what it has left of the file:
      // nothing is added to that any more.
      if (!isOutOfSpace(problem)) await leave()
      throw problem
    }
    end.position = at
    if (at >= segmentBytes) await leave()
    return spots
  }

  async function leave(): Promise<void> {
    if (end === undefined) return
    const { segment, file } = end
    end = undefined
    await file.close()
    onFull(segment)
  }

  return {
    append: records =>
      new Promise((resolve, reject) => {
        waiting.push({ records, resolve, reject })
        if (isWriting) return
        isWriting = true
        afterTurns(gatheredTurns)
      }),
    get segment() {
      return end?.segment
    },
    close: async () => end?.file.close(),
  }
}
