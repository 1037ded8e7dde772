// What a submission changes of objects that are there: status, being the latest version, when a Folder was updated.
import type { AvailabilityStatus } from '../../metadata/model.js'
import type { Store } from '../../store/store.js'
import type { Commit } from '../store/commit.js'
import { kindNumbers, statusBits } from '../tables/columns.js'
import type { Routed } from './routes.js'

/** `routeTo` throws where there is no such object. */
export function changesIn(
  store: Store,
  routeTo: (entryUUID: string) => Routed,
): (commit: Pick<Commit, 'effects' | 'now'>) => void {
  const setStatus = new Map(
    (['document_entries', 'folders', 'associations'] as const).map(table => [
      kindNumbers[kindsOfTables[table]],
      store.prepare(`UPDATE ${table} SET status = ? WHERE object = ?`),
    ]),
  )
  const supersede = new Map(
    (['document_entries', 'folders'] as const).map(table => [
      kindNumbers[kindsOfTables[table]],
      store.prepare(`UPDATE ${table} SET latest = 0 WHERE object = ?`),
    ]),
  )
  const touchFolder = store.prepare('UPDATE folders SET last_update_time = ? WHERE object = ?')

  return ({ effects, now }) => {
    for (const [id, status] of effects.statuses) changeStatus(id, status)
    for (const id of effects.superseded) endAsLatest(id)
    for (const id of effects.touchedFolders) touchFolder.run(now, routeTo(id).object)
  }

  function changeStatus(entryUUID: string, status: AvailabilityStatus): void {
    const { object, kind } = routeTo(entryUUID)
    const update = setStatus.get(kind)
    if (update === undefined) throw new Error(`the status of ${entryUUID} was to be changed, which never changes`)
    update.run(statusBits[status], object)
  }

  function endAsLatest(entryUUID: string): void {
    const { object, kind } = routeTo(entryUUID)
    const update = supersede.get(kind)
    if (update === undefined) throw new Error(`${entryUUID} was to be superseded, which has no versions`)
    update.run(object)
  }
}

/** A SubmissionSet is Approved for good. [ITI TF-3:4.2.3.3.1] */
const kindsOfTables = { document_entries: 'DocumentEntry', folders: 'Folder', associations: 'Association' } as const
