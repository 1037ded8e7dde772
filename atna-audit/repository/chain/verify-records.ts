// The records of a chain: each against its leaf, the leaves against every root that was signed over them.
import { stretches } from '../arrival-order.js'
import { unpacked } from '../frames.js'
import { indexEntriesOf } from '../index-entries.js'
import { type LeafRecord, leafOf, type Reading, treeAt, wide } from './leaves.js'
import { GrowingTree } from './merkle.js'
import { removalsBetween } from './removals.js'
import type { Find, VerifyOptions, VerifyProgress, VerifyReport } from './report.js'
import type { RootToMeet } from './verify-roots.js'

interface Row extends LeafRecord {
  form: number | null
  frame: Uint8Array
  eventMs: number
  type: string | null
  outcome: number | null
}

/** Reads from `start`, where the tree is known, to `last`; yields so that a long one can be followed and stopped. What it finds goes to `find`. */
export function* checkRecords(
  store: Reading,
  options: VerifyOptions,
  around: { start: number; last: number; roots: (size: number) => RootToMeet[]; report: VerifyReport; find: Find },
): Generator<VerifyProgress> {
  const { start, last, roots, report, find } = around
  const tree = beginAt(store, start, find)
  const removed = removalsBetween(store, stretches(store))
  const sizes = sizesOfRoots(store, start)
  const block = store.prepare('SELECT hash FROM audit_node WHERE id = ?')
  const pages = pagesOf(store)
  let agreed = start
  let disagrees = false

  for (let from = start; from < last; from += wide) {
    const until = Math.min(from + wide, last)
    const { leaves, records } = pages(from, until)
    const blockTree = new GrowingTree()
    for (let id = from + 1; id <= until; id += 1) {
      const leaf = leaves.get(id)
      const record = records.get(id)
      const computed = record && hashOf(record, find)
      const missing = leaf === undefined || record === undefined
      if (record?.form === null && leaf === undefined) report.former += 1
      else if (missing) checkMissing(id, { leaf, record }, removed, report, find)
      else if (computed !== undefined && !leaf.equals(computed)) {
        find({ kind: 'edited', first: id, last: id, what: `record ${id} is not what it was when it was kept` })
      }
      if (record !== undefined && options.index === true) checkIndex(store, record, find)
      const hash = leaf ?? computed ?? Buffer.alloc(32)
      tree?.append(hash)
      blockTree.append(hash)
      report.records += record === undefined ? 0 : 1
      if (tree === undefined || !sizes(id)) continue
      for (const { facts, where } of roots(id)) {
        if (facts.root === tree.root().toString('hex')) agreed = id
        else if (!disagrees) {
          disagrees = true
          const range = { first: agreed + 1, last: id }
          find({
            kind: 'root',
            ...range,
            what: `the records ${agreed + 1} to ${id} do not lead to what ${where} of ${facts.time} says`,
          })
        }
      }
    }
    const kept = until - from === wide ? block.get<{ hash: Uint8Array }>(2 ** 40 + from / wide)?.hash : undefined
    if (kept !== undefined && !blockTree.root().equals(kept)) {
      find({
        kind: 'tree',
        first: from + 1,
        last: until,
        what: `the leaves ${from + 1} to ${until} are not those of which the tree was made`,
      })
    }
    yield { records: until - start, of: last - start }
  }
}

function beginAt(store: Reading, start: number, find: Find): GrowingTree | undefined {
  try {
    return treeAt(store, start)
  } catch (problem) {
    find({ kind: 'tree', first: 1, last: start, what: (problem as Error).message })
    return undefined
  }
}

/** Whether a root was signed at this size: asked for ascending sizes. */
function sizesOfRoots(store: Reading, start: number): (size: number) => boolean {
  const following = store.prepare('SELECT min(size) AS size FROM audit_root WHERE size > ?')
  const after = (size: number) => following.get<{ size: number | null }>(size)?.size ?? Number.POSITIVE_INFINITY
  let next = after(start)
  return size => {
    if (size < next) return false
    next = after(size)
    return true
  }
}

function pagesOf(store: Reading) {
  const leaves = store.prepare('SELECT id, hash FROM audit_leaf WHERE id > ? AND id <= ?')
  const records = store.prepare(
    `SELECT id, received_ms AS receivedMs, origin, problem, form, frame, event_ms AS eventMs, type, outcome
     FROM audit_record WHERE id > ? AND id <= ?`,
  )
  return (from: number, until: number) => ({
    leaves: new Map(
      leaves.all<{ id: number; hash: Uint8Array }>(from, until).map(({ id, hash }) => [id, Buffer.from(hash)]),
    ),
    records: new Map(records.all<Row>(from, until).map(row => [row.id, row])),
  })
}

/** Undefined when what is kept cannot even be unpacked. */
function hashOf(row: Row, find: Find): Buffer | undefined {
  try {
    const { id, receivedMs, origin, problem } = row
    return leafOf({ id, receivedMs, origin, problem, frame: unpacked(row) })
  } catch {
    find({ kind: 'edited', first: row.id, last: row.id, what: `record ${row.id} can no longer be read` })
    return undefined
  }
}

function checkMissing(
  id: number,
  { leaf, record }: { leaf: Buffer | undefined; record: Row | undefined },
  removed: ReturnType<typeof removalsBetween>,
  report: VerifyReport,
  find: Find,
): void {
  const where = { first: id, last: id }
  if (record !== undefined) find({ kind: 'leaf', ...where, what: `the leaf of record ${id} is missing` })
  else if (leaf === undefined) find({ kind: 'missing', ...where, what: `record ${id} is missing, and its leaf` })
  else if (removed(id) !== undefined) report.removed += 1
  else find({ kind: 'missing', ...where, what: `record ${id} is missing, and no rule has removed it` })
}

function checkIndex(store: Reading, row: Row, find: Find): void {
  const { about, at, keys } = indexEntriesOf(row)
  const indexed = store.prepare('SELECT 1 FROM audit_term WHERE term = ? AND at = ? AND record = ?')
  const isFound = keys.every(key => indexed.get(key, at, row.id) !== undefined)
  const agrees = about.eventMs === row.eventMs && about.type === row.type && about.outcome === row.outcome
  if (!isFound || !agrees) {
    find({ kind: 'index', first: row.id, last: row.id, what: `record ${row.id} is not found by all that stands in it` })
  }
}
