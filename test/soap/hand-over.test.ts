import { expect } from 'chai'
import { openHandOver } from '../../soap/hand-over.js'

const piece = (text: string) => Buffer.from(text)

describe('a hand-over', () => {
  it('keeps whoever gives waiting until it is taken', async () => {
    const over = openHandOver()
    const events: string[] = []
    const given = over.put(piece('a')).then(() => events.push('taken'))
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(events).to.deep.equal([])
    const pieces = over.pieces()
    expect(String((await pieces.next()).value)).to.equal('a')
    await given
    const second = pieces.next()
    await over.put(piece('b'))
    expect(String((await second).value)).to.equal('b')
    over.end()
    expect((await pieces.next()).done).to.equal(true)
  })

  it('tells both when it is broken off', async () => {
    const over = openHandOver()
    const given = over.put(piece('a')).catch((problem: Error) => problem.message)
    over.breakOff(new Error('gone'))
    expect(await given).to.equal('gone')
    expect(await over.put(piece('b')).catch((problem: Error) => problem.message)).to.equal('gone')
    expect(
      await over
        .pieces()
        .next()
        .catch((problem: Error) => problem.message),
    ).to.equal('gone')
  })

  it('stays ended', async () => {
    const over = openHandOver()
    over.end()
    over.breakOff(new Error('too late'))
    expect((await over.pieces().next()).done).to.equal(true)
  })
})
