// What a look at the registry reads of an object, and what it makes of it, whichever engine it is.
import type { Fragment } from '../../metadata/fragment.js'
import type { Found } from '../store/reader.js'
import type { ObjectKind } from '../store/registered-object.js'
import { statusOf } from './columns.js'

export interface FoundRow {
  object: number
  entry_uuid: string
  status: number
  last_update_time?: string
  source?: number
  target?: number
}

/** The tables of objects, and what of a row is asked for beside what all have. */
export const foundIn: Readonly<Record<ObjectKind, { name: string; columns: string }>> = {
  DocumentEntry: { name: 'document_entries', columns: '' },
  SubmissionSet: { name: 'submission_sets', columns: '' },
  Folder: { name: 'folders', columns: ', e.last_update_time' },
  Association: { name: 'associations', columns: ', e.source, e.target' },
}

/** A column that was not selected is absent in what it gives, never null. */
export function found(kind: ObjectKind, row: FoundRow, fragment: Fragment | undefined): Found {
  const object: Found = { key: row.object, kind, entryUUID: row.entry_uuid, availabilityStatus: statusOf(row.status) }
  if (row.last_update_time !== undefined) object.lastUpdateTime = row.last_update_time
  if (row.source !== undefined) object.source = row.source
  if (row.target !== undefined) object.target = row.target
  if (fragment !== undefined) object.fragment = fragment
  return object
}

/** Each object once, in the order of submission. */
export function once(all: readonly Found[]): Found[] {
  return [...new Map(all.map(object => [object.key, object])).values()].sort((a, b) => a.key - b.key)
}
