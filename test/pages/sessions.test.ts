import { expect } from 'chai'
import { isSameToken, openSessions } from '../../pages/sessions.js'
import { systemRandomness } from '../../ports/randomness.js'

function sessions(most = 10) {
  let now = 0
  const clock = { monotonicMs: () => now }
  const opened = openSessions<string>({ clock, randomness: systemRandomness }, { idleMs: 100, longestMs: 250, most })
  const pass = (ms: number) => {
    now += ms
  }
  return { opened, pass }
}

describe('sessions', () => {
  it('know whoever has the token, and nobody else', () => {
    const { opened } = sessions()
    const token = opened.open('Anna')
    expect(opened.find(token)?.person).to.equal('Anna')
    expect([opened.find(`${token}x`), opened.find(''), opened.find(undefined)]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('end after idling, and at last whatever is done', () => {
    const { opened, pass } = sessions()
    const [idle, busy] = [opened.open('idle'), opened.open('busy')]
    pass(90)
    expect(opened.find(busy)).to.not.equal(undefined)
    pass(90)
    expect(opened.find(idle)).to.equal(undefined)
    expect(opened.find(busy)).to.not.equal(undefined)
    pass(90)
    expect(opened.find(busy)).to.equal(undefined)
  })

  it('end when they are closed, and are as many as there may be', () => {
    const { opened } = sessions(2)
    const tokens = ['a', 'b', 'c'].map(name => opened.open(name))
    expect(tokens.map(token => opened.find(token)?.person)).to.deep.equal([undefined, 'b', 'c'])
    opened.close(tokens[1])
    expect(opened.find(tokens[1])).to.equal(undefined)
    expect(opened.size).to.equal(1)
  })

  it('have form tokens of their own', () => {
    const { opened } = sessions()
    const [one, other] = ['a', 'b'].map(name => opened.find(opened.open(name))?.formToken ?? '')
    expect(isSameToken(one!, one!)).to.equal(true)
    expect(isSameToken(one!, other!)).to.equal(false)
    expect(isSameToken(one!, opened.formTokenOf('a'))).to.equal(false)
    expect(isSameToken('', one!)).to.equal(false)
  })
})
