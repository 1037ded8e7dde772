import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { relocated } from '../../../cli/backup/restored-config.js'
import { readPostgresUrl } from '../../../config/postgres-url.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

describe('the configuration of a restored deployment', () => {
  let folder: string
  before(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-restored-')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function restored(repository: object) {
    const file = join(folder, 'carnet.json')
    writeFileSync(file, JSON.stringify({ registry: { database: 'registry.sqlite' }, repository }))
    const said = await relocated(file, '/new', { ports: systemPorts, terminal: playedTerminal(folder) })
    return { said, ...JSON.parse(readFileSync(file, 'utf8')) }
  }

  it('names nothing outside of its folder', async () => {
    const { said, repository } = await restored({ database: '/srv/repository.sqlite', documents: '/srv/documents' })
    expect(repository).to.deep.equal({ database: 'repository.sqlite', documents: 'documents' })
    expect(said).to.deep.equal(['repository.database is now in /new', 'repository.documents is now in /new'])
  })

  it('names no folder of the first one in which its services work, by whatever path', async () => {
    const file = join(folder, 'carnet.json')
    writeFileSync(
      file,
      JSON.stringify({
        registry: { database: '/srv/registry/carnet.sqlite', folder: '/srv/registry/run' },
        repository: {
          database: '../repository/carnet.sqlite',
          folder: '/srv/repository/run',
          log: 'log/repository.log',
        },
        patientIndex: { upi: { inbox: '/srv/sedex/inbox', standIn: { database: '/srv/upi.sqlite' } } },
      }),
    )
    const said = await relocated(file, '/new', { ports: systemPorts, terminal: playedTerminal(folder) })
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal({
      registry: { database: 'carnet.sqlite', folder: 'run' },
      repository: { database: 'repository-carnet.sqlite', folder: 'run', log: 'log/repository.log' },
      patientIndex: { upi: { inbox: 'inbox', standIn: { database: 'upi.sqlite' } } },
    })
    expect(said).to.include('patientIndex.upi.inbox is now in /new')
  })

  it('does not name the bucket whose documents are those of the first one', async () => {
    const objectStorage = { endpoint: 'https://s3.example', credentials: 's3.json' }
    const { said, repository } = await restored({ documents: 's3://bucket/documents', objectStorage })
    expect(repository).to.deep.equal({ documents: 'documents' })
    expect(said).to.deep.equal(['repository.documents is now a folder in /new, and not s3://bucket/documents'])
    const other = await restored({ documents: 's3://bucket', documentsFolder: '/srv/spool', objectStorage })
    expect(other.repository).to.deep.equal({ documents: 'spool' })
  })

  it('does not reach the database server of the first one', async () => {
    const file = join(folder, 'carnet.json')
    writeFileSync(file, JSON.stringify({ registry: { database: 'postgres://carnet:secret@db.example/registry' } }))
    const said = await relocated(file, '/new', { ports: systemPorts, terminal: playedTerminal(folder) })
    expect(JSON.parse(readFileSync(file, 'utf8')).registry.database).to.equal(
      'postgres://nobody@localhost:1/name-the-restored-database',
    )
    expect(said).to.deep.equal(['registry.database: set it to the restored database before the start'])
  })

  it('asks for no CA that the first one did not need, and reads no copy of its database', async () => {
    const file = join(folder, 'carnet.json')
    const postgres = { readReplicas: ['postgres://carnet@127.0.0.1:5433/registry'], connections: 4 }
    writeFileSync(file, JSON.stringify({ registry: { database: 'postgres://carnet@127.0.0.1/registry', postgres } }))
    await relocated(file, '/new', { ports: systemPorts, terminal: playedTerminal(folder) })
    const { registry } = JSON.parse(readFileSync(file, 'utf8'))
    expect(readPostgresUrl(registry.database).isRemote).to.equal(false)
    expect(registry.postgres).to.deep.equal({ connections: 4 })
  })

  it('names the databases that are filled from the backup, and no file of secrets that is not there', async () => {
    const file = join(folder, 'carnet.json')
    const postgres = { passwordFile: 'password', ca: 'ca.pem', connections: 4 }
    writeFileSync(join(folder, 'ca.pem'), 'a CA')
    writeFileSync(file, JSON.stringify({ registry: { database: 'postgres://carnet@db.example/registry', postgres } }))
    const context = { ports: systemPorts, terminal: playedTerminal(folder) }
    const said = await relocated(file, '/new', context, { registry: 'postgres://carnet:secret@new.example/restored' })
    expect(JSON.parse(readFileSync(file, 'utf8')).registry).to.deep.equal({
      database: 'postgres://carnet:secret@new.example/restored',
      postgres: { ca: 'ca.pem', connections: 4 },
    })
    expect(said).to.deep.equal(['registry.database is now postgres://carnet:***@new.example/restored'])
  })

  it('names the file of the password for them in the place of that of the first one', async () => {
    const file = join(folder, 'carnet.json')
    writeFileSync(file, JSON.stringify({ registry: { database: 'postgres://carnet@db.example/registry' } }))
    const context = { ports: systemPorts, terminal: playedTerminal(folder) }
    const targets = { registry: 'postgres://carnet@new.example/restored', passwordFile: '/secrets/database' }
    await relocated(file, '/new', context, targets)
    expect(JSON.parse(readFileSync(file, 'utf8')).registry).to.deep.equal({
      database: 'postgres://carnet@new.example/restored',
      postgres: { passwordFile: '/secrets/database' },
    })
  })

  it('needs no keys of documents that the backup does not have, and keeps those that it has', async () => {
    const encryption = { keys: 'keys.json' }
    const { said, repository } = await restored({ documents: 'documents', encryption })
    expect(repository).to.deep.equal({ documents: 'documents' })
    expect(said).to.have.length(1)
    writeFileSync(join(folder, 'keys.json'), '{}')
    expect((await restored({ documents: 'documents', encryption })).repository).to.deep.equal({
      documents: 'documents',
      encryption,
    })
  })
})
