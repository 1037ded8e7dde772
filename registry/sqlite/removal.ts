// Takes objects out of every table; runs inside store.write only.
import { createHash } from 'node:crypto'
import { dtmOf } from '../../ports/clock.js'
import type { Store } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { RemovedSubmission } from '../store/facts.js'
import { kindNumbers } from '../tables/columns.js'
import { newestIn } from './latest-versions.js'
import { routesIn } from './routes.js'
import { uniqueIdsIn } from './unique-ids.js'

/** What has the key of an object as its column `object`, beside the table of its kind. */
const tables = [
  'fragments',
  'object_codes',
  'author_persons',
  'reference_ids',
  'hidden_entries',
  'registered_submissions',
] as const

const tableOfKind: Readonly<Record<number, string>> = {
  [kindNumbers.DocumentEntry]: 'document_entries',
  [kindNumbers.SubmissionSet]: 'submission_sets',
  [kindNumbers.Folder]: 'folders',
  [kindNumbers.Association]: 'associations',
}

/** Removed submissions are remembered for a bounded time; what is older goes when others come. */
const mostForgottenAtOnce = 1_000

export interface Remember {
  nowMs: number
  /** How long a submission that comes again is known for one that was removed. */
  windowMs: number
}

/** Synchronous, inside store.write. What was removed of a submission is remembered as `remember` says; the erasure of the bytes in the file is for the caller to ask. */
export function removalIn(store: Store): (entryUUIDs: Iterable<string>, remember: Remember) => void {
  const routeOf = routesIn(store)
  const uniqueIdOf = uniqueIdsIn(store)
  const deleteRoute = store.prepare('DELETE FROM entry_uuids WHERE entry_uuid = ?')
  const deleteUniqueId = store.prepare('DELETE FROM unique_ids WHERE unique_id = ? AND object = ?')
  const deleteFrom = [...tables, ...Object.values(tableOfKind)].map(
    table => [table, store.prepare(`DELETE FROM ${table} WHERE object = ?`)] as const,
  )
  const deletions = new Map<string, (typeof deleteFrom)[number][1]>(deleteFrom)
  const association = store.prepare(`SELECT source FROM associations WHERE object = ? AND type = 'HasMember'`)
  const touchFolder = store.prepare('UPDATE folders SET last_update_time = ? WHERE object = ?')
  const latestAgain = new Map(
    (['document_entries', 'folders'] as const).map(table => [
      table as string,
      {
        lid: store.prepare(`SELECT lid FROM ${table} WHERE object = ?`),
        restore: store.prepare(`UPDATE ${table} SET latest = 1 WHERE object = (${newestIn(table, '?')})`),
      },
    ]),
  )
  const submission = store.prepare('SELECT partner, digest FROM registered_submissions WHERE object = ?')
  const rememberRemoved = store.prepare('INSERT OR REPLACE INTO removed_submissions VALUES (?, ?, ?, ?)')
  const forget = store.prepare(
    `DELETE FROM removed_submissions WHERE name IN
       (SELECT name FROM removed_submissions WHERE removed_ms < ? ORDER BY removed_ms LIMIT ${mostForgottenAtOnce})`,
  )

  return (entryUUIDs, { nowMs, windowMs }) => {
    const now = dtmOf(nowMs)
    for (const entryUUID of new Set(entryUUIDs)) remove(entryUUID, now, nowMs)
    forget.run(nowMs - windowMs)
    store.markErasure()
  }

  function remove(entryUUID: string, now: string, nowMs: number): void {
    const route = routeOf(entryUUID)
    if (route === undefined) throw new Error(`${entryUUID} was to be removed, which is not there`)
    const { object, kind } = route
    const table = tableOfKind[kind] as string
    const uniqueId = kind === kindNumbers.Association ? undefined : uniqueIdOf(object)
    const lid = latestAgain.get(table)?.lid.get<{ lid: string }>(object)?.lid
    const sent = submission.get<{ partner: string; digest: string }>(object)
    // A Folder that loses a member is modified, as one that gains one is. [ITI TF-3:4.2.3.4.6]
    const holder = association.get<{ source: number }>(object)
    if (holder !== undefined) touchFolder.run(now, holder.source)

    for (const each of [...tables, table]) deletions.get(each)?.run(object)
    deleteRoute.run(entryUUID)
    if (uniqueId !== undefined) {
      const { changes } = deleteUniqueId.run(uniqueId, object)
      if (changes !== 1) throw new Error(`the database does not route to object ${object} by its uniqueId`)
    }
    // What nothing newer has taken the place of is the latest version, though no status comes back.
    if (lid !== undefined) latestAgain.get(table)?.restore.run(lid)
    if (sent !== undefined) rememberRemoved.run(nameOf(uniqueId ?? ''), sent.partner, sent.digest, nowMs)
  }
}

/** Undefined where nothing was removed under it, or so long ago that it is forgotten. */
export function removedIn(store: Store): (uniqueId: string | undefined) => RemovedSubmission | undefined {
  const select = store.prepare('SELECT partner, digest, removed_ms FROM removed_submissions WHERE name = ?')
  return uniqueId => {
    const row = select.get<{ partner: string; digest: string; removed_ms: number }>(nameOf(comparable(uniqueId ?? '')))
    return row === undefined ? undefined : { partner: row.partner, digest: row.digest, removedMs: row.removed_ms }
  }
}

/** Of a submission that was removed no id is kept, only what tells whether it comes again. */
function nameOf(uniqueId: string): string {
  return createHash('sha256').update(uniqueId).digest('base64url')
}
