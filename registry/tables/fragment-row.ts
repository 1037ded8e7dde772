// A fragment as it comes out of its table: the row says its form.
import type { Fragment } from '../../metadata/fragment.js'

/** In the place of what begins an object that is written out. */
export const inPhrases = 1

export interface FragmentRow {
  /** The number of a form; bytes where the object is written out, as in rows of long ago. */
  head: number | Uint8Array
  body: Uint8Array
}

/** Reads both forms that were ever written. @throws Error for a form of a later version */
export function fragmentIn({ head, body }: FragmentRow): Fragment {
  if (typeof head !== 'number') return { head: bytes(head), body: bytes(body) }
  if (head !== inPhrases)
    throw new Error(`the database has an object in form ${head}, which this version does not know`)
  return { inPhrases: body }
}

/** The same bytes, not a copy. */
function bytes(blob: Uint8Array): Buffer {
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
}
