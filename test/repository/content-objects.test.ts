import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { systemRandomness } from '../../ports/randomness.js'
import { contentObjects } from '../../repository/content-objects.js'
import { ContentGone, ContentUnreachable } from '../../repository/content-store.js'
import { placeIn } from '../../repository/object-keys.js'
import { openSpool } from '../../soap/spool.js'
import { StoreFull } from '../../store/failures.js'
import { until } from '../house/waiting.js'
import { aContent, keepsContents, readAll, theRows } from './a-content-store.js'
import { anObjectStorage, target } from './an-object-storage.js'

describe('documents as objects', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function open(repositoryUniqueId = '2.999.1', clock = systemClock, times: { timeoutMs?: number } = {}) {
    const objects = await anObjectStorage(times)
    const folder = await systemFiles.temporaryFolder('carnet-objects-')
    const ending = new AbortController()
    closing.push(async () => {
      ending.abort()
      await objects.close()
      await systemFiles.removeFolder(folder)
    })
    await systemFiles.makeFolder(join(folder, 'incoming'))
    const problems: string[] = []
    const start = (owner = repositoryUniqueId, database?: string) =>
      contentObjects({
        ...{ database, onProblem: (detail: string) => void problems.push(detail) },
        ...{ bucketAt: objects.bucketAt, watch: objects.watch, target, repositoryUniqueId: owner },
        ...{ files: systemFiles, clock, closing: ending.signal },
      })
    const spool = openSpool({ files: systemFiles, randomness: systemRandomness, folder: join(folder, 'incoming') })
    return {
      ...objects,
      contents: start(),
      restart: async () => start(),
      start,
      spool,
      problems,
      end: () => ending.abort(),
    }
  }

  describe('of some kilobytes', () => keepsContents(open, () => randomBytes(3_000)))
  describe('of some hundred kilobytes', () => keepsContents(open, () => randomBytes(200_000)))

  const failed = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (problem: unknown) => problem,
    )

  it('have keys of our own ids, and a place that says the bucket', async () => {
    const { contents, spool, keys } = await open()
    const content = await aContent(spool, randomBytes(100))
    const places = await contents.put([content])
    expect(keys()).to.deep.equal([`documents/${content.id.slice(-2)}/${content.id}`])
    expect([...places.values()]).to.deep.equal([placeIn(target)])
  })

  it('are all taken back when one of them cannot be kept', async () => {
    const { contents, spool, storage, keys } = await open()
    const all = await Promise.all(Array.from({ length: 12 }, () => aContent(spool, randomBytes(70_000))))
    storage.next(seen => seen.path.includes(all[6]!.id), { status: 403, code: 'AccessDenied' })
    expect(await failed(contents.put(all))).to.be.instanceOf(ContentUnreachable)
    expect(keys()).to.deep.equal([])
  })

  it('are not kept by a bucket that was made anew while they were on their way', async () => {
    const { contents, spool, storage, keys } = await open()
    await contents.put([await aContent(spool, randomBytes(100))])
    const one = await aContent(spool, randomBytes(100))
    storage.next(
      ({ method }) => {
        if (method === 'PUT') storage.objects.clear()
        return method === 'PUT'
      },
      { headers: {} },
    )
    expect(await failed(contents.put([one]))).to.be.instanceOf(ContentUnreachable)
    expect(keys()).to.deep.equal([])
  })

  it('look once for all that were put together whose bucket it is', async () => {
    const { contents, spool, storage } = await open()
    await contents.put([await aContent(spool, randomBytes(100))])
    storage.seen.splice(0)
    const all = await Promise.all(Array.from({ length: 12 }, () => aContent(spool, randomBytes(100))))
    await contents.put(all)
    expect(storage.seen.map(({ method }) => method)).to.deep.equal([...all.map(() => 'PUT'), 'GET'])
  })

  it('find no room: StoreFull, in words', async () => {
    const { contents, spool, storage } = await open()
    storage.next(seen => seen.method === 'PUT' && !seen.path.endsWith('.json'), {
      status: 507,
      code: 'InsufficientStorage',
    })
    const problem = await failed(contents.put([await aContent(spool, randomBytes(100))]))
    expect(problem).to.be.instanceOf(StoreFull)
    expect((problem as Error).message).to.equal('the object storage of the documents has no room left')
  })

  it("are neither put nor swept below a prefix that is another repository's", async () => {
    const { contents, start, spool, keys } = await open()
    const mine = await aContent(spool, randomBytes(100))
    await contents.put([mine])
    const others = start('2.999.2')
    const refused = await failed(others.put([await aContent(spool, randomBytes(100))]))
    expect((refused as Error).message).to.contain('belong to the repository 2.999.1')
    expect((await failed(others.sweep(theRows()))) as Error).to.have.property('name', 'S3Problem')
    expect(keys()).to.have.length(1)
  })

  it('leave alone what is none of theirs, and take back uploads that a process has left, not their own', async () => {
    const { restart, storage, contents, spool } = await open('2.999.1', systemClock, { timeoutMs: 300 })
    const id = randomUUID()
    const strange = [
      `documents/readme`,
      `documents/00/${id.slice(0, -2)}ff`,
      `documents/${id.slice(-2)}/${id}/x`,
      'elsewhere/1',
    ]
    for (const key of strange) storage.objects.set(key, Buffer.from('x'))
    storage.uploads.set('left', { key: `documents/${id.slice(-2)}/${id}`, parts: new Map() })
    const own = await aContent(spool, randomBytes(6 * 1024 * 1024))
    const sweeping = await restart()
    storage.next(seen => 'partNumber' in seen.query, { silent: true })
    const putting = contents.put([own])
    await until(() => storage.seen.some(({ query }) => 'partNumber' in query), 'a part is sent')
    expect(await contents.sweep(theRows())).to.equal(0)
    expect([...storage.uploads.values()].map(({ key }) => key)).to.deep.equal([
      `documents/${own.id.slice(-2)}/${own.id}`,
    ])
    await putting
    expect([...storage.objects.keys()]).to.include.members(strange)
    expect(await sweeping.sweep(theRows())).to.equal(1)
  })

  it('say that they cannot be asked now, and that they are gone while they are read', async () => {
    const { contents, spool, storage } = await open()
    const content = await aContent(spool, randomBytes(3_000_000))
    const place = (await contents.put([content])).get(content.id)!
    const reader = (await contents.open({ id: content.id, place }))!
    await contents.erase({ id: content.id, place })
    await reader.read(0, 1_048_576)
    expect(await failed(reader.read(1_048_576, 10))).to.be.instanceOf(ContentGone)
    await storage.close()
    expect(await failed(contents.open({ id: content.id, place }))).to.be.instanceOf(ContentUnreachable)
    expect(await failed(contents.sizeBytes({ id: content.id, place }))).to.be.instanceOf(ContentUnreachable)
  })

  it('are read where they were put, whatever the settings name now', async () => {
    const { contents, bucketAt, spool } = await open()
    const { id } = await aContent(spool, randomBytes(1))
    await bucketAt({ bucket: 'bucket', prefix: 'before' }).put(`${id.slice(-2)}/${id}`, Buffer.from('from before'))
    expect(String(await readAll(contents, { id, place: 's3:bucket/before' }))).to.equal('from before')
  })

  it('are not swept where a database knows fewer than a crash can explain', async () => {
    const { contents, storage, keys } = await open()
    for (let count = 0; count <= 1_000; count++) {
      const id = randomUUID()
      storage.objects.set(`documents/${id.slice(-2)}/${id}`, Buffer.alloc(1))
    }
    const refused = (await failed(contents.sweep(theRows()))) as Error
    expect(refused.message).to.match(
      /^more than 1000 objects at s3:bucket\/documents belong to no document, and none of them was/,
    )
    expect(keys()).to.have.length(1_001)
  })

  it('stay where they were before the database that does not know them, and that is told', async () => {
    const { start, spool, keys, problems } = await open()
    const lost = start('2.999.1', 'the first')
    await lost.put([await aContent(spool, randomBytes(100)), await aContent(spool, randomBytes(6_000_000))])
    const anew = start('2.999.1', 'the second')
    expect(await anew.sweep(theRows())).to.equal(0)
    expect(problems).to.have.length(1)
    expect(problems[0]).to.match(/^2 objects at s3:bucket\/documents belong to no document and were there before this/)
    const left = await aContent(spool, randomBytes(100))
    await anew.put([left])
    // Of the same database, in a process to come.
    expect(await start('2.999.1', 'the second').sweep(theRows())).to.equal(1)
    expect(keys()).to.have.length(2)
    expect(keys().some(key => key.endsWith(left.id))).to.equal(false)
  })

  it('are listed on from where the storage went away', async () => {
    const clock = { ...systemClock, sleep: async () => {} }
    const { contents, storage, keys } = await open('2.999.1', clock)
    storage.pageLength = 2
    for (let count = 0; count < 7; count++) {
      const id = randomUUID()
      storage.objects.set(`documents/${id.slice(-2)}/${id}`, Buffer.alloc(1))
    }
    storage.next(
      ({ query }) => 'continuation-token' in query && query['continuation-token'] === '4',
      ...Array.from({ length: 6 }, () => ({ status: 503, code: 'SlowDown' })),
    )
    expect(await contents.sweep(theRows())).to.equal(7)
    expect(keys()).to.deep.equal([])
    const begun = storage.seen.filter(({ query }) => query['list-type'] === '2' && !('continuation-token' in query))
    expect(begun.map(({ query }) => 'start-after' in query)).to.deep.equal([false, true])
  })

  it('are swept once the storage is there', async () => {
    const naps: number[] = []
    const clock = { ...systemClock, sleep: async (delayMs: number) => void naps.push(delayMs) }
    const { contents, storage, keys, news } = await open('2.999.1', clock)
    const id = randomUUID()
    storage.objects.set(`documents/${id.slice(-2)}/${id}`, Buffer.from('x'))
    storage.next(() => true, ...Array.from({ length: 14 }, () => ({ status: 503, code: 'SlowDown' })))
    expect(await contents.sweep(theRows())).to.equal(1)
    expect(keys()).to.deep.equal([])
    expect(naps).to.deep.equal([30_000, 30_000])
    expect(news.map(problem => problem === undefined)).to.deep.equal([false, true])
  })
})
