import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { systemNetwork } from '../../ports/network/system-network.js'
import type { HttpAnswer, HttpReply, HttpServer } from '../../ports/network.js'
import { drip } from './dripping.js'

describe('a call over HTTP', () => {
  let server: HttpServer
  let answering: (reply: HttpReply) => void
  const client = systemNetwork.httpClient()

  before(async () => {
    server = await systemNetwork.serveHttp({ host: '127.0.0.1', port: 0 }, (_, reply) => answering(reply))
  })
  after(async () => {
    client.close()
    await server.close(0)
  })

  const call = (bounds: { wholeMs?: number; signal?: AbortSignal }) =>
    client.call({
      url: `http://127.0.0.1:${server.port}/`,
      method: 'POST',
      headers: {},
      body: [Buffer.from('asked')],
      timeoutMs: 20_000,
      ...bounds,
    })

  async function whole({ body }: HttpAnswer): Promise<string> {
    let text = ''
    for await (const piece of body) text += Buffer.from(piece).toString()
    return text
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'it ended well',
      (problem: NodeJS.ErrnoException) => problem.code,
    )

  it('ends when its time is over, before an answer begins and while one trickles', async () => {
    answering = () => {}
    expect(await codeOf(call({ wholeMs: 30 }))).to.equal('ETIMEDOUT')
    answering = drip
    expect(await codeOf(call({ wholeMs: 150 }).then(whole))).to.equal('ETIMEDOUT')
  })

  it('ends when it is called off: before it is made, before an answer begins, while one trickles', async () => {
    answering = () => {}
    expect(await codeOf(call({ signal: AbortSignal.abort() }))).to.equal('ABORT_ERR')
    const waiting = new AbortController()
    answering = () => waiting.abort()
    expect(await codeOf(call({ signal: waiting.signal }))).to.equal('ABORT_ERR')
    const reading = new AbortController()
    answering = drip
    const answer = await call({ signal: reading.signal })
    reading.abort()
    expect(await codeOf(whole(answer))).to.equal('ABORT_ERR')
  })

  it('ends where the connection does without an answer, as after one that takes it over', async () => {
    answering = reply => {
      reply.start(101, { connection: 'upgrade', upgrade: 'something-else' })
      reply.stream.end()
    }
    expect(await codeOf(call({}))).to.equal('ECONNRESET')
  })

  it('leaves nothing at the signal, and is not ended by what comes after it', async () => {
    const { signal } = new AbortController()
    answering = reply => {
      reply.start(200, {})
      reply.stream.end('answered')
    }
    for (let count = 0; count < 5; count += 1) {
      expect(await whole(await call({ wholeMs: 20_000, signal }))).to.equal('answered')
    }
    expect(getEventListeners(signal, 'abort')).to.deep.equal([])
  })
})
