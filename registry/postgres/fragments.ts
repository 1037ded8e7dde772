// A fragment as it comes out of its row: text, which the driver reads faster than bytes written as hexadecimal digits.
import type { Fragment } from '../../metadata/fragment.js'

export interface FragmentRow {
  head: string
  body: string
}

export function fragmentIn({ head, body }: FragmentRow): Fragment {
  return { head: Buffer.from(head), body: Buffer.from(body) }
}
