// `carnet community` on two folders, as two communities on one machine have them: what is described there is believed here, and no more when
// it is removed.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { certificateFacts, certificatesIn } from '../../../certs/read.js'
import { run } from '../../../cli/main.js'
import { prepare } from '../../../cli/services/prepare.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { giveCertificates } from '../certificates-once.js'
import { playedTerminal } from '../played-terminal.js'

describe('cli/community', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-community-'))
  const [here, there] = ['here', 'there'].map(name => join(folder, name)) as [string, string]
  const description = join(folder, 'there.json')

  before(async () => {
    for (const community of ['here', 'there'] as const) {
      await giveCertificates(join(folder, community), community)
      await prepare(join(folder, community), { ports, terminal: playedTerminal(folder) })
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function community(data: string, ...args: string[]) {
    const terminal = playedTerminal(folder)
    await run(['community', ...args, '--data', data], { ports, terminal })
    return { code: terminal.exitCode, printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
  }
  const configOf = (data: string) => JSON.parse(readFileSync(join(data, 'carnet.json'), 'utf8'))
  const listIn = (data: string, name: string) => JSON.parse(readFileSync(join(data, name), 'utf8'))
  const partnersPem = () => certificatesIn(readFileSync(join(here, 'certs', 'partners.pem')))
  const described = () => listIn(folder, 'there.json')
  const written = (change: object) => {
    const path = join(folder, 'changed.json')
    writeFileSync(path, JSON.stringify({ ...described(), ...change }))
    return path
  }

  it('describes a community: how it is reached, and whom to believe', async () => {
    const { code, printed, complained } = await community(there, 'describe', '--name', 'There', '-o', description)
    expect([code, described().homeCommunityId]).to.deep.equal([0, configOf(there).gateway.homeCommunityId])
    expect(described()).to.include({
      name: 'There',
      query: 'https://localhost:8444/gateway',
      discovery: 'https://localhost:8445/patient-index',
      answersAt: 'https://localhost:8444/gateway',
      patientDomain: configOf(there).patientIndex.assigningAuthority,
    })
    const gateway = readFileSync(join(there, 'certs', 'gateway.pem'), 'utf8')
    expect(printed).to.contain(certificateFacts(gateway).fingerprint256)
    expect(complained).to.contain('others reach "localhost" on this machine only')
    // Keys stay where they are.
    expect(readFileSync(description, 'utf8')).not.to.contain('PRIVATE')
  })

  it('adds it with all that has to be believed, the list last', async () => {
    const { code, printed } = await community(here, 'add', description)
    expect([code, printed.split('\n')[0]]).to.deep.equal([0, `added: There (${described().homeCommunityId})`])
    const ca = certificateFacts(readFileSync(join(there, 'certs', 'ca.pem'))).fingerprint256
    expect(partnersPem().map(({ fingerprint256 }) => fingerprint256)).to.deep.equal([ca])
    const asking = ['gateway.pem', 'patient-index.pem'].map(
      name => certificateFacts(readFileSync(join(there, 'certs', name))).fingerprint256,
    )
    expect(listIn(here, 'partners.json')).to.deep.include.members([
      {
        ...{ commonNames: [], replyTo: ['https://localhost:8444/gateway'], name: 'There' },
        ...{ fingerprints: asking, roles: ['gateway'] },
      },
    ])
    const [issuer] = listIn(here, 'xua-issuers.json')
    expect(readFileSync(join(here, issuer.certificates[0]), 'utf8')).to.contain('BEGIN CERTIFICATE')
    const [line] = listIn(here, 'communities.json')
    expect(line).to.deep.include({ name: 'There', query: described().query, authorities: [ca] })
  })

  it('lists it, though the gateway does not run', async () => {
    const { printed } = await community(here, 'list')
    expect(printed).to.match(/^There .* communities file +the gateway does not run/m)
  })

  it('adds it again: what is told is renewed, what was set by hand stays', async () => {
    const file = join(here, 'communities.json')
    const [line] = listIn(here, 'communities.json')
    const set = { requestsAtOnce: 4, quirks: { ...line.quirks, missingHome: 'refused' } }
    writeFileSync(file, JSON.stringify([{ ...line, ...set }]))
    const changed = written({ query: 'https://elsewhere.example/query', name: 'Over there' })
    expect((await community(here, 'add', changed)).printed).to.contain('renewed: Over there')
    const [renewed, ...more] = listIn(here, 'communities.json')
    expect(more).to.deep.equal([])
    expect(renewed).to.deep.include({ ...set, query: 'https://elsewhere.example/query', authorities: line.authorities })
    expect(listIn(here, 'partners.json').map(({ name }: { name: string }) => name)).to.deep.equal(['Over there'])
    expect(partnersPem()).to.have.length(1)
  })

  it('says in one sentence what is wrong with a description, and takes nothing of it', async () => {
    const before = readFileSync(join(here, 'communities.json'), 'utf8')
    const [ca] = described().authorities
    const leaf = readFileSync(join(here, 'certs', 'client.pem'), 'utf8')
    const own = (name: string) => readFileSync(join(here, 'certs', `${name}.pem`), 'utf8')
    const [ownCa, ownGateway] = [own('ca'), own('gateway')]
    const refusals: [why: RegExp, change: object, ...flags: string[]][] = [
      [/query must be https:\/\//, { query: 'http://there/query' }],
      [/query must have a host, and a port up to 65535/, { query: 'https://there:99999/query' }],
      [/name must have no control characters/, { name: 'There\u001b[31m\nover' }],
      [/--name must have no control characters/, {}, '--name', 'a\nb'],
      [/is that of our own gateway/, { authorities: [ownCa], certificates: [ownGateway] }],
      [/homeCommunityId must be urn:oid: and an OID/, { homeCommunityId: '2.999' }],
      [/key is no part of a description/, { key: 'secret' }],
      [/authorities must not be empty/, { authorities: [] }],
      [/is this community itself/, { homeCommunityId: configOf(here).gateway.homeCommunityId }],
      [/is listed as a CA and is none/, { authorities: [leaf] }],
      [/which the CA file does not hold/, { authorities: [readFileSync(join(here, 'certs', 'ca.pem'), 'utf8')] }],
      [
        /two communities have the name "Over there"; .*choose another with --name/,
        { homeCommunityId: 'urn:oid:2.999.7', name: 'Over there' },
      ],
      [/is that of the partner "Over there" already/, { homeCommunityId: 'urn:oid:2.999.7', name: 'Third' }],
      [/"admin" stands in peers of carnet\.json already; choose another --name/, {}, '--name', 'admin'],
    ]
    for (const [why, change, ...flags] of refusals) {
      const { code, complained } = await community(here, 'add', written(change), ...flags)
      expect([code, complained]).to.satisfy(
        ([c, text]: [number, string]) => (c === 1 || c === 2) && why.test(text),
        `${why}: ${complained}`,
      )
      expect(complained).not.to.match(/^ +at /m)
    }
    writeFileSync(join(folder, 'no.json'), ca)
    expect((await community(here, 'add', 'no.json')).complained).to.contain('is not JSON; the other side makes one by')
    const folderFor = await community(here, 'add', here)
    expect([folderFor.code, folderFor.complained]).to.deep.equal([
      2,
      `carnet: ${here} is a folder; name the file in it.`,
    ])
    writeFileSync(join(folder, 'long.json'), ' '.repeat(5_000_000))
    expect((await community(here, 'add', 'long.json')).complained).to.contain('a description has at most 4194304')
    expect((await community(here, 'add', 'nothing.json')).complained).to.contain('nothing.json does not exist')
    expect((await community(here, 'add', 'http://there/')).complained).to.contain('not by http://')
    expect(readFileSync(join(here, 'communities.json'), 'utf8')).to.equal(before)
  })

  it('removes it with all that was believed because of it', async () => {
    expect((await community(here, 'remove', 'Nobody')).complained).to.contain('there are Over there')
    const { code, printed } = await community(here, 'remove', 'Over there')
    expect([code, printed.split('\n')[0]]).to.satisfy(
      ([c, line]: [number, string]) => c === 0 && line.startsWith('removed: Over there'),
    )
    for (const name of ['communities.json', 'partners.json', 'xua-issuers.json'])
      expect(listIn(here, name)).to.deep.equal([])
    expect(partnersPem()).to.deep.equal([])
    expect(existsSync(join(here, 'certs', 'communities', described().homeCommunityId.slice(8)))).to.equal(false)
    expect((await community(here, 'list')).printed).to.contain('no other community is known')
  })

  it('says what is wrong with a list that was spoilt by hand, and leaves it alone', async () => {
    const file = join(here, 'communities.json')
    const before = readFileSync(file)
    writeFileSync(file, '[{"name": "Bern"}]')
    for (const args of [['list'], ['doctor'], ['add', description], ['remove', 'Bern']]) {
      const { code, complained } = await community(here, ...args)
      expect(code, args[0]).to.equal(4)
      expect(complained, args[0]).to.match(/communities\.json cannot be used: .*query is missing.*correct it/)
    }
    expect(readFileSync(file, 'utf8')).to.equal('[{"name": "Bern"}]')
    const terminal = playedTerminal(folder)
    await run(['config', 'check', '--data', here], { ports, terminal })
    expect(terminal.complained.join()).to.contain('communities.json cannot be used')
    writeFileSync(file, before)
  })

  it('leaves what another brought, and believes no assertions where it is told so', async () => {
    await community(here, 'add', description, '--without-issuers')
    expect(listIn(here, 'xua-issuers.json')).to.deep.equal([])
    const ca = certificateFacts(readFileSync(join(there, 'certs', 'ca.pem'))).fingerprint256
    const [line] = listIn(here, 'communities.json')
    const sister = { ...line, name: 'Sister', homeCommunityId: 'urn:oid:2.999.7', authorities: [ca] }
    writeFileSync(join(here, 'communities.json'), JSON.stringify([line, sister]))
    await community(here, 'remove', line.homeCommunityId)
    expect(partnersPem().map(({ fingerprint256 }) => fingerprint256)).to.deep.equal([ca])
  })

  it('takes a description by https once its certificate was compared, from that very server', async () => {
    const [key, cert, ca] = ['registry.key', 'registry.pem', 'ca.pem'].map(name =>
      readFileSync(join(there, 'certs', name)),
    ) as [Buffer, Buffer, Buffer]
    const door = await ports.network.serveHttps(
      { host: '127.0.0.1', port: 0, tls: { key, cert, ca }, withoutCertificates: true },
      (_, reply) => {
        reply.start(200, { 'content-type': 'application/json' })
        reply.stream.end(readFileSync(description))
      },
    )
    const url = `https://localhost:${door.port}/carnet.json`
    const { fingerprint256 } = certificateFacts(cert)
    const first = await community(here, 'add', url)
    expect([first.code, first.printed]).to.deep.equal([1, ''])
    expect(first.complained).to.contain(`type the same with --fingerprint ${fingerprint256}`)
    const wrong = await community(here, 'add', url, '--fingerprint', certificateFacts(ca).fingerprint256)
    expect(wrong.complained).to.contain('another certificate than the one you have compared')
    const right = await community(here, 'add', url, '--fingerprint', fingerprint256)
    expect([right.code, right.printed.split('\n')[0]]).to.deep.equal([
      0,
      `added: There (${described().homeCommunityId})`,
    ])
    await door.close(0)
    const away = await community(here, 'add', url, '--fingerprint', fingerprint256)
    expect([away.code, away.complained]).to.satisfy(
      ([code, text]: [number, string]) => code === 3 && text.includes('ask for the file and name it instead'),
    )
  })
})
