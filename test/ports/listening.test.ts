import { createServer } from 'node:http'
import { expect } from 'chai'
import { listening } from '../../ports/network/listening.js'

describe('a server that listens', () => {
  it('goes on when a connection could not be accepted', async () => {
    const server = createServer((_, response) => response.end('there'))
    const { port, close } = await listening(server, { host: '127.0.0.1', port: 0 })
    server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' }))
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).to.equal('there')
    await close(0)
  })

  it('says so when its port is taken', async () => {
    const first = await listening(createServer(), { host: '127.0.0.1', port: 0 })
    const second = listening(createServer(), { host: '127.0.0.1', port: first.port })
    expect((await second.catch(problem => problem)).code).to.equal('EADDRINUSE')
    await first.close(0)
  })
})
