import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { deferred } from '../../ports/promises.js'
import { type ChangesDoor, foldersOf, openChangesDoor, ReadOnly, type SharedNote } from '../../server/changes-door.js'
import { StoreAway, StoreFull } from '../../store/failures.js'
import { until } from '../house/waiting.js'

const closedWords = 'nothing may be changed here since 2026-11-25T02:00:00.000Z, by admin: upgrade'
const note = { sinceMs: Date.UTC(2026, 10, 25, 2), by: 'admin', why: 'upgrade' }

describe('the door for changes', () => {
  let folder: string
  let free: Record<string, number>
  let freeFiles: Record<string, number>
  /** Where a disk stands still. */
  let answers: Promise<void> | undefined
  let nowMs: number
  let longestWaitMs: number
  const doors: ChangesDoor[] = []

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-door-')
    free = { '/a': 1_000, '/b': 1_000 }
    freeFiles = {}
    answers = undefined
    nowMs = 0
    longestWaitMs = 0
  })
  afterEach(() => {
    for (const door of doors.splice(0)) door.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function opened(): Promise<ChangesDoor> {
    const door = await openChangesDoor({
      file: join(folder, 'registry.read-only'),
      folders: ['/a', '/b'],
      leastFreeBytes: 100,
      longestWaitMs: () => longestWaitMs,
      ports: {
        clock: { ...systemPorts.clock, monotonicMs: () => nowMs, every: () => ({ cancel: () => {} }) },
        files: {
          ...systemPorts.files,
          freeBytes: async path => {
            await answers
            return free[path] ?? 0
          },
          freeFiles: async path => freeFiles[path] ?? Number.POSITIVE_INFINITY,
        },
      },
    })
    doors.push(door)
    return door
  }

  it('is open', async () => {
    const door = await opened()
    for (const change of ['adds', 'removes'] as const) door.assertOpen(change)
    expect((await door.checks()).every(({ ok }) => ok)).to.equal(true)
  })

  it('lets nothing be added while a disk does not answer, and says so', async () => {
    const door = await opened()
    const { promise, resolve } = deferred<void>()
    answers = promise
    const before = door.checks()
    nowMs = 9_000
    door.assertOpen('adds')
    nowMs = 12_000
    expect(() => door.assertOpen('adds')).to.throw(StoreAway, 'a disk has not answered for 12 s; send this again')
    door.assertOpen('removes')
    const [disk] = await door.checks()
    expect(disk).to.deep.equal({
      ...{ name: 'disk', ok: false },
      reason: 'it cannot be looked at: a disk has not answered for 12 s',
    })
    resolve()
    expect((await before).every(({ ok }) => ok)).to.equal(true)
    door.assertOpen('adds')
  })

  it('lets nothing be added while others have waited for a disk for a minute', async () => {
    const door = await opened()
    longestWaitMs = 59_000
    expect((await door.checks()).every(({ ok }) => ok)).to.equal(true)
    longestWaitMs = 60_000
    expect(() => door.assertOpen('adds')).to.throw(StoreAway, 'a disk has not answered for 60 s')
    expect((await door.checks()).map(({ ok }) => ok)).to.deep.equal([false, true])
  })

  it('is closed by an administrator to all changes, also after a restart, and opened again', async () => {
    const door = await opened()
    await door.setReadOnly(note)
    for (const each of [door, await opened()]) {
      for (const change of ['adds', 'removes'] as const) {
        expect(() => each.assertOpen(change)).to.throw(
          ReadOnly,
          /since 2026-11-25T02:00:00.000Z, by admin: upgrade; queries/,
        )
      }
    }
    await door.setReadOnly(undefined)
    door.assertOpen('adds')
    ;(await opened()).assertOpen('adds')
  })

  it('follows what another process on the same data has been told', async () => {
    const [door, other] = [await opened(), await opened()]
    await other.setReadOnly(note)
    await door.checks()
    expect(() => door.assertOpen('adds')).to.throw(ReadOnly)
  })

  it('follows what is written in a database that several share, as it was last read while that is away', async () => {
    const held: { note?: typeof note } = {}
    let isAway = false
    const shared: SharedNote = {
      async read() {
        if (isAway) throw new Error('away')
        return held.note
      },
      async write(written) {
        if (isAway) throw new Error('away')
        if (written === undefined) delete held.note
        else held.note = written
      },
    }
    const [door, other] = [await opened(), await opened()]
    for (const each of [door, other]) await each.share(shared)
    await other.setReadOnly(note)
    await door.checks()
    expect(() => door.assertOpen('adds')).to.throw(ReadOnly, /by admin: upgrade/)
    expect(existsSync(join(folder, 'registry.read-only'))).to.equal(false)
    isAway = true
    expect(await door.checks()).to.deep.include({ name: 'changes', ok: true, reason: closedWords })
    expect(await door.setReadOnly(undefined).catch((problem: Error) => problem.message)).to.equal('away')
    expect(() => door.assertOpen('adds')).to.throw(ReadOnly)
    isAway = false
    await door.setReadOnly(undefined)
    await other.checks()
    other.assertOpen('adds')
    held.note = note
    const late = await opened()
    await late.share(shared)
    expect(() => late.assertOpen('adds')).to.throw(ReadOnly)
  })

  it('believes what it is told rather than what it saw before', async () => {
    const looks: ((found: typeof note) => void)[] = []
    let isSlow = false
    const door = await opened()
    await door.share({
      read: () => (isSlow ? new Promise(resolve => looks.push(resolve)) : Promise.resolve(note)),
      write: async () => {},
    })
    isSlow = true
    const looked = door.checks()
    await until(() => looks.length > 0, 'it looks')
    await door.setReadOnly(undefined)
    looks[0]?.(note)
    await looked
    door.assertOpen('adds')
  })

  it('opens what was closed by a note beside the database of before', async () => {
    await (await opened()).setReadOnly(note)
    const door = await opened()
    await door.share({ read: async () => undefined, write: async () => {} })
    await door.checks()
    expect(() => door.assertOpen('adds')).to.throw(ReadOnly)
    await door.setReadOnly(undefined)
    await door.checks()
    door.assertOpen('adds')
  })

  it('stays closed where the note cannot be read', async () => {
    writeFileSync(join(folder, 'registry.read-only'), '')
    const door = await opened()
    expect(() => door.assertOpen('adds')).to.throw(ReadOnly)
  })

  it('adds nothing while one of its disks is as good as full, removes all the same, and opens by itself', async () => {
    const door = await opened()
    free['/b'] = 99
    const [disk] = await door.checks()
    expect(disk).to.include({ name: 'disk', ok: false })
    expect(() => door.assertOpen('adds')).to.throw(StoreFull)
    door.assertOpen('removes')
    free['/b'] = 100
    await door.checks()
    door.assertOpen('adds')
  })

  it('adds nothing where the file system takes hardly any more files, though there are bytes free, and opens by itself', async () => {
    const door = await opened()
    free['/a'] = 100
    freeFiles['/b'] = 999
    const [disk] = await door.checks()
    expect(disk).to.deep.equal({
      name: 'disk',
      ok: false,
      reason: 'the file system takes 999 more files, and 1000 are kept free at /b',
    })
    expect(() => door.assertOpen('adds')).to.throw(StoreFull, /takes 999 more files, and 1000 are kept free/)
    door.assertOpen('removes')
    freeFiles['/b'] = 1_000
    await door.checks()
    door.assertOpen('adds')
  })

  it('says so where a disk cannot be looked at any more', async () => {
    const door = await opened()
    Object.defineProperty(free, '/b', {
      get() {
        throw new Error('EIO: i/o error')
      },
    })
    const [disk] = await door.checks()
    expect(disk).to.deep.equal({ name: 'disk', ok: false, reason: 'it cannot be looked at: EIO: i/o error' })
  })

  it('adds nothing while a folder is not there, removes all the same, and opens by itself', async () => {
    const door = await opened()
    let isThere = false
    Object.defineProperty(free, '/b', {
      get() {
        if (isThere) return 1_000
        throw Object.assign(new Error("ENOENT: no such file or directory, statfs '/b'"), { code: 'ENOENT' })
      },
    })
    const [disk] = await door.checks()
    expect(disk?.ok).to.equal(false)
    expect(() => door.assertOpen('adds')).to.throw(
      StoreFull,
      "a folder of this service is not there (ENOENT: no such file or directory, statfs '/b')",
    )
    door.assertOpen('removes')
    isThere = true
    await door.checks()
    door.assertOpen('adds')
  })

  it('looks at the disks of this machine only', () => {
    expect(foldersOf({ database: '/data/repository.sqlite', documents: '/documents' })).to.deep.equal([
      '/data',
      '/documents',
    ])
    expect(foldersOf({ database: '/data/repository.sqlite', documents: 's3://bucket/prefix' })).to.deep.equal(['/data'])
    expect(
      foldersOf({ database: '/data/r.sqlite', documents: 's3://bucket', documentsFolder: '/spool' }),
    ).to.deep.equal(['/data', '/spool'])
    expect(foldersOf({ database: 'postgres://host/registry' })).to.deep.equal([])
  })
})
