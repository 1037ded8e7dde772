// Against a real object storage, over TLS with a CA of our own.
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemNetwork } from '../../ports/network/system-network.js'
import type { openBucket } from '../../s3/bucket.js'
import { S3Problem } from '../../s3/problem.js'
import { until } from '../house/waiting.js'
import { aBucket, testCredentials } from './a-bucket.js'
import { aRealStorage, missingWords, type RealStorage, versitygwPath } from './versitygw.js'

describe('a real object storage (versitygw)', () => {
  const program = versitygwPath()
  if (program === undefined) {
    it(missingWords, function () {
      this.skip()
    })
    return
  }

  let storage: RealStorage
  let bucket: ReturnType<typeof aBucket>
  before(async function () {
    this.timeout(60_000)
    storage = await aRealStorage()
    bucket = at(storage)
  })
  after(async () => {
    bucket.close()
    await storage.end()
  })

  it('keeps, hands out, lists and deletes a small object', async () => {
    const bytes = randomBytes(10_000)
    await bucket.put('ab/one', bytes)
    await bucket.put('ab/empty', Buffer.alloc(0))
    expect(await bucket.sizeBytes('ab/one')).to.equal(10_000)
    expect(await bucket.sizeBytes('ab/none')).to.equal(undefined)
    expect(await bucket.get('ab/one', 20_000)).to.deep.equal(bytes)
    expect(await bucket.get('ab/none', 20_000)).to.equal(undefined)
    const reader = await bucket.open('ab/one', { from: 0, length: 10_000 })
    expect(reader?.sizeBytes).to.equal(10_000)
    expect(await reader?.read(100, 50)).to.deep.equal(bytes.subarray(100, 150))
    reader?.close()
    expect((await bucket.open('ab/empty', { from: 0, length: 100 }))?.sizeBytes).to.equal(0)
    expect(await bucket.open('ab/none', { from: 0, length: 100 })).to.equal(undefined)
    expect(await keysOf(bucket)).to.deep.equal(['ab/empty', 'ab/one'])
    const told = await bucket.modifiedMs('ab/one')
    for await (const page of bucket.objects())
      for (const { key, modifiedMs = 0 } of page) if (key === 'ab/one') expect(modifiedMs - told!).to.be.within(0, 999)
    expect(told).to.be.greaterThan(Date.UTC(2026, 0))
    expect(await bucket.modifiedMs('ab/none')).to.equal(undefined)
    const named: Record<string, string[]> = { '': ['ab/'], ab: ['empty', 'one'], none: [] }
    for (const [below, expected] of Object.entries(named)) {
      const found: string[] = []
      for await (const page of bucket.names(below)) found.push(...page)
      expect(found).to.deep.equal(expected)
    }
    await bucket.erase('ab/one')
    await bucket.erase('ab/one')
    await bucket.erase('ab/empty')
    expect(await keysOf(bucket)).to.deep.equal([])
  })

  it('keeps a large object in parts and hands it out in order', async function () {
    this.timeout(60_000)
    const bytes = randomBytes(30 * 1024 * 1024 + 77)
    await bucket.upload('cd/large', uploadOf(bytes))
    expect(await bucket.sizeBytes('cd/large')).to.equal(bytes.length)
    const reader = await bucket.open('cd/large', { from: 0, length: 1_048_576 })
    const pieces: Buffer[] = []
    for (let position = 0; position < bytes.length; position += 1_048_576) {
      pieces.push((await reader?.read(position, 1_048_576)) ?? Buffer.alloc(0))
    }
    expect(Buffer.concat(pieces).equals(bytes)).to.equal(true)
    expect(await reader?.read(5, 10)).to.deep.equal(bytes.subarray(5, 15))
    reader?.close()
    await bucket.erase('cd/large')
  })

  it('takes back an upload that does not come to its end, and finds those of a process that died', async () => {
    const bytes = randomBytes(20 * 1024 * 1024)
    const failing = {
      sizeBytes: bytes.length,
      async read(position: number, length: number) {
        if (position >= 9 * 1024 * 1024) throw new Error('the disk is gone')
        return bytes.subarray(position, position + length)
      },
    }
    const problem = await bucket.upload('ef/broken', failing).catch((thrown: unknown) => thrown)
    expect(problem).to.have.property('message', 'the disk is gone')
    expect(await bucket.sizeBytes('ef/broken')).to.equal(undefined)
    expect(await bucket.abortUploads()).to.equal(0)

    const dying = at(storage)
    void dying
      .upload('ef/dying', {
        ...uploadOf(bytes),
        read: (position, length) => (position > 0 ? new Promise(() => {}) : uploadOf(bytes).read(position, length)),
      })
      .catch(() => {})
    const begun: string[] = []
    await until(async () => {
      await bucket.abortUploads(key => begun.push(key) > 0)
      return begun.length > 0
    }, 'the upload has begun')
    expect(await bucket.abortUploads()).to.equal(1)
    expect(await bucket.abortUploads()).to.equal(0)
    dying.close()
  })

  it('says what is wrong in words: other credentials, no such bucket, no trust', async () => {
    const wrong = async (options: Parameters<typeof at>[1], ca = storage.ca) => {
      const other = at(storage, options, ca)
      const problem = await other.put('x', Buffer.from('x')).catch((thrown: unknown) => thrown)
      other.close()
      expect(problem).to.be.instanceOf(S3Problem)
      return `${(problem as S3Problem).kind}: ${(problem as S3Problem).message}`
    }
    const secret = { current: async () => ({ ...testCredentials, secretAccessKey: 'other' }), forget() {} }
    expect(await wrong({ credentials: secret })).to.match(/^refused: .* HTTP 403 SignatureDoesNotMatch/)
    expect(await wrong({ bucket: 'elsewhere' })).to.match(/^refused: .* HTTP 404 NoSuchBucket/)
    expect(await wrong({}, '')).to.match(/^away: .*certificate/)
  })

  it('keeps no version of what is erased, where the bucket keeps versions', async function () {
    this.timeout(60_000)
    const keeping = await aRealStorage({ versions: true })
    const versioned = at(keeping)
    try {
      await versioned.put('gh/one', Buffer.from('first'))
      await versioned.put('gh/one', Buffer.from('second'))
      await versioned.put('gh/one-more', Buffer.from('third'))
      await versioned.erase('gh/one')
      expect(await keysOf(versioned)).to.deep.equal(['gh/one-more'])
      const left = await readdir(`${keeping.folder}/..`, { recursive: true, withFileTypes: true })
      expect(
        left.filter(entry => entry.isFile() && /documents/.test(entry.parentPath)).map(({ name }) => name),
      ).to.deep.equal(['one-more'])
    } finally {
      versioned.close()
      await keeping.end()
    }
  })
})

function at({ endpoint, ca }: RealStorage, options: Partial<Parameters<typeof openBucket>[0]> = {}, trusted = ca) {
  return aBucket({
    endpoint,
    client: systemNetwork.httpClient(trusted === '' ? {} : { ca: trusted }),
    clock: systemClock,
    timeoutMs: 5_000,
    patienceMs: 10_000,
    ...options,
  })
}

function uploadOf(bytes: Buffer) {
  return {
    sizeBytes: bytes.length,
    read: async (position: number, length: number) => bytes.subarray(position, position + length),
  }
}

async function keysOf(bucket: Pick<ReturnType<typeof aBucket>, 'objects'>): Promise<string[]> {
  const keys: string[] = []
  for await (const page of bucket.objects()) keys.push(...page.map(({ key }) => key))
  return keys
}
