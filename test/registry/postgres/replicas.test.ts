// Queries of those who only read are answered from a copy, as long as it is proven to be close behind.
import { expect } from 'chai'
import type { PeerRole } from '../../../config/peer-roles.js'
import { systemPorts } from '../../../ports/ports.js'
import type { PostgresStore } from '../../../store/postgres/open-postgres.js'
import { openReplicas, type Replicas } from '../../../store/postgres/replicas.js'
import { until } from '../../house/waiting.js'
import { aSubmission, samplePatientId } from '../../samples/submission.js'
import { type Cluster, needsPostgres, startCluster } from '../../store/postgres/a-cluster.js'
import { approved, ihe, quote, registryOver, type TestRegistry } from '../a-registry.js'
import { postgresEngine } from '../engines.js'

/** Longer than a busy machine stands still. */
const staleMs = 8_000

describe('copies that follow the registry’s database', function () {
  this.timeout(180_000)
  let cluster: Cluster
  let standby: Cluster
  let registry: TestRegistry
  let replicas: Replicas
  let database: string

  before(async function () {
    needsPostgres(this)
    cluster = await startCluster({ wal_level: 'replica', max_wal_senders: '4' })
    database = await cluster.create()
    await (await postgresEngine(database, ihe, systemPorts, { port: cluster.port })).close()
    standby = await cluster.standby()
    const servers = [standby.server(database)]
    const follow = (store: PostgresStore) => {
      replicas = openReplicas(store, { servers, connections: 4, staleMs }, systemPorts)
      return replicas
    }
    registry = registryOver(await postgresEngine(database, ihe, systemPorts, { port: cluster.port, follow }))
    await registry.addPatient(samplePatientId)
  })
  after(async () => {
    await registry?.close()
    standby?.stop('immediate')
    cluster?.stop('immediate')
  })

  const submitted = async () => expect((await registry.register(aSubmission())).errors).to.deep.equal([])
  const found = async (...roles: PeerRole[]) =>
    (
      await registry.found(
        'FindDocuments',
        { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved },
        { roles },
      )
    ).documentEntries.length
  it('answer a consumer, with what the server has', async () => {
    await submitted()
    await until(async () => replicas.next() !== undefined && (await found('consumer')) === 1)
    const seen: boolean[] = []
    for (let times = 0; times < 5; times++) seen.push((await found('consumer')) === 1)
    expect(seen).to.deep.equal([true, true, true, true, true])
  })

  it('are not asked for those who submit: they find at once what they have submitted', async () => {
    await until(() => replicas.next() !== undefined)
    await standby.run('SELECT pg_wal_replay_pause()')
    try {
      const before = await found('source', 'consumer')
      await submitted()
      expect(await found('source', 'consumer')).to.equal(before + 1)
      // The copy has not heard of it, and may be asked for as long as that is not too long ago.
      expect(await found('consumer')).to.equal(before)
    } finally {
      await standby.run('SELECT pg_wal_replay_resume()')
    }
  })

  it('are not asked once they are too far behind, and again when they have caught up', async () => {
    await until(() => replicas.next() !== undefined)
    await standby.run('SELECT pg_wal_replay_pause()')
    await submitted()
    await until(() => replicas.next() === undefined)
    expect(await found('consumer')).to.equal(await found('repository'))
    await standby.run('SELECT pg_wal_replay_resume()')
    await until(() => replicas.next() !== undefined)
    await until(async () => (await found('consumer')) === (await found('repository')))
  })

  it('that are away are not missed', async () => {
    await until(() => replicas.next() !== undefined)
    standby.stop('immediate')
    expect(await found('consumer')).to.equal(await found('repository'))
    await until(() => replicas.next() === undefined)
    expect(await found('consumer')).to.equal(await found('repository'))
    standby.start()
    await until(() => replicas.next() !== undefined)
  })
})
