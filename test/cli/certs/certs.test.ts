// The commands of `carnet certs`: on a folder, and with trust and refusal against running services.
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { issueCa, issueLeaf, newKey } from '../../../certs/issue.js'
import { revocationListsIn } from '../../../certs/revocation.js'
import { run } from '../../../cli/main.js'
import { prepare } from '../../../cli/services/prepare.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { giveCertificates } from '../certificates-once.js'
import { playedTerminal } from '../played-terminal.js'
import { freePortBase, type Started, start } from '../started.js'

const validity = { fromMs: Date.now() - 86_400_000, toMs: Date.now() + 400 * 86_400_000 }

describe('cli/certs', () => {
  let folder: string
  const data = () => join(folder, 'data')
  const inCerts = (name: string) => join(data(), 'certs', name)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-certs-'))
    await giveCertificates(data())
    await prepare(data(), { ports, terminal: playedTerminal(folder) })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function certs(...args: string[]) {
    const terminal = playedTerminal(folder)
    await run(['certs', ...args, '--data', data()], { ports, terminal })
    return { code: terminal.exitCode, printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
  }
  const certificate = (name: string) => new X509Certificate(readFileSync(inCerts(name)))
  async function foreign(commonName: string) {
    const [caKey, key] = await Promise.all([newKey(), newKey()])
    const ca = issueCa(caKey, 'Clinic CA', validity, ports.randomness)
    const leaf = issueLeaf(key, { commonName, names: [], usages: ['clientAuth'] }, ca, validity, ports.randomness)
    return { ca, leaf }
  }

  it('lists who uses which certificate for how long, and the peers', async () => {
    const { code, printed } = await certs('list')
    expect(code).to.equal(0)
    expect(printed).to.match(/^registry +CN=registry,.* 82[45] days +(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/m)
    expect(printed).to.match(/^our CA +CN=Carnet Development CA/m)
    expect(printed).to.match(/^peer admin: admin, .*; CN=admin$/m)
  })

  it('makes a certificate of the development CA once, for a client or a server', async () => {
    expect((await certs('make', 'lab', '--days', '30')).code).to.equal(0)
    expect(certificate('lab.pem').checkIssued(certificate('ca.pem'))).to.equal(true)
    expect((await certs('make', 'lab')).complained).to.match(/lab\.pem is there already; "carnet certs renew lab"/)
    await certs('make', 'bridge', '--server', '--names', 'gw.example.org,10.0.0.7')
    expect(certificate('bridge.pem').subjectAltName).to.equal('DNS:gw.example.org, IP Address:10.0.0.7')
    expect((await certs('make', '../ca')).complained).to.match(/is no name for files/)
    expect((await certs('list')).printed).not.to.match(/lab/)
  })

  it('renews with the same subject and names, and another key', async () => {
    const before = certificate('registry.pem')
    expect((await certs('renew', 'registry')).code).to.equal(0)
    const after = certificate('registry.pem')
    expect([after.subject, after.subjectAltName]).to.deep.equal([before.subject, before.subjectAltName])
    expect(after.fingerprint256).not.to.equal(before.fingerprint256)
    expect((await certs('renew', 'ca')).complained).to.match(/ca is the CA/)
    expect((await certs('renew', 'nobody')).complained).to.match(/no nobody\.pem in .*; there are admin, audit/)
  })

  it('asks another CA, and takes what that one has made of the request [RFC 2986]', async () => {
    expect((await certs('request', 'repository')).printed).to.match(/send .*repository\.csr to your CA/)
    const key = readFileSync(inCerts('repository.requested.key'), 'utf8')
    const request = { commonName: 'repository', names: ['localhost'], usages: ['serverAuth', 'clientAuth'] as const }
    const ca = { key: readFileSync(inCerts('ca.key'), 'utf8'), cert: readFileSync(inCerts('ca.pem'), 'utf8') }
    const other = issueLeaf(await newKey(), request, ca, validity, ports.randomness)
    writeFileSync(join(folder, 'other.pem'), other.cert)
    const mismatch = await certs('install', 'repository', 'other.pem')
    expect([mismatch.code, mismatch.complained]).to.deep.equal([
      1,
      'carnet: other.pem cannot be used: the key does not belong to the certificate of CN=repository,O=Carnet Development.',
    ])
    const made = issueLeaf(key, request, ca, validity, ports.randomness)
    writeFileSync(join(folder, 'made.pem'), made.cert)
    expect((await certs('install', 'repository', 'made.pem')).code).to.equal(0)
    expect(certificate('repository.pem').fingerprint256).to.equal(new X509Certificate(made.cert).fingerprint256)
    expect(readFileSync(inCerts('repository.key'), 'utf8')).to.equal(key)
  })

  it('revokes one after the other, and leaves the lists of others in the file', async () => {
    expect((await certs('revoke', 'lab')).printed).to.match(/CN=lab,.* is revoked; .*crl\.pem lists 1 certificate/)
    expect((await certs('revoke', 'bridge')).printed).to.match(/lists 2 certificate/)
    const lists = revocationListsIn(readFileSync(inCerts('crl.pem')))
    expect(lists.map(({ revoked }) => revoked.size)).to.deep.equal([2])
    const { leaf } = await foreign('clinic')
    writeFileSync(join(folder, 'foreign.pem'), leaf.cert)
    expect((await certs('revoke', 'foreign.pem')).complained).to.match(
      /it was issued by another CA, which has to revoke it/,
    )
  })

  it('says check by check whether a certificate would be let in', async () => {
    const { code, printed } = await certs('check', join('data', 'certs', 'lab.pem'))
    expect(code).to.equal(1)
    expect(printed).to.match(/^ok {7}validity$/m)
    expect(printed).to.match(/^failed {3}revocation: the certificate was revoked on /m)
    const { leaf } = await foreign('clinic')
    writeFileSync(join(folder, 'clinic.pem'), leaf.cert)
    expect((await certs('check', 'clinic.pem')).printed).to.match(
      /^failed {3}issuer: .* which the CA file does not hold$/m,
    )
    expect((await certs('check', join('data', 'certs', 'client.pem'))).code).to.equal(0)
  })

  it('trusts a partner of another CA with that CA, and a second certificate of it', async () => {
    const { ca, leaf } = await foreign('clinic')
    writeFileSync(join(folder, 'clinic.pem'), leaf.cert)
    writeFileSync(join(folder, 'clinic-ca.pem'), ca.cert)
    const without = await certs('trust', 'clinic.pem', '--name', 'clinic', '--roles', 'source')
    expect(without.complained).to.match(/which the CA file does not hold; ask the partner .* --issuer FILE/)
    const stranger = await certs(
      'trust',
      'clinic.pem',
      '--name',
      'clinic',
      '--roles',
      'king',
      '--issuer',
      'clinic-ca.pem',
    )
    expect(stranger.complained).to.match(/"king" is no role; there are source, consumer/)
    const trusted = await certs(
      'trust',
      'clinic.pem',
      '--name',
      'clinic',
      '--roles',
      'source',
      '--issuer',
      'clinic-ca.pem',
    )
    expect(trusted.printed).to.match(/trusted partner: clinic \(CN=clinic,O=Carnet Development\), source/)
    expect((await certs('check', 'clinic.pem')).code).to.equal(0)
    const own = await certs('trust', join('data', 'certs', 'client.pem'), '--name', 'clinic')
    expect(own.printed).to.match(/it may show any of 2 certificates/)
    const listed = await certs('trust', 'clinic.pem', '--name', 'hospital', '--roles', 'source')
    expect(listed.complained).to.match(/"hospital" stands in peers of carnet\.json/)
  })

  describe('with running services', () => {
    let running: Started
    let at: string
    before(async () => {
      at = join(folder, 'running')
      mkdirSync(at)
      await giveCertificates(at)
      running = start('--data', at, '--port-base', String(await freePortBase()))
      await running.says(/^ready$/m)
    })
    after(async () => {
      running.child.kill('SIGTERM')
      await running.ended
    })

    async function command(...args: string[]) {
      const terminal = playedTerminal(folder)
      await run([...args, '--data', at], { ports, terminal })
      return {
        code: terminal.exitCode,
        printed: terminal.printed.join('\n'),
        complained: terminal.complained.join('\n'),
      }
    }

    it('shows who was refused, and lets it in by its fingerprint', async () => {
      const { ca, leaf } = await foreign('clinic')
      writeFileSync(join(folder, 'k.key'), leaf.key)
      writeFileSync(join(folder, 'k.pem'), leaf.cert)
      writeFileSync(join(folder, 'k-ca.pem'), ca.cert)
      const query = () =>
        command('query', '--patient', 'DEMO-1^^^&2.999.1&ISO', '--cert', 'k.pem', '--key', 'k.key', '--ca', 'both.pem')
      writeFileSync(join(folder, 'both.pem'), readFileSync(join(at, 'certs', 'ca.pem'), 'utf8') + ca.cert)
      expect((await query()).code).not.to.equal(0)
      const { fingerprint256 } = new X509Certificate(leaf.cert)
      const { printed } = await command('certs', 'refused')
      expect(printed).to.contain('CN=clinic,O=Carnet Development, issued by CN=Clinic CA,O=Carnet Development')
      expect(printed).to.contain(`npx carnet certs trust ${fingerprint256} --name NAME`)
      const trusted = await command(
        'certs',
        'trust',
        fingerprint256,
        '--name',
        'clinic',
        '--roles',
        'consumer',
        '--issuer',
        'k-ca.pem',
      )
      expect(trusted.printed).to.match(/trusted partner: clinic/)
      for (let tries = 0; tries < 120 && (await query()).code !== 0; tries++) await ports.clock.sleep(250)
      expect((await query()).code).to.equal(0)
    })

    it('examines the way to a partner, step by step', async () => {
      const { registry } = JSON.parse((await command('config', 'show', '--json')).printed) as {
        registry: { listen: { port: number } }
      }
      const good = await command('doctor', '--to', `https://localhost:${registry.listen.port}/registry`)
      expect(good.printed).to.match(/^ok {7}TLS: CN=registry,.* is trusted and is for localhost/m)
      expect(good.printed).to.match(/^ok {7}our certificate: it is taken there \(HTTP 200\)/m)
      const bad = await command('doctor', '--to', 'https://localhost:1/registry')
      expect(bad.printed).to.match(/^failed {3}connection: nothing listens there/m)
      expect(bad.code).to.equal(3)
    })
  })
})
