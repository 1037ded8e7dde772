// Finding records again in the order in which they came, as whoever follows the log asks: a trace, a patient, a document, a kind, a time.
import type { Store } from '../../store/store.js'
import { type AuditSearch, idsFound } from './arrival-order.js'
import { unpacked } from './frames.js'

/** A record as it is kept. */
export interface StoredRecord {
  id: number
  receivedMs: number
  origin: string
  problem: string | null
  /** As it came. */
  frame: Buffer
}

/** One answer stops short of its limit when it has grown to this size. */
const mostBytes = 32 * 1024 * 1024

export interface AuditPage {
  records: StoredRecord[]
  /** Where to go on, where there may be more; a page may even be empty and go on. */
  next: number | undefined
}

/** The records in order of arrival; where more may follow, ask again with the last id as `afterId` until none comes. */
export function searchAudit(store: Store, search: AuditSearch): StoredRecord[] {
  return searchAuditPage(store, search).records
}

/** Ends early when the frames come to 32 MiB; `next` is given to the next search as `afterId`, undefined at the end. */
export function searchAuditPage(store: Store, search: AuditSearch): AuditPage {
  const { ids, walkedTo } = idsFound(store, search)
  const records: StoredRecord[] = []
  let left = mostBytes
  for (const id of ids) {
    const record = recordById(store, id)
    if (record === undefined) continue
    records.push(record)
    left -= record.frame.byteLength
    if (left <= 0) return { records, next: id }
  }
  return { records, next: walkedTo ?? records.at(-1)?.id }
}

/** Undefined where it never was, or has gone by retention. */
export function recordById(store: Pick<Store, 'prepare'>, id: number): StoredRecord | undefined {
  const found = store
    .prepare(`SELECT id, received_ms AS receivedMs, origin, problem, form, frame FROM audit_record WHERE id = ?`)
    .get<Omit<StoredRecord, 'frame'> & { form: number | null; frame: Uint8Array }>(id)
  if (found === undefined) return undefined
  const { receivedMs, origin, problem } = found
  return { id, receivedMs, origin, problem, frame: unpacked(found) }
}
