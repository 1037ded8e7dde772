// The repository with its documents on an object storage: nothing is acknowledged that the storage has not acknowledged.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { StoreFull } from '../../store/failures.js'
import { until } from '../house/waiting.js'
import {
  again,
  aRepository,
  aRequest,
  closeRepositories,
  codesOf,
  large,
  small,
  type TestOptions,
  uniqueIdOf,
} from './a-repository.js'
import { anObjectStorage } from './an-object-storage.js'
import { error } from './fake-registry.js'

const documents = 's3://bucket/documents'
const open: { close(): Promise<void> }[] = []

async function onObjects(options: TestOptions = {}) {
  const objects = await anObjectStorage()
  open.push(objects)
  const at = (more: TestOptions = {}) =>
    aRepository({ ...options, ...more, objects, config: { documents, ...more.config } })
  const repository = await at()
  await repository.swept
  return { ...objects, repository, at }
}

const isDocument = ({ path }: { path: string }) => !path.endsWith('.json')
const isPut = ({ method, path }: { method: string; path: string }) => method === 'PUT' && isDocument({ path })
const slow = { status: 503, code: 'SlowDown' }

describe('the repository on an object storage', () => {
  afterEach(async () => {
    await closeRepositories()
    for (const objects of open.splice(0)) await objects.close()
  })

  it('keeps small and large documents there, hands them out and removes them [ITI TF-2:3.41.4.1.3]', async () => {
    const { repository, keys } = await onObjects()
    const contents = [small(), large(), randomBytes(3_500_000), Buffer.alloc(0)]
    const request = await aRequest(repository.spool, contents)
    expect((await repository.submit(request)).status).to.equal('Success')
    expect(keys()).to.have.length(4)
    expect(await repository.files()).to.deep.equal([])
    const uniqueIds = request.submission.documentEntries.map(({ uniqueId }) => uniqueId ?? '')
    for (const [at, uniqueId] of uniqueIds.entries())
      expect(await repository.content(uniqueId)).to.deep.equal(contents[at])
    expect((await repository.remove(...uniqueIds)).status).to.equal('Success')
    expect(keys()).to.deep.equal([])
    expect(await repository.rows('document')).to.equal(0)
  })

  it('removes nothing of what a database has put there that was lost', async function () {
    // On a server nobody sweeps.
    if (process.env.CARNET_TEST_ENGINE === 'postgres') this.skip()
    const { repository, keys, at } = await onObjects()
    await repository.submit(await aRequest(repository.spool, [small(), large()]))
    await repository.close()
    const anew = await at()
    expect(await anew.swept).to.equal(0)
    expect(keys()).to.have.length(2)
    expect(anew.alarms.map(({ detail }) => detail).join()).to.contain('2 objects at s3:bucket/documents belong to no')
  })

  it('acknowledges nothing that the storage has not acknowledged, and says so in words [ITI TF-2:3.41.4.2]', async () => {
    const { repository, storage, keys } = await onObjects()
    storage.next(isPut, ...Array.from({ length: 100 }, () => slow))
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    const refused = await repository.submit(request)
    expect(codesOf(refused)).to.deep.equal(['XDSRepositoryError'])
    expect(refused.errors[0]?.codeContext).to.match(/storage of the documents cannot be reached, and nothing was kept/)
    expect([repository.registry.sent.length, await repository.rows('document'), keys().length]).to.deep.equal([0, 0, 0])
  })

  it('takes on the same submission once the storage is back', async () => {
    const { repository, storage, news } = await onObjects()
    storage.next(isPut, ...Array.from({ length: 6 }, () => slow))
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    expect((await repository.submit(request)).status).to.equal('Failure')
    expect((await repository.submit(await again(repository.spool, request, bytes))).status).to.equal('Success')
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect(news.map(problem => problem === undefined)).to.deep.equal([false, true])
  })

  it('answers OutOfResources when the storage is full [ITI TF-3:4.2.4.1]', async () => {
    const { repository, storage, keys } = await onObjects()
    storage.next(isPut, { status: 507, code: 'InsufficientStorage' })
    const problem = await repository
      .submit(await aRequest(repository.spool, small()))
      .catch((thrown: unknown) => thrown)
    expect(problem).to.be.instanceOf(StoreFull)
    expect(keys()).to.deep.equal([])
  })

  it('leaves no object of a submission that the registry refuses', async () => {
    const { repository, keys } = await onObjects()
    repository.registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
    expect((await repository.submit(await aRequest(repository.spool, [small(), large()]))).status).to.equal('Failure')
    expect(keys()).to.deep.equal([])
  })

  it('does not take the time that the bytes need from the registry', async () => {
    let aheadMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
    const { repository } = await onObjects({ ports: { clock } })
    const { documents } = repository.context
    const { place } = documents
    documents.place = async contents => {
      aheadMs += 3_600_000
      return place(contents)
    }
    expect((await repository.submit(await aRequest(repository.spool, small()))).status).to.equal('Success')
  })

  it('says of a document that it cannot be read now, and raises no alarm for it [ITI TF-2:3.43.4.1.3]', async () => {
    const { repository, storage } = await onObjects()
    const [little, big] = [small(), large()]
    const request = await aRequest(repository.spool, [little, big])
    await repository.submit(request)
    const uniqueIds = request.submission.documentEntries.map(({ uniqueId }) => uniqueId ?? '')
    storage.next(isDocument, ...Array.from({ length: 12 }, () => slow))
    const answer = await repository.retrieve(...uniqueIds)
    expect(answer.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRepositoryError', 'XDSRepositoryError'])
    expect(answer.errors[0]?.codeContext).to.match(/cannot be read at the moment/)
    expect(repository.alarms).to.deep.equal([])
    expect(await repository.content(uniqueIds[1] ?? '')).to.deep.equal(big)
  })

  it('believes nothing of a bucket that was emptied, and goes on when its objects are back [ITI TF-2:3.43.4.1.3]', async () => {
    let aheadMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
    const { repository, storage } = await onObjects({ ports: { clock } })
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    const before = new Map(storage.objects)
    storage.objects.clear()
    aheadMs += 6_000
    const [told] = (await repository.retrieve(uniqueIdOf(request))).errors
    expect(told?.codeContext).to.match(/cannot be read at the moment/)
    expect((await repository.submit(await aRequest(repository.spool, small()))).status).to.equal('Failure')
    expect((await repository.remove(uniqueIdOf(request))).status).not.to.equal('Success')
    expect([repository.alarms.filter(({ kind }) => kind === 'document spoilt'), storage.objects.size]).to.deep.equal([
      [],
      0,
    ])
    for (const [key, bytes] of before) storage.objects.set(key, bytes)
    expect((await repository.submit(await aRequest(repository.spool, small()))).status).to.equal('Success')
  })

  it('hands out no byte that is not as it was received', async () => {
    const { repository, storage, keys } = await onObjects()
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    const [key = ''] = keys()
    storage.objects.set(key, Buffer.alloc(2_000))
    expect((await repository.retrieve(uniqueIdOf(request))).status).to.equal('Failure')
    expect(repository.alarms.map(({ kind }) => kind)).to.deep.equal(['document spoilt'])
  })

  it('hands out a large document though the storage breaks off in the middle', async () => {
    const { repository, storage } = await onObjects()
    const bytes = randomBytes(12_000_000)
    const request = await aRequest(repository.spool, bytes)
    await repository.submit(request)
    storage.next(
      ({ headers }) => headers.range !== undefined,
      ...[500_000, 2_000_000].map(truncatedAt => ({ truncatedAt })),
    )
    expect((await repository.content(uniqueIdOf(request)))?.equals(bytes)).to.equal(true)
  })

  it('keeps a document that could not be removed, and removes it when it can [ITI TF-2:3.86.4.2]', async () => {
    const { repository, storage, keys } = await onObjects()
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    await repository.submit(request)
    storage.next(({ method }) => method === 'DELETE', { status: 403, code: 'AccessDenied' })
    const refused = await repository.remove(uniqueIdOf(request))
    expect(codesOf(refused)).to.deep.equal(['XDSRemoveDocumentsError'])
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect(keys()).to.deep.equal([])
  })

  it('leaves nothing of a removed document where the bucket keeps versions', async () => {
    const { repository, storage } = await onObjects()
    storage.keepsVersions = true
    const request = await aRequest(repository.spool, small())
    // Where several processes share the bucket its owner is written there with the first document.
    const ofDocuments = () => storage.versions.filter(({ key }) => isDocument({ path: key }))
    await repository.submit(request)
    expect(ofDocuments()).to.have.length(1)
    await repository.remove(uniqueIdOf(request))
    expect(ofDocuments()).to.deep.equal([])
  })

  it('leaves no version either where an answer was lost and the document was put twice [ITI TF-2:3.86.4.1.3]', async () => {
    const { repository, storage } = await onObjects()
    await repository.submit(await aRequest(repository.spool, small()))
    storage.keepsVersions = true
    storage.next(isPut, { breaks: 'after' })
    storage.next(({ method }) => method === 'DELETE', { breaks: 'after' }, { breaks: 'after' })
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    expect(storage.versions).to.have.length(2)
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    expect(storage.versions).to.deep.equal([])
  })

  it('sweeps what a process that died has left, and finishes what it was removing', async () => {
    const { repository, at, keys, storage } = await onObjects()
    const bytes = large()
    const kept = await aRequest(repository.spool, bytes)
    await repository.submit(kept)
    const removed = await aRequest(repository.spool, small())
    await repository.submit(removed)
    // Dies after the bytes are there, before anybody is told.
    repository.context.documents.begin = () => new Promise(() => {})
    void repository.submit(await aRequest(repository.spool, small()))
    await until(() => keys().length === 3, 'the bytes are there')
    // And in the middle of a removal.
    repository.context.documents.endRemoval = () => new Promise(() => {})
    storage.next(({ method }) => method === 'DELETE', { status: 403, code: 'AccessDenied' })
    void repository.remove(uniqueIdOf(removed))
    await until(async () => (await repository.rows('removal')) === 1, 'the removal has begun')
    await repository.die()

    const next = await at({ folder: repository.folder, registry: repository.registry })
    await next.swept
    expect(keys()).to.have.length(1)
    expect([await next.rows('document'), await next.rows('removal')]).to.deep.equal([1, 0])
    expect(await next.content(uniqueIdOf(kept))).to.deep.equal(bytes)
  })

  it('leaves no part of a large document that could neither be put together nor be taken back', async () => {
    const { repository, at, storage, keys } = await onObjects()
    const ofUploads = ({ query }: { query: Record<string, string> }) => 'uploadId' in query
    storage.next(ofUploads, ...Array.from({ length: 60 }, () => ({ breaks: 'before' as const })))
    const refused = await repository.submit(await aRequest(repository.spool, randomBytes(6_000_000)))
    expect([codesOf(refused), storage.uploads.size]).to.deep.equal([['XDSRepositoryError'], 1])
    storage.forget()
    await repository.die()
    const next = await at({ folder: repository.folder, registry: repository.registry })
    await next.swept
    expect([storage.uploads.size, keys()]).to.deep.equal([0, []])
  })

  it('hands out what is there when its settings name a folder, and what is in the folder when they name a bucket', async () => {
    const { repository, at, keys } = await onObjects()
    const { folder, registry, documentsFolder } = repository
    const contents = [large(), large(), large()]
    const uniqueIds: string[] = []
    let current = repository
    for (const [index, config] of [{ documents }, { documents: documentsFolder }, { documents }].entries()) {
      if (index > 0) {
        await current.close()
        current = await at({ folder, registry, config })
      }
      const request = await aRequest(current.spool, contents[index] ?? small())
      await current.submit(request)
      uniqueIds.push(uniqueIdOf(request))
    }
    expect([keys().length, (await current.files()).length]).to.deep.equal([2, 1])
    for (const [index, uniqueId] of uniqueIds.entries()) {
      expect(await current.content(uniqueId)).to.deep.equal(contents[index])
    }
  })

  it('says that documents cannot be read while its settings do not say where the bucket is', async () => {
    const { repository } = await onObjects()
    const request = await aRequest(repository.spool, small())
    await repository.submit(request)
    await repository.close()
    const { folder, registry } = repository
    const next = await aRepository({ folder, registry })
    const answer = await next.retrieve(uniqueIdOf(request))
    expect(answer.errors[0]?.codeContext).to.match(/cannot be read at the moment/)
    expect(next.alarms).to.deep.equal([])
  })
})
