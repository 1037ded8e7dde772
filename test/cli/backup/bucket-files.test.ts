import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { bucketFiles } from '../../../cli/backup/bucket-files.js'
import { type Lease, type Taken, takeLease } from '../../../cli/backup/bucket-lease.js'
import type { Failure } from '../../../cli/failure.js'
import { systemClock } from '../../../ports/clock.js'
import { piecesOf, systemFiles } from '../../../ports/files.js'
import { systemPorts } from '../../../ports/ports.js'
import { until } from '../../house/waiting.js'
import { aBucket, hastyClock } from '../../s3/a-bucket.js'
import { aStorage } from '../../s3/fake-storage.js'

describe('a folder of backups in a bucket', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function open() {
    const storage = await aStorage()
    const bucket = aBucket({ endpoint: storage.endpoint, prefix: 'backups' })
    closing.push(async () => {
      bucket.close()
      await storage.close()
    })
    const root = '/s3:bucket/backups'
    /** Folders of this machine in which something was written, and what is left of them. */
    const scratch: string[] = []
    const temporaryFolder = async (prefix: string) => {
      scratch.push(await systemFiles.temporaryFolder(prefix))
      return scratch.at(-1) ?? ''
    }
    const files = bucketFiles({ bucket, root, files: { ...systemFiles, temporaryFolder } })
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
    // As after a kill -9: nothing of it has a name on this machine.
    expect(scratch).to.have.length(1)
    expect(scratch.filter(folder => existsSync(folder))).to.deep.equal([])
    expect(await files.stat(at('documents/ab/one.partial'))).to.include({ sizeBytes: 700_000 })
    expect((await files.readFile(at('documents/ab/one.partial'))).equals(bytes)).to.equal(true)
    await files.rename(at('documents/ab/one.partial'), at('documents/ab/one'))
    expect(keys()).to.deep.equal(['documents/ab/one'])
    expect(await files.stat(at('documents/ab/one'))).to.include({ sizeBytes: 700_000, isFolder: false })
    expect(await files.stat(at('documents'))).to.include({ isFolder: true })
    expect(await files.stat(at('documents/ab/on'))).to.equal(undefined)
    const read: Buffer[] = []
    for await (const piece of piecesOf(files, at('documents/ab/one'))) read.push(piece)
    expect(Buffer.concat(read).equals(bytes)).to.equal(true)
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
    const { files, keys } = await open()
    const folder = await systemFiles.temporaryFolder('carnet-bucket-')
    closing.push(() => systemFiles.removeFolder(folder))
    const file = await files.create(join(folder, 'here'))
    await file.write(Buffer.from('x'))
    await file.close()
    expect(String(await files.readFile(join(folder, 'here')))).to.equal('x')
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

  it('is written to by one at a time, and the others are told who that is and for how long at most', async () => {
    const { bucket } = await open()
    const clock = { ...hastyClock(), nowMs: 1_000_000, now: () => clock.nowMs, every: systemClock.every }
    const take = () => takeLease(bucket, { ...systemPorts, clock })
    const first = leaseIn(await take())
    clock.nowMs += 70_000
    const second = await take()
    expect(second).to.have.property('taken')
    expect((second as Taken).taken).to.match(
      /process \d+, .* has it; wait for its end, or, .* 3 min 50 s \(until 1970-01-01T00:21:40/,
    )
    await first.release()
    const third = leaseIn(await take())
    clock.nowMs += 6 * 60_000
    await leaseIn(await take()).release()
    await third.release()
  })

  it('is free at once when who wrote to it is gone from this machine, and not when he may be at work on another', async () => {
    const { bucket, storage } = await open()
    const take = () => takeLease(bucket, { ...systemPorts, clock: hastyClock() })
    const key = 'backups/carnet-backup.lease'
    const gone = fork(fileURLToPath(new URL('./a-lease.js', import.meta.url)), [storage.endpoint], { stdio: 'ignore' })
    const ended = new Promise(resolve => gone.once('exit', resolve))
    await new Promise(resolve => setTimeout(resolve, 0))
    await until(() => storage.objects.has(key), 'the other has the lease')
    expect(await take(), 'while it lives').to.have.property('taken')
    gone.kill('SIGKILL')
    await ended
    await leaseIn(await take()).release()
    expect(storage.objects.has(key)).to.equal(false)
    const elsewhere = { holder: 'another host', until: systemClock.now() + 60_000, sign: '/tmp/carnet-lease-000000' }
    storage.objects.set(key, Buffer.from(JSON.stringify(elsewhere)))
    expect(((await take()) as Taken).taken).to.contain('another host has it')
  })
})

function leaseIn(answer: Lease | Taken): Lease {
  return 'taken' in answer ? expect.fail(answer.taken) : answer
}
