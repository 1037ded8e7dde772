import { expect } from 'chai'
import { filled, piecesOf, preferredLanguage } from '../../pages/languages.js'

describe('the language of a page', () => {
  const asked: [header: string | undefined, language: string][] = [
    ['de-CH,de;q=0.9,en;q=0.8', 'de'],
    ['fr-CH', 'fr'],
    ['en;q=0.5, it;q=0.7', 'it'],
    ['rm, de;q=0', 'en'],
    ['*', 'en'],
    ['', 'en'],
    [undefined, 'en'],
    ['de;q=oops, fr;q=0.1', 'fr'],
  ]
  for (const [header, language] of asked)
    it(`is ${language} for ${header} [RFC 9110: 12.5.4]`, () => expect(preferredLanguage(header)).to.equal(language))

  it('fills in what it has, and nothing else', () => {
    expect(filled('{a} and {b}', { a: '{b}' })).to.equal('{b} and {b}')
    expect(filled('{constructor}', {})).to.equal('{constructor}')
    expect(piecesOf('{a} b').map(({ text, name }) => name ?? text)).to.deep.equal(['', 'a', ' b'])
  })
})
