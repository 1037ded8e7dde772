import { expect } from 'chai'
import { isUuid } from '../../metadata/entry-uuid.js'
import { orderedUuid, systemRandomness } from '../../ports/randomness.js'

describe('randomness', () => {
  it('makes UUIDs that sort by their time [RFC 9562: 5.7]', () => {
    const times = [0, 1, 1_764_000_000_000, 1_764_000_000_001, 2 ** 48 - 1]
    const made = times.map(time => orderedUuid(time, systemRandomness))
    expect(made.toSorted()).to.deep.equal(made)
    for (const id of made) {
      expect(isUuid(`urn:uuid:${id}`)).to.equal(true)
      expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/)
    }
  })

  it('gives no byte twice, however many are asked for', () => {
    const taken = Array.from({ length: 2_000 }, () => systemRandomness.bytes(16).toString('hex'))
    expect(new Set(taken).size).to.equal(2_000)
    expect([1, 8, 64, 65, 5_000].map(count => systemRandomness.bytes(count).length)).to.deep.equal([
      1, 8, 64, 65, 5_000,
    ])
  })

  it('makes no two UUIDs alike within one millisecond', () => {
    const made = Array.from({ length: 1_000 }, () => orderedUuid(1_764_000_000_000, systemRandomness))
    expect(new Set(made).size).to.equal(1_000)
  })
})
