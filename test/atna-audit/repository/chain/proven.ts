// Proofs as whoever is given one checks them, by the steps that RFC 9162 sets out for verifiers.
import { nodeHash, type ProofStep } from '../../../../atna-audit/repository/chain/merkle.js'

/** [RFC 9162: 2.1.3.2] */
export function rootByProof(leaf: Buffer, proof: readonly ProofStep[]): Buffer {
  return proof.reduce((node, { side, hash }) => (side === 'left' ? nodeHash(hash, node) : nodeHash(node, hash)), leaf)
}

/** Whether the proof leads from one root to the other. [RFC 9162: 2.1.4.2] */
export function isConsistent(
  former: { size: number; root: Buffer },
  latter: { size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (former.size === latter.size) return former.root.equals(latter.root) && proof.length === 0
  if (former.size === 0 || former.size > latter.size) return false
  const path = isPowerOfTwo(former.size) ? [former.root, ...proof] : [...proof]
  let [node, last] = [former.size - 1, latter.size - 1]
  while (node % 2 === 1) [node, last] = [half(node), half(last)]
  const first = path.shift()
  if (first === undefined) return false
  let [formerRoot, latterRoot] = [first, first]
  for (const step of path) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      formerRoot = nodeHash(step, formerRoot)
      latterRoot = nodeHash(step, latterRoot)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      latterRoot = nodeHash(latterRoot, step)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && formerRoot.equals(former.root) && latterRoot.equals(latter.root)
}

const half = (n: number) => Math.floor(n / 2)
const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n))
