// Leaves of records that were findable already when the tree came: without them it would never begin. docs/decisions/0296.
import type { Store } from '../../../store/store.js'
import { unpacked } from '../frames.js'
import { keepLeaf, type LeafRecord } from './leaves.js'
import { latestRoot } from './roots.js'

interface Leafless extends LeafRecord {
  form: number
}

const recordsAtOnce = 50

/** Whether there are any. Once a root has been signed there are none: a leaf that is missing then was taken away. */
export function lacksFirstLeaves(store: Store): boolean {
  return latestRoot(store) === undefined && leafless(store, 0, 1).length > 0
}

/** Within `store.write`: keeps some, of records behind `after`. @returns the last of these records, undefined when there were none */
export function keepFirstLeaves(store: Store, after: number): number | undefined {
  if (latestRoot(store) !== undefined) return undefined
  const some = leafless(store, after, recordsAtOnce)
  for (const record of some) keepLeaf(store, { ...record, frame: unpacked(record) })
  return some.at(-1)?.id
}

function leafless(store: Store, after: number, most: number): Leafless[] {
  return store
    .prepare(
      `SELECT id, received_ms AS receivedMs, origin, problem, form, frame FROM audit_record
       WHERE id > ? AND form IS NOT NULL AND id NOT IN (SELECT id FROM audit_leaf) ORDER BY id LIMIT ?`,
    )
    .all<Leafless>(after, most)
}
