import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import {
  type ElsewhereAnswer,
  movingResources,
  type PlacesAnswer,
} from '../../repository/administration/moving-resources.js'
import type { MoveAnswer } from '../../repository/moving.js'
import { readParcels } from '../../server/administration/parcels.js'
import { AdminProblem, Parcels } from '../../server/administration/resources.js'
import { StoreFull } from '../../store/failures.js'
import { until } from '../house/waiting.js'
import {
  aRepository,
  aRequest,
  bytesFrom,
  closeRepositories,
  large,
  small,
  type TestRepository,
  uniqueIdOf,
} from './a-repository.js'
import { anObjectStorage } from './an-object-storage.js'
import { isOnPostgres } from './engines.js'

const bucket = 's3://bucket/documents'
const open: { close(): Promise<void> }[] = []
const partner = { name: 'administrator', roles: new Set(['admin'] as const), address: '127.0.0.1' }
const fast = 1e12

async function withObjects(options: Parameters<typeof anObjectStorage>[0] = {}) {
  const objects = await anObjectStorage(options)
  open.push(objects)
  const repository = await aRepository({ objects })
  await repository.swept
  return { ...objects, repository }
}

async function asked<Answer>(repository: TestRepository, path: string, body: unknown, query = ''): Promise<Answer> {
  const resource = movingResources(repository.context).find(each => each.path === `/admin/documents/${path}`)
  const answer = await resource?.answer({ rest: '', query: new URLSearchParams(query), body, partner } as never)
  if (!(answer instanceof Parcels)) return answer as Answer
  const pieces: Buffer[] = []
  for await (const parcel of readParcels(answer.bytes)) if (parcel.kind === 'piece') pieces.push(parcel.bytes)
  return JSON.parse(String(Buffer.concat(pieces))) as Answer
}

const move = (repository: TestRepository, ids: string[], to = bucket, bytesPerSecond = fast) =>
  asked<MoveAnswer>(repository, 'move', { ids, to, bytesPerSecond })

async function elsewhere(repository: TestRepository, than = bucket): Promise<string[]> {
  const { documents } = await asked<ElsewhereAnswer>(repository, 'elsewhere', undefined, `than=${than}`)
  return documents.map(({ id }) => id)
}

/** Small, large and empty ones, by uniqueId. */
async function kept(repository: TestRepository): Promise<Map<string, Buffer>> {
  const contents = [small(), large(), randomBytes(3_200_000), Buffer.alloc(0)]
  const request = await aRequest(repository.spool, contents)
  await repository.submit(request)
  return new Map(request.submission.documentEntries.map(({ uniqueId }, at) => [uniqueId ?? '', contents[at]!]))
}

async function areServed(repository: TestRepository, documents: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [uniqueId, bytes] of documents) expect(await repository.content(uniqueId)).to.deep.equal(bytes)
}

const places = async (repository: TestRepository) =>
  (await repository.sql<{ place: string }>('SELECT DISTINCT place FROM document ORDER BY place')).map(
    ({ place }) => place,
  )

/** How many documents have come to where their move stops. */
let stops = 0

function never(): Promise<never> {
  stops += 1
  return new Promise<never>(() => {})
}

describe('moving documents', () => {
  afterEach(async () => {
    await closeRepositories()
    for (const objects of open.splice(0)) await objects.close()
  })

  it('brings all of them to a bucket, leaves nothing of them behind, and brings them back', async () => {
    const { repository, keys } = await withObjects()
    const documents = await kept(repository)
    const ids = await elsewhere(repository)
    expect(ids).to.have.length(4)
    const bytes = [...documents.values()].reduce((sum, { length }) => sum + length, 0)
    expect(await move(repository, ids)).to.deep.equal({ done: 4, bytes, left: [] })
    await areServed(repository, documents)
    expect([keys().length, await elsewhere(repository), await repository.files()]).to.deep.equal([4, [], []])
    expect(await places(repository)).to.deep.equal(['s3:bucket/documents'])
    if (!isOnPostgres)
      expect(await repository.sql('SELECT id FROM document WHERE content IS NOT NULL')).to.deep.equal([])

    expect((await move(repository, ids, 'folder')).done).to.equal(4)
    await areServed(repository, documents)
    expect(keys()).to.deep.equal([])
    expect(await elsewhere(repository, 'folder')).to.deep.equal([])
    expect((await repository.remove(...documents.keys())).status).to.equal('Success')
    expect(await repository.files()).to.deep.equal([])
  })

  it('brings them from one bucket to another, and is done at once with what is there', async () => {
    const { repository, storage } = await withObjects()
    const documents = await kept(repository)
    const ids = await elsewhere(repository)
    await move(repository, ids)
    const seen = storage.seen.length
    expect((await move(repository, ids)).done).to.equal(4)
    expect(storage.seen.length).to.equal(seen)
    expect((await move(repository, ids, 's3://bucket/other')).done).to.equal(4)
    const left = [...storage.objects.keys()].filter(key => !key.endsWith('.json'))
    expect(left.every(key => key.startsWith('other/'))).to.equal(true)
    await areServed(repository, documents)
  })

  it('says how many are where', async () => {
    const { repository } = await withObjects()
    const documents = await kept(repository)
    const [first = ''] = await elsewhere(repository)
    await move(repository, [first])
    const { places: found } = await asked<PlacesAnswer>(repository, 'places', {})
    expect(found.reduce((sum, each) => sum + each.documents, 0)).to.equal(4)
    expect(found.reduce((sum, each) => sum + each.bytes, 0)).to.equal(
      [...documents.values()].reduce((sum, { length }) => sum + length, 0),
    )
    expect(found.find(({ place }) => place === bucket)?.documents).to.equal(1)
  })

  it('does not disturb whoever reads a document meanwhile', async () => {
    const { repository } = await withObjects()
    const bytes = randomBytes(5_000_000)
    const request = await aRequest(repository.spool, bytes)
    await repository.submit(request)
    const ids = await elsewhere(repository)
    for (const to of [bucket, 'folder', bucket]) {
      const [document] = (await repository.retrieve(uniqueIdOf(request))).documents
      const iterator = (document!.open() as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
      const first = (await iterator.next()).value as Buffer
      const second = (await iterator.next()).value as Buffer
      expect((await move(repository, ids, to)).done).to.equal(1)
      const rest = await bytesFrom({ [Symbol.asyncIterator]: () => iterator })
      expect(Buffer.concat([first, second, rest]).equals(bytes)).to.equal(true)
    }
    expect(repository.alarms).to.deep.equal([])
  })

  it('leaves a document that is damaged where it is, and says so', async () => {
    const { repository, keys } = await withObjects()
    await repository.submit(await aRequest(repository.spool, large()))
    const [path = ''] = await repository.files()
    await writeFile(path, Buffer.alloc(200_000))
    const answer = await move(repository, await elsewhere(repository))
    expect(answer.done).to.equal(0)
    expect(answer.left[0]?.why).to.match(/is damaged: chunk 1 of 1 is not as it was received/)
    expect([keys(), await repository.files()]).to.deep.equal([[], [path]])
  })

  it('does not take a copy for whole that cannot be read back as it was received', async () => {
    const { repository, storage, keys } = await withObjects()
    const contents = [large(), large(), large()]
    const request = await aRequest(repository.spool, contents)
    await repository.submit(request)
    const isRead = ({ method, path }: { method: string; path: string }) =>
      method === 'GET' && path.startsWith('/bucket/documents/') && !path.endsWith('.json')
    storage.next(isRead, { headers: { 'content-range': 'bytes 5-9/10' } }, { body: 'x' })
    const answer = await move(repository, await elsewhere(repository))
    expect(answer.left.map(({ why }) => why.slice(0, 14)).sort()).to.deep.equal(['its copy is no', 'the object sto'])
    expect([keys().length, (await repository.files()).length]).to.deep.equal([1, 2])
    const uniqueIds = request.submission.documentEntries.map(({ uniqueId }) => uniqueId ?? '')
    await areServed(repository, new Map(uniqueIds.map((uniqueId, at) => [uniqueId, contents[at]!])))
    expect((await move(repository, await elsewhere(repository))).left).to.deep.equal([])
  })

  it('stops at a storage that is away, and goes on when it is back', async () => {
    const { repository, storage } = await withObjects()
    const documents = await kept(repository)
    storage.next(
      ({ method }) => method === 'PUT',
      ...Array.from({ length: 200 }, () => ({ status: 503, code: 'SlowDown' })),
    )
    const ids = await elsewhere(repository)
    const answer = await move(repository, ids)
    expect([answer.done, answer.left.length]).to.deep.equal([0, 4])
    expect(answer.left[0]?.why).to.match(/did not keep .*SlowDown/)
    await areServed(repository, documents)
    storage.forget()
    expect((await move(repository, ids)).done).to.equal(4)
  })

  it('leaves nothing of a document that is removed meanwhile', async () => {
    const { repository, storage, keys } = await withObjects({ timeoutMs: 300 })
    const request = await aRequest(repository.spool, large())
    await repository.submit(request)
    const ids = await elsewhere(repository)
    storage.next(({ method, path }) => method === 'PUT' && !path.endsWith('.json'), { silent: true })
    const moving = move(repository, ids)
    await until(() => storage.seen.some(({ method, path }) => method === 'PUT' && !path.endsWith('.json')))
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect([keys(), await repository.files(), await repository.rows('document')]).to.deep.equal([[], [], 0])
    expect((await moving).left).to.deep.equal([])
    expect([keys(), await repository.files()]).to.deep.equal([[], []])
  })

  it('breaks off in the middle of a document that is removed [ITI TF-2:3.86.4.1.3]', async () => {
    const { repository, storage, keys } = await withObjects()
    const request = await aRequest(repository.spool, randomBytes(8_000_000))
    await repository.submit(request)
    const moving = move(repository, await elsewhere(repository), bucket, 4_000_000)
    await until(() => storage.uploads.size === 1)
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect([keys(), storage.uploads.size, await repository.files()]).to.deep.equal([[], 0, []])
    // It would have gone in two parts.
    expect(storage.seen.filter(({ query }) => 'partNumber' in query)).to.deep.equal([])
    expect((await moving).left).to.deep.equal([])
  })

  it('has left nothing of a removed document where its old bytes could not be erased [ITI TF-2:3.86.4.1.3]', async () => {
    const { repository, storage, keys } = await withObjects()
    const request = await aRequest(repository.spool, large())
    await repository.submit(request)
    const ids = await elsewhere(repository)
    await move(repository, ids)
    storage.next(({ method }) => method === 'DELETE', { status: 403, code: 'AccessDenied' })
    const { left } = await move(repository, ids, 'folder')
    const [key] = keys().map(each => each.replace(/^documents\//, ''))
    expect(left[0]?.why).to.match(
      isOnPostgres
        ? /its old bytes are not erased until the next start: .*AccessDenied/
        : new RegExp(`its old bytes stay at s3:bucket/documents as ${key}, where no start looks: .*AccessDenied`),
    )
    expect([keys().length, (await repository.files()).length]).to.deep.equal([1, 1])
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect([keys(), await repository.files()]).to.deep.equal([[], []])
  })

  it('has left nothing of a removed document whose move could not be committed [ITI TF-2:3.86.4.1.3]', async () => {
    const { repository, keys } = await withObjects()
    const request = await aRequest(repository.spool, large())
    await repository.submit(request)
    const { documents } = repository.context
    const { moved } = documents
    documents.moved = () => Promise.reject(new StoreFull('there is no room'))
    const { left } = await move(repository, await elsewhere(repository))
    expect(left.map(({ why }) => why)).to.deep.equal(['there is no room'])
    documents.moved = moved
    await areServed(repository, new Map([[uniqueIdOf(request), (await repository.content(uniqueIdOf(request)))!]]))
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect([keys(), await repository.files()]).to.deep.equal([[], []])
  })

  it('moves a document once that is named twice', async () => {
    const { repository, keys } = await withObjects()
    const documents = await kept(repository)
    const ids = await elsewhere(repository)
    expect((await move(repository, [...ids, ...ids].sort())).done).to.equal(4)
    expect(keys().length).to.equal(4)
    await areServed(repository, documents)
  })

  it('has failed only when nothing of it is under way any more', async () => {
    const { repository } = await withObjects()
    await repository.submit(await aRequest(repository.spool, [large(), large()]))
    const ids = await elsewhere(repository)
    const { documents } = repository.context
    const { moved } = documents
    let calls = 0
    let letGo = () => {}
    const gate = new Promise<void>(resolve => {
      letGo = resolve
    })
    documents.moved = async moves => {
      calls += 1
      if (calls === 1) throw new Error('nobody foresaw this')
      await gate
      return moved(moves)
    }
    const first = move(repository, ids).catch((problem: unknown) => problem)
    await until(() => calls === 2)
    await new Promise(resolve => setTimeout(resolve, 20))
    const second = await move(repository, ids).catch((problem: unknown) => problem)
    letGo()
    expect(await first).to.be.instanceOf(Error)
    expect(second).to.be.instanceOf(AdminProblem)
    expect(await elsewhere(repository)).to.have.length(1)
  })

  it('leaves alone what is being registered', async () => {
    const { repository } = await withObjects()
    let letGo = () => {}
    repository.registry.onArrival = () =>
      new Promise<void>(resolve => {
        letGo = resolve
      })
    const submitting = repository.submit(await aRequest(repository.spool, small()))
    await until(() => repository.registry.sent.length === 1)
    const answer = await move(repository, await elsewhere(repository))
    expect(answer.left.map(({ why }) => why)).to.deep.equal(['it is being registered'])
    letGo()
    await submitting
    expect((await move(repository, await elsewhere(repository))).done).to.equal(1)
  })

  for (const [title, stop, isMoved] of [
    [
      'before the rows name the copies',
      (repository: TestRepository) => {
        repository.context.documents.moved = never
      },
      false,
    ],
    [
      'before the old bytes are erased',
      (repository: TestRepository) => {
        repository.context.kept.erase = never
      },
      true,
    ],
  ] as const) {
    for (const to of [bucket, 'folder']) {
      it(`leaves one of two copies to ${to} when the process ends ${title}`, async () => {
        const { repository, keys, bucketAt, watch } = await withObjects()
        const documents = await kept(repository)
        const ids = await elsewhere(repository)
        if (to === 'folder') await move(repository, ids)
        stop(repository)
        stops = 0
        void move(repository, ids, to).catch(() => {})
        await until(() => stops === 4)
        await repository.die()

        const next = await aRepository({
          ...{ folder: repository.folder, registry: repository.registry, objects: { bucketAt, watch } },
          config: { documents: bucket },
        })
        await next.swept
        await areServed(next, documents)
        const isInBucket = (to === bucket) === isMoved
        expect(keys().length).to.equal(isInBucket ? 4 : 0)
        if (isInBucket) expect(await next.files()).to.deep.equal([])
        expect(next.alarms).to.deep.equal([])
      })
    }
  }

  it('keeps to a rate', async () => {
    const { repository } = await withObjects()
    await repository.submit(await aRequest(repository.spool, [large(), large()]))
    const begunMs = performance.now()
    await move(repository, await elsewhere(repository), bucket, 1_000_000)
    expect(performance.now() - begunMs).to.be.above(300)
  })

  it('is for one at a time, to where there is a way, in bounds', async () => {
    const { repository, storage } = await withObjects({ timeoutMs: 300 })
    await repository.submit(await aRequest(repository.spool, small()))
    const ids = await elsewhere(repository)
    storage.next(({ method }) => method === 'PUT', { silent: true })
    const first = move(repository, ids)
    const problem = async (work: Promise<unknown>) => {
      const thrown = await work.catch((failure: unknown) => failure)
      expect(thrown).to.be.instanceOf(AdminProblem)
      return `${(thrown as AdminProblem).status} ${(thrown as AdminProblem).message}`
    }
    expect(await problem(move(repository, ids))).to.equal('409 documents are being moved already')
    await first
    expect(await problem(move(repository, ids, '/elsewhere'))).to.match(
      /^409 this repository knows no way to \/elsewhere;/,
    )
    expect(await problem(move(repository, ids, bucket, 0))).to.match(/^400 bytesPerSecond/)
    expect(await problem(asked(repository, 'move', { ids, bytesPerSecond: 1 }))).to.match(/^400 to is folder/)
    expect(await problem(asked(repository, 'move', { ids: 7 }))).to.match(/^400 send/)
    const without = await aRepository()
    await without.swept
    expect(await problem(move(without, [], bucket))).to.match(/^409 this repository knows no way to s3:/)
  })
})
