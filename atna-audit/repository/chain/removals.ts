// What was removed by the rules of retention: a list for each run, whose digest stands in an audit record of the same commit and so in
// the tree. A record that is missing without one was taken away. docs/decisions/0297.
import { hash } from 'node:crypto'
import type { Store } from '../../../store/store.js'
import { eventIDs } from '../../vocabulary.js'
import { ourselves } from '../arrival.js'
import { readAuditMessage } from '../audit-view.js'
import { messageOf } from '../record-json.js'
import { recordById } from '../search.js'
import { termKey } from '../term-keys.js'
import { term } from '../terms.js'
import { leafOf, type Reading } from './leaves.js'

export interface Removal {
  number: number
  removedMs: number
  rule: string
  /** `1-5,9,12-40` */
  records: string
}

/** As the id of a participant object. */
export function removalUrn({ rule, records }: Pick<Removal, 'rule' | 'records'>): string {
  return `urn:carnet:audit-removal:${hash('sha256', `${rule}\n${records}\n`, 'hex')}`
}

/** Within `store.write`. */
export function noteRemoval(store: Store, removal: Omit<Removal, 'number'>): void {
  store
    .prepare('INSERT INTO audit_removal (removed_ms, rule, records) VALUES (?, ?, ?)')
    .run(removal.removedMs, removal.rule, removal.records)
}

/** Ascending ids as ranges. */
export function inRanges(ids: readonly number[]): string {
  const ranges: string[] = []
  for (let at = 0; at < ids.length; ) {
    const first = ids[at] as number
    let last = first
    while (ids[at + 1] === last + 1) {
      at += 1
      last += 1
    }
    ranges.push(first === last ? String(first) : `${first}-${last}`)
    at += 1
  }
  return ranges.join(',')
}

function rangesIn(text: string): [first: number, last: number][] {
  return text.split(',').flatMap(range => {
    const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range) ?? []
    return first === undefined ? [] : [[Number(first), Number(last)] as [number, number]]
  })
}

/** Says by which rule a record may be missing; only lists count whose digest stands in a record that is there. Ask in order of ids. */
export function removalsBetween(store: Reading, stretches: readonly number[]): (id: number) => Removal | undefined {
  const following = store.prepare(
    'SELECT number, removed_ms AS removedMs, rule, records FROM audit_removal WHERE number > ? ORDER BY number LIMIT 1',
  )
  let latest: Listed | undefined

  function next(after: number): Listed | undefined {
    const removal = following.get<Removal>(after)
    return removal && { removal, ranges: rangesIn(removal.records) }
  }

  function isProved(removal: Removal): boolean {
    const urn = removalUrn(removal)
    const found = store.prepare('SELECT record FROM audit_term WHERE term = ?')
    return stretches.some(stretch =>
      found.all<{ record: number }>(termKey(stretch, term('object', urn))).some(({ record }) => tellsOf(record, urn)),
    )
  }

  /** Anybody may write into the index, and send what looks like such a record: it must be one of this service, as it was kept. */
  function tellsOf(id: number, urn: string): boolean {
    const record = recordById(store, id)
    const leaf = store.prepare('SELECT hash FROM audit_leaf WHERE id = ?').get<{ hash: Uint8Array }>(id)
    if (record?.origin !== ourselves || leaf === undefined || !leafOf(record).equals(leaf.hash)) return false
    const { event, action, objects } = readAuditMessage(messageOf(record))
    return event?.code === eventIDs.auditLogUsed[0] && action === 'D' && objects.some(object => object.id === urn)
  }

  /** From one list on to the last. */
  function search(id: number, from: Listed | undefined): Listed | undefined {
    for (let list = from; list !== undefined; list = next(list.removal.number)) if (isIn(id, list.ranges)) return list
    return undefined
  }

  return id => {
    const found = search(id, latest) ?? search(id, next(0))
    if (found === undefined) return undefined
    if (found !== latest && !isProved(found.removal)) return undefined
    latest = found
    return found.removal
  }
}

interface Listed {
  removal: Removal
  ranges: [first: number, last: number][]
}

function isIn(id: number, ranges: readonly [first: number, last: number][]): boolean {
  let [low, high] = [0, ranges.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const [first, last] = ranges[middle] as [number, number]
    if (id < first) high = middle - 1
    else if (id > last) low = middle + 1
    else return true
  }
  return false
}
