// What a submission changes of objects that are there: status, being the latest version, when a Folder was updated.
import type { Session } from '../../store/postgres/session.js'
import type { Commit } from '../store/commit.js'
import { kindNumbers, statusBits } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import type { Routed } from './registered.js'

export interface Change {
  patient: number
  object: number
  kind: number
  status?: number
  latest?: number
  last_update_time?: string
}

/** One change for each object, whatever comes together in it: a statement changes a row once. */
export function changesOf({ effects, now }: Commit, routes: ReadonlyMap<string, Routed>): Change[] {
  const changes = new Map<number, Change>()
  for (const [id, status] of effects.statuses) change(id, statusKinds, { status: statusBits[status] })
  for (const id of effects.superseded) change(id, versionKinds, { latest: 0 })
  for (const id of effects.touchedFolders) change(id, folderKinds, { last_update_time: now })
  return [...changes.values()]

  function change(entryUUID: string, kinds: readonly number[], to: Partial<Change>): void {
    const route = routes.get(entryUUID)
    if (route === undefined) throw new Error(`an accepted submission changes ${entryUUID}, which is not there`)
    const { object, kind } = route
    if (!kinds.includes(kind)) throw new Error(`${entryUUID} was to be changed in a way in which it never changes`)
    changes.set(object, { ...changes.get(object), patient: patientOf(object), object, kind, ...to })
  }
}

/** A SubmissionSet is Approved for good. [ITI TF-3:4.2.3.3.1] */
const statusKinds = [kindNumbers.DocumentEntry, kindNumbers.Folder, kindNumbers.Association]
const versionKinds = [kindNumbers.DocumentEntry, kindNumbers.Folder]
const folderKinds = [kindNumbers.Folder]

/** One statement for each row: the partition is known before it runs. */
const updates: Readonly<Record<number, { columns: readonly (keyof Change)[]; sql: string }>> = {
  [kindNumbers.DocumentEntry]: update('document_entries', ['status', 'latest']),
  [kindNumbers.Folder]: update('folders', ['status', 'latest', 'last_update_time']),
  [kindNumbers.Association]: update('associations', ['status']),
}

/** Within the transaction that holds what is changed; the statements are sent together, in no order. What has no such object changes nothing. */
export async function writeChanges(session: Session, changes: readonly Change[]): Promise<void> {
  await Promise.all(
    changes.map(change => {
      const { columns, sql } = updates[change.kind] as (typeof updates)[number]
      return session.query(sql, ...columns.map(column => change[column] ?? null), change.patient, change.object)
    }),
  )
}

function update(table: string, columns: readonly (keyof Change)[]): { columns: typeof columns; sql: string } {
  const settings = columns.map(column => `${column} = coalesce(?, ${column})`).join(', ')
  return { columns, sql: `UPDATE ${table} SET ${settings} WHERE patient = ? AND object = ?` }
}
