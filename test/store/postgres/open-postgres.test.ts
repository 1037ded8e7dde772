// The start of a store, on a server that goes away meanwhile.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { StoreFull } from '../../../store/failures.js'
import { openPostgres } from '../../../store/postgres/open-postgres.js'
import { needsPostgres, theCluster } from './a-cluster.js'

describe('a store on PostgreSQL that is opened', function () {
  this.timeout(60_000)

  before(function () {
    needsPostgres(this)
  })

  it('waits for a server that is away again after the schema was looked at', async () => {
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    let made = 0
    const socket = () => {
      const one = systemPorts.network.socket()
      made += 1
      // Two show that sessions are kept, one brings the schema up to date, the fourth is to be kept.
      if (made === 4) one.once('connect', () => one.destroy())
      return one
    }
    const network = Object.assign({}, systemPorts.network, { socket })
    const ports = Object.assign({}, systemPorts, { network })
    const store = await openPostgres({ server, migrations: [], connections: 2 }, ports)
    expect([store.broken, made]).to.deep.equal([undefined, 8])
    await store.close()
  })
  it('waits for one that goes away while it is asked whether it keeps sessions', async () => {
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    let made = 0
    const socket = () => {
      const one = systemPorts.network.socket()
      made += 1
      if (made === 2) one.once('connect', () => one.destroy())
      return one
    }
    const network = Object.assign({}, systemPorts.network, { socket })
    const ports = Object.assign({}, systemPorts, { network })
    const store = await openPostgres({ server, migrations: [], connections: 2 }, ports)
    expect([store.broken, made]).to.deep.equal([undefined, 6])
    await store.close()
  })

  it('reads what is there, however server, database or role want values to be written', async () => {
    const cluster = await theCluster()
    const database = await cluster.create()
    for (const setting of ["bytea_output = 'escape'", 'extra_float_digits = -15'])
      await cluster.run(`ALTER DATABASE ${database} SET ${setting}`)
    const store = await openPostgres({ server: cluster.server(database), migrations: [], connections: 2 }, systemPorts)
    const [row] = await store.look(session =>
      session.query("SELECT '\\x00ff5c41'::bytea AS bytes, 1234.56789::float8 AS number"),
    )
    expect(row).to.deep.equal({ bytes: Buffer.from([0, 255, 92, 65]), number: 1234.56789 })
    await store.close()
  })

  it('says that the disk of the server is full, until something is written there again', async () => {
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    const store = await openPostgres({ server, migrations: [], connections: 2 }, systemPorts)
    const full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    expect(await store.run(session => session.query(full)).catch(problem => problem)).to.be.instanceOf(StoreFull)
    expect(store.broken).to.equal('the database has no space left on its disk')
    await store.run(session => session.query('SELECT 1'))
    expect(store.broken).to.equal(undefined)
    await store.close()
  })

  it('has the settings of its sessions, also where what is in between passes none on with a connection', async () => {
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    const store = await openPostgres({ server, migrations: [], connections: 2 }, systemPorts)
    const [row] = await store.look(session =>
      session.query("SELECT current_setting('lock_timeout') AS lock, current_setting('enable_seqscan') AS scan"),
    )
    expect(row).to.deep.equal({ lock: '10s', scan: 'off' })
    await store.close()
  })
})
