import { hash } from 'node:crypto'
import { expect } from 'chai'
import { likeMostRecords } from '../../../atna-audit/repository/frame-dictionary.js'
import { packed, unpacked } from '../../../atna-audit/repository/frames.js'
import { withToken } from './messages.js'

describe('a frame in the database', () => {
  it('is deflated against a text of which no byte ever changes', () =>
    expect(hash('sha256', likeMostRecords)).to.equal(
      'ca4b00c365895a579324cdb5bf260a1590aa2f8a5841e0537ca84b51cf46e390',
    ))

  it('takes a fraction of its size', () =>
    expect(packed(Buffer.from(withToken)).frame.byteLength).to.be.lessThan(withToken.length / 3))

  for (const [what, frame] of [
    ['as usual', Buffer.from(withToken)],
    ['empty', Buffer.alloc(0)],
    ['of no text', Buffer.from([0, 255, 1, 254])],
    ['very large', Buffer.alloc(3_000_000, 'x')],
  ] as const) {
    it(`comes out as it went in: ${what}`, () => expect(unpacked(packed(frame)).equals(frame)).to.equal(true))
  }
})
