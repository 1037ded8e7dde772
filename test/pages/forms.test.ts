import { Readable } from 'node:stream'
import { expect } from 'chai'
import { cookieIn, dropCookie, setCookie } from '../../pages/cookies.js'
import { formIn, isFromHere } from '../../pages/forms.js'

const origin = 'https://localhost:8446'

function posted(body: string, type = 'application/x-www-form-urlencoded') {
  const headers = { 'content-type': type }
  return {
    method: 'POST',
    url: '/',
    headers,
    body: Readable.from([Buffer.from(body)]),
    remoteAddress: '',
    peer: undefined,
  }
}

describe('a form', () => {
  it('is read when it is one, of bounded size', async () => {
    expect((await formIn(posted('a=1&b=%3C')))?.get('b')).to.equal('<')
    expect(await formIn(posted('a=1', 'text/plain'))).to.equal(undefined)
    expect(await formIn(posted('{}', 'application/json'))).to.equal(undefined)
    expect(await formIn(posted(`a=${'x'.repeat(20_000)}`))).to.equal(undefined)
  })

  const from: [what: string, headers: Record<string, string>, isOurs: boolean][] = [
    ['our page', { origin, 'sec-fetch-site': 'same-origin' }, true],
    ['an old browser', { origin }, true],
    ['our page by another name', { origin: 'https://127.0.0.1:8446', 'sec-fetch-site': 'same-origin' }, true],
    ['another site', { origin: 'https://evil.example' }, false],
    ['another site that hides', { origin: 'null' }, false],
    ['another port of this host', { origin: 'https://localhost:9999', 'sec-fetch-site': 'same-site' }, false],
    ['a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }, false],
  ]
  for (const [what, headers, isOurs] of from)
    it(`${isOurs ? 'comes' : 'does not come'} from here when it comes from ${what}`, () =>
      expect(isFromHere({ headers }, origin)).to.equal(isOurs))
})

describe('a cookie', () => {
  it('is for this host alone, over TLS, out of reach of scripts', () => {
    expect(setCookie({ name: 'session', value: 'abc' })).to.equal(
      '__Host-carnet-session=abc; Path=/; Secure; HttpOnly; SameSite=Strict',
    )
    expect(dropCookie('session')).to.contain('Max-Age=0')
  })

  it('is read by its whole name, once', () => {
    expect(cookieIn('a=b; __Host-carnet-session=abc', 'session')).to.equal('abc')
    expect(cookieIn('__Host-carnet-session=abc; __Host-carnet-session=def', 'session')).to.equal(undefined)
    expect(cookieIn('carnet-session=abc; __Host-carnet-sessionx=y', 'session')).to.equal(undefined)
    expect(cookieIn('__Host-carnet-session=a"b', 'session')).to.equal(undefined)
    expect(cookieIn(undefined, 'session')).to.equal(undefined)
  })
})
