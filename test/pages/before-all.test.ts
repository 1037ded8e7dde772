// What is asked for, before anybody asks who is there.
import { expect } from 'chai'
import { askedIn } from '../../pages/before-all.js'
import { at } from '../../pages/html.js'

describe('a request for a page', () => {
  it('has a path that links may lead to, whatever stands in the request line [RFC 9112: 3.2]', () => {
    const asked: [url: string, path: string][] = [
      ['/records?q=1', '/records'],
      ['', '/'],
      ['*', '/*'],
      ['//evil.example/x', '/evil.example/x'],
      ['/\\\\evil.example', '/evil.example'],
      ['\\\\evil.example', '/evil.example'],
      ['https://localhost:8446/records?q=1', '/records'],
      ['https://localhost:8446', '/'],
      ['https://localhost//evil.example', '/evil.example'],
    ]
    for (const [url, path] of asked) {
      expect(askedIn({ url }).path, url).to.equal(path)
      expect(at(path).href).to.equal(path)
    }
    expect(askedIn({ url: '/a?b=c?d=e' }).query.get('b')).to.equal('c?d=e')
  })
})
