import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { bucketFiles } from '../../cli/bucket-files.js'
import { takeLease } from '../../cli/bucket-lease.js'
import type { Failure } from '../../cli/failure.js'
import { systemClock } from '../../ports/clock.js'
import { piecesOf, systemFiles } from '../../ports/files.js'
import { aBucket, hastyClock } from '../s3/a-bucket.js'
import { aStorage } from '../s3/fake-storage.js'

describe('a folder of backups in a bucket', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function open() {
    const storage = await aStorage()
    const bucket = aBucket({ endpoint: storage.endpoint, prefix: 'backups' })
    const scratch = await systemFiles.temporaryFolder('carnet-bucket-')
    closing.push(async () => {
      bucket.close()
      await storage.close()
      await systemFiles.removeFolder(scratch)
    })
    const root = '/s3:bucket/backups'
    const files = bucketFiles({ bucket, root, scratch, files: systemFiles })
    const at = (...names: string[]) => join(root, ...names)
    async function write(path: string, bytes: Buffer): Promise<void> {
      const file = await files.create(path)
      await file.write(bytes)
      await file.close()
    }
    const keys = () => [...storage.objects.keys()].map(key => key.replace('backups/', '')).sort()
    return { storage, bucket, scratch, files, at, write, keys }
  }

  it('has a file there when it gets its name, and not before', async () => {
    const { files, at, write, keys, scratch } = await open()
    const bytes = randomBytes(700_000)
    await write(at('documents/ab/one.partial'), bytes)
    expect(keys()).to.deep.equal([])
    await files.rename(at('documents/ab/one.partial'), at('documents/ab/one'))
    expect(keys()).to.deep.equal(['documents/ab/one'])
    expect(await files.stat(at('documents/ab/one'))).to.include({ sizeBytes: 700_000, isFolder: false })
    expect(await files.stat(at('documents'))).to.include({ isFolder: true })
    expect(await files.stat(at('documents/ab/on'))).to.equal(undefined)
    const read: Buffer[] = []
    for await (const piece of piecesOf(files, at('documents/ab/one'))) read.push(piece)
    expect(Buffer.concat(read).equals(bytes)).to.equal(true)
    expect(await systemFiles.list(join(scratch, 'documents/ab'))).to.deep.equal([])
  })

  it('sends a backup whole, its manifest last, and takes one without for broken off', async () => {
    const { files, at, write, keys, storage } = await open()
    const generation = at('20261125T141500Z.partial')
    for (const name of ['manifest.json', 'registry.sqlite', 'config/carnet.json']) {
      await files.makeFolder(generation)
      await write(join(generation, name), randomBytes(10))
    }
    await files.rename(generation, at('20261125T141500Z'))
    const sent = storage.seen.filter(({ method }) => method === 'PUT').map(({ path }) => path.split('/').at(-1))
    expect(sent.at(-1)).to.equal('manifest.json')
    expect(await files.list(at())).to.deep.equal(['20261125T141500Z'])
    storage.objects.delete('backups/20261125T141500Z/manifest.json')
    await files.remove(at('20261125T141500Z/manifest.json'))
    expect(await files.list(at())).to.deep.equal(['20261125T141500Z.partial'])
    await files.removeFolder(at('20261125T141500Z.partial'))
    expect(keys()).to.deep.equal([])
  })

  it('asks once for a thousand files that are looked for in their order', async () => {
    const { files, at, storage } = await open()
    const names = Array.from({ length: 900 }, (_, number) => `documents/01/${String(number).padStart(4, '0')}`)
    for (const name of names) storage.objects.set(`backups/${name}`, Buffer.alloc(3))
    for (const name of names) expect((await files.stat(at(name)))?.sizeBytes).to.equal(3)
    const behind = ['documents/01/2000', 'documents/01/2001', 'documents/01/2002']
    for (const name of behind) expect(await files.stat(at(name))).to.equal(undefined)
    expect(storage.seen).to.have.length.below(5)
    await files.remove(at(names[5]!))
    expect(await files.stat(at(names[5]!))).to.equal(undefined)
  })

  it('leaves all other paths to this machine', async () => {
    const { files, scratch, keys } = await open()
    const file = await files.create(join(scratch, 'here'))
    await file.write(Buffer.from('x'))
    await file.close()
    expect(String(await files.readFile(join(scratch, 'here')))).to.equal('x')
    expect(keys()).to.deep.equal([])
  })

  it('is told of in words when the storage does not answer', async () => {
    const { files, at, storage } = await open()
    storage.next(() => true, ...Array.from({ length: 50 }, () => ({ status: 503, code: 'SlowDown' })))
    const failure: Failure = await files.stat(at('documents/ab')).then(
      () => expect.fail('it answered'),
      problem => problem,
    )
    expect(failure.reason).to.equal('unreachable')
    expect(failure.message).to.match(/object storage did not list its objects.*run the command again/)
  })

  it('is written to by one at a time, until that one is done or gone', async () => {
    const { bucket } = await open()
    const clock = { ...hastyClock(), nowMs: 1_000_000, now: () => clock.nowMs, every: systemClock.every }
    const first = await takeLease(bucket, 'first', { clock })
    expect(await takeLease(bucket, 'second', { clock })).to.equal(undefined)
    await first?.release()
    const second = await takeLease(bucket, 'second', { clock })
    expect(second).to.not.equal(undefined)
    clock.nowMs += 6 * 60_000
    const third = await takeLease(bucket, 'third', { clock })
    expect(third).to.not.equal(undefined)
    await third?.release()
    await second?.release()
  })
})
