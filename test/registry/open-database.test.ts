// The registry's database on a server, as a deployment names it: encrypted, with the password from a file.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeDevelopmentCertificates } from '../../certs/development.js'
import { type RegistryConfig, registryConfig } from '../../config/registry-config.js'
import { systemPorts } from '../../ports/ports.js'
import { openDatabase } from '../../registry/open-database.js'
import { CannotStart } from '../../server/service.js'
import { aSection } from '../samples/section.js'
import { type Cluster, needsPostgres, startCluster } from '../store/postgres/a-cluster.js'
import { ihe } from './a-registry.js'

describe('a database on a server', function () {
  this.timeout(60_000)
  let cluster: Cluster
  let folder: string
  let url: string
  const at = (name: string) => join(folder, name)

  before(async function () {
    needsPostgres(this)
    folder = await systemPorts.files.temporaryFolder('carnet-database-')
    for (const each of ['theirs', 'others']) {
      await makeDevelopmentCertificates({ ...systemPorts, folder: at(each), hostName: 'localhost' })
    }
    cluster = await startCluster({ password_encryption: "'scram-sha-256'" })
    const database = await cluster.create()
    await cluster.run(`CREATE ROLE registry LOGIN PASSWORD 'word of the registry'`)
    await cluster.run(`ALTER DATABASE ${database} OWNER TO registry`)
    for (const name of ['key', 'pem']) cluster.place(`server.${name}`, readFileSync(at(`theirs/registry.${name}`)))
    // What is not encrypted is not let in.
    cluster.place('pg_hba.conf', Buffer.from('hostssl all registry all scram-sha-256\nhost all carnet all trust\n'))
    for (const [name, value] of [
      ['ssl_cert_file', 'server.pem'],
      ['ssl_key_file', 'server.key'],
      ['ssl', 'on'],
    ]) {
      await cluster.run(`ALTER SYSTEM SET ${name} = '${value}'`)
    }
    await cluster.run('SELECT pg_reload_conf()')
    writeFileSync(at('word'), 'word of the registry\n')
    writeFileSync(at('wrong'), 'another word')
    url = `postgres://registry@localhost:${cluster.port}/${database}`
  })
  after(async () => {
    cluster?.stop('immediate')
    if (folder !== undefined) await systemPorts.files.removeFolder(folder)
  })

  const open = (postgres: Partial<RegistryConfig['postgres']>) =>
    openDatabase({ database: url, postgres: { ...defaults, ...postgres } }, ihe, systemPorts)
  const refusal = (postgres: Partial<RegistryConfig['postgres']>) =>
    open(postgres).then(
      () => undefined,
      (problem: Error) => {
        expect(problem).to.be.instanceOf(CannotStart)
        return problem.message
      },
    )

  it('is opened with the password from the file, encrypted', async () => {
    const database = await open({ ca: at('theirs/ca.pem'), passwordFile: at('word') })
    expect(database.broken).to.equal(undefined)
    expect(await database.stepsDone())
      .to.include('registry-0002-objects')
      .and.include('0050-audit-outbox')
    const [session] = await cluster.run(
      `SELECT bool_and(s.ssl) AS encrypted, count(*)::integer AS sessions FROM pg_stat_ssl s
       JOIN pg_stat_activity a ON a.pid = s.pid WHERE a.usename = 'registry'`,
    )
    expect(session?.encrypted).to.equal(true)
    await database.close()
  })

  it('is not opened with a wrong password, one that is not there, or without encryption', async () => {
    expect(await refusal({ ca: at('theirs/ca.pem'), passwordFile: at('wrong') })).to.contain(
      'password authentication failed',
    )
    expect(await refusal({ ca: at('theirs/ca.pem'), passwordFile: at('nowhere') })).to.contain(
      'nowhere cannot be read (ENOENT)',
    )
    expect(await refusal({ passwordFile: at('word') }))
      .to.contain('no pg_hba.conf entry')
      .and.contain('no encryption')
  })

  it('is not opened when another server answers in its place', async () => {
    expect(await refusal({ ca: at('others/ca.pem'), passwordFile: at('word') })).to.match(
      /signature|certificate|issuer/i,
    )
  })
})

const { postgres: defaults } = registryConfig.parse(aSection)
