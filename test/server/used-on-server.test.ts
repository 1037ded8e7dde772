import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { usedAssertionsTable, usesOnServer } from '../../server/used-on-server.js'
import { openPostgres } from '../../store/postgres/open-postgres.js'
import { needsPostgres, theCluster } from '../store/postgres/a-cluster.js'

describe('assertions for one use of processes that share a database', function () {
  this.timeout(60_000)
  before(function () {
    needsPostgres(this)
  })

  it('are taken once, by many at the same moment too, and forgotten when they have ended [SAML Core: 2.5.1.5]', async () => {
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    const migrations = [{ name: 'used', postgres: usedAssertionsTable }]
    const stores = await Promise.all(
      [1, 2].map(() => openPostgres({ server, migrations, connections: 4 }, systemPorts)),
    )
    let nowMs = 1_000
    const clock = { now: () => nowMs }
    const use = (id: string, issuer = 'urn:a') => ({ issuer, id, issuedMs: 0, untilMs: nowMs + 10 })
    try {
      const uses = stores.map(store => usesOnServer(store, clock))
      const taken = await Promise.all(Array.from({ length: 20 }, (_, at) => uses[at % 2]?.take(use('_1'))))
      expect(taken.filter(Boolean)).to.have.length(1)
      expect(await uses[1]?.take(use('_1', 'urn:b'))).to.equal(true)
      nowMs += 11
      // One that begins to count clears away what has ended.
      expect(await usesOnServer(stores[0]!, clock).take(use('_2'))).to.equal(true)
      const left = await stores[0]?.look(session => session.query('SELECT until_ms FROM used_assertions'))
      expect(left).to.have.length(1)
    } finally {
      await Promise.all(stores.map(store => store.close()))
    }
  })
})
