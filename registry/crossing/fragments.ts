// Objects as they are sent: a number and bytes in the embedded database, text on PostgreSQL.
import { type Fragment, uniqueIdIn } from '../../metadata/fragment.js'
import { single, type Travelling, type TravellingRow } from '../../store/crossing/crossing.js'
import { comparable } from '../comparable.js'
import { keptObjects } from '../kept-objects.js'
import { fragmentIn } from '../postgres/fragments.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function fragmentTravelling({ head, body }: Record<string, Travelling>): { head: string; body: string } {
  return { head: textOf(head), body: textOf(body) }
}

function textOf(value: Travelling | undefined): string {
  return value instanceof Uint8Array ? utf8.decode(value) : String(single(value))
}

/** As the embedded engine has it. */
export function fragmentInto({ head, body }: TravellingRow): [head: number | Uint8Array, body: Uint8Array] {
  const fragment = fragmentIn({ head: String(head), body: String(body) })
  return 'inPhrases' in fragment ? [Number(head), fragment.inPhrases] : [fragment.head, fragment.body]
}

export const fragmentOf = ({ head, body }: TravellingRow): Fragment =>
  fragmentIn({ head: String(head), body: String(body) })

/** As it stands in unique_ids, where it cannot be found by the key of the object. */
export function uniqueIdOf(row: { head: string; body: string }): string {
  const fragment = fragmentIn(row)
  const found = uniqueIdIn(fragment) ?? decodedUniqueId(fragment)
  return comparable(found ?? '')
}

function decodedUniqueId(fragment: Fragment): string | undefined {
  const { documentEntries, submissionSets, folders } = keptObjects([fragment])
  return [...documentEntries, ...submissionSets, ...folders][0]?.uniqueId
}
