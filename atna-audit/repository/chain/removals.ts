// What was removed by the rules of retention: a list for each run, whose digest stands in an audit record of the same commit and so in
// the tree. A record that is missing without one was taken away. docs/decisions/0297.
import { hash } from 'node:crypto'
import type { Store } from '../../../store/store.js'
import { termKey } from '../term-keys.js'
import { term } from '../terms.js'
import type { Reading } from './leaves.js'

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

export function rangesIn(text: string): [first: number, last: number][] {
  return text.split(',').flatMap(range => {
    const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range) ?? []
    return first === undefined ? [] : [[Number(first), Number(last)] as [number, number]]
  })
}

/** Says by which rule a record may be missing; only lists count whose digest stands in a record that is there. */
export function removalsBetween(store: Reading, stretches: readonly number[]): (id: number) => Removal | undefined {
  const page = store.prepare(
    `SELECT number, removed_ms AS removedMs, rule, records FROM audit_removal WHERE number > ? ORDER BY number LIMIT 50`,
  )
  const proved = new Map<number, boolean>()
  let latest: { removal: Removal; first: number; last: number } | undefined

  function isProved(removal: Removal): boolean {
    const known = proved.get(removal.number)
    if (known !== undefined) return known
    const urn = removalUrn(removal)
    const found = stretches.some(
      stretch =>
        store.prepare('SELECT 1 FROM audit_term WHERE term = ? LIMIT 1').get(termKey(stretch, term('object', urn))) !==
        undefined,
    )
    if (proved.size < 10_000) proved.set(removal.number, found)
    return found
  }

  return id => {
    if (latest !== undefined && id >= latest.first && id <= latest.last) return latest.removal
    for (let after = 0; ; ) {
      const rows = page.all<Removal>(after)
      for (const removal of rows) {
        const range = rangesIn(removal.records).find(([first, last]) => id >= first && id <= last)
        if (range === undefined || !isProved(removal)) continue
        latest = { removal, first: range[0], last: range[1] }
        return removal
      }
      const last = rows.at(-1)
      if (last === undefined) return undefined
      after = last.number
    }
  }
}
