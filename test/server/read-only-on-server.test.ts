import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { noteOnServer, readOnlyTable } from '../../server/read-only-on-server.js'
import { openPostgres } from '../../store/postgres/open-postgres.js'
import { needsPostgres, theCluster } from '../store/postgres/a-cluster.js'

describe('read-only mode of processes that share a database', function () {
  this.timeout(60_000)
  before(function () {
    needsPostgres(this)
  })

  it('is what any of them was told last', async () => {
    const cluster = await theCluster()
    const server = cluster.server(await cluster.create())
    const migrations = [{ name: 'read-only', postgres: readOnlyTable }]
    const stores = [1, 2].map(() => openPostgres({ server, migrations, connections: 2 }, systemPorts))
    const [one, other] = await Promise.all(stores)
    const [mine, theirs] = [noteOnServer(one!), noteOnServer(other!)]
    try {
      expect(await theirs.read()).to.equal(undefined)
      for (const why of ['upgrade', "an operator's wish"]) {
        const note = { sinceMs: Date.UTC(2026, 10, 25), by: 'admin', why }
        await mine.write(note)
        expect(await theirs.read()).to.deep.equal(note)
      }
      await theirs.write(undefined)
      expect(await mine.read()).to.equal(undefined)
    } finally {
      await Promise.all([one?.close(), other?.close()])
    }
  })
})
