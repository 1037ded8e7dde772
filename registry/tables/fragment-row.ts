// A fragment as it comes out of its table.
import type { Fragment } from '../../metadata/fragment.js'

export interface FragmentRow {
  head: Uint8Array
  body: Uint8Array
}

export function fragmentIn({ head, body }: FragmentRow): Fragment {
  return { head: bytes(head), body: bytes(body) }
}

/** The same bytes, not a copy. */
function bytes(blob: Uint8Array): Buffer {
  return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
}
