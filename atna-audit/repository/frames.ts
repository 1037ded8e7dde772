// A frame as it lies in the database: deflated against a text that most records resemble, which makes a tenth of them.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { likeMostRecords } from './frame-dictionary.js'

/** Kept with each record; a number is never given another meaning. */
const frameForms = { plain: 0, deflated: 1 } as const

export interface KeptFrame {
  form: number | null
  frame: Uint8Array
}

const dictionary = Buffer.from(likeMostRecords)
// Most frames have some 3 kB: more memory costs time and makes nothing smaller. (Measured: docs/performance/audit-2026-11-25.md.)
const deflating = { level: 3, windowBits: 13, memLevel: 6, chunkSize: 2_048, dictionary }
/** Of a record of any size it is the beginning that resembles others. */
const mostDeflatedBytes = 1_048_576
const inflating = { dictionary, maxOutputLength: mostDeflatedBytes, chunkSize: 4_096 }

/** Deflated where that makes it smaller; `form` says which, and is kept beside it for unpacked. */
export function packed(frame: Buffer): { form: number; frame: Uint8Array } {
  if (frame.length > mostDeflatedBytes) return { form: frameForms.plain, frame }
  const deflated = deflateRawSync(frame, deflating)
  return deflated.length < frame.length
    ? { form: frameForms.deflated, frame: deflated }
    : { form: frameForms.plain, frame }
}

/** @throws Error when the bytes are not what packed() made. */
export function unpacked({ form, frame }: KeptFrame): Buffer {
  if (form === frameForms.deflated) return inflateRawSync(frame, inflating)
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
}
