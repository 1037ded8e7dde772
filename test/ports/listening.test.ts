import { Agent, createServer, get } from 'node:http'
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

  it('is drained: an idle connection is answered once more and told that this was the last time, a new one is not taken', async () => {
    const server = createServer((_, response) => response.end('there'))
    const { port, drain, close } = await listening(server, { host: '127.0.0.1', port: 0 })
    const agent = new Agent({ keepAlive: true })
    const asked = (from?: Agent) =>
      new Promise<string>(resolve => {
        get({ port, host: '127.0.0.1', agent: from }, response => {
          response.resume().on('end', () => resolve(String(response.headers.connection)))
        }).on('error', (problem: NodeJS.ErrnoException) => resolve(String(problem.code)))
      })
    expect(await asked(agent)).to.equal('keep-alive')
    let isDrained = false
    const drained = drain?.(5_000).then(() => {
      isDrained = true
    })
    await new Promise(resolve => setTimeout(resolve, 150))
    expect([isDrained, await asked()]).to.deep.equal([false, 'ECONNREFUSED'])
    expect(await asked(agent)).to.equal('close')
    await drained
    await close(0)
  })
})
