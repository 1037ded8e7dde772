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
      // The first brings the schema up to date, the second is to be kept.
      if (made === 2) one.once('connect', () => one.destroy())
      return one
    }
    const network = Object.assign({}, systemPorts.network, { socket })
    const ports = Object.assign({}, systemPorts, { network })
    const store = await openPostgres({ server, migrations: [], connections: 2 }, ports)
    expect([store.broken, made]).to.deep.equal([undefined, 4])
    await store.close()
  })
})
