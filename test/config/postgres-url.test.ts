import { expect } from 'chai'
import { isOnServer, readPostgresUrl, withoutPasswords } from '../../config/postgres-url.js'

describe('the URL of a database on a server', () => {
  it('is told from a file', () => {
    expect(
      ['postgres://a@b/c', 'postgresql://a@b/c', 'registry.sqlite', 'postgres/registry.sqlite'].map(isOnServer),
    ).to.deep.equal([true, true, false, false])
  })

  for (const url of [
    'postgres://h/db',
    'postgres://u@h',
    'postgres://u@h/',
    'postgres://u@h/db?sslmode=disable',
    'postgres://u@h:x/db',
    'db',
  ]) {
    it(`must be whole: ${url}`, () => {
      expect(() => readPostgresUrl(url)).to.throw('it must be postgres://user@host:port/name, without parameters')
    })
  }

  it('leaves this machine unless the host is the loopback', () => {
    const remote = (host: string) => readPostgresUrl(`postgres://u@${host}/db`).isRemote
    expect(['localhost', '127.0.0.1', '127.8.0.1', '[::1]'].map(remote)).to.deep.equal([false, false, false, false])
    expect(['127.0.0.1.example.org', 'db', '10.0.0.1', '[::2]'].map(remote)).to.deep.equal([true, true, true, true])
  })

  it('is shown without its password', () => {
    const shown = withoutPasswords('{"a":"postgres://u:p%40w@h:5432/db","b":["postgresql://u@h/db","file:x@y"]}')
    expect(shown).to.equal('{"a":"postgres://u:***@h:5432/db","b":["postgresql://u@h/db","file:x@y"]}')
  })
})
