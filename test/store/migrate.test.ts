import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { openStore } from '../../store/open-store.js'
import type { Migration } from '../../store/store.js'

const first: Migration = { name: 'test-0001', sqlite: ['CREATE TABLE things (name TEXT)', 'CREATE TABLE more (x)'] }
const second: Migration = { name: 'test-0002', sqlite: ['ALTER TABLE things ADD COLUMN size INTEGER'] }
const spoilt: Migration = { name: 'test-0003', sqlite: ['CREATE TABLE third (x)', 'this is no SQL'] }

describe('migrations', () => {
  let folder: string
  beforeEach(async () => {
    folder = await systemFiles.temporaryFolder('carnet-migrate-')
  })
  afterEach(() => systemFiles.removeFolder(folder))

  const open = (migrations: Migration[]) =>
    openStore({ path: `${folder}/test.db`, migrations }, systemClock, systemFiles)

  async function tables(migrations: Migration[]): Promise<string[]> {
    const store = await open(migrations)
    const rows = store.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all<{ name: string }>()
    await store.close()
    return rows.map(row => row.name)
  }

  it('runs every step once, in order', async () => {
    expect(await tables([first])).to.include.members(['things', 'more'])
    const store = await open([first, second])
    await store.write(() => store.prepare('INSERT INTO things (name, size) VALUES (?, ?)').run('a', 1))
    await store.close()
    expect(await tables([first, second])).to.include('things')
  })

  it('refuses in one sentence a database that a newer version wrote', async () => {
    await tables([first, second])
    const problem = await open([first]).catch(error => error)
    expect(problem.message).to.match(
      /^the database .*test\.db was written by a newer version of Carnet \(its step test-0002/,
    )
  })

  it('leaves the old schema when a step fails', async () => {
    await tables([first])
    const problem = await open([first, spoilt]).catch(error => error)
    expect(problem).to.be.instanceOf(Error)
    expect(await tables([first])).to.not.include('third')
  })

  it('takes a store in memory', async () => {
    const store = await openStore({ path: ':memory:', migrations: [first, second] }, systemClock, systemFiles)
    await store.write(() => store.prepare('INSERT INTO things (name, size) VALUES (?, ?)').run('a', 1))
    expect(store.prepare('SELECT size FROM things').get()).to.include({ size: 1 })
    await store.close()
  })
})
