import { expect } from 'chai'
import {
  consistencyProof,
  emptyRoot,
  GrowingTree,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  type SubtreeHash,
} from '../../../../atna-audit/repository/chain/merkle.js'
import { isConsistent, rootByProof } from './proven.js'

/** The inputs by which logs of Certificate Transparency test themselves, and the roots of the first one, two, three … of them. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  hex => Buffer.from(hex, 'hex'),
)
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('the tree over audit records', () => {
  const many = Array.from({ length: 40 }, (_, at) => Buffer.from(`record ${at}`))
  const subtrees = (of: readonly Buffer[]): SubtreeHash =>
    function at(level, position): Buffer {
      if (level === 0) return leafHash(of[position] as Buffer)
      return nodeHash(at(level - 1, 2 * position), at(level - 1, 2 * position + 1))
    }
  const rootsOfMany = many.map((_, last) => rootOf(last + 1, subtrees(many)))

  it('has the roots of Certificate Transparency [RFC 9162: 2.1.1]', () => {
    expect(emptyRoot.toString('hex')).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    const tree = new GrowingTree()
    for (const [at, input] of inputs.entries()) {
      tree.append(leafHash(input))
      expect(tree.root().toString('hex')).to.equal(roots[at])
      expect(rootOf(at + 1, subtrees(inputs)).toString('hex')).to.equal(roots[at])
    }
  })

  it('proves of each record that it is in it, and of no other [RFC 9162: 2.1.3]', () => {
    for (let size = 1; size <= many.length; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(index, size, subtrees(many))
        const root = rootsOfMany[size - 1] as Buffer
        expect(rootByProof(leafHash(many[index] as Buffer), proof).equals(root)).to.equal(true)
        expect(rootByProof(leafHash(Buffer.from('another')), proof).equals(root)).to.equal(false)
      }
    }
  })

  it('proves that it has only grown [RFC 9162: 2.1.4]', () => {
    for (let size = 1; size <= many.length; size += 1) {
      for (let former = 1; former <= size; former += 1) {
        const proof = consistencyProof(former, size, subtrees(many))
        const [one, other] = [former, size].map(each => ({ size: each, root: rootsOfMany[each - 1] as Buffer }))
        if (one === undefined || other === undefined) throw new Error('there are two')
        expect(isConsistent(one, other, proof), `${former} in ${size}`).to.equal(true)
        const changed = { size: former, root: leafHash(one.root) }
        expect(isConsistent(changed, other, proof)).to.equal(false)
        expect(isConsistent(one, { size, root: leafHash(other.root) }, proof)).to.equal(false)
      }
    }
  })
})
