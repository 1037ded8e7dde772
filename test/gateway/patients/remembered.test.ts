import { expect } from 'chai'
import { openRemembered } from '../../../gateway/patients/remembered.js'

describe('remembered answers', () => {
  let nowMs = 0
  const clock = { monotonicMs: () => nowMs }
  const open = () => openRemembered<string>({ clock, most: 2, holdsMs: answer => (answer === 'nothing' ? 0 : 1_000) })

  it('hold for a while, and are asked for again', async () => {
    const remembered = open()
    expect(await remembered.of('a', async () => 'first')).to.equal('first')
    expect(await remembered.of('a', async () => 'second')).to.equal('first')
    expect(remembered.known('a')).to.include({ answer: 'first' })
    nowMs += 1_000
    expect(remembered.known('a')).to.equal(undefined)
    expect(await remembered.of('a', async () => 'second')).to.equal('second')
  })

  it('are asked for once by all who want them at the same time, also where they hold for no time or fail', async () => {
    const remembered = open()
    let asked = 0
    const ask = (outcome: () => string) => async () => {
      asked += 1
      await Promise.resolve()
      return outcome()
    }
    const nothing = ask(() => 'nothing')
    expect(await Promise.all([remembered.of('a', nothing), remembered.of('a', nothing)])).to.deep.equal([
      'nothing',
      'nothing',
    ])
    expect(asked).to.equal(1)
    await remembered.of('a', nothing)
    expect(asked).to.equal(2)
    const failing = ask(() => {
      throw new Error('silent')
    })
    const settled = await Promise.allSettled([remembered.of('b', failing), remembered.of('b', failing)])
    expect(settled.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    expect(asked).to.equal(3)
    expect(remembered.size).to.equal(0)
  })

  it('make room, the oldest first, and can be forgotten', async () => {
    const remembered = open()
    for (const key of ['a', 'b', 'c']) await remembered.of(key, async () => key)
    expect(['a', 'b', 'c'].filter(key => remembered.known(key) !== undefined)).to.deep.equal(['b', 'c'])
    remembered.forget('b')
    expect(remembered.size).to.equal(1)
  })
})
