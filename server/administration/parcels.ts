// Several files in one answer, for what is too large for JSON: frames of a kind, a length and that many bytes. Each file ends with
// its digest, and the whole with a last word, so that what was cut short is never taken for complete.
import { createHash } from 'node:crypto'

/** What a reader gets. */
export type Parcel =
  /** A file begins. */
  | { kind: 'begin'; name: string }
  | { kind: 'piece'; bytes: Buffer }
  | { kind: 'end'; sizeBytes: number; sha256: string }
  /** In the place of a file, or of the rest of it. */
  | { kind: 'absent'; name: string; gone: boolean; why: string }

/** A file on its way out. */
export interface Outgoing {
  name: string
  pieces: AsyncIterable<Buffer>
}

const kinds = { begin: 1, piece: 2, end: 3, absent: 4, wait: 5, over: 6 } as const
const headBytes = 5
/** Longer pieces are not ours. */
const mostFrameBytes = 16 * 1024 * 1024

/** One file: its name, its pieces while they come, then size and SHA-256, by which whoever reads knows that nothing is missing. Each piece at most 16 MiB. */
export async function* writeParcel({ name, pieces }: Outgoing): AsyncGenerator<Buffer> {
  const digest = createHash('sha256')
  let sizeBytes = 0
  yield frame('begin', { name })
  for await (const piece of pieces) {
    digest.update(piece)
    sizeBytes += piece.length
    yield head('piece', piece.length)
    yield piece
  }
  yield frame('end', { sizeBytes, sha256: digest.digest('hex') })
}

/** In the place of a file that cannot be given; `gone` where it was removed meanwhile, and nobody need look for it. */
export function absentParcel(absent: { name: string; gone: boolean; why: string }): Buffer {
  return frame('absent', absent)
}

/** Says that somebody is still at work, to a connection on which nothing else moves. */
export const waitingParcel = () => head('wait', 0)
export const lastParcel = () => head('over', 0)

/** @throws Error when the bytes are not what `writeParcel` makes, or end early. */
export async function* readParcels(bytes: AsyncIterable<Buffer>): AsyncGenerator<Parcel> {
  let held: Buffer = Buffer.alloc(0)
  for await (const more of bytes) {
    held = held.length === 0 ? more : Buffer.concat([held, more])
    while (held.length >= headBytes) {
      const length = held.readUInt32BE(1)
      if (length > mostFrameBytes) throw new Error('the answer is not made of parcels')
      if (held.length < headBytes + length) break
      const payload = held.subarray(headBytes, headBytes + length)
      const kind = held[0]
      held = held.subarray(headBytes + length)
      if (kind === kinds.over) return
      if (kind === kinds.piece) yield { kind: 'piece', bytes: payload }
      else if (kind !== kinds.wait) yield { ...JSON.parse(String(payload)), kind: nameOf(kind) }
    }
  }
  throw new Error('the answer broke off')
}

function nameOf(kind: number | undefined): 'begin' | 'end' | 'absent' {
  const [name] = Object.entries(kinds).find(([, number]) => number === kind) ?? []
  if (name === 'begin' || name === 'end' || name === 'absent') return name
  throw new Error('the answer is not made of parcels')
}

function frame(kind: keyof typeof kinds, value: object): Buffer {
  const payload = Buffer.from(JSON.stringify(value))
  return Buffer.concat([head(kind, payload.length), payload])
}

function head(kind: keyof typeof kinds, length: number): Buffer {
  const bytes = Buffer.alloc(headBytes)
  bytes[0] = kinds[kind]
  bytes.writeUInt32BE(length, 1)
  return bytes
}
