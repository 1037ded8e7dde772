import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { integrityOf } from '../../store/integrity.js'
import { openStore } from '../../store/open-store.js'
import { takeSnapshot } from '../../store/snapshot.js'
import { backupOf, connect } from '../../store/sqlite-driver.js'
import type { Store } from '../../store/store.js'

const { clock, files, threads } = systemPorts
const pageBytes = 4_096

describe('a copy of a database that is in use', () => {
  let folder: string
  let store: Store
  const database = () => join(folder, 'a.sqlite')

  beforeEach(async () => {
    folder = await files.temporaryFolder('carnet-snapshot-')
    const sqlite = ['CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT NOT NULL)']
    store = await openStore({ path: database(), migrations: [{ name: 'note-0001', sqlite }] }, clock, files)
    await store.write(() => {
      for (let id = 1; id <= 500; id += 1)
        store.prepare('INSERT INTO note VALUES (?, ?)').run(id, `of ${id} `.repeat(100))
    })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function copied(name: string): Promise<{ path: string; bytes: Buffer }> {
    const path = join(folder, name)
    await (await files.create(path)).close()
    await takeSnapshot({ database: database(), into: path }, threads)
    return { path, bytes: readFileSync(path) }
  }

  it('is whole, is a file by itself, and has what was committed', async () => {
    const { path } = await copied('copy')
    expect(await integrityOf(path)).to.deep.equal([])
    const connection = await connect(path, { readOnly: true })
    expect(connection.prepare('SELECT count(*) AS count FROM note').get()).to.deep.include({ count: 500 })
    expect(connection.prepare('PRAGMA journal_mode').get()).to.deep.include({ journal_mode: 'delete' })
    connection.close()
  })

  it('differs from the one before in the pages that were changed since', async function () {
    if ((await backupOf()) === undefined) this.skip()
    const before = await copied('before')
    await store.write(() => store.prepare('UPDATE note SET words = ? WHERE id = 250').run('of another '.repeat(70)))
    const after = await copied('after')
    const differing = pagesOf(after.bytes).filter(
      (page, index) => !page.equals(pagesOf(before.bytes)[index] ?? Buffer.alloc(0)),
    )
    expect(differing.length).to.be.within(1, 4)
  })

  it('has nothing of what was removed, as long as the database itself may have some of it', async () => {
    const before = await copied('before')
    await store.write(() => {
      store.markErasure()
      store.prepare('DELETE FROM note WHERE id <= 400').run()
    })
    const { path, bytes } = await copied('copy')
    expect(bytes.includes('of 300 of 300')).to.equal(false)
    expect(bytes.length).to.be.below(before.bytes.length / 2)
    expect(await integrityOf(path)).to.deep.equal([])
  })
})

function pagesOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / pageBytes }, (_, index) =>
    bytes.subarray(index * pageBytes, (index + 1) * pageBytes),
  )
}
