import { expect } from 'chai'
import { chunkBuffers } from '../../repository/chunk-buffers.js'
import { chunkBytes } from '../../soap/message.js'

describe('memory for chunks', () => {
  it('is used again, by one at a time, also where a view of it is given back', () => {
    const buffers = chunkBuffers()
    const first = buffers.take()
    expect(first.length).to.equal(chunkBytes)
    buffers.give(first.subarray(0, 10))
    buffers.give(first)
    expect(buffers.take()).to.equal(first)
    expect(buffers.take()).to.not.equal(first)
  })

  it('keeps no more than it says, and nothing of others', () => {
    const buffers = chunkBuffers()
    const taken = Array.from({ length: 40 }, () => buffers.take())
    for (const each of [...taken, Buffer.allocUnsafeSlow(chunkBytes)]) buffers.give(each)
    const again = Array.from({ length: 40 }, () => buffers.take())
    expect(again.filter(each => taken.includes(each))).to.have.length(32)
  })
})
