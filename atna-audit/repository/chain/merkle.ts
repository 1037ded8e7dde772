// The Merkle tree over audit records, as of Certificate Transparency: what a root is, and how membership and growth are proved.
// RFC 9162 §2.1, RFC 6962 §2.1.
import { hash } from 'node:crypto'

const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

/** [RFC 9162: 2.1.1] */
export function leafHash(...input: Uint8Array[]): Buffer {
  return hash('sha256', Buffer.concat([leafPrefix, ...input]), 'buffer')
}

/** [RFC 9162: 2.1.1] */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([nodePrefix, left, right]), 'buffer')
}

/** Of the tree without records. [RFC 9162: 2.1.1] */
export const emptyRoot = hash('sha256', '', 'buffer')

/** A tree that grows at its right edge: as many hashes as the size has ones in binary. */
export class GrowingTree {
  #size = 0
  readonly #subtrees: Buffer[] = []

  /** @param subtrees of the complete subtrees of which `size` leaves consist, from the left. */
  constructor(size = 0, subtrees: readonly Buffer[] = []) {
    this.#size = size
    this.#subtrees.push(...subtrees)
  }

  get size(): number {
    return this.#size
  }

  append(leaf: Buffer): void {
    let node = leaf
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      node = nodeHash(this.#subtrees.pop() as Buffer, node)
    }
    this.#subtrees.push(node)
    this.#size += 1
  }

  root(): Buffer {
    return rootOver(this.#subtrees)
  }
}

/** The hash of a complete subtree of 2^level leaves, the position-th of its level from the left. */
export type SubtreeHash = (level: number, position: number) => Buffer

/** Of the complete subtrees that together are the first `size` leaves, from the left. */
export function subtreesOf(size: number, at: SubtreeHash): Buffer[] {
  const found: Buffer[] = []
  let start = 0
  for (let level = 52; level >= 0; level -= 1) {
    const width = 2 ** level
    if (start + width > size) continue
    found.push(at(level, start / width))
    start += width
  }
  return found
}

/** [RFC 9162: 2.1.1] */
export function rootOf(size: number, at: SubtreeHash): Buffer {
  return rootOver(subtreesOf(size, at))
}

function rootOver(subtrees: readonly Buffer[]): Buffer {
  const [last = emptyRoot, ...before] = subtrees.toReversed()
  return before.reduce((right, left) => nodeHash(left, right), last)
}

export interface ProofStep {
  side: 'left' | 'right'
  hash: Buffer
}

/** From the leaf to the root: each step says on which side its hash stands. [RFC 9162: 2.1.3.1] */
export function inclusionProof(index: number, size: number, at: SubtreeHash): ProofStep[] {
  const steps: ProofStep[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      steps.push({ side: 'right', hash: rootBetween(middle, end, at) })
      end = middle
    } else {
      steps.push({ side: 'left', hash: rootBetween(start, middle, at) })
      start = middle
    }
  }
  return steps.reverse()
}

/** That the tree of `size` begins with that of `former`. [RFC 9162: 2.1.4.1] */
export function consistencyProof(former: number, size: number, at: SubtreeHash): Buffer[] {
  const steps: Buffer[] = []
  let [start, end, whole] = [0, size, true]
  while (former !== end) {
    const middle = start + splitOf(end - start)
    if (former <= middle) {
      steps.push(rootBetween(middle, end, at))
      end = middle
    } else {
      steps.push(rootBetween(start, middle, at))
      start = middle
      whole = false
    }
  }
  if (!whole) steps.push(rootBetween(start, end, at))
  return steps.reverse()
}

/** Root of the leaves from `start` to before `end`, where `start` is a multiple of the largest power of two within. */
function rootBetween(start: number, end: number, at: SubtreeHash): Buffer {
  return rootOf(end - start, (level, position) => at(level, start / 2 ** level + position))
}

/** The largest power of two below n. */
function splitOf(n: number): number {
  let split = 1
  while (split * 2 < n) split *= 2
  return split
}
