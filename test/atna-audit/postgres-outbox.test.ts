// The outbox on PostgreSQL: a queue for each process, none passed over, none left behind.

import { expect } from 'chai'
import { openPostgresOutbox, type PostgresOutbox, postgresOutboxMigrations } from '../../atna-audit/postgres-outbox.js'
import { systemPorts } from '../../ports/ports.js'
import { deferred } from '../../ports/promises.js'
import { OutcomeUnknown } from '../../store/postgres/failures.js'
import { openPostgres, type PostgresStore } from '../../store/postgres/open-postgres.js'
import { until } from '../house/waiting.js'
import { needsPostgres, startCluster, theCluster } from '../store/postgres/a-cluster.js'
import { records } from './loopback.js'

interface Process {
  store: PostgresStore
  outbox: PostgresOutbox
}

describe('the outbox on PostgreSQL', function () {
  this.timeout(120_000)
  let database: string
  let opened: Process[]

  before(function () {
    needsPostgres(this)
  })
  beforeEach(async () => {
    opened = []
    database = await (await theCluster()).create()
  })
  afterEach(() => Promise.all(opened.map(end)))

  async function aProcess(): Promise<Process> {
    const server = (await theCluster()).server(database)
    const store = await openPostgres({ server, migrations: postgresOutboxMigrations, connections: 4 }, systemPorts)
    const outbox = outboxOver(store)
    opened.push({ store, outbox })
    return { store, outbox }
  }

  async function end({ store, outbox }: Process): Promise<void> {
    await outbox.close()
    await store.close()
  }

  /** As a process that is killed: nothing more is heard of it. */
  async function die(process: Process): Promise<void> {
    opened = opened.filter(other => other.outbox !== process.outbox)
    await end(process)
    // The server hears of it a little later.
    const [witness] = opened
    const isGone = () => witness?.store.keeper.isGone(process.store.keeper.process)
    await until(async () => (await isGone()) !== false, 'the server knows that it has gone')
  }

  const namesIn = async ({ outbox }: Pick<Process, 'outbox'>, after = 0) =>
    (await outbox.waiting(after, 100)).map(({ frame }) => nameIn(frame))
  const nameIn = (frame: Uint8Array) => /UserID="([^"]*)"/.exec(Buffer.from(frame).toString())?.[1]
  const outboxOver = (store: PostgresStore) =>
    openPostgresOutbox(store, {
      source: { auditSourceID: 'test', auditEnterpriseSiteID: undefined, appName: 'carnet-test' },
      ports: systemPorts,
    })

  it('keeps records with the work around them, or not at all', async () => {
    const one = await aProcess()
    const insert = (count: number) =>
      one.store.run(async transaction => transaction.alongside(() => one.outbox.insert(records(count))))
    await insert(2)
    const refused = one.store.run(async transaction => {
      transaction.alongside(() => one.outbox.insert(records(3)))
      throw new Error('the work fails')
    })
    expect(await refused.catch((problem: Error) => problem.message)).to.equal('the work fails')
    expect([one.outbox.depth(), await namesIn(one)]).to.deep.equal([2, ['record 0', 'record 1']])
  })

  it('gives what nobody commits for it a commit of its own, and forgets what was delivered', async () => {
    const one = await aProcess()
    await Promise.all([one.outbox.append(records(2)), one.outbox.append(records(1))])
    expect(one.outbox.depth()).to.equal(3)
    expect(one.outbox.oldestMs()).to.be.within(Date.now() - 10_000, Date.now())
    const [first] = await one.outbox.waiting(0, 1)
    await one.outbox.delivered(first?.id ?? 0)
    expect([one.outbox.depth(), await namesIn(one)]).to.deep.equal([2, ['record 1', 'record 0']])
    await one.outbox.delivered(first?.id ?? 0)
    expect(one.outbox.depth()).to.equal(2)
  })

  it('sends nothing before what lies in front of it and has not been committed yet', async () => {
    const one = await aProcess()
    let letGo: (() => void) | undefined
    const slow = one.store.run(async transaction => {
      transaction.alongside(() => one.outbox.insert(records(1)))
      await new Promise<void>(resolve => {
        letGo = resolve
      })
    })
    await until(() => letGo !== undefined, 'the work is under way')
    await one.outbox.append(records(1))
    expect(await namesIn(one)).to.deep.equal([])
    ;(letGo as () => void)()
    await slow
    expect(await namesIn(one)).to.have.length(2)
  })

  it('passes nothing over that is committed while it goes to look [ITI TF-2:3.20.4.1.1]', async () => {
    const { store } = await aProcess()
    let meanwhile = async () => {}
    const slow: PostgresStore = Object.assign({}, store, {
      look: async <Result>(...given: Parameters<typeof store.look<Result>>) => {
        const work = meanwhile
        meanwhile = async () => {}
        await work()
        return store.look<Result>(...given)
      },
    })
    const outbox = outboxOver(slow)
    // The first number is given before the second, and committed after it.
    const { promise: held, resolve: letGo } = deferred<void>()
    let first: Promise<void> | undefined
    meanwhile = async () => {
      await new Promise<void>(given => {
        first = store.run(async transaction => {
          transaction.alongside(() => outbox.insert(records(1, 'first')))
          given()
          await held
        })
      })
      await outbox.append(records(1, 'second'))
    }
    const seen = await outbox.waiting(0, 100)
    letGo()
    await first
    await outbox.delivered(seen.at(-1)?.id ?? 0)
    const left = await outbox.waiting(seen.at(-1)?.id ?? 0, 100)
    expect([...seen, ...left].map(({ frame }) => nameIn(frame))).to.deep.equal(['first 0', 'second 0'])
    await outbox.close()
  })

  it('forgets nothing that was not sent, and sends what was passed over [ITI TF-2:3.20.4.1.1]', async () => {
    const one = await aProcess()
    await one.outbox.append(records(1, 'lost'))
    const [late] = await one.store.look(session =>
      session.query<{ frame: Uint8Array }>('SELECT frame FROM audit_outbox WHERE id = 1'),
    )
    await one.store.run(transaction => transaction.query('DELETE FROM audit_outbox'))
    await one.outbox.append(records(2))
    const sent = await one.outbox.waiting(0, 100)
    // It is there after all, in front of what is on its way: a commit that nobody heard of.
    await one.store.run(transaction =>
      transaction.query('INSERT INTO audit_outbox VALUES (?, 1, 1, ?)', one.store.keeper.process, late?.frame ?? null),
    )
    const through = sent.at(-1)?.id ?? 0
    await one.outbox.delivered(through)
    expect(await namesIn(one, through)).to.deep.equal([])
    await one.outbox.takeOver()
    const last = await one.outbox.waiting(through, 100)
    expect(last.map(({ frame }) => nameIn(frame))).to.deep.equal(['lost 0'])
    await one.outbox.delivered(last.at(-1)?.id ?? 0)
    await one.outbox.takeOver()
    expect([one.outbox.depth(), await namesIn(one)]).to.deep.equal([0, []])
  })

  it('leaves what is on its way where it is', async () => {
    const one = await aProcess()
    await one.outbox.append(records(3))
    const sent = await one.outbox.waiting(0, 100)
    await one.outbox.takeOver()
    expect((await one.outbox.waiting(0, 100)).map(({ id }) => id)).to.deep.equal(sent.map(({ id }) => id))
  })

  it('sends again what it could not forget', async () => {
    const { store } = await aProcess()
    let isDoubtful = false
    const doubting: PostgresStore = Object.assign({}, store, {
      run: async <Result>(...given: Parameters<typeof store.run<Result>>) => {
        if (isDoubtful) throw new OutcomeUnknown('')
        return store.run<Result>(...given)
      },
    })
    const outbox = outboxOver(doubting)
    await outbox.append(records(2))
    const sent = await outbox.waiting(0, 100)
    const through = sent.at(-1)?.id ?? 0
    isDoubtful = true
    expect(await outbox.delivered(through).catch(problem => problem)).to.be.instanceOf(OutcomeUnknown)
    isDoubtful = false
    await outbox.takeOver()
    expect(await namesIn({ outbox }, through)).to.deep.equal(['record 0', 'record 1'])
    await outbox.close()
  })

  it('waits for nothing of which nobody knows how it ended', async () => {
    const { store } = await aProcess()
    const doubting: PostgresStore = Object.assign({}, store, {
      enlist: (work: Parameters<PostgresStore['enlist']>[0]) =>
        store.enlist(Object.assign({}, work, { ended: () => work.ended('unknown') })),
    })
    const outbox = outboxOver(doubting)
    let heard = 0
    outbox.onQueued(() => {
      heard += 1
    })
    await outbox.append(records(1))
    expect([heard, await namesIn({ outbox })]).to.deep.equal([1, ['record 0']])
    await outbox.close()
  })

  it('is each process’s own while it lives', async () => {
    const [one, other] = [await aProcess(), await aProcess()]
    await one.outbox.append(records(2))
    expect(await other.outbox.takeOver()).to.equal(0)
    expect([one.outbox.depth(), other.outbox.depth()]).to.deep.equal([2, 0])
    expect(await namesIn(other)).to.deep.equal([])
  })

  it('of a process that comes back no more is taken over, once, and in its order [ITI TF-2:3.20.4.1.1]', async () => {
    const [dying, one, other] = [await aProcess(), await aProcess(), await aProcess()]
    await one.outbox.append(records(1))
    await dying.outbox.append(records(4))
    await die(dying)
    const taken = await Promise.all([one.outbox.takeOver(), other.outbox.takeOver()])
    expect(taken.sort()).to.deep.equal([0, 4])
    expect(one.outbox.depth() + other.outbox.depth()).to.equal(5)
    const all = [...(await namesIn(one)), ...(await namesIn(other))]
    expect(all.slice(-4)).to.deep.equal(['record 0', 'record 1', 'record 2', 'record 3'])
  })

  it('keeps what it has taken over without hearing that it has [ITI TF-2:3.20.4.1.1]', async () => {
    const [dying, { store }] = [await aProcess(), await aProcess()]
    await dying.outbox.append(records(2))
    await die(dying)
    let isDoubtful = true
    const doubting: PostgresStore = Object.assign({}, store, {
      run: async (...given: Parameters<PostgresStore['run']>) => {
        const result = await store.run(...given)
        if (isDoubtful) throw new OutcomeUnknown('')
        return result
      },
    })
    const outbox = outboxOver(doubting)
    expect(await outbox.takeOver().catch(problem => problem)).to.be.instanceOf(OutcomeUnknown)
    isDoubtful = false
    await outbox.append(records(1, 'own'))
    expect(await namesIn({ outbox })).to.deep.equal(['record 0', 'record 1', 'own 0'])
    await outbox.close()
  })

  it('has again what the server forgets in a crash after it has said to keep it', async () => {
    // Nothing is synced by itself for as long as this test lasts.
    const cluster = await startCluster({ wal_writer_delay: '10s' })
    const server = cluster.server(await cluster.create())
    const store = await openPostgres({ server, migrations: postgresOutboxMigrations, connections: 4 }, systemPorts)
    const outbox = outboxOver(store)
    try {
      await outbox.append(records(4))
      const [first] = await outbox.waiting(0, 2)
      await outbox.delivered(first?.id ?? 0)
      cluster.kill()
      await cluster.startAgain()
      const rowsThere = () =>
        store.look(session =>
          session.query<{ id: number; frame: Uint8Array }>('SELECT id, frame FROM audit_outbox ORDER BY id'),
        )
      await until(async () => (await rowsThere()).length > 0, 'they are there again')
      const rows = await rowsThere()
      // They stand behind the four that the server had said to have.
      expect(rows.map(({ id, frame }) => [id, nameIn(frame)])).to.deep.equal([
        [5, 'record 1'],
        [6, 'record 2'],
        [7, 'record 3'],
      ])
    } finally {
      await outbox.close()
      await store.close()
      cluster.stop('immediate')
    }
  })

  it('knows after a while of what waits and was not counted', async () => {
    const one = await aProcess()
    const queue = one.store.keeper.process
    await one.store.run(transaction =>
      transaction.query('INSERT INTO audit_outbox VALUES (?, 1000, 1, ?)', queue, Buffer.from('missed')),
    )
    expect(one.outbox.depth()).to.equal(0)
    let heard = 0
    one.outbox.onQueued(() => {
      heard += 1
    })
    await one.outbox.takeOver()
    expect([one.outbox.depth(), one.outbox.oldestMs(), heard]).to.deep.equal([1, 1, 1])
    await one.store.run(transaction => transaction.query('DELETE FROM audit_outbox WHERE queue = ?', queue))
    await one.outbox.takeOver()
    expect([one.outbox.depth(), one.outbox.oldestMs()]).to.deep.equal([0, undefined])
  })

  it('goes on after the connection of its process was cut, and knows how much waits', async () => {
    const one = await aProcess()
    await one.outbox.append(records(2))
    const cluster = await theCluster()
    await cluster.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`)
    await one.outbox.append(records(1))
    await until(() => one.store.broken === undefined, 'it goes on')
    expect(one.outbox.depth()).to.equal(3)
    expect(await namesIn(one)).to.have.length(3)
  })
})
