// The uniqueId of an object, which stands in what is kept of it: no table leads there from its key.
import { uniqueIdIn } from '../../metadata/fragment.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import { keptObjects } from '../kept-objects.js'
import { type FragmentRow, fragmentIn } from '../tables/fragment-row.js'

/** By the key of an entry, SubmissionSet or Folder; as `unique_ids` has it. @throws Error where there is no such object */
export function uniqueIdsIn(store: Store): (object: number) => string {
  const fragment = store.prepare('SELECT head, body FROM fragments WHERE object = ?')

  return object => {
    const row = fragment.get<FragmentRow>(object)
    if (row === undefined) throw new Error(`the database has no fragment of object ${object}`)
    return comparable(uniqueIdIn(fragmentIn(row)) ?? readUniqueId(row))
  }
}

function readUniqueId(row: FragmentRow): string {
  const { documentEntries, submissionSets, folders } = keptObjects([fragmentIn(row)])
  return [...documentEntries, ...submissionSets, ...folders][0]?.uniqueId ?? ''
}
