// Through the repository: what was read lately is asked of the storage once, and what was removed is nowhere.
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type ObjectStorageConfig, repositoryConfig } from '../../../config/repository-config.js'
import { systemPorts } from '../../../ports/ports.js'
import type { ContentStore } from '../../../repository/content-store.js'
import { cachedReading } from '../../../repository/read-cache/cached-reading.js'
import { chunkBytes } from '../../../soap/message.js'
import { until } from '../../house/waiting.js'
import { needsPostgres } from '../../store/postgres/a-cluster.js'
import { aRepository, aRequest, closeRepositories, small, type TestOptions, uniqueIdOf } from '../a-repository.js'
import { anObjectStorage } from '../an-object-storage.js'
import { besideOnPostgres } from '../engines.js'

const documents = 's3://bucket/documents'
const open: { close(): Promise<void> }[] = []

const storageWith = (readCache: object) =>
  repositoryConfig.shape.objectStorage.parse({
    endpoint: 'http://localhost:1',
    credentials: 'c',
    readCache,
  }) as ObjectStorageConfig

async function cached(options: TestOptions = {}) {
  const objects = await anObjectStorage()
  open.push(objects)
  const config = { documents, objectStorage: storageWith({ bytes: 10_000_000 }) }
  const at = (more: TestOptions = {}) => aRepository({ ...options, ...more, objects, config })
  const repository = await at()
  await repository.swept
  const fetched = () =>
    objects.storage.seen.filter(
      ({ method, path }) => method === 'GET' && path.includes('/documents/') && !path.endsWith('.json'),
    ).length
  const cachedIn = ({ documentsFolder }: { documentsFolder: string }) => filesBelow(join(documentsFolder, 'read-cache'))
  return { ...objects, repository, at, fetched, cachedIn }
}

async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  return found.filter(each => each.isFile()).map(each => join(each.parentPath ?? each.path, each.name))
}

describe('the cache in front of an object storage', () => {
  afterEach(async () => {
    await closeRepositories()
    for (const objects of open.splice(0)) await objects.close()
  })

  it('has a document fetched once, however often it is retrieved', async () => {
    const { repository, fetched, cachedIn, storage } = await cached()
    for (const bytes of [small(), randomBytes(300_000)]) {
      const request = await aRequest(repository.spool, bytes)
      await repository.submit(request)
      const before = fetched()
      expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
      await until(async () => (await cachedIn(repository)).length > 0)
      const seen = storage.seen.length
      expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
      expect([fetched() - before, storage.seen.length - seen]).to.deep.equal([1, 0])
    }
    await repository.close()
    expect(await cachedIn(repository)).to.deep.equal([])
  })

  it('leaves alone what is longer than a MiB', async () => {
    const { repository, cachedIn } = await cached()
    const request = await aRequest(repository.spool, randomBytes(chunkBytes + 1))
    await repository.submit(request)
    await repository.content(uniqueIdOf(request))
    expect(await cachedIn(repository)).to.deep.equal([])
  })

  it('has nothing of a document that was removed [ITI TF-2:3.86.4.1.3]', async () => {
    const { repository, cachedIn } = await cached()
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    await repository.content(uniqueIdOf(request))
    await until(async () => (await cachedIn(repository)).length === 1)
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect(await cachedIn(repository)).to.deep.equal([])
    expect(await repository.content(uniqueIdOf(request))).to.equal(undefined)
  })

  it('gives way when the disk fills, and is there again when it does not', async () => {
    const timers: (() => void)[] = []
    const look = () => {
      for (const work of timers) work()
    }
    let freeBytes = 1
    const clock = {
      ...systemPorts.clock,
      every(periodMs: number, work: () => void) {
        if (periodMs === 5_000) timers.push(work)
        return { cancel() {} }
      },
    }
    const files = { ...systemPorts.files, freeBytes: async () => freeBytes }
    const { repository, cachedIn } = await cached({ ports: { clock, files } })
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    await repository.content(uniqueIdOf(request))
    await until(async () => (await cachedIn(repository)).length === 1)
    look()
    await until(async () => (await cachedIn(repository)).length === 0)
    await repository.content(uniqueIdOf(request))
    expect(await cachedIn(repository)).to.deep.equal([])
    freeBytes = 10_000_000_000
    look()
    await until(async () => {
      await repository.content(uniqueIdOf(request))
      return (await cachedIn(repository)).length === 1
    })
  })

  it('keeps nothing of what is erased while it is being read', async () => {
    const kept: string[] = []
    const held = { take: async () => undefined, sizeBytes: () => undefined, clear: async () => {}, heldBytes: 0 }
    const cache = {
      ...held,
      keep: ({ id }: { id: string }) => void kept.push(id),
      drop: async (id: string) => void (kept.includes(id) && kept.splice(kept.indexOf(id), 1)),
    }
    const source = { read: async () => Buffer.from('bytes'), close: async () => {} }
    const engine = { open: async () => source, erase: async () => {} } as unknown as ContentStore
    const { over, forgetAll } = cachedReading(cache, { hit: () => {}, missed: () => {} })
    const store = over(engine)
    for (const end of [() => store.erase({ id: 'one', place: '' }), forgetAll]) {
      const [one, other] = [await store.open({ id: 'one', place: '' }), await store.open({ id: 'other', place: '' })]
      await end()
      for (const reading of [one, other]) await reading?.read(0, 100)
      expect(kept.splice(0)).to.deep.equal(end === forgetAll ? [] : ['other'])
    }
  })

  it('fetches again what is damaged on this machine, and raises no alarm', async () => {
    const { repository, cachedIn, fetched } = await cached()
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    await repository.submit(request)
    await repository.content(uniqueIdOf(request))
    await until(async () => (await cachedIn(repository)).length === 1)
    const [file = ''] = await cachedIn(repository)
    await writeFile(file, (await readFile(file)).reverse())
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect([fetched(), repository.alarms]).to.deep.equal([2, []])
  })

  it('lets go of what the storage has handed out wrong', async () => {
    const { repository, storage, keys } = await cached()
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    await repository.submit(request)
    const [key = ''] = keys()
    const kept = storage.objects.get(key) ?? Buffer.alloc(0)
    storage.objects.set(key, randomBytes(kept.length))
    expect((await repository.retrieve(uniqueIdOf(request))).status).to.equal('Failure')
    storage.objects.set(key, kept)
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
  })

  it('hides no damage in the bucket from whoever examines it', async () => {
    const { repository, storage, keys, cachedIn } = await cached()
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    await repository.content(uniqueIdOf(request))
    await until(async () => (await cachedIn(repository)).length === 1)
    const [key = ''] = keys()
    storage.objects.set(key, randomBytes(storage.objects.get(key)?.length ?? 0))
    const document = (await repository.context.documents.documents(uniqueIdOf(request)))[0]!
    const failure = await repository.context.originals.firstChunk(document, '').catch((problem: Error) => problem.name)
    expect(failure).to.equal('DocumentSpoilt')
  })

  describe('of another process', function () {
    this.timeout(60_000)
    before(function () {
      needsPostgres(this)
    })

    it('has nothing either of what one removes [ITI TF-2:3.86.4.1.3]', async () => {
      const { repository: one, at, cachedIn } = await cached({ engine: besideOnPostgres })
      const other = await at({ folder: one.folder, registry: one.registry })
      const [removed, kept] = [await aRequest(one.spool, small()), await aRequest(one.spool, small())]
      for (const request of [removed, kept]) {
        await one.submit(request)
        await other.content(uniqueIdOf(request))
      }
      await until(async () => (await cachedIn(other)).length === 2)
      expect((await one.remove(uniqueIdOf(removed))).status).to.equal('Success')
      await until(async () => (await cachedIn(other)).length === 1)
      expect(await other.content(uniqueIdOf(kept))).to.have.length.above(0)
    })
  })
})
