// A fragment as it comes out of its row: text, which the driver reads faster than bytes written as hexadecimal digits.
import type { Fragment } from '../../metadata/fragment.js'

/** In the place of what begins an object that is written out, which is never this. */
export const inPhrases = '1'

export interface FragmentRow {
  head: string
  body: string
}

/** The row says its form: in phrases, or written out, as in rows of long ago. */
export function fragmentIn({ head, body }: FragmentRow): Fragment {
  if (head === inPhrases) return { inPhrases: Buffer.from(body) }
  if (head.startsWith('<')) return { head: Buffer.from(head), body: Buffer.from(body) }
  throw new Error(`the database has an object in form ${head}, which this version does not know`)
}
