import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'chai'
import { type Clock, systemClock } from '../../ports/clock.js'
import { type Files, systemFiles } from '../../ports/files.js'
import { CannotOpen, StoreBroken, StoreFull } from '../../store/failures.js'
import { openStore } from '../../store/open-store.js'
import { connect } from '../../store/sqlite-driver.js'
import type { Store } from '../../store/store.js'

const migrations = [{ name: 'test-0001', sqlite: ['CREATE TABLE things (name TEXT PRIMARY KEY, size INTEGER)'] }]

/** Works of one turn are one group however long they take on this machine. */
const clock: Clock = { ...systemClock, monotonicMs: () => 0 }

/** A clock whose timers go off when the test says so; turns end as in life. */
/** What it does every so often is done when that is asked for. */
function lookedAtWhenAsked(): { clock: Clock; look(): Promise<void> } {
  let look = async () => {}
  const looking: Clock = {
    ...clock,
    every(_periodMs, work) {
      look = async () => {
        work()
        await systemClock.sleep(50)
      }
      return { cancel: () => undefined }
    },
  }
  return { clock: looking, look: () => look() }
}

function heldClock(): Clock & { fire(): void; readonly pending: number } {
  let held: (() => void)[] = []
  return {
    ...clock,
    after(_delayMs, work) {
      held.push(work)
      return {
        cancel: () => {
          held = held.filter(other => other !== work)
        },
      }
    },
    fire() {
      const due = held
      held = []
      for (const work of due) work()
    },
    get pending() {
      return held.length
    },
  }
}

describe('the store', () => {
  const opened: Store[] = []
  const folders: string[] = []

  async function open(options: { path?: string; clock?: Clock; files?: Partial<Files> } = {}): Promise<Store> {
    const store = await openStore({ path: options.path ?? ':memory:', migrations }, options.clock ?? clock, {
      ...systemFiles,
      ...options.files,
    })
    opened.push(store)
    return store
  }

  async function newPath(): Promise<string> {
    const folder = await systemFiles.temporaryFolder('carnet-store-')
    folders.push(folder)
    return `${folder}/data/test.db`
  }

  const put = (store: Store, name: string) => () => store.prepare('INSERT INTO things VALUES (?, 1)').run(name)
  const names = (store: Store) =>
    store
      .prepare('SELECT name FROM things ORDER BY rowid')
      .all<{ name: string }>()
      .map(row => row.name)

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(store => store.close()))
    await Promise.all(folders.splice(0).map(folder => systemFiles.removeFolder(folder)))
  })

  describe('write', () => {
    it('commits the works of one turn in one transaction, in order, each with its own result', async () => {
      const store = await open()
      const turns: string[] = []
      const results = await Promise.all([
        store.write(() => {
          turns.push('a')
          return names(store).length
        }),
        store.write(put(store, 'b')),
        store.write(() => names(store).length),
      ])
      expect(turns).to.deep.equal(['a'])
      expect(results[0]).to.equal(0)
      expect(results[2]).to.equal(1)
    })

    it('shows nothing of a group before the end of the turn', async () => {
      const store = await open()
      const writing = store.write(put(store, 'a'))
      await Promise.resolve()
      expect(names(store)).to.deep.equal([])
      await writing
      expect(names(store)).to.deep.equal(['a'])
    })

    it('undoes the changes of a work that throws, and those of nobody else', async () => {
      const store = await open()
      const [first, second, third] = await Promise.allSettled([
        store.write(put(store, 'a')),
        store.write(() => {
          put(store, 'half')()
          throw new RangeError('no')
        }),
        store.write(put(store, 'c')),
      ])
      expect([first?.status, third?.status]).to.deep.equal(['fulfilled', 'fulfilled'])
      expect(second).to.include({ status: 'rejected' })
      expect((second as PromiseRejectedResult).reason).to.be.instanceOf(RangeError)
      expect(names(store)).to.deep.equal(['a', 'c'])
    })

    it('undoes a work that breaks a constraint after other changes of its own', async () => {
      const store = await open()
      await store.write(put(store, 'there'))
      const outcome = await Promise.allSettled([
        store.write(() => {
          put(store, 'new')()
          put(store, 'there')()
        }),
      ])
      expect(outcome[0]?.status).to.equal('rejected')
      expect(names(store)).to.deep.equal(['there'])
    })

    it('refuses a work that returns a promise, and keeps nothing of it', async () => {
      const store = await open()
      const outcome = await Promise.allSettled([
        store.write(async () => {
          put(store, 'a')()
        }),
      ])
      expect((outcome[0] as PromiseRejectedResult).reason.message).to.contain('must not return a promise')
      expect(names(store)).to.deep.equal([])
    })

    it('runs a write that a work asks for in the next group', async () => {
      const store = await open()
      let inner: Promise<unknown> | undefined
      await store.write(() => {
        inner = store.write(put(store, 'inner'))
        put(store, 'outer')()
      })
      await inner
      expect(names(store)).to.deep.equal(['outer', 'inner'])
    })

    it('says StoreFull when there is no space, and goes on by itself when there is space again', async () => {
      const store = await open({ path: await newPath() })
      const pages = store.prepare('PRAGMA page_count').get<{ page_count: number }>()?.page_count ?? 0
      store.prepare(`PRAGMA max_page_count = ${pages + 2}`).get()
      const big = 'x'.repeat(100_000)
      const refused = await store.write(put(store, big)).catch(problem => problem)
      expect(refused).to.be.instanceOf(StoreFull)
      expect(store.broken).to.equal(undefined)
      store.prepare('PRAGMA max_page_count = 100000').get()
      await store.write(put(store, big))
      expect(names(store)).to.deep.equal([big])
    })

    it('keeps what it has committed over a restart', async () => {
      const path = await newPath()
      const store = await open({ path })
      await store.write(put(store, 'a'))
      await store.close()
      expect(names(await open({ path }))).to.deep.equal(['a'])
    })

    it('lets nobody but owner and group read the file', async () => {
      const path = await newPath()
      await open({ path })
      const { statSync } = await import('node:fs')
      expect(statSync(path).mode & 0o007).to.equal(0)
    })

    it('a second connection sees a group wholly or not at all', async () => {
      const path = await newPath()
      const store = await open({ path })
      const other = await connect(path)
      const writing = Promise.all([store.write(put(store, 'a')), store.write(put(store, 'b'))])
      expect(other.prepare('SELECT count(*) AS n FROM things').get()).to.include({ n: 0 })
      await writing
      expect(other.prepare('SELECT count(*) AS n FROM things').get()).to.include({ n: 2 })
      other.close()
    })
  })

  describe('writeSoon', () => {
    it('is resolved before the sync, which follows when its time has come', async () => {
      const synced: string[] = []
      const clock = heldClock()
      const path = await newPath()
      const store = await open({ path, clock, files: { syncFile: async file => void synced.push(file) } })
      await store.writeSoon(put(store, 'a'))
      await store.writeSoon(put(store, 'b'))
      expect(synced).to.deep.equal([])
      expect(clock.pending).to.equal(1)
      clock.fire()
      await Promise.resolve()
      expect(synced).to.deep.equal([`${path}-wal`])
    })

    it('needs no sync of its own when it shares a group with a write', async () => {
      const clock = heldClock()
      const store = await open({ path: await newPath(), clock })
      await Promise.all([store.writeSoon(put(store, 'a')), store.write(put(store, 'b'))])
      expect(clock.pending).to.equal(0)
    })

    it('asks for full durability again after a group without it', async () => {
      const store = await open({ path: await newPath(), clock: heldClock() })
      const level = () => store.prepare('PRAGMA synchronous').get<{ synchronous: number }>()?.synchronous
      await store.writeSoon(put(store, 'a'))
      expect(level()).to.equal(1)
      await store.write(put(store, 'b'))
      expect(level()).to.equal(2)
    })

    it('a sync for which there was no file handle is made a little later', async () => {
      const clock = heldClock()
      let tries = 0
      const syncFile = async () => {
        tries += 1
        if (tries === 1) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
      }
      const store = await open({ path: await newPath(), clock, files: { syncFile } })
      await store.writeSoon(put(store, 'a'))
      clock.fire()
      await new Promise(setImmediate)
      expect(store.broken).to.equal(undefined)
      clock.fire()
      await new Promise(setImmediate)
      expect(tries).to.equal(2)
      await store.write(put(store, 'b'))
    })

    it('a failed sync is final: nothing is written any more, reading goes on', async () => {
      const clock = heldClock()
      const failing = { syncFile: () => Promise.reject(new Error('EIO: i/o error, fsync')) }
      const store = await open({ path: await newPath(), clock, files: failing })
      await store.writeSoon(put(store, 'a'))
      clock.fire()
      await new Promise(setImmediate)
      expect(store.broken).to.contain('EIO')
      const refused = await store.write(put(store, 'b')).catch(problem => problem)
      expect(refused).to.be.instanceOf(StoreBroken)
      expect(names(store)).to.deep.equal(['a'])
    })
  })

  describe('a write-ahead log that is removed', () => {
    it('is found out: nothing is written any more, and all that was is in the database afterwards', async () => {
      const { clock, look } = lookedAtWhenAsked()
      const path = await newPath()
      const store = await open({ path, clock })
      await store.write(put(store, 'a'))
      await look()
      expect(store.broken).to.equal(undefined)
      rmSync(`${path}-wal`)
      // Into the log that nobody finds any more, as far as SQLite knows well.
      await store.write(put(store, 'b'))
      await look()
      expect(store.broken).to.contain('was removed')
      expect(await store.write(put(store, 'c')).catch(problem => problem)).to.be.instanceOf(StoreBroken)
      await store.close()
      expect(names(await open({ path }))).to.deep.equal(['a', 'b'])
    })

    it('is written into the database by whoever closes it before that was found', async () => {
      const path = await newPath()
      const store = await open({ path })
      await store.write(put(store, 'a'))
      rmSync(`${path}-wal`)
      await store.close()
      expect(names(await open({ path }))).to.deep.equal(['a'])
    })
  })

  describe('close', () => {
    it('commits and syncs what is under way', async () => {
      const synced: string[] = []
      const path = await newPath()
      const store = await open({
        path,
        clock: heldClock(),
        files: { syncFile: async file => void synced.push(file) },
      })
      const writing = store.writeSoon(put(store, 'a'))
      await store.close()
      await writing
      expect(synced).to.deep.equal([`${path}-wal`])
      expect(names(await open({ path }))).to.deep.equal(['a'])
    })

    it('refuses later writes, and may be asked for twice', async () => {
      const store = await open()
      await Promise.all([store.close(), store.close()])
      const refused = await store.write(() => 1).catch(problem => problem)
      expect(refused).to.be.instanceOf(StoreBroken)
    })
  })

  describe('another file in the place of the database', () => {
    // Of copies, for SQLite remembers in this process under which name a file was opened.
    const copyOf = async (path: string) => {
      const copy = await newPath()
      mkdirSync(dirname(copy), { recursive: true })
      copyFileSync(path, copy)
      return copy
    }
    const older = async () => {
      const path = await newPath()
      const store = await open({ path })
      await store.write(put(store, 'of old'))
      store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
      await store.close()
      return copyOf(path)
    }

    for (const how of ['is found out', 'is seen by whoever closes before that was found']) {
      it(`${how}: it is not given the log of the other, which keeps all that was written`, async () => {
        const { clock, look } = lookedAtWhenAsked()
        const path = await newPath()
        const store = await open({ path, clock })
        await store.write(put(store, 'a'))
        await look()
        expect(store.broken).to.equal(undefined)
        renameSync(path, `${path}.away`)
        renameSync(await older(), path)
        await store.write(put(store, 'b'))
        if (how === 'is found out') {
          await look()
          expect(store.broken).to.contain('another file was put in the place of the database')
        }
        await store.close()
        expect(statSync(`${path}-wal`).size).to.equal(0)
        expect(names(await open({ path }))).to.deep.equal(['of old'])
        expect(names(await open({ path: await copyOf(`${path}.away`) }))).to.deep.equal(['a', 'b'])
      })
    }
  })

  describe('says why it cannot be opened, and what to do', () => {
    const refusal = async (path: string, files: Partial<Files> = {}) => {
      const problem = await open({ path, files }).catch((failure: Error) => failure)
      expect(problem).to.be.instanceOf(CannotOpen)
      return (problem as CannotOpen).message
    }

    it('where the file is damaged', async () => {
      const path = await newPath()
      await systemFiles.makeFolder(dirname(path))
      writeFileSync(path, randomBytes(8_192))
      expect(await refusal(path)).to.match(/^the database .*test\.db is damaged \(.+\): restore a backup/)
    })

    it('where a folder stands in its place, or it may not be made', async () => {
      const path = await newPath()
      mkdirSync(path, { recursive: true })
      expect(await refusal(path)).to.contain('is its folder there, and may this user write in it?')
      for (const [code, words] of [
        ['EACCES', 'may this user write in it?'],
        ['EROFS', 'is its disk mounted read-only?'],
        ['ENOSPC', 'finds no room on its disk'],
      ]) {
        const create = () => Promise.reject(Object.assign(new Error(code), { code }))
        expect(await refusal(await newPath(), { create })).to.contain(words)
      }
    })
  })

  it('prepares the same text once', async () => {
    const store = await open()
    expect(store.prepare('SELECT 1')).to.equal(store.prepare('SELECT 1'))
  })
})
