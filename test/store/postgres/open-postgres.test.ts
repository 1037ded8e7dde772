// The start of a store, on a server that goes away meanwhile.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
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
