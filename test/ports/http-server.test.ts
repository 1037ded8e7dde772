import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemNetwork } from '../../ports/network/system-network.js'
import type { HttpClient, HttpReply, HttpServer } from '../../ports/network.js'

describe('a connection on which nothing moves', () => {
  let server: HttpServer
  let answering: (reply: HttpReply) => Promise<void>
  const sockets: Socket[] = []

  before(async () => {
    server = await systemNetwork.serveHttp({ host: '127.0.0.1', port: 0, idleTimeoutMs: 400 }, (request, reply) => {
      request.body.on('error', () => {}).resume()
      void answering(reply)
    })
  })
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })
  after(() => server.close(0))

  /** What comes back, once the other side has ended it. */
  function sent(text: string): Promise<string> {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
    sockets.push(socket)
    let heard = ''
    return new Promise(resolve => {
      socket.on('data', data => {
        heard += data
        if (heard.endsWith('done')) resolve(heard)
      })
      socket.on('error', () => {}).on('close', () => resolve(heard))
    })
  }

  const post = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n'

  it('is not ended while we work on what has arrived whole', async () => {
    answering = async reply => {
      await systemClock.sleep(1_000)
      reply.start(200, { 'content-length': '4' })
      reply.stream.end('done')
    }
    expect(await sent(`${post}data`)).to.match(/^HTTP\/1\.1 200 [\s\S]*done$/)
  })

  it('is ended while we wait for the rest of a request', async () => {
    answering = () => new Promise(() => {})
    expect(await sent(`${post}da`)).to.equal('')
  })

  it('is ended when nobody takes the answer', async () => {
    answering = async reply => {
      reply.start(200, { 'content-length': '100' })
      reply.stream.write('begun')
    }
    expect(await sent(`${post}data`)).to.match(/begun$/)
  })
})

describe('a request', () => {
  it('that breaks on a connection kept from an earlier one says so, on one of its own it does not', async () => {
    let breaks = false
    const server = await systemNetwork.serveHttp({ host: '127.0.0.1', port: 0 }, (request, reply) => {
      request.body.on('error', () => {}).resume()
      if (breaks) return reply.abort()
      reply.start(200, { 'content-length': '4' })
      reply.stream.end('done')
    })
    const ask = async (client: HttpClient) => {
      const call = { url: `http://127.0.0.1:${server.port}/`, method: 'GET', headers: {}, timeoutMs: 5_000 } as const
      const { body } = await client.call(call)
      for await (const _ of body);
    }
    const [first, second] = [systemNetwork.httpClient(), systemNetwork.httpClient()]
    await ask(first)
    breaks = true
    const problems = await Promise.all([first, second].map(client => ask(client).catch(problem => problem)))
    expect(problems.map(({ code, onKeptConnection }) => [code, onKeptConnection])).to.deep.equal([
      ['ECONNRESET', true],
      ['ECONNRESET', undefined],
    ])
    for (const client of [first, second]) client.close()
    await server.close(0)
  })
})

describe('a header that is there twice', () => {
  it('is shown twice where it says what the body is, unless both say the same [RFC 9110: 5.3]', async () => {
    const heard: (string | undefined)[] = []
    const server = await systemNetwork.serveHttp({ host: '127.0.0.1', port: 0 }, (request, reply) => {
      heard.push(request.headers['content-type'])
      reply.start(200, { 'content-length': '0' })
      reply.stream.end()
    })
    const get = (lines: string) => `GET / HTTP/1.1\r\nhost: x\r\n${lines}connection: close\r\n\r\n`
    for (const types of ['content-type: a/b\r\n', 'content-type: a/b\r\nContent-Type: a/b\r\n']) {
      await ended(server.port, get(types))
    }
    await ended(server.port, get('content-type: a/b\r\nContent-Type: c/d\r\n'))
    await server.close(0)
    expect(heard).to.deep.equal(['a/b', 'a/b', 'a/b, c/d'])
  })
})

function ended(port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket
      .on('error', reject)
      .on('close', () => resolve())
      .resume()
  })
}
