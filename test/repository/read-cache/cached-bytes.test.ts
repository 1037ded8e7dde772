import { randomBytes, randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Files, systemFiles } from '../../../ports/files.js'
import { systemRandomness } from '../../../ports/randomness.js'
import { tagBytes } from '../../../repository/encryption/sealed-bytes.js'
import { openCachedBytes } from '../../../repository/read-cache/cached-bytes.js'
import { until } from '../../house/waiting.js'

const place = 's3:bucket/documents'

describe('bytes that were fetched lately', () => {
  const folders: string[] = []
  afterEach(async () => {
    for (const folder of folders.splice(0)) await systemFiles.removeFolder(folder)
  })

  async function open(mostBytes = 1_000_000, files: Files = systemFiles) {
    const above = await systemFiles.temporaryFolder('carnet-cache-')
    folders.push(above)
    const folder = join(above, 'read-cache')
    const cache = await openCachedBytes({ files, randomness: systemRandomness, folder, mostBytes })
    const filesThere = () => readdir(folder)
    const keep = (bytes: Buffer, id = randomUUID()) => {
      cache.keep({ id, place }, bytes)
      return { id, place }
    }
    return { cache, folder, filesThere, keep }
  }

  it('are given back as they were, and lie on the disk encrypted', async () => {
    const { cache, folder, filesThere, keep } = await open()
    const bytes = Buffer.from('a letter about somebody '.repeat(100))
    const content = keep(bytes)
    expect(await cache.take(content)).to.deep.equal(bytes)
    expect(cache.sizeBytes(content)).to.equal(bytes.length)
    const [file = ''] = await filesThere()
    expect(String(await readFile(join(folder, file)))).to.not.include('letter')
  })

  it('are not given for a document that is elsewhere by now', async () => {
    const { cache, filesThere, keep } = await open()
    const { id } = keep(randomBytes(100))
    expect(cache.sizeBytes({ id, place: 's3:other/' })).to.equal(undefined)
    expect(await cache.take({ id, place: 's3:other/' })).to.equal(undefined)
    expect(await filesThere()).to.deep.equal([])
  })

  it('are never more than they may be: those unused for longest go', async () => {
    const each = 1_000 + tagBytes
    const { cache, filesThere, keep } = await open(3 * each)
    const [first, second, third] = [1, 2, 3].map(() => keep(randomBytes(1_000)))
    await cache.take(first!)
    const fourth = keep(randomBytes(1_000))
    expect(cache.heldBytes).to.equal(3 * each)
    expect(await cache.take(second!)).to.equal(undefined)
    for (const there of [first, third, fourth]) expect(await cache.take(there!)).to.have.length(1_000)
    await until(async () => (await filesThere()).length === 3)
    const long = keep(randomBytes(4 * each))
    expect(cache.sizeBytes(long)).to.equal(undefined)
  })

  it('are not given when a byte of them has changed, and go', async () => {
    const { cache, folder, filesThere, keep } = await open()
    const content = keep(randomBytes(1_000))
    await cache.take(content)
    const [file = ''] = await filesThere()
    const bytes = await readFile(join(folder, file))
    bytes[17] = (bytes[17] ?? 0) ^ 1
    await writeFile(join(folder, file), bytes)
    expect(await cache.take(content)).to.equal(undefined)
    expect(await filesThere()).to.deep.equal([])
    expect(cache.heldBytes).to.equal(0)
  })

  it('leave no file when they are dropped, also while they are being written', async () => {
    const { cache, filesThere, keep } = await open()
    const { id } = keep(randomBytes(1_000))
    await cache.drop(id)
    expect(await filesThere()).to.deep.equal([])
    keep(randomBytes(1_000))
    keep(randomBytes(1_000))
    await cache.clear()
    expect([await filesThere(), cache.heldBytes]).to.deep.equal([[], 0])
  })

  it('are not kept where the disk has no room, and nobody hears of it', async () => {
    const create = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
    const { cache, keep } = await open(1_000_000, { ...systemFiles, create })
    const content = keep(randomBytes(1_000))
    expect(await cache.take(content)).to.equal(undefined)
    expect(cache.heldBytes).to.equal(0)
  })

  it('of an earlier process are removed at the start', async () => {
    const { folder, filesThere, keep, cache } = await open()
    await cache.take(keep(randomBytes(10)))
    await openCachedBytes({ files: systemFiles, randomness: systemRandomness, folder, mostBytes: 1 })
    expect(await filesThere()).to.deep.equal([])
  })
})
