import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { expect } from 'chai'
import { makeDevelopmentCertificates, storePassword } from '../../certs/development.js'
import { certificateFacts, daysLeft, tlsProblems } from '../../certs/read.js'
import { systemPorts } from '../../ports/ports.js'

const everyFile = [
  ...['admin', 'audit', 'ca', 'client', 'gateway', 'patient-index', 'registry', 'repository'].flatMap(name => [
    `${name}.key`,
    `${name}.pem`,
  ]),
  'admin.p12',
  'client.p12',
  'truststore.p12',
].sort()

describe('certs/development', () => {
  let folder: string
  const file = (name: string) => readFileSync(join(folder, name))
  const identity = (name: string) => ({ key: file(`${name}.key`), cert: file(`${name}.pem`), ca: file('ca.pem') })
  const make = () => makeDevelopmentCertificates({ ...systemPorts, folder, hostName: 'xds-host' })

  let madeMs: number

  before(async () => {
    madeMs = Date.now()
    folder = join(mkdtempSync(join(tmpdir(), 'carnet-certs-')), 'certs')
    await make()
  })

  after(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

  it('makes a CA, five servers, a client and an admin, with keys that only we may read', () => {
    expect(readdirSync(folder).sort()).to.deep.equal(everyFile)
    for (const name of everyFile.filter(name => /\.key$|^(?:admin|client)\.p12$/.test(name))) {
      expect(statSync(join(folder, name)).mode & 0o777, name).to.equal(0o600)
    }
  })

  it('keeps every file that is there', async () => {
    const before = everyFile.map(name => file(name))
    expect(await make()).to.deep.equal([])
    expect(everyFile.map(name => file(name))).to.deep.equal(before)
  })

  it('issues a certificate anew that was taken away, by the same CA', async () => {
    const former = certificateFacts(file('admin.pem')).fingerprint256
    unlinkSync(join(folder, 'admin.pem'))
    unlinkSync(join(folder, 'admin.key'))
    expect(await make()).to.deep.equal(['admin.key', 'admin.pem', 'admin.p12'])
    expect(certificateFacts(file('admin.pem')).fingerprint256).not.to.equal(former)
    expect(tlsProblems(identity('admin'), Date.now())).to.deep.equal([])
  })

  it('names servers by localhost, both loopback addresses and the host, for both ends of a connection', () => {
    const facts = certificateFacts(file('registry.pem'))
    expect(facts.names).to.deep.equal([
      'DNS:localhost',
      'IP Address:127.0.0.1',
      'IP Address:0:0:0:0:0:0:0:1',
      'DNS:xds-host',
    ])
    expect(facts.usages).to.deep.equal(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    expect(certificateFacts(file('client.pem')).usages).to.deep.equal(['1.3.6.1.5.5.7.3.2'])
    expect(certificateFacts(file('client.pem')).commonName).to.equal('hospital')
  })

  it('gives the CA ten years and the others 825 days, and every serial number 20 octets, positive and its own', () => {
    const facts = ['ca', 'registry', 'repository', 'audit', 'patient-index', 'gateway', 'client', 'admin'].map(name =>
      certificateFacts(file(`${name}.pem`)),
    )
    // A certificate tells whole seconds.
    expect(facts.map(one => daysLeft(one, madeMs - 60_000))).to.deep.equal([3650, 825, 825, 825, 825, 825, 825, 825])
    expect(facts.map(one => one.isCa)).to.deep.equal([true, false, false, false, false, false, false, false])
    for (const { serialNumber } of facts) expect(serialNumber).to.match(/^[4-7][0-9A-F]{39}$/)
    expect(new Set(facts.map(one => one.serialNumber)).size).to.equal(8)
  })

  it('stands a mutual TLS handshake, and one without a client certificate fails', async () => {
    const server = tls.createServer(
      { ...identity('registry'), requestCert: true, rejectUnauthorized: true },
      socket => {
        socket.end(String(socket.getPeerCertificate().subject.CN))
      },
    )
    server.on('tlsClientError', () => {})
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    try {
      expect(await answer({ ...identity('client'), host: '127.0.0.1', port })).to.equal('hospital')
      expect(await answer({ ...identity('client'), host: '127.0.0.1', port, servername: 'xds-host' })).to.equal(
        'hospital',
      )
      const refused = await answer({ ca: file('ca.pem'), host: '127.0.0.1', port }).catch(
        (problem: Error) => problem.message,
      )
      expect(refused).to.match(/certificate required|handshake failure/)
    } finally {
      server.close()
    }
  })

  it('writes a trust store in which Java sees the CA, and a client store that Java opens', function () {
    if (spawnSync('keytool', ['-help']).error !== undefined) this.skip()
    const list = (store: string) =>
      execFileSync('keytool', [
        '-list',
        '-storetype',
        'PKCS12',
        '-keystore',
        join(folder, store),
        '-storepass',
        storePassword,
      ]).toString()
    expect(list('truststore.p12')).to.match(/carnet-development-ca, .*trustedCertEntry/)
    expect(list('client.p12')).to.match(/hospital, .*PrivateKeyEntry/)
    expect(list('admin.p12')).to.match(/admin, .*PrivateKeyEntry/)
  }).timeout(60_000)

  it('is verified by OpenSSL, which opens both stores', function () {
    if (spawnSync('openssl', ['version']).error !== undefined) this.skip()
    const openssl = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder })
      expect(status, String(stderr)).to.equal(0)
      return String(stdout)
    }
    const leaves = [
      'registry.pem',
      'repository.pem',
      'audit.pem',
      'patient-index.pem',
      'gateway.pem',
      'client.pem',
      'admin.pem',
    ]
    expect(openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', ...leaves)).to.equal(
      leaves.map(name => `${name}: OK\n`).join(''),
    )
    const password = `pass:${storePassword}`
    expect(openssl('pkcs12', '-in', 'client.p12', '-passin', password, '-nodes')).to.include('BEGIN PRIVATE KEY')
    expect(openssl('pkcs12', '-in', 'truststore.p12', '-passin', password, '-nokeys')).to.include(
      'Carnet Development CA',
    )
  })
})

function answer(options: tls.ConnectionOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = tls.connect(options)
    socket.on('data', piece => {
      said += piece
    })
    socket.on('end', () => resolve(said))
    socket.on('error', reject)
  })
}
