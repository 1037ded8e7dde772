// Over real TLS: how many connections one certificate may hold.
import { expect } from 'chai'
import { type Credential, issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import type { HttpServer, RefusedHandshake } from '../../ports/network.js'
import { systemPorts as ports } from '../../ports/ports.js'
import { until } from '../house/waiting.js'

describe('connections of one peer', () => {
  const now = Date.now()
  const validity = { fromMs: now - 86_400_000, toMs: now + 86_400_000 }
  let ca: Credential
  let key: string
  let server: HttpServer
  const refused: RefusedHandshake[] = []

  const leaf = (commonName: string) =>
    issueLeaf(
      key,
      { commonName, names: ['localhost'], usages: ['serverAuth', 'clientAuth'] },
      ca,
      validity,
      ports.randomness,
    )

  before(async () => {
    const [one, other] = await Promise.all([newKey(), newKey()])
    ca = issueCa(one, 'CA', validity, ports.randomness)
    key = other
    server = await ports.network.serveHttps(
      {
        ...{ host: '127.0.0.1', port: 0, tls: { ...leaf('service'), ca: ca.cert } },
        connectionsPerPeer: 2,
        onRefusedHandshake: each => refused.push(each),
      },
      (_, reply) => {
        reply.start(200, {})
        reply.stream.end()
      },
    )
  })
  after(() => server.close(0))

  it('are bounded, the refusal is told, others are served, and one that is closed makes room', async () => {
    const connect = async (credential: Credential) => {
      const tls = { ...credential, ca: ca.cert }
      const { stream } = await ports.network.connectTls({ host: 'localhost', port: server.port, tls, timeoutMs: 5_000 })
      let isOpen = true
      stream.on('close', () => {
        isOpen = false
      })
      stream.resume()
      return { isOpen: () => isOpen, close: () => stream.destroy() }
    }
    const partner = leaf('partner')
    const first = await connect(partner)
    const second = await connect(partner)
    const third = await connect(partner)
    await until(() => !third.isOpen(), 'the third is ended')
    expect(refused.map(({ reason }) => reason)).to.deep.equal([
      '2 connections of this certificate are open, and no more are taken',
    ])
    expect(refused[0]?.certificate).to.contain('CN=partner')
    expect([first.isOpen(), second.isOpen()]).to.deep.equal([true, true])

    const other = await connect(leaf('another'))
    first.close()
    await until(() => !first.isOpen(), 'the first is closed')
    await new Promise(resolve => setTimeout(resolve, 100))
    const fourth = await connect(partner)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect([other.isOpen(), fourth.isOpen()]).to.deep.equal([true, true])
    for (const connection of [second, other, fourth]) connection.close()
  })
})
