// Over real TLS: what a sender hears of what is no HTTP, or more than one connection may bring.
import { expect } from 'chai'
import { type Credential, issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import type { HttpReply, HttpServer } from '../../ports/network.js'
import { systemPorts as ports } from '../../ports/ports.js'

describe('ports: bad requests', () => {
  const now = Date.now()
  const validity = { fromMs: now - 86_400_000, toMs: now + 86_400_000 }
  let ca: Credential
  let own: Credential
  let server: HttpServer
  const told: string[] = []
  const waiting: HttpReply[] = []

  before(async () => {
    const [one, other] = await Promise.all([newKey(), newKey()])
    ca = issueCa(one, 'CA', validity, ports.randomness)
    const names = ['localhost']
    own = issueLeaf(
      other,
      { commonName: 'service', names, usages: ['serverAuth', 'clientAuth'] },
      ca,
      validity,
      ports.randomness,
    )
    server = await ports.network.serveHttps(
      {
        ...{ host: '127.0.0.1', port: 0, tls: { ...own, ca: ca.cert } },
        onBadRequest({ reason }) {
          told.push(reason)
          return 'abc'
        },
      },
      ({ url }, reply) => {
        if (url === '/waits') return void waiting.push(reply)
        reply.start(200, { 'content-length': '2' })
        reply.stream.end('ok')
      },
    )
  })
  after(() => server.close(0))

  /** Sends, and gives all that comes until the other side ends the connection, or as many answers have come. */
  async function answerTo(sent: string, answers = Number.POSITIVE_INFINITY, protocols?: string[]): Promise<string> {
    const to = { host: 'localhost', port: server.port, tls: { ...own, ca: ca.cert }, timeoutMs: 5_000 }
    const { stream } = await ports.network.connectTls(protocols === undefined ? to : { ...to, protocols })
    let text = ''
    stream.write(sent)
    for await (const piece of stream) {
      text += String(piece)
      if (text.split('HTTP/1.1 ').length > answers) break
    }
    stream.destroy()
    return text
  }

  it('are answered with what is wrong, the bound and a trace, and the connection ends [RFC 9112: 2.2]', async () => {
    const long = await answerTo(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)
    expect(long).to.match(/^HTTP\/1\.1 431 .*\r\nConnection: close\r\n/)
    expect(long).to.contain('\r\n\r\nthe request line and the header lines are longer than 32768 bytes (trace abc)\n')
    const many = await answerTo(`GET / HTTP/1.1\r\nHost: a\r\n${'abc: d\r\n'.repeat(10_000)}\r\n`)
    expect(many).to.match(/^HTTP\/1\.1 431 /)
    const chunk = `POST /waits HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n`
    const extended = await answerTo(chunk)
    expect(extended).to.match(/^HTTP\/1\.1 413 /)
    expect(extended).to.contain('the extensions of the chunks are longer than 16384 bytes (trace abc)')
    const preface = await answerTo('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    expect(preface).to.match(/^HTTP\/1\.1 400 /)
    expect(preface).to.contain('this is no HTTP/1.1 request (')
    expect(told).to.have.length(4)
    expect(told[0]).to.contain('longer than 32768 bytes')
  })

  it('are answered also while the sender goes on sending', async () => {
    const long = `GET / HTTP/1.1\r\nHost: a\r\n${'abc: d\r\n'.repeat(100_000)}\r\n`
    for (let time = 0; time < 10; time += 1) expect(await answerTo(long)).to.match(/^HTTP\/1\.1 431 /)
  })

  it('end a connection that brings more than 64 requests before their answers, when these have left', async () => {
    waiting.length = 0
    const line = 'GET /waits HTTP/1.1\r\nHost: a\r\n\r\n'
    const all = answerTo(line.repeat(200))
    while (waiting.length < 64) await new Promise(resolve => ports.clock.after(5, resolve as () => void))
    for (const reply of waiting) {
      reply.start(200, { 'content-length': '0' })
      reply.stream.end()
    }
    const text = await all
    expect(text.match(/HTTP\/1\.1 200 /g)).to.have.length(64)
    expect(text).to.contain('HTTP/1.1 503 ')
    expect(text).to.match(/more than 64 requests are under way on one connection; wait for their answers\n$/)
    expect(waiting).to.have.length(64)
  })

  it('leave others alone: requests that wait for their answers, and as many as 64 at once', async () => {
    const text = await answerTo('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(64), 64)
    expect(text.match(/HTTP\/1\.1 200 /g)).to.have.length(64)
  })

  it('leave others alone: HTTP/1.0, also where it is named in the handshake [RFC 7301: 3.2]', async () => {
    for (const protocols of [undefined, ['http/1.0']]) {
      expect(await answerTo('GET / HTTP/1.0\r\n\r\n', Number.POSITIVE_INFINITY, protocols)).to.match(/ok$/)
    }
  })
})
