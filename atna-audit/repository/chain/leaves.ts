// The tree in the database: a hash for each record for ever, and those of complete subtrees, so that every proof is read quickly.
// A record may go by the rules of retention; its leaf stays. docs/decisions/0296.
import { isoOf } from '../../../ports/clock.js'
import type { Store } from '../../../store/store.js'
import { GrowingTree, leafHash, nodeHash, rootOf, type SubtreeHash, subtreesOf } from './merkle.js'

export type Reading = Pick<Store, 'prepare'>

export interface LeafRecord {
  id: number
  receivedMs: number
  origin: string
  problem: string | null
  /** As it came. */
  frame: Uint8Array
}

/** What is hashed: a line of JSON that says when and from whom, then the frame, byte for byte. */
export function leafInput(record: LeafRecord): Buffer {
  return Buffer.concat([arrivalLine(record), record.frame])
}

/** 32 bytes, over the frame as it came and the line of its arrival, so that neither can be changed alone. */
export function leafOf(record: LeafRecord): Buffer {
  return leafHash(arrivalLine(record), record.frame)
}

function arrivalLine({ id, receivedMs, origin, problem }: LeafRecord): Buffer {
  const arrived = { record: id, received: isoOf(receivedMs), from: origin }
  return Buffer.from(`${JSON.stringify(problem === null ? arrived : { ...arrived, problem })}\n`)
}

/** Within `store.write`. */
export function keepLeaf(store: Store, record: LeafRecord): void {
  store.prepare('INSERT OR IGNORE INTO audit_leaf (id, hash) VALUES (?, ?)').run(record.id, leafOf(record))
}

/** Subtrees of 2^8, 2^16 … leaves are kept. */
const levelsBetween = 8
/** A complete subtree that is kept. */
export const wide = 2 ** levelsBetween

/** Ids of nodes: the level, then the position. */
function nodeId(level: number, position: number): number {
  return (level / levelsBetween) * 2 ** 40 + position
}

/** @throws MissingLeaf where the database lacks one. */
export function subtreesIn(store: Reading): SubtreeHash {
  const nodes = store.prepare('SELECT hash FROM audit_node WHERE id >= ? AND id < ? ORDER BY id')
  const leaves = store.prepare('SELECT hash FROM audit_leaf WHERE id > ? AND id <= ? ORDER BY id')
  return (level, position) => {
    const kept = level - (level % levelsBetween)
    const count = 2 ** (level - kept)
    const start = position * count
    const rows =
      kept === 0
        ? leaves.all<{ hash: Uint8Array }>(start, start + count)
        : nodes.all<{ hash: Uint8Array }>(nodeId(kept, start), nodeId(kept, start + count))
    if (rows.length !== count) throw new MissingLeaf(start * 2 ** kept + 1, (start + count) * 2 ** kept)
    return joined(rows.map(({ hash }) => Buffer.from(hash)))
  }
}

class MissingLeaf extends Error {
  constructor(first: number, last: number) {
    super(`of the records ${first} to ${last} the tree lacks at least one`)
  }
}

/** The root of as many leaves as a power of two. */
function joined(hashes: Buffer[]): Buffer {
  let row = hashes
  while (row.length > 1) {
    const above: Buffer[] = []
    for (let at = 0; at < row.length; at += 2) above.push(nodeHash(row[at] as Buffer, row[at + 1] as Buffer))
    row = above
  }
  return row[0] as Buffer
}

/** How many leaves there are from the first on without a gap. A root needs all complete subtrees of them to be kept. */
export function treeSize(store: Reading): number {
  const following = store.prepare('SELECT id FROM audit_leaf WHERE id > ? ORDER BY id LIMIT ?')
  for (let size = nodesAt(store, levelsBetween) * wide; ; ) {
    const start = size
    const rest = following.all<{ id: number }>(start, wide)
    const gap = rest.findIndex(({ id }, at) => id !== start + at + 1)
    if (gap !== -1) return start + gap
    size += rest.length
    if (rest.length < wide) return size
  }
}

/** Of the first `size` records; reads some hashes for each doubling, not the records. `size` must be in the tree. */
export function rootAt(store: Reading, size: number): Buffer {
  return rootOf(size, subtreesIn(store))
}

/** The tree of the first `size` leaves, ready to grow. */
export function treeAt(store: Reading, size: number): GrowingTree {
  return new GrowingTree(size, subtreesOf(size, subtreesIn(store)))
}

function nodesAt(store: Reading, level: number): number {
  const newest = store
    .prepare('SELECT max(id) AS id FROM audit_node WHERE id >= ? AND id < ?')
    .get<{ id: number | null }>(nodeId(level, 0), nodeId(level + levelsBetween, 0))?.id
  return newest === null || newest === undefined ? 0 : newest - nodeId(level, 0) + 1
}

const nodesAtOnce = 16
const highestLevel = 40

/** Within `store.write`: keeps subtrees that have become complete, some at a time. True when there may be more. */
export function keepNodes(store: Store): boolean {
  const at = subtreesIn(store)
  const put = store.prepare('INSERT INTO audit_node (id, hash) VALUES (?, ?)')
  let more = false
  for (let level = levelsBetween; level <= highestLevel; level += levelsBetween) {
    const first = nodesAt(store, level)
    const below = level === levelsBetween ? leavesFrom(store, first * wide) : nodesAt(store, level - levelsBetween)
    const complete = Math.floor(below / wide)
    for (let position = first; position < Math.min(complete, first + nodesAtOnce); position += 1) {
      // Of its own level it would be read from where it is to be put.
      put.run(nodeId(level, position), nodeHash(at(level - 1, 2 * position), at(level - 1, 2 * position + 1)))
    }
    more ||= complete > first + nodesAtOnce
    if (complete === first) break
  }
  return more
}

/** Counted from a start that is known to be whole, no further than is of use at once. */
function leavesFrom(store: Reading, start: number): number {
  const most = wide * (nodesAtOnce + 1)
  const { count = 0, last = null } =
    store
      .prepare(
        'SELECT count(*) AS count, max(id) AS last FROM (SELECT id FROM audit_leaf WHERE id > ? ORDER BY id LIMIT ?)',
      )
      .get<{ count: number; last: number | null }>(start, most) ?? {}
  if (last === null || last === start + count) return start + count
  // There is a gap: up to it.
  const ids = store
    .prepare('SELECT id FROM audit_leaf WHERE id > ? ORDER BY id LIMIT ?')
    .all<{ id: number }>(start, most)
  return start + ids.findIndex(({ id }, at) => id !== start + at + 1)
}
