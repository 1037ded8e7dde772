import { copyFile, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { type Clock, systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { erasureIn } from '../../store/erasure.js'
import { openStore } from '../../store/open-store.js'
import { connect } from '../../store/sqlite-driver.js'
import type { Store } from '../../store/store.js'

const migrations = [
  { name: 'test-0001', sqlite: ['CREATE TABLE things (key INTEGER PRIMARY KEY, name TEXT UNIQUE, content BLOB)'] },
]

describe('the erasure of what was deleted', () => {
  const folders: string[] = []
  const stores: Store[] = []
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    for (const folder of folders.splice(0)) await systemFiles.removeFolder(folder)
  })

  async function newPath(): Promise<string> {
    const folder = await systemFiles.temporaryFolder('carnet-erasure-')
    folders.push(folder)
    return join(folder, 'test.db')
  }

  async function open(path: string): Promise<Store> {
    const store = await openStore({ path, migrations }, systemClock, systemFiles)
    stores.push(store)
    return store
  }

  /** Rows of some patients come in any order, as in life: pages split, and rows move from page to page. */
  async function filled(store: Store): Promise<string[]> {
    const insert = store.prepare('INSERT INTO things VALUES (?, ?, ?)')
    const random = seeded(4711)
    const words: string[] = []
    await store.write(() => {
      for (let count = 0; count < 3_000; count++) {
        const word = `word-${count}-of-${random(1_000_000)}.`
        insert.run(random(60) * 2 ** 24 + count, word, Buffer.from(word.repeat(1 + random(120))))
        words.push(word)
      }
    })
    return words
  }

  async function erase(store: Store, words: readonly string[]): Promise<void> {
    const remove = store.prepare('DELETE FROM things WHERE name = ?')
    await store.write(() => {
      for (const word of words) remove.run(word)
      store.markErasure()
    })
  }

  it('leaves no word in the database file or its log, free pages and unused parts of pages included', async () => {
    const path = await newPath()
    const store = await open(path)
    const words = await filled(store)
    const gone = words.filter((_, index) => index % 7 === 0)
    expect(await found(path, gone)).to.not.deep.equal([])
    await erase(store, gone)
    await store.erased()
    expect(await found(path, gone)).to.deep.equal([])
    const others = words.filter((_, index) => index % 70 === 1)
    expect(await found(path, others)).to.deep.equal(others)
  }).timeout(60_000)

  it('waits for whoever reads what was there before, and holds up nobody else meanwhile', async () => {
    const path = await newPath()
    const store = await open(path)
    const gone = (await filled(store)).slice(0, 40)
    const reader = await connect(path, { readOnly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM things').get()
    await erase(store, gone)
    let isErased = false
    const erased = store.erased().then(() => {
      isErased = true
    })
    const beganMs = systemClock.monotonicMs()
    await systemClock.sleep(400)
    expect(systemClock.monotonicMs() - beganMs, 'others waited').to.be.lessThan(1_500)
    expect(isErased).to.equal(false)
    expect(await found(path, gone)).to.not.deep.equal([])
    reader.exec('COMMIT')
    await erased
    expect(await found(path, gone)).to.deep.equal([])
    reader.close()
  }).timeout(30_000)

  it('is completed by the next start when the process ends before it', async () => {
    const path = await newPath()
    const store = await open(path)
    const gone = (await filled(store)).slice(0, 40)
    await erase(store, gone)
    const left = await asAfterACrash(path)
    expect(await found(left, gone)).to.not.deep.equal([])
    await open(left)
    expect(await found(left, gone)).to.deep.equal([])
  })

  it('does not vacuum a large database while others wait, but empties its log and zeroes its free pages', async () => {
    const path = await newPath()
    const store = await open(path)
    await filled(store)
    await store.close()
    const connection = await connect(path)
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON')
    const erasure = erasureIn(connection, systemClock, {
      atOnceBytes: 1,
      atAllBytes: 2 ** 40,
      quickMs: 50,
      pauseFactor: 20,
    })
    const word = 'alone-upon-its-pages'
    connection.exec('BEGIN')
    connection.prepare('INSERT INTO things VALUES (1, ?, ?)').run(word, Buffer.from(word.repeat(2_000)))
    connection.exec('COMMIT')
    connection.exec('BEGIN')
    connection.prepare('DELETE FROM things WHERE name = ?').run(word)
    erasure.mark()
    connection.exec('COMMIT')
    const free = () => (connection.prepare('PRAGMA freelist_count').get() as { freelist_count: number }).freelist_count
    erasure.now()
    expect(free()).to.be.greaterThan(5)
    expect((await readFile(`${path}-wal`)).length).to.equal(0)
    expect(await found(path, [word])).to.deep.equal([])
    erasure.thoroughly()
    expect(free()).to.equal(0)
    connection.close()
  })

  it('vacuums one after another with pauses between, so that many removals do not hold up everybody', async () => {
    const path = await newPath()
    await (await open(path)).close()
    const connection = await connect(path)
    connection.exec('PRAGMA journal_mode = WAL')
    const clock = heldClock()
    const erasure = erasureIn(connection, clock, {
      atOnceBytes: 2 ** 30,
      atAllBytes: 2 ** 30,
      quickMs: 50,
      pauseFactor: 20,
    })
    const marked = () => (connection.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
    erasure.mark()
    erasure.now()
    expect(marked()).to.equal(0)
    erasure.mark()
    erasure.now()
    expect(marked()).to.equal(1)
    clock.pass()
    expect(marked()).to.equal(0)
    connection.close()
  })

  /** The files as they stand on the disk now. */
  async function asAfterACrash(path: string): Promise<string> {
    const copy = await newPath()
    for (const name of await readdir(dirname(path))) {
      if (name.endsWith('.db') || name.endsWith('-wal'))
        await copyFile(join(dirname(path), name), join(dirname(copy), name))
    }
    return copy
  }
})

/** A clock on which a look takes a second, whose timers go off when the test says so. */
function heldClock(): Clock & { pass(): void } {
  let nowMs = 0
  const due: (() => void)[] = []
  return {
    ...systemClock,
    monotonicMs: () => {
      nowMs += 1_000
      return nowMs
    },
    after(delayMs, work) {
      expect(delayMs).to.be.greaterThan(0)
      due.push(work)
      return { cancel: () => {} }
    },
    pass() {
      nowMs += 3_600_000
      for (const work of due.splice(0)) work()
    },
  }
}

/** Those of the words that stand in any file of the folder. */
async function found(path: string, words: readonly string[]): Promise<string[]> {
  const names = await readdir(dirname(path))
  const texts = await Promise.all(
    names.map(async name => (await readFile(join(dirname(path), name))).toString('latin1')),
  )
  return words.filter(word => texts.some(text => text.includes(word)))
}

function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
