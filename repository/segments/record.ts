// One document in a segment: a header of 32 bytes, then its bytes, zeros up to the next multiple of 32, and the header again, should
// the first one ever rot. None lies across two sectors of a disk: after a power cut it is there whole, or not.
//
//   0  "CSEG", "CEND"   4  CRC-32 of what follows   8  length of the bytes   12  1, or 0 once erased   16  id, a UUID
import { crc32 } from 'node:zlib'
import type { OpenFile } from '../../ports/files.js'

/** In bytes; every record begins at a multiple of it. */
export const headerBytes = 32

export interface Header {
  /** Undefined once erased. */
  id: string | undefined
  lengthBytes: number
}

export interface FoundRecord extends Header {
  /** Of its header in the segment. */
  position: number
}

/** How much of the segment it takes. */
export const spanOf = (lengthBytes: number) => trailerAt(lengthBytes) + headerBytes

const trailerAt = (lengthBytes: number) => Math.ceil((headerBytes + lengthBytes) / headerBytes) * headerBytes

/** `bytes` are copied, and may be used again at once. */
export function recordOf(id: string, bytes: Uint8Array): Buffer {
  const record = framed({ id, lengthBytes: bytes.byteLength })
  record.set(bytes, headerBytes)
  return record
}

/** What is written over a record to erase it; its length stays, so that one can go on behind it. */
export const erasedRecord = (lengthBytes: number): Buffer => framed({ id: undefined, lengthBytes })

function framed({ id, lengthBytes }: Header): Buffer {
  const record = Buffer.alloc(spanOf(lengthBytes))
  record.write('CSEG', 0, 'latin1')
  record.writeUInt32LE(lengthBytes, 8)
  record.writeUInt32LE(id === undefined ? 0 : 1, 12)
  record.write((id ?? '').replaceAll('-', ''), 16, 'hex')
  record.writeUInt32LE(crc32(record.subarray(8, headerBytes)), 4)
  const trailer = trailerAt(lengthBytes)
  record.copy(record, trailer, 0, headerBytes)
  record.write('CEND', trailer, 'latin1')
  return record
}

/** Undefined where no header stands. */
export function headerIn(bytes: Buffer, mark: 'CSEG' | 'CEND' = 'CSEG'): Header | undefined {
  if (bytes.length < headerBytes || bytes.toString('latin1', 0, 4) !== mark) return undefined
  if (bytes.readUInt32LE(4) !== crc32(bytes.subarray(8, headerBytes))) return undefined
  const lengthBytes = bytes.readUInt32LE(8)
  return { id: bytes.readUInt32LE(12) === 1 ? uuidIn(bytes) : undefined, lengthBytes }
}

function uuidIn(bytes: Buffer): string {
  const hex = bytes.toString('hex', 16, headerBytes)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** No record has more bytes. */
export const mostBytes = 1_048_576

const windowBytes = 262_144

/** All records up to the end, or to the first place where there should be one and is none. Contents are not looked at. */
export async function* recordsIn(file: Pick<OpenFile, 'read'>): AsyncGenerator<FoundRecord> {
  let window: Buffer = Buffer.alloc(0)
  let windowAt = 0
  for (let position = 0; ; ) {
    if (position + headerBytes > windowAt + window.length) {
      window = await file.read(position, windowBytes)
      windowAt = position
    }
    const bytes = window.subarray(position - windowAt, position - windowAt + headerBytes)
    const header = headerIn(bytes) ?? (bytes.length < headerBytes ? undefined : await trailerOf(file, position))
    if (header === undefined) return
    yield { ...header, position }
    position += spanOf(header.lengthBytes)
  }
}

/** A record whose header is spoilt still ends with one that says how long it is. */
async function trailerOf(file: Pick<OpenFile, 'read'>, position: number): Promise<Header | undefined> {
  const bytes = await file.read(position, spanOf(mostBytes))
  for (let at = bytes.indexOf('CEND', headerBytes, 'latin1'); at > 0; at = bytes.indexOf('CEND', at + 1, 'latin1')) {
    const header = headerIn(bytes.subarray(at, at + headerBytes), 'CEND')
    if (header !== undefined && trailerAt(header.lengthBytes) === at) return header
  }
  return undefined
}
