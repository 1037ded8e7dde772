import { expect } from 'chai'
import { Address, at, html } from '../../pages/html.js'
import { visible } from '../../pages/visible.js'

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\`&amp;`

describe('a piece of a page', () => {
  it('takes every value for text, wherever it stands', () => {
    const { markup } = html`<p title="${hostile}">${hostile}</p>`
    expect(markup).to.not.match(/<script|<img|onerror='/)
    expect(markup.split('&quot;&gt;&lt;script&gt;').length).to.equal(3)
    expect(markup).to.contain('&amp;amp;')
  })

  it('is put into another one as it is, and so are lists', () => {
    const row = (text: string) => html`<li>${text}</li>`
    expect(html`<ul>${['<a>', 'b'].map(row)}${undefined}${false}${0}</ul>`.markup).to.equal(
      '<ul><li>&lt;a&gt;</li><li>b</li>0</ul>',
    )
  })

  it('cannot be made of a string', () => {
    const forged = { markup: '<script>' } as unknown as string
    expect(html`${forged}`.markup).to.not.contain('<script>')
  })

  const wrongPlaces: [what: string, make: () => unknown][] = [
    ['in a script', () => html`<script>${'x'}</script>`],
    ['in a style', () => html`<style>${'x'}</style>`],
    ['in a comment', () => html`<!-- ${'x'} -->`],
    ['as a name of an attribute', () => html`<p ${'x'}>`],
    ['as an element', () => html`<${'x'}>`],
    ['without quotes', () => html`<p title=${'x'}>`],
    ['in a handler', () => html`<p onclick="${'x'}">`],
    ['in a style of an element', () => html`<p style="${'x'}">`],
    ['as a string in href', () => html`<a href="${'javascript:alert(1)'}">`],
    ['as a string in an action', () => html`<form action="${'https://elsewhere.example'}">`],
    ['as a piece in an attribute', () => html`<p title="${html`<b>`}">`],
  ]
  for (const [what, make] of wrongPlaces) it(`takes no value ${what}`, () => expect(make).to.throw(Error))
})

describe('an address', () => {
  it('is below our own, its values encoded, empty ones left out', () => {
    const to = at('/find', { patient: 'a&b=c"<^', none: undefined, empty: '', n: 3 })
    expect(html`<a href="${to}">x</a>`.markup).to.equal('<a href="/find?patient=a%26b%3Dc%22%3C%5E&amp;n=3">x</a>')
  })

  for (const wrong of ['javascript:alert(1)', '//elsewhere.example', '/\\elsewhere.example', 'find', ''])
    it(`is none: ${wrong}`, () => expect(() => new Address(wrong)).to.throw(Error))
})

describe('a text', () => {
  it('shows what would turn it round or hide in it', () => {
    expect(visible('Dr.\u202E gnp.exe\u0000\u200b\nx\ty')).to.equal('Dr.[U+202E] gnp.exe[U+0000][U+200B]\nx\ty')
  })
})
