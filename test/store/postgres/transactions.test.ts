// Works on PostgreSQL: whole or not at all, tried again, and known how they ended, whatever breaks.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { StoreAway, StoreRefused } from '../../../store/failures.js'
import { openPostgres, type PostgresStore } from '../../../store/postgres/open-postgres.js'
import { until } from '../../house/waiting.js'
import { type Cluster, needsPostgres, startCluster, theCluster } from './a-cluster.js'
import { aProxy, type LossyProxy } from './a-proxy.js'

const migrations = [
  { name: 'things', postgres: ['CREATE TABLE things (name text PRIMARY KEY)', 'CREATE TABLE beside (name text)'] },
]

describe('works on PostgreSQL', function () {
  this.timeout(120_000)
  let cluster: Cluster
  let proxy: LossyProxy
  let store: PostgresStore
  let database: string

  before(function () {
    needsPostgres(this)
  })
  beforeEach(async () => {
    cluster = await theCluster()
    database = await cluster.create()
    proxy = await aProxy(cluster.port)
    store = await open(proxy.port)
  })
  afterEach(async () => {
    await store?.close()
    proxy?.close()
  })

  const open = (port: number, of = cluster) =>
    openPostgres({ server: { ...of.server(database), port }, migrations, connections: 4 }, systemPorts)
  const insert = (name: string) => ({ sql: 'INSERT INTO beside VALUES (?)', values: [name], ended: () => undefined })
  const names = async (table: string) =>
    (await cluster.run(`SELECT name FROM ${table} ORDER BY name`, database)).map(({ name }) => name)

  it('commit with what is enlisted alongside, or nothing at all', async () => {
    await store.run(async transaction => {
      await transaction.query('INSERT INTO things VALUES (?)', 'kept')
      transaction.alongside(() => store.enlist(insert('with it')))
    })
    const refused = store.run(async transaction => {
      await transaction.query('INSERT INTO things VALUES (?)', 'lost')
      transaction.alongside(() => store.enlist(insert('with the lost')))
      throw new Error('the work fails')
    })
    expect(await refused.catch((problem: Error) => problem.message)).to.equal('the work fails')
    expect([await names('things'), await names('beside')]).to.deep.equal([['kept'], ['with it']])
  })

  it('are undone when what is enlisted cannot be written', async () => {
    const refused = store.run(async transaction => {
      await transaction.query('INSERT INTO things VALUES (?)', 'lost')
      transaction.alongside(() =>
        store.enlist({ sql: 'INSERT INTO beside VALUES (1 / ?::int)', values: [0], ended: () => undefined }),
      )
    })
    expect(await refused.catch((problem: Error) => problem.message)).to.contain('division by zero')
    expect(await names('things')).to.deep.equal([])
  })

  it('are told how they ended, each one once', async () => {
    const told: string[] = []
    let tries = 0
    await store.run(async transaction => {
      tries += 1
      const of = tries
      transaction.alongside(() =>
        store.enlist({ ...insert('x'), ended: outcome => void told.push(`${of} ${outcome}`) }),
      )
      if (tries < 3) throw Object.assign(new Error('somebody else was first'), { code: '40001' })
    })
    expect(told).to.deep.equal(['1 undone', '2 undone', '3 committed'])
  })

  it('are run again when their connection is cut', async () => {
    let tries = 0
    await store.run(async transaction => {
      tries += 1
      const [own] = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      if (tries === 1) await cluster.run(`SELECT pg_terminate_backend(${own?.pid})`, database)
      await transaction.query('INSERT INTO things VALUES (?)', 'once')
    })
    expect(tries).to.equal(2)
    expect(await names('things')).to.deep.equal(['once'])
  })

  it('that had committed when the answer was lost are not run again', async () => {
    let tries = 0
    const told: string[] = []
    const result = await store.run(async transaction => {
      tries += 1
      await transaction.query('INSERT INTO things VALUES (?)', `try ${tries}`)
      transaction.alongside(() => store.enlist({ ...insert('x'), ended: outcome => void told.push(outcome) }))
      proxy.loseAnswerTo('COMMIT')
      return 'done'
    })
    expect([result, tries, told]).to.deep.equal(['done', 1, ['committed']])
    expect(await names('things')).to.deep.equal(['try 1'])
  })

  it('look at one snapshot', async () => {
    const seen = await store.look(async session => {
      const before = await session.query('SELECT name FROM things')
      await store.run(transaction => transaction.query('INSERT INTO things VALUES (?)', 'later'))
      return [before, await session.query('SELECT name FROM things')]
    })
    expect(seen).to.deep.equal([[], []])
    expect(await names('things')).to.deep.equal(['later'])
  })

  it('migrate one after another when several processes start at once', async () => {
    database = await cluster.create()
    const stores = await Promise.all([1, 2, 3, 4].map(() => open(cluster.port)))
    expect(await names('things')).to.deep.equal([])
    for (const each of stores) await each.close()
  })

  it('say that a database is of a newer version', async () => {
    await cluster.run(`INSERT INTO carnet_migrations (name) VALUES ('9999-later')`, database)
    const refused = await open(cluster.port).catch((problem: Error) => problem.message)
    expect(refused).to.match(/was written by a newer version of Carnet \(its step 9999-later/)
  })

  it('wait for no server that says nothing any more, and go on by themselves when it does', async () => {
    const insertThing = (name: string) =>
      store.run(transaction => transaction.query('INSERT INTO things VALUES (?)', name))
    await insertThing('before')
    proxy.swallow(true)
    const beganMs = systemPorts.clock.monotonicMs()
    expect(await insertThing('meanwhile').catch(problem => problem)).to.be.instanceOf(StoreAway)
    expect(systemPorts.clock.monotonicMs() - beganMs).to.be.lessThan(30_000)
    expect(store.broken).to.contain('the database does not answer')
    proxy.swallow(false)
    for (let tries = 0; store.broken !== undefined && tries < 300; tries++) await systemPorts.clock.sleep(100)
    await insertThing('after')
    expect(await names('things')).to.include.members(['after', 'before'])
  })

  it('are not done in a database that is empty where there was one before, and go on when that is back', async () => {
    const insertThing = (name: string) =>
      store.run(transaction => transaction.query('INSERT INTO things VALUES (?)', name))
    await cluster.run('ALTER SCHEMA public RENAME TO elsewhere', database)
    expect(await insertThing('lost').catch(problem => problem)).to.be.instanceOf(StoreRefused)
    for (let tries = 0; store.broken === undefined && tries < 50; tries++) await systemPorts.clock.sleep(100)
    expect(store.broken).to.contain('the database refuses: relation "carnet_migrations" does not exist')
    const beganMs = systemPorts.clock.monotonicMs()
    expect(await insertThing('lost').catch(problem => problem)).to.be.instanceOf(StoreRefused)
    expect(systemPorts.clock.monotonicMs() - beganMs).to.be.lessThan(500)
    await cluster.run('ALTER SCHEMA elsewhere RENAME TO public', database)
    for (let tries = 0; store.broken !== undefined && tries < 50; tries++) await systemPorts.clock.sleep(100)
    await insertThing('after')
    expect(await names('things')).to.deep.equal(['after'])
  })

  it('are not done in another database, nor in an older state of this one', async () => {
    const insertThing = (name: string) =>
      store.run(transaction => transaction.query('INSERT INTO things VALUES (?)', name))
    for (const change of [
      "UPDATE carnet_migrations SET done = done - interval '1 day'",
      'DELETE FROM carnet_migrations',
    ]) {
      await cluster.run(change, database)
      for (let tries = 0; store.broken === undefined && tries < 50; tries++) await systemPorts.clock.sleep(100)
      expect(store.broken).to.contain('is not the one that this service was started on, or an older state of it')
      expect(await insertThing('lost').catch(problem => problem)).to.be.instanceOf(StoreRefused)
    }
    expect(await names('things')).to.deep.equal([])
  })

  it('are refused while the server is away, and go on by themselves when it is back', async () => {
    const own = await startCluster()
    database = await own.create()
    const away = await open(own.port, own)
    const insertThing = (name: string) =>
      away.run(transaction => transaction.query('INSERT INTO things VALUES (?)', name))
    await insertThing('before')
    own.stop('immediate')
    expect(await insertThing('meanwhile').catch(problem => problem)).to.be.instanceOf(StoreAway)
    await until(() => away.broken !== undefined, 'it is noticed')
    expect(away.broken).to.contain('the database does not answer')
    own.start()
    await until(() => away.broken === undefined, 'it goes on')
    await insertThing('after')
    expect(away.broken).to.equal(undefined)
    expect(await own.run('SELECT name FROM things ORDER BY name', database)).to.deep.equal([
      { name: 'after' },
      { name: 'before' },
    ])
    await away.close()
    own.stop('immediate')
  })
})
