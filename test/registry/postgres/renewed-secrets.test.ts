// A database server is given another CA's certificate and another password while a registry serves.
import { join } from 'node:path'
import { expect } from 'chai'
import { issueCa, issueLeaf, newKey } from '../../../certs/issue.js'
import { systemPorts as ports } from '../../../ports/ports.js'
import { openDatabase, type RegistryDatabase } from '../../../registry/open-database.js'
import { until } from '../../house/waiting.js'
import { type Cluster, needsPostgres, startCluster } from '../../store/postgres/a-cluster.js'
import { ihe } from '../a-registry.js'

const validity = { fromMs: Date.now() - 86_400_000, toMs: Date.now() + 86_400_000 }

describe('certificate and password of a database server', function () {
  this.timeout(120_000)
  let cluster: Cluster
  let folder: string
  let name: string
  let database: RegistryDatabase | undefined

  before(async function () {
    needsPostgres(this)
    cluster = await startCluster()
    name = await cluster.create()
    folder = await ports.files.temporaryFolder('carnet-secrets-')
  })
  after(async () => {
    await database?.close()
    cluster?.stop('immediate')
    if (folder !== undefined) await ports.files.removeFolder(folder)
  })

  const write = (file: string, text: string) => ports.files.replace(join(folder, file), text)
  const newCa = async (commonName: string) => issueCa(await newKey(), commonName, validity, ports.randomness)

  /** From now on, for new connections; those there are end. */
  async function serve(ca: Awaited<ReturnType<typeof newCa>>, password: string): Promise<void> {
    const key = await newKey()
    const request = { commonName: 'database', names: ['localhost'], usages: ['serverAuth'] as const }
    cluster.place('server.crt', Buffer.from(issueLeaf(key, request, ca, validity, ports.randomness).cert))
    cluster.place('server.key', Buffer.from(key))
    cluster.place('pg_hba.conf', Buffer.from(`hostssl ${name} all all scram-sha-256\nhost postgres all all trust\n`))
    await cluster.run(`ALTER USER carnet PASSWORD '${password}'`)
    await cluster.run('ALTER SYSTEM SET ssl = on')
    await cluster.run('SELECT pg_reload_conf()')
  }

  const steps = async () => (await database?.stepsDone())?.length
  /** The server reads its files in its time, and ours are looked at every two seconds: asked on a new connection each time. */
  const untilServed = (isServed: boolean) =>
    until(
      async () => {
        await cluster.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
        return ((await steps().catch(() => 0)) ?? 0) > 0 === isServed
      },
      `it is ${isServed ? '' : 'not '}served`,
    )

  it('are followed without a restart, and the former CA is trusted no more', async () => {
    const [ca, nextCa] = await Promise.all([newCa('CA'), newCa('The next CA')])
    await write('ca.pem', ca.cert)
    await write('password', 'first\n')
    await serve(ca, 'first')
    const url = `postgres://carnet@localhost:${cluster.port}/${name}`
    const postgres = { connections: 2, readReplicas: [], staleMs: 1_000 }
    const secrets = { passwordFile: join(folder, 'password'), ca: join(folder, 'ca.pem') }
    await until(async () => {
      database = await openDatabase({ database: url, postgres: { ...postgres, ...secrets } }, ihe, ports).catch(
        () => undefined,
      )
      return database !== undefined
    }, 'the server shows its first certificate')
    expect(await steps()).to.be.greaterThan(0)

    await write('ca.pem', `${ca.cert}\n${nextCa.cert}`)
    await write('password', 'second\n')
    await serve(nextCa, 'second')
    await untilServed(true)

    await write('ca.pem', nextCa.cert)
    await serve(ca, 'second')
    await untilServed(false)
    await serve(nextCa, 'second')
    await untilServed(true)
  })
})
