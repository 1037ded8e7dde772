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

const portOf = "SELECT current_setting('port') AS port"

/** Longer than a busy machine stands still. */
const staleMs = 8_000

describe('copies that follow the registry’s database', function () {
  this.timeout(180_000)
  let cluster: Cluster
  let standby: Cluster
  let registry: TestRegistry
  let replicas: Replicas
  let database: string
  let primary: PostgresStore

  before(async function () {
    needsPostgres(this)
    cluster = await startCluster({ wal_level: 'replica', max_wal_senders: '6' })
    database = await cluster.create()
    await (await postgresEngine(database, ihe, systemPorts, { port: cluster.port })).close()
    standby = await cluster.standby()
    const servers = [standby.server(database)]
    const follow = (store: PostgresStore) => {
      primary = store
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
  describe('of which one is lost to it', () => {
    let other: Cluster
    let both: Replicas

    beforeEach(async () => {
      other = await cluster.standby()
      await until(() => replicas.next() !== undefined)
      both = openReplicas(
        primary,
        { servers: [other.server(database), standby.server(database)], connections: 4, staleMs },
        systemPorts,
      )
      await until(async () => (await portsAsked()).size === 2)
    })
    afterEach(async () => {
      await both?.close()
      other?.stop('immediate')
    })

    /** Who would be asked now, in two turns. */
    async function portsAsked(): Promise<Set<string>> {
      const asked = new Set<string>()
      for (const copy of [both.next(), both.next()]) {
        const [row] = (await copy?.look(session => session.query<{ port: string }>(portOf))) ?? []
        if (row !== undefined) asked.add(row.port)
      }
      return asked
    }

    it('do not ask one that was promoted, for it follows nobody any more', async () => {
      await other.run('SELECT pg_promote()')
      await until(async () => [...(await portsAsked())].join() === String(standby.port))
      await submitted()
      await systemPorts.clock.sleep(staleMs)
      expect([...(await portsAsked())]).to.deep.equal([String(standby.port)])
    })

    it('do not ask one that says nothing, and the others all the same', async () => {
      const stopped = other.processes()
      for (const pid of stopped) process.kill(pid, 'SIGSTOP')
      try {
        // Both followed once more and longer than the silence of one is borne.
        await systemPorts.clock.sleep(staleMs + 1_000)
        const beganMs = systemPorts.clock.monotonicMs()
        expect([...(await portsAsked())]).to.deep.equal([String(standby.port)])
        expect(systemPorts.clock.monotonicMs() - beganMs).to.be.below(2_000)
      } finally {
        for (const pid of stopped) process.kill(pid, 'SIGCONT')
      }
      await until(async () => (await portsAsked()).size === 2)
    })
  })
})
