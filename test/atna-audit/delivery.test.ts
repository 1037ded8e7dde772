import { expect } from 'chai'
import { acknowledgedDelivery, type Delivery, presumedDelivery } from '../../atna-audit/delivery.js'
import { type Clock, systemClock } from '../../ports/clock.js'

describe('delivery with acknowledgements', () => {
  function begin(...ids: number[]): { delivery: Delivery; told: [number, number][] } {
    const told: [number, number][] = []
    const delivery = acknowledgedDelivery((throughId, count) => told.push([throughId, count]))
    for (const id of ids) delivery.sent(id)
    return { delivery, told }
  }

  it('counts records of the connection, not ids', () => {
    const { delivery, told } = begin(41, 42, 44)
    delivery.heard(Buffer.from('2\n'))
    expect([told, delivery.open]).to.deep.equal([[[42, 2]], 1])
    delivery.heard(Buffer.from('3\n'))
    expect([told, delivery.open]).to.deep.equal([
      [
        [42, 2],
        [44, 1],
      ],
      0,
    ])
  })

  it('reads lines that come in pieces or together', () => {
    const { delivery, told } = begin(...Array.from({ length: 30 }, (_, index) => index + 1))
    for (const piece of ['1', '2', '\n', '13\n14\n', '2']) delivery.heard(Buffer.from(piece))
    delivery.heard(Buffer.from('0\n'))
    expect(told).to.deep.equal([
      [12, 12],
      [14, 2],
      [20, 6],
    ])
  })

  for (const [what, line] of [
    ['more than was sent', '4\n'],
    ['less than before', '1\n0\n'],
    ['no number', 'yes\n'],
    ['nothing', '\n'],
    ['a negative number', '-1\n'],
    ['no end of the line', '1'.repeat(40)],
  ]) {
    it(`refuses ${what}`, () => {
      const { delivery } = begin(1, 2, 3)
      expect(() => {
        for (const piece of line!.split(/(?<=\n)/)) delivery.heard(Buffer.from(piece))
      }).to.throw(/audit repository/)
    })
  }
})

describe('delivery to a foreign repository', () => {
  it('is presumed when the connection has lived on, of what had left by then', () => {
    const due: (() => void)[] = []
    const clock: Clock = {
      ...systemClock,
      after: (_delayMs, work) => {
        due.push(work)
        return { cancel: () => due.splice(due.indexOf(work), 1) }
      },
    }
    const told: [number, number][] = []
    const delivery = presumedDelivery((throughId, count) => told.push([throughId, count]), 10_000, clock)
    delivery.sent(7)
    delivery.sent(8)
    delivery.flushed()
    delivery.sent(9)
    due[0]!()
    expect([told, delivery.open]).to.deep.equal([[[8, 2]], 1])
    delivery.flushed()
    delivery.stop()
    expect([told.length, delivery.open, due.length]).to.deep.equal([1, 1, 1])
  })
})
