// What a DICOM instance says before its pixels, read of its first bytes, in bounds. [DICOM PS3.5, PS3.10]
import { constants, inflateRawSync } from 'node:zlib'
import dicomParser, { type DataSet } from 'dicom-parser'

export type { DataSet }

/** Why bytes are no DICOM instance that can be read, in words. */
export class DicomProblem extends Error {
  override name = 'DicomProblem'
}

/** Enough for the header of any instance. */
export const dicomHeadBytes = 8_388_608

const pixelData = 'x7fe00010'

/** [DICOM PS3.10: 7.1] */
export function looksLikeDicom(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(128, 132)).toString('latin1') === 'DICM'
}

/**
 * With all sequences, of what the caller has for itself: a few kilobytes may stand for millions of items, and what anybody may have sent is read
 * by top-level.ts. `head` may end anywhere behind the element `untilTag`. @throws DicomProblem
 */
export function dataSetIn(head: Uint8Array, untilTag = pixelData): DataSet {
  if (!looksLikeDicom(head)) throw new DicomProblem('it has no mark DICM behind a preamble of 128 bytes')
  try {
    return dicomParser.parseDicom(head, { untilTag, inflater: whole as Inflater })
  } catch (problem) {
    // The parser throws texts too; where nesting has no end the stack has one.
    throw new DicomProblem(problem instanceof Error ? problem.message : String(problem))
  }
}

/** Undefined where there is none, or none that can be read. */
export function stringAt(set: Pick<DataSet, 'string'>, tag: string): string | undefined {
  try {
    return set.string(tag)?.trim()
  } catch {
    // Its length leads out of the bytes.
    return undefined
  }
}

/** It gives all bytes, whatever its type says. */
type Inflater = (bytes: Uint8Array, position: number) => void

/** What of the first bytes of an instance stands before its pixels, in memory of its own: of many instances no more need be kept. */
export function withoutPixels(head: Buffer): Buffer {
  const set = dataSetIn(head)
  const isDeflated = stringAt(set, 'x00020010') === '1.2.840.10008.1.2.1.99'
  const pixels = set.elements[pixelData]
  return isDeflated || pixels === undefined ? head : Buffer.from(head.subarray(0, pixels.dataOffset))
}

const mostInflatedBytes = 33_554_432
const whole = (bytes: Uint8Array, position: number) => inflated(bytes, position, mostInflatedBytes)

/** What is compressed by 1032 to 1, as far as deflate goes, fits at the end into whatever is asked for. */
const deflatedBytes = [Number.POSITIVE_INFINITY, 262_144, 32_000, 4_000, 500, 60]

/** A few bytes may stand for gigabytes of black: as much of them as stays in bounds is enough for a header. @throws Error of zlib, DicomProblem */
export function inflated(bytes: Uint8Array, position: number, most: number): Uint8Array {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: most }
  for (const length of deflatedBytes) {
    try {
      const rest = inflateRawSync(bytes.subarray(position, position + length), options)
      return Buffer.concat([bytes.subarray(0, position), rest])
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw problem
    }
  }
  throw new DicomProblem('it is deflated, and longer than any header')
}
