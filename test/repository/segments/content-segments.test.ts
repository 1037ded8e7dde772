import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Files, systemFiles } from '../../../ports/files.js'
import { systemPorts } from '../../../ports/ports.js'
import { type ContentStore, ContentUnreachable } from '../../../repository/content-store.js'
import { openContentSegments } from '../../../repository/segments/content-segments.js'
import { openSpool } from '../../../soap/spool.js'
import { StoreFull } from '../../../store/failures.js'
import { aContent, keepsContents, readAll, theRows } from '../a-content-store.js'

const folders: string[] = []
const opened: ContentStore[] = []

afterEach(async () => {
  for (const contents of opened.splice(0)) await contents.close()
  for (const folder of folders.splice(0)) await systemFiles.removeFolder(folder)
})

async function anEngine({ segmentBytes, files = systemFiles }: { segmentBytes?: number; files?: Files } = {}) {
  const parent = await systemFiles.temporaryFolder('carnet-content-segments-')
  folders.push(parent)
  const folder = join(parent, 'segments')
  const problems: string[] = []
  const restart = async (played = files) => {
    const contents = await openContentSegments({
      ...{ files: played, clock: systemPorts.clock, folder, onProblem: detail => void problems.push(detail) },
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    })
    opened.push(contents)
    return contents
  }
  const { randomness } = systemPorts
  return {
    contents: await restart(),
    restart,
    folder,
    problems,
    spool: openSpool({ files, randomness, folder: parent }),
    names: async () => (await readdir(folder)).sort(),
    /** How many of these stand in a file. */
    async readable(some: readonly Buffer[]) {
      const all = await Promise.all((await readdir(folder)).map(name => readFile(join(folder, name))))
      return some.filter(bytes => all.some(file => file.includes(bytes.subarray(0, 64)))).length
    },
  }
}

type Engine = Awaited<ReturnType<typeof anEngine>>

/** Puts them, one after the other, with rows. */
async function holding(engine: Engine, count: number, sizeBytes = 2_000, contents = engine.contents) {
  const rows = theRows()
  const all = Array.from({ length: count }, () => randomBytes(sizeBytes))
  const ids: string[] = []
  for (const bytes of all) {
    const content = await aContent(engine.spool, bytes)
    const places = await contents.put([content])
    rows.add({ id: content.id, place: places.get(content.id)! })
    ids.push(content.id)
  }
  return { rows, all, ids }
}

async function settled(contents: ContentStore, ids: string[]): Promise<void> {
  contents.final(ids)
  // What is to be done with segments is done one after the other.
  await contents.remove({ id: 'nobody', place: 'segment:999:32:1' })
}

describe('documents in segments', () => {
  keepsContents(
    () => anEngine(),
    () => randomBytes(3_000),
  )

  it('are brought to the disk together: one write for all that arrive meanwhile', async () => {
    let writes = 0
    const files: Files = {
      ...systemFiles,
      async changeThrough(path) {
        const file = await systemFiles.changeThrough(path)
        return {
          ...file,
          async writeAt(position, data) {
            writes += 1
            await file.writeAt(position, data)
          },
        }
      },
    }
    const { contents, spool } = await anEngine({ files })
    const fresh = await Promise.all(Array.from({ length: 40 }, () => aContent(spool, randomBytes(1_000))))
    const places = await Promise.all(fresh.map(content => contents.put([content])))
    expect(writes).to.equal(1)
    for (const [at, { id, content }] of fresh.entries()) {
      expect(await readAll(contents, { id, place: places[at]!.get(id)! })).to.deep.equal(content.bytes)
    }
  })

  it('are not damaged while their folder is not there', async () => {
    const { contents, spool, folder } = await anEngine()
    const { id, content } = await aContent(spool, randomBytes(1_000))
    const placed = { id, place: (await contents.put([{ id, content }])).get(id)! }
    await systemFiles.rename(folder, `${folder}.away`)
    const problem = await contents.open(placed).catch((failure: unknown) => failure)
    expect(problem).to.be.instanceOf(ContentUnreachable)
    await systemFiles.rename(`${folder}.away`, folder)
    expect(await readAll(contents, placed)).to.deep.equal(content.bytes)
  })

  it('are in a folder whose own name is on the disk before anything is in it', async () => {
    const done: string[] = []
    const files: Files = {
      ...systemFiles,
      async makeFolder(path) {
        await systemFiles.makeFolder(path)
        done.push('made')
      },
      async syncFolder(path) {
        await systemFiles.syncFolder(path)
        done.push(path === engine.folder ? 'its names synced' : 'its name synced')
      },
      async create(path) {
        done.push('segment created')
        return systemFiles.create(path)
      },
    }
    const engine = await anEngine({ files, segmentBytes: 3_000 })
    await holding(engine, 3)
    const segment = ['segment created', 'its names synced']
    expect(done).to.deep.equal(['made', 'its name synced', ...segment, ...segment])
  })

  it('begin a new segment when one is full, and rename that once nothing is taken back any more', async () => {
    const engine = await anEngine({ segmentBytes: 5_000 })
    const { ids, all, rows } = await holding(engine, 7)
    expect(await engine.names()).to.deep.equal(['1.open', '2.open', '3.open'])
    await settled(engine.contents, ids.slice(0, 4))
    expect(await engine.names()).to.deep.equal(['1.kept', '2.open', '3.open'])
    await settled(engine.contents, ids)
    expect(await engine.names()).to.deep.equal(['1.kept', '2.kept', '3.open'])
    for (const [at, id] of ids.entries()) expect(await readAll(engine.contents, rows.placed(id))).to.deep.equal(all[at])
  })

  it('are read by the new name of their segment where its folder could not be synced', async () => {
    let isRenamed = false
    const files: Files = {
      ...systemFiles,
      async rename(from, to) {
        await systemFiles.rename(from, to)
        isRenamed = true
        throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
      },
    }
    const engine = await anEngine({ segmentBytes: 5_000, files })
    const { ids, all, rows } = await holding(engine, 4)
    await settled(engine.contents, ids)
    expect(isRenamed).to.equal(true)
    for (const [at, id] of ids.entries()) expect(await readAll(engine.contents, rows.placed(id))).to.deep.equal(all[at])
    const kept = await engine.restart(systemFiles)
    for (const [at, id] of ids.entries()) expect(await readAll(kept, rows.placed(id))).to.deep.equal(all[at])
  })

  it('are erased where they stand, in one full segment and in the one that grows', async () => {
    const engine = await anEngine({ segmentBytes: 8_000 })
    const { ids, all, rows } = await holding(engine, 6)
    await settled(engine.contents, ids)
    expect(await engine.readable(all)).to.equal(6)
    for (const at of [0, 5]) await engine.contents.erase(rows.placed(ids[at]!))
    expect(await engine.readable([all[0]!, all[5]!])).to.equal(0)
    expect(await engine.readable(all)).to.equal(4)
  })

  it('move together when most of their segment is erased, and its file goes', async () => {
    const engine = await anEngine({ segmentBytes: 20_000 })
    const { ids, all, rows } = await holding(engine, 12)
    await settled(engine.contents, ids)
    await engine.contents.sweep(rows)
    expect(await engine.names()).to.deep.equal(['1.kept', '2.open'])
    for (const id of ids.slice(0, 6)) {
      const placed = rows.placed(id)
      rows.remove(id)
      await engine.contents.erase(placed)
    }
    await settled(engine.contents, [])
    expect(await engine.names()).to.deep.equal(['2.open'])
    for (const at of [6, 7, 8, 9, 10, 11]) {
      expect(await readAll(engine.contents, rows.placed(ids[at]!))).to.deep.equal(all[at])
    }
  })

  it('that are removed while they move are gone for good when that is said', async () => {
    const engine = await anEngine({ segmentBytes: 20_000 })
    const { ids, all, rows } = await holding(engine, 12)
    await settled(engine.contents, ids)
    const victim = rows.placed(ids[9]!)
    const racing = {
      ...rows,
      async moved(moves: Parameters<typeof rows.moved>[0]) {
        rows.remove(victim.id)
        return rows.moved(moves)
      },
    }
    await engine.contents.sweep(racing)
    for (const id of ids.slice(0, 6)) {
      const placed = rows.placed(id)
      rows.remove(id)
      await engine.contents.erase(placed)
    }
    await engine.contents.erase(victim)
    expect(await engine.readable([all[9]!])).to.equal(0)
    await settled(engine.contents, [])
    for (const at of [6, 7, 8, 10, 11]) {
      expect(await readAll(engine.contents, rows.placed(ids[at]!))).to.deep.equal(all[at])
    }
    expect(engine.problems).to.deep.equal([])
  })

  it('that could not move are there once: of what is removed then nothing is left [ITI TF-2:3.86.4.1.3]', async () => {
    const engine = await anEngine({ segmentBytes: 20_000 })
    const { ids, all, rows } = await holding(engine, 12)
    await settled(engine.contents, ids)
    await engine.contents.sweep({ ...rows, moved: () => Promise.reject(new StoreFull('there is no room')) })
    for (const id of ids.slice(0, 6)) {
      const placed = rows.placed(id)
      rows.remove(id)
      await engine.contents.erase(placed)
    }
    await settled(engine.contents, [])
    expect(engine.problems[0]).to.equal('segment 1: there is no room')
    await engine.contents.erase(rows.placed(ids[9]!))
    expect(await engine.readable([all[9]!])).to.equal(0)
    expect(await readAll(engine.contents, rows.placed(ids[6]!))).to.deep.equal(all[6])
  })

  it('of a process that ended are tidied at the next start: few of them move, many stay, what is registering waits', async () => {
    const engine = await anEngine({ segmentBytes: 20_000 })
    const { ids, all, rows } = await holding(engine, 12)
    rows.add(rows.placed(ids[11]!), 'registering')
    const next = await engine.restart()
    expect(await next.sweep(rows)).to.equal(0)
    expect(await engine.names()).to.deep.equal(['1.kept', '2.open'])
    rows.add(rows.placed(ids[11]!))
    const third = await engine.restart()
    await third.sweep(rows)
    expect(await engine.names()).to.deep.equal(['1.kept', '3.open'])
    for (const [at, id] of ids.entries()) expect(await readAll(third, rows.placed(id))).to.deep.equal(all[at])
  })

  it('are left alone where a database that is older than they are knows none of them', async () => {
    const engine = await anEngine({ segmentBytes: 1_048_576 })
    const unknown = Array.from({ length: 1_001 }, () => randomBytes(64))
    await engine.contents.put(await Promise.all(unknown.map(bytes => aContent(engine.spool, bytes))))
    await engine.contents.close()
    const before = await engine.names()
    const problem = await (await engine.restart()).sweep(theRows()).catch((failure: Error) => failure.message)
    expect(problem).to.contain('more than 1000 documents in segment 1').and.to.contain('older than the folder')
    expect(await engine.readable(unknown)).to.equal(1_001)
    expect(await engine.names()).to.deep.equal(before)
  })

  it('cost a start no look at what is kept', async () => {
    const engine = await anEngine({ segmentBytes: 4_000 })
    const { ids, rows } = await holding(engine, 10)
    await settled(engine.contents, ids)
    let looks = 0
    const files: Files = {
      ...systemFiles,
      change(path) {
        looks += 1
        return systemFiles.change(path)
      },
    }
    const next = await engine.restart(files)
    await next.sweep(rows)
    expect(looks).to.equal(0)
  })

  it('survive what a power cut has torn behind them, and nothing of that stays', async () => {
    const engine = await anEngine()
    const { ids, all, rows } = await holding(engine, 3)
    const torn = randomBytes(3_000)
    const path = join(engine.folder, '1.open')
    await writeFile(path, Buffer.concat([await readFile(path), torn]))
    const next = await engine.restart()
    expect(await next.sweep(rows)).to.equal(0)
    expect(await engine.readable([torn])).to.equal(0)
    for (const [at, id] of ids.entries()) expect(await readAll(next, rows.placed(id))).to.deep.equal(all[at])
  })

  for (const [what, offset] of [
    ['header', 8],
    ['trailer', -20],
  ] as const) {
    it(`are not lost with a ${what} that has rotted, first or last`, async () => {
      for (const at of [0, 3]) {
        const engine = await anEngine()
        const { ids, all, rows } = await holding(engine, 4)
        const path = join(engine.folder, '1.open')
        const bytes = await readFile(path)
        const span = bytes.length / 4
        bytes[at * span + (offset < 0 ? span + offset : offset)]! ^= 1
        await writeFile(path, bytes)
        expect(await readAll(engine.contents, rows.placed(ids[at]!))).to.deep.equal(all[at])
        const next = await engine.restart()
        expect(await next.sweep(rows)).to.equal(0)
        expect(await engine.names()).to.deep.equal(['2.open'])
        for (const [which, id] of ids.entries()) {
          expect(await readAll(next, rows.placed(id))).to.deep.equal(all[which])
        }
        await next.erase(rows.placed(ids[at]!))
        expect(await engine.readable([all[at]!])).to.equal(0)
      }
    })
  }

  it('are left alone behind a place where nothing can be recognised any more', async () => {
    const engine = await anEngine()
    const { ids, all, rows } = await holding(engine, 90, 64_000)
    const path = join(engine.folder, '1.open')
    const bytes = await readFile(path)
    bytes.fill(1, 0, 70_000)
    await writeFile(path, bytes)
    const next = await engine.restart()
    await next.sweep(rows)
    expect(await readAll(next, rows.placed(ids[89]!))).to.deep.equal(all[89])
  })

  it('are refused while the disk is full, and taken when there is space again', async () => {
    let full = true
    const files: Files = {
      ...systemFiles,
      async changeThrough(path) {
        const file = await systemFiles.changeThrough(path)
        return {
          ...file,
          async writeAt(position, data) {
            if (!full) return file.writeAt(position, data)
            await file.writeAt(position, data.subarray(0, 700))
            throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
          },
        }
      },
    }
    const engine = await anEngine({ files })
    const refused = await holding(engine, 1).catch((problem: unknown) => problem)
    expect(refused).to.be.instanceOf(StoreFull)
    full = false
    const { ids, all, rows } = await holding(engine, 2)
    for (const [at, id] of ids.entries()) expect(await readAll(engine.contents, rows.placed(id))).to.deep.equal(all[at])
    expect(await engine.names()).to.deep.equal(['1.open'])
  })

  it('are added to no segment any more that could not be written', async () => {
    let fails = false
    const files: Files = {
      ...systemFiles,
      async changeThrough(path) {
        const file = await systemFiles.changeThrough(path)
        return {
          ...file,
          async writeAt(position, data) {
            if (fails) throw Object.assign(new Error('input/output error'), { code: 'EIO' })
            await file.writeAt(position, data)
          },
        }
      },
    }
    const engine = await anEngine({ files })
    const before = await holding(engine, 1)
    fails = true
    expect(await holding(engine, 1).catch((problem: Error) => problem.message)).to.equal('input/output error')
    fails = false
    const after = await holding(engine, 1)
    expect(await engine.names()).to.deep.equal(['1.open', '2.open'])
    for (const { ids, all, rows } of [before, after]) {
      expect(await readAll(engine.contents, rows.placed(ids[0]!))).to.deep.equal(all[0])
    }
  })
})
