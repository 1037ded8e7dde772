import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Ports, systemPorts } from '../../../ports/ports.js'
import { databaseResource } from '../../../server/administration/database-resource.js'
import { type Parcel, readParcels } from '../../../server/administration/parcels.js'
import type { AdminProblem, AdminResource, Parcels } from '../../../server/administration/resources.js'
import { openStore } from '../../../store/open-store.js'
import type { TablesPart } from '../../../store/postgres/tables-out.js'
import type { Store } from '../../../store/store.js'

const partner = { name: 'administrator', roles: new Set(['admin'] as const), address: '127.0.0.1' }
const asked = { rest: '', query: new URLSearchParams(), body: undefined, partner }
const migrations = [{ name: '0001-things', sqlite: ['CREATE TABLE thing (id INTEGER PRIMARY KEY, content BLOB)'] }]

describe('the database that is handed out for a backup', () => {
  let folder: string
  let database: string
  let store: Store

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-database-')
    database = join(folder, 'registry.sqlite')
    store = await openStore({ path: database, migrations }, systemPorts.clock, systemPorts.files)
    const insert = store.prepare('INSERT INTO thing (content) VALUES (randomblob(1000))')
    await store.write(() => {
      for (let count = 0; count < 2_000; count += 1) insert.run()
    })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const copies = () => readdirSync(folder).filter(name => name.includes('.copy-'))

  async function bytesOf(resource: AdminResource, seen: () => void = () => {}): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const parcel of readParcels(((await resource.answer(asked)) as Parcels).bytes)) {
      seen()
      if (parcel.kind === 'piece') pieces.push(parcel.bytes)
    }
    return Buffer.concat(pieces)
  }

  it('is whole, as it was at one instant, while others write; and nothing of the copy stays', async () => {
    const resource = await databaseResource(database, systemPorts)
    let isWriting = true
    const writing = (async () => {
      const insert = store.prepare('INSERT INTO thing (content) VALUES (randomblob(1000))')
      while (isWriting) {
        await store.write(() => {
          insert.run()
          insert.run()
        })
      }
    })()
    const bytes = await bytesOf(resource)
    isWriting = false
    await writing
    const path = join(folder, 'received.sqlite')
    writeFileSync(path, bytes)
    const received = await openStore({ path, migrations }, systemPorts.clock, systemPorts.files)
    const count = received.prepare('SELECT count(*) AS count FROM thing').get<{ count: number }>()?.count ?? 0
    expect(received.prepare('PRAGMA integrity_check').get()).to.deep.equal({ integrity_check: 'ok' })
    await received.close()
    expect(count).to.be.at.least(2_000)
    expect(count % 2, 'two are committed together').to.equal(0)
    expect(copies()).to.deep.equal([])
  })

  it('is a file that nobody else may read, and is gone when the administrator goes away', async () => {
    const resource = await databaseResource(database, systemPorts)
    const answer = (await resource.answer(asked)) as Parcels
    for await (const parcel of readParcels(answer.bytes)) {
      if (parcel.kind !== 'piece') continue
      const [copy] = copies()
      expect(statSync(join(folder, copy!)).mode & 0o777).to.equal(0o600)
      break
    }
    await (answer.bytes as AsyncGenerator<Buffer>).return(undefined)
    expect(copies()).to.deep.equal([])
    expect((await bytesOf(resource)).length).to.be.greaterThan(2_000_000)
  })

  it('is copied for one at a time', async () => {
    const resource = await databaseResource(database, systemPorts)
    const [first, second] = [(await resource.answer(asked)) as Parcels, (await resource.answer(asked)) as Parcels]
    const parcels = readParcels(first.bytes)
    await parcels.next()
    const problem = (await resource.answer(asked).catch(failure => failure)) as AdminProblem
    expect(problem.status).to.equal(503)
    const late = await readParcels(second.bytes)
      .next()
      .catch(failure => failure)
    expect(late).to.be.instanceOf(Error)
    for await (const _ of parcels);
    await bytesOf(resource)
  })

  it('is not copied where that would take the room of those who write', async () => {
    const ports: Ports = { ...systemPorts, files: { ...systemPorts.files, freeBytes: async () => 64 * 1024 * 1024 } }
    const resource = await databaseResource(database, ports)
    const problem = (await resource.answer(asked).catch(failure => failure)) as AdminProblem
    expect(problem.status).to.equal(503)
    expect(problem.message).to.contain('64 are free')
  })

  it('comes with what a backup has to ask for besides, of the same instant', async () => {
    const listIn = async function* (copy: string) {
      yield Buffer.from(`${statSync(copy).size > 2_000_000} `)
      yield Buffer.from('and more\n')
    }
    const resource = await databaseResource(database, systemPorts, { listIn })
    const names: string[] = []
    let last = ''
    for await (const parcel of readParcels(((await resource.answer(asked)) as Parcels).bytes)) {
      if (parcel.kind === 'begin') names.push(parcel.name)
      if (parcel.kind === 'begin') last = ''
      if (parcel.kind === 'piece') last += String(parcel.bytes)
    }
    expect(names).to.deep.equal(['registry.sqlite', 'list'])
    expect(last).to.equal('true and more\n')
  })

  const onServer = 'postgres://carnet:secret@db.example/registry'

  it('is handed out table by table, where it is on a server', async () => {
    const long = Buffer.alloc(300_000, 'a')
    const table = { name: 'thing_0', into: 'thing', columns: ['id'] }
    const end = { rows: 1, sizeBytes: long.length, sha256: 'x' }
    async function* tables(): AsyncGenerator<TablesPart> {
      yield { kind: 'schema', schema: { steps: ['0001-things'], sequences: [] } }
      yield { kind: 'table', table }
      yield { kind: 'piece', bytes: long, rows: 1 }
      yield { kind: 'end', end }
    }
    const resource = await databaseResource(onServer, systemPorts, { tables })
    const files: [string, string][] = []
    for await (const parcel of readParcels(((await resource.answer(asked)) as Parcels).bytes)) {
      const file = files.at(-1)
      if (parcel.kind === 'begin') files.push([parcel.name, ''])
      if (parcel.kind === 'piece' && file !== undefined) file[1] += String(parcel.bytes)
    }
    expect(files).to.deep.equal([
      ['schema of tables', JSON.stringify({ steps: ['0001-things'], sequences: [] })],
      ['table', JSON.stringify(table)],
      ['rows', String(long)],
      ['end of a table', JSON.stringify(end)],
      ['end of all tables', '{}'],
    ])
  })

  it('says why it breaks off, where the server went away under way', async () => {
    async function* tables(): AsyncGenerator<TablesPart> {
      yield { kind: 'schema', schema: { steps: [], sequences: [] } }
      throw new Error('Connection terminated unexpectedly')
    }
    const resource = await databaseResource(onServer, systemPorts, { tables })
    const parcels: Parcel[] = []
    for await (const parcel of readParcels(((await resource.answer(asked)) as Parcels).bytes)) parcels.push(parcel)
    expect(parcels.at(-1)).to.deep.include({ kind: 'absent', gone: false })
    expect(parcels.at(-1)).to.have.property('why').that.contains('Connection terminated unexpectedly')
  })

  it('leaves nothing of a copy that another process was making when it ended', async () => {
    const left = `${database}.copy-0b5c`
    writeFileSync(left, 'half')
    await databaseResource(database, systemPorts)
    expect(existsSync(left)).to.equal(false)
    expect(existsSync(database)).to.equal(true)
  })
})
