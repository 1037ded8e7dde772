// What waits of large answers has bounds.
import { expect } from 'chai'
import { openPages, type Page } from '../../patient-index/result-pages.js'

const page = (queryXml: string): Page => ({ hits: [], told: 0, domains: ['2.999.1'], queryXml })

describe('the rests of large answers', () => {
  it('have a bound in what was asked, and the oldest make room', () => {
    const pages = openPages({ monotonicMs: () => 0 })
    for (let count = 0; count < 20; count += 1) pages.keep(`${count}`, page('x'.repeat(1_048_576)))
    expect(pages.take('4')).to.equal(undefined)
    expect(pages.take('5')?.told).to.equal(0)
    // Told further, and forgotten, they leave their room.
    for (let count = 0; count < 20; count += 1) pages.keep('19', page('x'.repeat(1_048_576)))
    expect(pages.take('5')).not.to.equal(undefined)
    expect(pages.forget('19')).to.equal(true)
    pages.keep('20', page('x'.repeat(1_048_576)))
    expect(pages.take('5')).not.to.equal(undefined)
  })

  it('are over after some time', () => {
    let ms = 0
    const pages = openPages({ monotonicMs: () => ms })
    pages.keep('a', page(''))
    ms = 10 * 60_000
    expect(pages.take('a')).to.equal(undefined)
  })
})
