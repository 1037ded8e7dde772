// Many commits at once, a sender close behind them, and a server that is killed meanwhile: whatever was committed was sent.
import { expect } from 'chai'
import { openPostgresOutbox, type PostgresOutbox, postgresOutboxMigrations } from '../../atna-audit/postgres-outbox.js'
import { systemPorts } from '../../ports/ports.js'
import type { PostgresMigration } from '../../store/postgres/migrate.js'
import { openPostgres, type PostgresStore } from '../../store/postgres/open-postgres.js'
import { until } from '../house/waiting.js'
import { type Cluster, needsPostgres, startCluster } from '../store/postgres/a-cluster.js'
import { records } from './loopback.js'

const kept: PostgresMigration = { name: '9000-kept', postgres: ['CREATE TABLE kept (name text PRIMARY KEY)'] }

describe('the outbox on PostgreSQL while its server is killed', function () {
  this.timeout(180_000)
  let cluster: Cluster
  let database: string
  let store: PostgresStore
  let outbox: PostgresOutbox
  let isOver: boolean
  let sent: Set<string>

  before(function () {
    needsPostgres(this)
  })
  beforeEach(async () => {
    cluster = await startCluster()
    database = await cluster.create()
    isOver = false
    sent = new Set()
    const migrations = [...postgresOutboxMigrations, kept]
    store = await openPostgres({ server: cluster.server(database), migrations, connections: 4 }, systemPorts)
    outbox = openPostgresOutbox(store, {
      source: { auditSourceID: 'test', appName: 'carnet-test' },
      ports: systemPorts,
    })
  })
  afterEach(async () => {
    await outbox.close()
    await store.close()
    cluster.stop('immediate')
  })

  /** What fails is nobody's matter here: it is kept with its record, or not at all. */
  async function submit(writer: number): Promise<void> {
    for (let count = 1; !isOver; count++) {
      const name = `${writer}-${count}`
      await store
        .run(async transaction => {
          await transaction.query('INSERT INTO kept VALUES (?)', name)
          transaction.alongside(() => outbox.insert(records(1, name)))
        })
        .catch(() => undefined)
    }
  }

  /** As the sender does: what is sent is forgotten a little later, and whatever fails, it begins anew. */
  async function send(): Promise<void> {
    for (let after = 0; !isOver; ) {
      try {
        const through = await sendSome(after)
        if (through > after) void forgetLater(through)
        after = through
      } catch {
        after = 0
      }
    }
  }

  async function sendSome(after: number): Promise<number> {
    const frames = await outbox.waiting(after, 128)
    for (const { frame } of frames) sent.add(/UserID="(\S+) 0"/.exec(Buffer.from(frame).toString())?.[1] ?? '')
    return frames.at(-1)?.id ?? after
  }

  async function forgetLater(through: number): Promise<void> {
    await systemPorts.clock.sleep(100)
    await outbox.delivered(through).catch(() => undefined)
  }

  it('sends the record of every commit [ITI TF-2:3.20.4.1.1]', async () => {
    const submitting = Promise.all(Array.from({ length: 8 }, (_, writer) => submit(writer)))
    const sending = send()
    for (let kills = 0; kills < 4; kills++) {
      const before = sent.size
      await until(() => sent.size > before + 300, 'something is sent', 60_000)
      cluster.kill()
      await cluster.startAgain()
    }
    isOver = true
    await Promise.all([submitting, sending])
    await until(async () => {
      await outbox.takeOver().catch(() => undefined)
      await outbox.delivered(await sendSome(0).catch(() => 0)).catch(() => undefined)
      return outbox.depth() === 0
    }, 'nothing waits any more')
    const names = (await cluster.run('SELECT name FROM kept', database)).map(({ name }) => String(name))
    expect(names.length).to.be.greaterThan(1_000)
    expect(names.filter(name => !sent.has(name))).to.deep.equal([])
  })
})
