// Over real TLS: files change while a service runs.
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Credential, issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import { issueRevocationList, serialOf } from '../../certs/revocation.js'
import type { HttpServer, RefusedHandshake } from '../../ports/network.js'
import { systemPorts as ports } from '../../ports/ports.js'
import { type LiveTrust, openLiveTrust } from '../../server/live-trust.js'
import { rememberRefused } from '../../server/refused-handshakes.js'
import { until } from '../house/waiting.js'

const now = Date.now()
const validity = { fromMs: now - 86_400_000, toMs: now + 86_400_000 }
const lookMs = 10

describe('certificates and partners that change while a service runs', () => {
  const place = { path: '' }
  let ca: Credential
  let otherCa: Credential
  let leafKey: string
  let trust: LiveTrust
  let server: HttpServer
  let refused: RefusedHandshake[]
  const said: string[] = []
  let aheadMs = 0

  const leaf = (commonName: string, issuer = ca) => {
    const usages = ['serverAuth', 'clientAuth'] as const
    return issueLeaf(leafKey, { commonName, names: ['localhost'], usages }, issuer, validity, ports.randomness)
  }
  const write = (name: string, text: string) => ports.files.replace(join(place.path, name), text)
  const service = async () => write('tls.pem', leaf('service').cert)

  before(async () => {
    const [one, other, third] = await Promise.all([newKey(), newKey(), newKey()])
    ca = issueCa(one, 'CA', validity, ports.randomness)
    otherCa = issueCa(other, 'Other CA', validity, ports.randomness)
    leafKey = third
    place.path = await ports.files.temporaryFolder('carnet-live-trust-')
  })

  after(() => ports.files.removeFolder(place.path))

  beforeEach(async () => {
    await write('ca.pem', ca.cert)
    await write('tls.key', leafKey)
    await service()
    for (const name of ['partners.pem', 'crl.pem', 'partners.json']) await ports.files.remove(join(place.path, name))
    refused = []
    said.length = 0
    aheadMs = 0
    const at = (name: string) => join(place.path, name)
    trust = await openLiveTrust({
      config: { mode: 'production', peers: [], partnersFile: at('partners.json') },
      files: {
        key: at('tls.key'),
        cert: at('tls.pem'),
        ca: at('ca.pem'),
        partners: at('partners.pem'),
        crl: at('crl.pem'),
      },
      ports: { ...ports, clock: { ...ports.clock, now: () => Date.now() + aheadMs } },
      log: { info: (_, words) => void said.push(words), error: (_, words) => void said.push(words) },
      lookMs,
    })
    server = await ports.network.serveHttps(
      {
        host: '127.0.0.1',
        port: 0,
        tls: trust.identity,
        refusalOf: trust.refusalOf,
        onRefusedHandshake: each => refused.push(each),
      },
      (request, reply) => {
        const { name, roles } = trust.identify(request.peer, request.remoteAddress)
        reply.start(200, { 'x-partner': name, 'x-roles': [...roles].join(' ') })
        reply.stream.end()
      },
    )
    trust.onRenewed((identity, letsIn) => server.renewTls(identity, letsIn))
  })

  afterEach(async () => {
    trust.close()
    await server.close(0)
  })

  const clientOf = (credential: Credential) => ports.network.httpClient({ ...credential, ca: ca.cert })
  const url = () => `https://localhost:${server.port}/`
  async function ask(client = clientOf(leaf('partner'))) {
    const { headers, body } = await client.call({ url: url(), method: 'GET', headers: {}, timeoutMs: 5_000 })
    body.resume()
    return headers
  }
  async function refusal(client: ReturnType<typeof clientOf>): Promise<string> {
    return ask(client).then(
      () => 'let in',
      problem => (problem as Error).message,
    )
  }
  const renewed = () => until(() => said.includes('certificates and partners read anew'), 'the files are read anew')

  it('shows a renewed certificate to new connections, and leaves those there are', async () => {
    const client = clientOf(leaf('partner'))
    await ask(client)
    const fresh = leaf('service')
    await write('tls.pem', fresh.cert)
    await renewed()
    const connection = await ports.network.connectTls({
      ...{ host: 'localhost', port: server.port, timeoutMs: 5_000 },
      tls: { ...leaf('partner'), ca: ca.cert },
    })
    expect(connection.peer?.fingerprint256).to.equal(new X509Certificate(fresh.cert).fingerprint256)
    connection.stream.destroy()
    expect(await ask(client)).to.include({ 'x-partner': 'partner' })
    client.close()
  })

  it('goes on with the former pair until key and certificate belong together', async () => {
    const otherKey = await newKey()
    await write('tls.key', otherKey)
    await until(() => said.includes('changed certificates or partners cannot be used; the former hold'), 'it is said')
    expect(await ask()).to.include({ 'x-partner': 'partner' })
    expect(trust.checks().find(({ name }) => name === 'changed certificates')?.reason).to.match(
      /the key does not belong to the certificate/,
    )
    const request = { commonName: 'service', names: ['localhost'], usages: ['serverAuth', 'clientAuth'] as const }
    await write('tls.pem', issueLeaf(otherKey, request, ca, validity, ports.randomness).cert)
    await renewed()
    expect(trust.checks().some(({ name }) => name === 'changed certificates')).to.equal(false)
    expect(await ask()).to.include({ 'x-partner': 'partner' })
  })

  it('takes a certificate that was not valid yet as soon as it is, though its file has not changed', async () => {
    const request = { commonName: 'service', names: ['localhost'], usages: ['serverAuth', 'clientAuth'] as const }
    const later = { fromMs: now + 3_600_000, toMs: now + 7_200_000 }
    const fresh = issueLeaf(leafKey, request, ca, later, ports.randomness)
    await write('tls.pem', fresh.cert)
    await until(() => said.includes('changed certificates or partners cannot be used; the former hold'), 'it is said')
    expect(trust.checks().find(({ name }) => name === 'changed certificates')?.reason).to.contain('valid only from')
    await ports.clock.sleep(5 * lookMs)
    expect(said).to.have.length(1)
    aheadMs = 3_700_000
    await renewed()
    expect(String(trust.identity.cert)).to.equal(fresh.cert)
    expect(trust.checks().some(({ name }) => name === 'changed certificates')).to.equal(false)
  })

  it('says so where the clock of the host stands before its certificate', () => {
    expect(trust.checks()[0]?.ok).to.equal(true)
    aheadMs = -2 * 86_400_000
    const [expiry] = trust.checks()
    expect(expiry?.ok).to.equal(false)
    expect(expiry?.reason).to.match(/^our certificate is valid from .* on, and the clock of this host says /)
  })

  it('cuts off a partner whose certificate was revoked, tells why, and lets in its colleague', async () => {
    const partner = leaf('partner')
    const client = clientOf(partner)
    await ask(client)
    const serial = serialOf(new X509Certificate(partner.cert).serialNumber)
    await write('crl.pem', issueRevocationList(new Map([[serial, now]]), ca, validity))
    await renewed()
    // The connection there was is cut; only a new one is refused in words.
    expect(await refusal(client)).not.to.equal('let in')
    expect(await refusal(clientOf(partner))).not.to.equal('let in')
    await until(() => refused.length > 0, 'the refusal is told')
    expect([...new Set(refused.map(({ reason }) => reason))]).to.deep.equal([
      `the certificate was revoked on ${new Date(now).toISOString().slice(0, 19)}.000Z by its CA`,
    ])
    expect(await ask(clientOf(leaf('colleague')))).to.include({ 'x-partner': 'colleague' })
    expect(trust.checks().map(({ name }) => name)).to.include('revocation lists')
  })

  it('lets in the partners of a CA that was added, and shuts them out when it is taken away', async () => {
    const partner = clientOf(leaf('partner', otherCa))
    expect(await refusal(partner)).not.to.equal('let in')
    await write('partners.pem', otherCa.cert)
    await renewed()
    expect(await ask(partner)).to.include({ 'x-partner': 'partner' })
    said.length = 0
    await ports.files.remove(join(place.path, 'partners.pem'))
    await renewed()
    expect(await refusal(partner)).not.to.equal('let in')
  })

  it('knows a partner of a foreign CA by its fingerprint, and nobody of that CA by a name', async () => {
    const own = leaf('partner', otherCa)
    const { fingerprint256 } = new X509Certificate(own.cert)
    const partners = [
      { name: 'clinic', fingerprints: [fingerprint256], roles: ['source'] },
      { name: 'hospital', commonNames: ['hospital'], roles: ['consumer'] },
    ]
    await write('partners.pem', otherCa.cert)
    await renewed()
    said.length = 0
    await write('partners.json', JSON.stringify(partners))
    await renewed()
    expect(trust.peers().map(({ name }) => name)).to.deep.equal(['clinic', 'hospital'])
    expect(await ask(clientOf(own))).to.include({ 'x-partner': 'clinic', 'x-roles': 'source' })
    expect(await ask(clientOf(leaf('hospital')))).to.include({ 'x-partner': 'hospital', 'x-roles': 'consumer' })
    expect(await ask(clientOf(leaf('hospital', otherCa)))).to.include({ 'x-roles': '' })
  })

  it('keeps the former partners while the file cannot be read', async () => {
    await write('partners.json', '[{"name": "clinic", "roles": ["king"]}]')
    await until(() => said.length > 0, 'it is said')
    expect(trust.checks().find(({ name }) => name === 'changed certificates')?.reason).to.match(
      /partners\.json cannot be used: \[0\]\.roles\[0\] must be one of/,
    )
  })

  it('does not open on files that cannot be used', async () => {
    await write('crl.pem', issueRevocationList(new Map(), otherCa, validity))
    const at = (name: string) => join(place.path, name)
    let problem: unknown
    await openLiveTrust({
      config: { mode: 'production', peers: [], partnersFile: at('partners.json') },
      files: {
        key: at('tls.key'),
        cert: at('tls.pem'),
        ca: at('ca.pem'),
        partners: at('partners.pem'),
        crl: at('crl.pem'),
      },
      ports,
      log: { info() {}, error() {} },
    }).catch(failure => {
      problem = failure
    })
    expect((problem as Error).message).to.equal('a certificate revocation list is of a CA that is not among ours')
  })

  it('remembers whom TLS has refused, with the certificate shown', async () => {
    const stranger = leaf('stranger', otherCa)
    const memory = rememberRefused(ports.clock)
    await refusal(clientOf(stranger))
    await refusal(clientOf(stranger))
    await until(() => refused.length === 2, 'both are told')
    for (const each of refused) memory.add(each)
    const [known, ...others] = memory.list()
    expect(others).to.deep.equal([])
    expect(known).to.include({
      times: 2,
      subject: 'CN=stranger,O=Carnet Development',
      issuer: 'CN=Other CA,O=Carnet Development',
    })
    expect(new X509Certificate(known?.pem ?? '').fingerprint256).to.equal(
      new X509Certificate(stranger.cert).fingerprint256,
    )
    expect(known?.reason).to.match(/not trusted/)
  })

  it('forgets the oldest of many refusals', () => {
    const memory = rememberRefused(ports.clock)
    for (let each = 0; each < 500; each++)
      memory.add({ remoteAddress: `10.0.0.${each}`, reason: 'x', certificate: undefined })
    expect(memory.list()).to.have.length(200)
    expect(memory.list()[0]?.remoteAddress).to.equal('10.0.0.499')
  })
})
