// Whom a client takes for the other side: certificates signed with SHA-1 only where that is said, and the one that was pinned and no other.
import { createHash, X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import forge from 'node-forge'
import { issueCa, newKey } from '../../certs/issue.js'
import type { ClientTls } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'

const { network, randomness, clock } = systemPorts

describe('the client side of TLS', () => {
  let door: Server
  let port: number
  let ca: string
  let cert: string

  before(async () => {
    const [caKey, key] = await Promise.all([newKey(), newKey()])
    const validity = { fromMs: clock.now() - 86_400_000, toMs: clock.now() + 86_400_000 }
    ca = issueCa(caKey, 'An old CA', validity, randomness).cert
    cert = signedWithSha1(key, { key: caKey, cert: ca })
    // Not one of ours: we would show no such certificate.
    door = createServer({ key, cert, ciphers: 'DEFAULT:@SECLEVEL=0' }, (_, response) => void response.end('hello'))
    await new Promise<void>(done => door.listen(0, '127.0.0.1', done))
    port = (door.address() as AddressInfo).port
  })
  after(() => void door.close())

  async function get(tls: ClientTls): Promise<string> {
    const client = network.httpClient(tls)
    try {
      const call = { url: `https://localhost:${port}/`, method: 'GET', headers: {}, timeoutMs: 5_000 } as const
      const { body } = await client.call(call)
      let text = ''
      for await (const piece of body) text += String(piece)
      return text
    } catch (problem) {
      const { code, message } = problem as NodeJS.ErrnoException
      return `${code}: ${message}`
    } finally {
      client.close()
    }
  }

  it('refuses a certificate signed with SHA-1, and takes it where that is said', async () => {
    expect(await get({ ca })).to.contain('digest algorithm too weak')
    expect(await get({ ca, sha1: true })).to.equal('hello')
  })

  it('takes it from nobody else for that: its CA still counts', async () => {
    const other = issueCa(await newKey(), 'Another CA', { fromMs: 0, toMs: clock.now() + 86_400_000 }, randomness).cert
    expect(await get({ ca: other, sha1: true })).to.match(/UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED/)
  })

  it('keeps a connection for the next call, unless that is to be alone on its own', async () => {
    const client = network.httpClient({ ca, sha1: true })
    const ports = new Set<number>()
    door.on('secureConnection', ({ remotePort = 0 }) => ports.add(remotePort))
    const connections = async (...calls: (boolean | undefined)[]) => {
      ports.clear()
      for (const alone of calls) {
        const call = { url: `https://localhost:${port}/`, method: 'GET', headers: {}, timeoutMs: 5_000 } as const
        const { body } = await client.call({ ...call, alone })
        for await (const _ of body);
      }
      return ports.size
    }
    expect(await connections(undefined, undefined)).to.equal(1)
    expect(await connections(true, undefined, true)).to.equal(2)
    client.close()
  })

  it('takes the certificate that was pinned, and no other', async () => {
    const shown = await network.shownCertificate({ host: 'localhost', port, timeoutMs: 5_000 })
    expect(shown.fingerprint256).to.equal(new X509Certificate(cert).fingerprint256)
    expect(await get({ pinned: shown.fingerprint256 })).to.equal('hello')
    const hex = createHash('sha256').update('another').digest('hex').toUpperCase()
    const another = (hex.match(/../g) ?? []).join(':')
    expect(await get({ pinned: another })).to.contain('shows another certificate than the one that was expected')
  })

  it('says in time when nobody shows one', async () => {
    const silent = await network.serveTcp({ host: '127.0.0.1', port: 0 }, () => {})
    const refusal = await network
      .shownCertificate({ host: '127.0.0.1', port: silent.port, timeoutMs: 50 })
      .catch(problem => problem)
    await silent.close(0)
    expect(String(refusal)).to.contain('in 50 ms')
  })
})

function signedWithSha1(key: string, issuer: { key: string; cert: string }): string {
  const certificate = forge.pki.createCertificate()
  const privateKey = forge.pki.privateKeyFromPem(key)
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e)
  certificate.serialNumber = '01'
  certificate.validity.notBefore = new Date(clock.now() - 86_400_000)
  certificate.validity.notAfter = new Date(clock.now() + 86_400_000)
  certificate.setSubject([{ name: 'commonName', value: 'localhost' }])
  certificate.setIssuer(forge.pki.certificateFromPem(issuer.cert).subject.attributes)
  certificate.setExtensions([{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }])
  certificate.sign(forge.pki.privateKeyFromPem(issuer.key), forge.md.sha1.create())
  return forge.pki.certificateToPem(certificate)
}
