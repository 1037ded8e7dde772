import { expect } from 'chai'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { asWorker, workersOf } from '../../config/workers.js'

const onServer = 'postgres://carnet@localhost/carnet'

function config(changes: object, registry: object = {}): CarnetConfig {
  const section = { database: onServer, folder: '/srv', ...registry }
  return { registry: section, repository: { database: '/srv/repository.db', folder: '/srv' }, ...changes } as never
}

describe('workers', () => {
  it('are one for each processor, or as many as the settings say', () => {
    expect(workersOf(config({ workers: 'auto' }), 'registry', 8)).to.deep.equal({ count: 8 })
    expect(workersOf(config({ workers: 'auto' }, { workers: 3 }), 'registry', 8)).to.deep.equal({ count: 3 })
    expect(workersOf(config({}), 'registry', 8)).to.deep.equal({ count: undefined })
  })

  it('are for databases on a server; over a file there is one process, which says so', () => {
    expect(workersOf(config({ workers: 'auto' }), 'repository', 8)).to.deep.equal({
      count: undefined,
      told: 'workers: repository.database is a file, which one process has to itself; there is one repository process',
    })
    expect(workersOf(config({ workers: 'auto' }), 'atna-audit', 8)).to.deep.equal({ count: undefined })
  })

  it('have a folder and a log each', () => {
    const { registry } = asWorker(config({}, { log: '/srv/registry.log' }), 1)
    expect(registry).to.deep.include({ folder: '/srv/worker-1', log: '/srv/registry.log.1', worker: 1 })
  })
})
