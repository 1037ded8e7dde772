// Against a storage that is played, over real HTTP, and that misbehaves as real ones do.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { sha256Of } from '../../s3/checksums.js'
import { S3Problem } from '../../s3/problem.js'
import { aBucket, hastyClock, testCredentials } from './a-bucket.js'
import { aStorage, type FakeStorage, type Fault, type Seen } from './fake-storage.js'

let storage: FakeStorage
const open: { close(): void }[] = []

beforeEach(async () => {
  storage = await aStorage()
})
afterEach(async () => {
  for (const bucket of open.splice(0)) bucket.close()
  await storage.close()
})

function bucketOf(options: Partial<Parameters<typeof aBucket>[0]> = {}) {
  const bucket = aBucket({ endpoint: storage.endpoint, ...options })
  open.push(bucket)
  return bucket
}

const isA = (method: string) => (seen: Seen) => seen.method === method
const isPart = (seen: Seen) => 'partNumber' in seen.query
const isCompletion = (seen: Seen) => seen.method === 'POST' && 'uploadId' in seen.query
const methods = () => storage.seen.map(({ method }) => method)
const problemOf = async (work: Promise<unknown>) => {
  const problem = await work.catch((thrown: unknown) => thrown)
  expect(problem).to.be.instanceOf(S3Problem)
  return problem as S3Problem
}

describe('a bucket that is not there', () => {
  const gone = { status: 404, code: 'NoSuchBucket' }

  it('is not taken for an object that is not there', async () => {
    const bucket = bucketOf()
    for (const ask of [
      () => bucket.sizeBytes('one'),
      () => bucket.probe('one'),
      () => bucket.get('one', 100),
      () => bucket.open('one', { from: 0, length: 10 }),
    ]) {
      storage.next(() => true, gone, gone)
      const { kind, message } = await problemOf(ask())
      expect(kind).to.equal('refused')
      expect(message).to.contain('NoSuchBucket')
      storage.forget()
    }
    expect(await bucket.sizeBytes('one')).to.equal(undefined)
  })

  it('is not taken for one out of which everything has been deleted', async () => {
    const bucket = bucketOf()
    storage.next(isA('DELETE'), gone)
    expect((await problemOf(bucket.erase('one'))).message).to.contain('NoSuchBucket')
    await bucket.erase('one')
  })
})

describe('what answers in the place of an object storage', () => {
  const page = '<html><body>Please log in</body></html>'

  it('has kept nothing, whatever its status says', async () => {
    storage.next(isA('PUT'), { body: page })
    const { kind, message } = await problemOf(bucketOf().put('one', Buffer.from('x')))
    expect([kind, message]).to.deep.equal([
      'away',
      'the object storage did not keep documents/one: what answers (HTTP 200) is none',
    ])
  })

  it('is not believed that an object is not there', async () => {
    const bucket = bucketOf()
    for (const ask of [
      () => bucket.get('one', 100),
      () => bucket.open('one', { from: 0, length: 10 }),
      () => bucket.sizeBytes('one'),
      () => bucket.put('one', Buffer.from('x')),
      () => bucket.erase('one'),
    ]) {
      storage.next(() => true, ...Array.from({ length: 3 }, () => ({ status: 404, body: page })))
      expect((await problemOf(ask())).kind).to.equal('away')
      storage.forget()
    }
  })
})

describe('an object storage that fails in passing', () => {
  const passing: [name: string, fault: Fault][] = [
    ['answers 503 SlowDown', { status: 503, code: 'SlowDown' }],
    ['answers 500', { status: 500, code: 'InternalError' }],
    ['answers 429', { status: 429 }],
    ['answers a proxy page', { status: 502, body: '<html><body>Bad Gateway</body></html>' }],
    ['breaks the connection before it has done anything', { breaks: 'before' }],
    ['breaks the connection after it has stored all', { breaks: 'after' }],
    ['does not answer', { silent: true }],
    ['has got other bytes', { status: 400, code: 'BadDigest' }],
  ]
  const timesFor = (fault: Fault) => ('silent' in fault ? { timeoutMs: 100 } : {})
  for (const [name, fault] of passing) {
    it(`is sent an object again when it ${name}`, async () => {
      const bytes = randomBytes(20_000)
      storage.next(isA('PUT'), fault)
      await bucketOf(timesFor(fault)).put('one', bytes)
      // Where silence is to be short, what is sent again may seem silent too on a machine that stands still.
      expect(methods().slice(0, 'silent' in fault ? 2 : undefined)).to.deep.equal(['PUT', 'PUT'])
      expect(storage.objects.get('documents/one')?.equals(bytes)).to.equal(true)
    })

    it(`is asked again for an object when it ${name}`, async () => {
      const bytes = randomBytes(20_000)
      storage.objects.set('documents/one', bytes)
      storage.next(isA('GET'), fault)
      const reader = await bucketOf(timesFor(fault)).open('one', { from: 0, length: bytes.length })
      expect((await reader?.read(0, bytes.length))?.equals(bytes)).to.equal(true)
      reader?.close()
    })
  }

  it('is waited for longer each time, never for the same time, and not for ever', async () => {
    const clock = hastyClock()
    storage.next(isA('PUT'), ...Array.from({ length: 20 }, () => ({ status: 503, code: 'SlowDown' })))
    const problem = await problemOf(bucketOf({ clock, patienceMs: 60_000 }).put('one', Buffer.from('x')))
    expect(problem.kind).to.equal('away')
    expect(problem.message).to.equal('the object storage did not keep documents/one: HTTP 503 SlowDown as it was told')
    expect(clock.pauses).to.have.length(5)
    for (const [index, pause] of clock.pauses.entries()) expect(pause).to.be.within(50 * 2 ** index, 100 * 2 ** index)
  })

  it('is left alone once the time for all tries is over', async () => {
    storage.next(isA('PUT'), ...Array.from({ length: 20 }, () => ({ status: 503, code: 'SlowDown' })))
    await problemOf(bucketOf({ clock: systemClock, patienceMs: 400 }).put('one', Buffer.from('x')))
    // Pauses of at least 50, 100 and 200 ms fit into that time, and no more.
    expect(storage.seen.length).to.be.within(1, 4)
  })

  it('holds nobody by a byte now and then', async () => {
    storage.objects.set('documents/one', randomBytes(100_000))
    storage.next(isA('GET'), ...Array.from({ length: 20 }, () => ({ dripsEveryMs: 20 })))
    // With a byte now and then it would take more than half an hour.
    const problem = await problemOf(bucketOf({ patienceMs: 150 }).get('one', 200_000))
    expect(problem.kind).to.equal('away')
  })

  it('is given up on at once when the work it is for has ended', async () => {
    const ended = new AbortController()
    ended.abort()
    const upload = { ...uploadOf(randomBytes(10)), signal: ended.signal }
    await problemOf(bucketOf().upload('one', upload))
    await problemOf(bucketOf({ partBytes: 3 }).upload('one', upload))
    expect(storage.objects.size).to.equal(0)
    expect(storage.uploads.size).to.equal(0)
  })
})

describe('an object storage that says no', () => {
  const refusals: [fault: Fault, kind: S3Problem['kind'], tries: number][] = [
    [{ status: 403, code: 'AccessDenied' }, 'refused', 1],
    [{ status: 404, code: 'NoSuchBucket' }, 'refused', 1],
    [{ status: 501, code: 'NotImplemented' }, 'refused', 1],
    [{ status: 507, code: 'InsufficientStorage' }, 'full', 1],
    [{ status: 403, code: 'QuotaExceeded' }, 'full', 1],
    [{ status: 301, code: 'PermanentRedirect' }, 'refused', 1],
    [{ status: 403, code: 'SignatureDoesNotMatch' }, 'refused', 2],
  ]
  for (const [fault, kind, tries] of refusals) {
    const { status, code } = fault as { status: number; code: string }
    it(`${status} ${code} is ${kind}, after ${tries} of it`, async () => {
      storage.next(isA('PUT'), fault, fault, fault)
      const problem = await problemOf(bucketOf().put('one', Buffer.from('x')))
      expect([problem.kind, problem.code, problem.status]).to.deep.equal([kind, code, status])
      expect(storage.seen).to.have.length(tries)
    })
  }

  it('to credentials is asked with those that the file holds by then', async () => {
    let current = { ...testCredentials, accessKeyId: 'old' }
    const credentials = {
      current: async () => current,
      forget() {
        current = { ...testCredentials, accessKeyId: 'new' }
      },
    }
    storage.next(isA('PUT'), { status: 400, code: 'ExpiredToken' })
    await bucketOf({ credentials }).put('one', Buffer.from('x'))
    const ids = storage.seen.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1])
    expect(ids).to.deep.equal(['old', 'new'])
  })

  it('to credentials in words of its own is asked the next time with those of the file', async () => {
    let forgotten = 0
    const credentials = {
      current: async () => testCredentials,
      forget() {
        forgotten += 1
      },
    }
    storage.next(isA('PUT'), { status: 404, code: 'XAdminUserNotFound' })
    expect((await problemOf(bucketOf({ credentials }).put('one', Buffer.from('x')))).kind).to.equal('refused')
    expect([forgotten, storage.seen.length]).to.deep.equal([1, 1])
  })

  it('to our clock is asked with its own', async () => {
    const date = new Date(Date.UTC(2031, 0, 2, 3, 4, 5)).toUTCString()
    storage.next(isA('PUT'), { status: 403, code: 'RequestTimeTooSkewed', headers: { date } })
    await bucketOf().put('one', Buffer.from('x'))
    expect(storage.seen.at(-1)?.headers['x-amz-date']).to.match(/^20310102T0304/)
  })

  it('and is nobody at all: in words', async () => {
    const problem = await problemOf(bucketOf({ endpoint: 'http://127.0.0.1:1' }).put('one', Buffer.from('x')))
    expect([problem.kind, problem.message]).to.deep.equal([
      'away',
      'the object storage did not keep documents/one: nothing listens there',
    ])
  })
})

describe('what was kept', () => {
  it('is sent again where the storage says another checksum', async () => {
    storage.next(isA('PUT'), { headers: { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') } })
    await bucketOf().put('one', Buffer.from('x'))
    expect(methods()).to.deep.equal(['PUT', 'PUT'])
  })

  it('is held against the ETag where the storage says no checksum, and not where it encrypts with keys of its own', async () => {
    const md5 = { etag: `"${'0'.repeat(32)}"`, 'x-amz-checksum-sha256': undefined }
    const withoutChecksum = { headers: md5 }
    storage.next(isA('PUT'), withoutChecksum)
    const bytes = Buffer.from('x')
    await bucketOf().put('one', bytes)
    expect(methods()).to.deep.equal(['PUT', 'PUT'])
    storage.next(isA('PUT'), withoutChecksum)
    await bucketOf({ encryption: { by: 'aws:kms', keyId: 'key-1' } }).put('two', bytes)
    expect(methods()).to.deep.equal(['PUT', 'PUT', 'PUT'])
    expect(storage.seen.at(-1)?.headers).to.include({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
    })
  })

  it('is encrypted as was asked, in parts too', async () => {
    const bucket = bucketOf({ encryption: { by: 'AES256' }, partBytes: 1_048_576 })
    await bucket.put('one', Buffer.from('x'))
    await bucket.upload('two', uploadOf(randomBytes(1_500_000)))
    const told = storage.seen.filter(({ headers }) => headers['x-amz-server-side-encryption'] === 'AES256')
    expect(told.map(({ method, query }) => `${method} ${Object.keys(query)}`)).to.deep.equal(['PUT ', 'POST uploads'])
  })

  it('goes with all its versions, and no neighbour goes with it', async () => {
    storage.keepsVersions = true
    const bucket = bucketOf()
    for (const key of ['one', 'one', 'one-more']) await bucket.put(key, Buffer.from(key))
    await bucket.erase('one')
    expect(storage.versions.map(({ key }) => key)).to.deep.equal(['documents/one-more'])
  })

  it('goes with the parts of what was begun to be uploaded, and no neighbour ends with it', async () => {
    for (const key of ['one', 'one-more']) storage.uploads.set(key, { key: `documents/${key}`, parts: new Map() })
    await bucketOf().erase('one')
    expect([...storage.uploads.keys()]).to.deep.equal(['one-more'])
  })

  it('goes where uploads are not listed for us, but not where nobody knows of any', async () => {
    const bucket = bucketOf()
    const ofUploads = ({ query }: Seen) => 'uploads' in query
    for (const status of [403, 501]) {
      await bucket.put('one', Buffer.from('one'))
      storage.next(ofUploads, { status })
      await bucket.erase('one')
      expect(storage.objects.size).to.equal(0)
    }
    await bucket.put('one', Buffer.from('one'))
    storage.next(ofUploads, ...Array.from({ length: 10 }, () => ({ status: 503 })))
    expect(await bucket.erase('one').catch((problem: S3Problem) => problem.kind)).to.equal('away')
  })

  it('is listed page by page, below the prefix only', async () => {
    storage.pageLength = 3
    for (let index = 0; index < 8; index++) storage.objects.set(`documents/a b/${index}`, Buffer.alloc(index))
    storage.objects.set('documents-of-others/1', Buffer.alloc(1))
    const pages: number[] = []
    const sizes = new Map<string, number>()
    for await (const page of bucketOf().objects()) {
      pages.push(page.length)
      for (const { key, sizeBytes } of page) sizes.set(key, sizeBytes)
    }
    expect(pages).to.deep.equal([3, 3, 2])
    expect([...sizes]).to.deep.equal(Array.from({ length: 8 }, (_, index) => [`a b/${index}`, index]))
    const behind: string[] = []
    for await (const page of bucketOf().objects('a b/5')) behind.push(...page.map(({ key }) => key))
    expect(behind).to.deep.equal(['a b/6', 'a b/7'])
  })

  it('is not listed by an answer that is no list, or that does not end', async () => {
    const list = async () => {
      for await (const page of bucketOf().objects()) expect(page).to.deep.equal([])
    }
    storage.next(isA('GET'), ...Array.from({ length: 6 }, () => ({ body: '<html/>' })))
    expect((await problemOf(list())).message).to.match(/its answer is not such a list/)
    storage.next(isA('GET'), { body: `<ListBucketResult>${' '.repeat(5_000_000)}</ListBucketResult>` })
    expect((await problemOf(list())).message).to.match(/does not end/)
  })
})

describe('a large object', () => {
  const partBytes = 1_048_576
  const bytes = randomBytes(5 * partBytes + 99)

  it('goes in parts, each once, a bounded number of them in memory', async () => {
    let inMemory = 0
    let most = 0
    const bucket = bucketOf({ partBytes, partsAtOnce: 3 })
    const upload = {
      sizeBytes: bytes.length,
      async read(position: number, length: number) {
        inMemory += 1
        most = Math.max(most, inMemory - storage.seen.filter(isPart).length)
        return bytes.subarray(position, position + length)
      },
    }
    await Promise.all(['one', 'two', 'three', 'four'].map(key => bucket.upload(key, upload)))
    expect(storage.seen.filter(isPart)).to.have.length(4 * 6)
    expect(most).to.be.within(1, 3)
    for (const key of ['one', 'two', 'three', 'four']) {
      expect(storage.objects.get(`documents/${key}`)?.equals(bytes)).to.equal(true)
    }
  })

  const passing: [name: string, fits: (seen: Seen) => boolean, fault: Fault][] = [
    ['a part is answered 503', isPart, { status: 503, code: 'SlowDown' }],
    ['a part has another checksum', isPart, { headers: { 'x-amz-checksum-sha256': 'AAAA' } }],
    ['the connection breaks after a part', isPart, { breaks: 'after' }],
    ['the answer to its completion is lost', isCompletion, { breaks: 'after' }],
    [
      'its completion is answered 200 with an error in it',
      isCompletion,
      { body: '<Error><Code>InternalError</Code></Error>' },
    ],
  ]
  for (const [name, fits, fault] of passing) {
    it(`arrives though ${name}`, async () => {
      storage.next(fits, fault)
      await bucketOf({ partBytes }).upload('one', uploadOf(bytes))
      expect(storage.objects.get('documents/one')?.equals(bytes)).to.equal(true)
      expect(storage.uploads.size).to.equal(0)
    })
  }

  const failing: [name: string, fits: (seen: Seen) => boolean, fault: Fault, words: RegExp][] = [
    [
      'a part is refused',
      isPart,
      { status: 403, code: 'AccessDenied' },
      /part \d of documents\/one: HTTP 403 AccessDenied/,
    ],
    [
      'a part has no ETag',
      isPart,
      { headers: { etag: undefined } },
      /did not keep part \d of documents\/one: what answers \(HTTP 200\) is none/,
    ],
    [
      'its completion is refused',
      isCompletion,
      { status: 400, code: 'InvalidPart' },
      /put documents\/one together: HTTP 400/,
    ],
    [
      'what was put together has another checksum',
      isCompletion,
      { body: '<R><ChecksumSHA256>AAAA-6</ChecksumSHA256></R>' },
      /its SHA-256 is AAAA-6/,
    ],
    ['nothing was put together', isCompletion, { body: '<R/>' }, /has none of the 5242979 bytes of documents\/one/],
  ]
  for (const [name, fits, fault, words] of failing) {
    it(`leaves nothing when ${name}`, async () => {
      storage.next(fits, fault, fault, fault, fault, fault, fault)
      expect((await problemOf(bucketOf({ partBytes }).upload('one', uploadOf(bytes)))).message).to.match(words)
      expect(storage.objects.size + storage.uploads.size).to.equal(0)
    })
  }

  it('that is not that large goes as one, with the checksum that was made when it came', async () => {
    const little = randomBytes(3_000_000)
    const bucket = bucketOf()
    await bucket.upload('one', { ...uploadOf(little), sha256: sha256Of([little]) })
    expect(methods()).to.deep.equal(['PUT'])
    const upload = { ...uploadOf(little), sha256: sha256Of([bytes]) }
    const problem = await problemOf(bucket.upload('two', upload))
    expect(problem.code).to.equal('XAmzContentSHA256Mismatch')
    expect([...storage.objects.keys()]).to.deep.equal(['documents/one'])
  })

  it('can be read in order alone', async () => {
    let at = 0
    const read = async (position: number, length: number) => {
      expect(position).to.equal(at)
      at += length
      return bytes.subarray(position, position + length)
    }
    await bucketOf({ partBytes }).upload('one', { sizeBytes: bytes.length, read, isInOrder: true })
    expect(storage.objects.get('documents/one')?.equals(bytes)).to.equal(true)
  })

  it('leaves nothing when there are fewer bytes than were promised', async () => {
    const short = { sizeBytes: bytes.length + 1, read: uploadOf(bytes).read }
    const problem = await bucketOf({ partBytes })
      .upload('one', short)
      .catch((thrown: Error) => thrown)
    expect(problem).to.have.property('message', `there are fewer than the ${bytes.length + 1} bytes to be uploaded`)
    expect(storage.objects.size + storage.uploads.size).to.equal(0)
  })

  it('has longer parts where it would have too many', async () => {
    const sizeBytes = 10_001 * 1_048_576
    const lengths: number[] = []
    const read = async (position: number, length: number): Promise<Buffer> => {
      lengths.push(length)
      if (position > 4 * 1_048_576) throw new Error('enough')
      return Buffer.alloc(length)
    }
    await bucketOf({ partBytes })
      .upload('one', { sizeBytes, read })
      .catch(() => {})
    expect(storage.seen.filter(isPart).map(seen => seen.bytes)).to.include(2 * 1_048_576)
  })

  it('whose upload nobody finished is taken back', async () => {
    storage.uploads.set('left', { key: 'documents/one', parts: new Map() })
    storage.uploads.set('of-others', { key: 'elsewhere/one', parts: new Map() })
    storage.uploads.set('under-way', { key: 'documents/two', parts: new Map() })
    expect(await bucketOf().abortUploads(key => key === 'two')).to.equal(1)
    expect([...storage.uploads.keys()]).to.deep.equal(['of-others', 'under-way'])
  })
})

describe('reading an object', () => {
  const bytes = randomBytes(20 * 1_048_576 + 5)
  const chunk = 1_048_576
  const ranges = () => storage.seen.filter(isA('GET')).map(({ headers }) => headers.range)

  beforeEach(() => storage.objects.set('documents/one', bytes))

  async function readAll(reader: { read(position: number, length: number): Promise<Buffer> }): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let position = 0; position < bytes.length; position += chunk) pieces.push(await reader.read(position, chunk))
    return Buffer.concat(pieces)
  }

  async function opened(bucket: ReturnType<typeof bucketOf>) {
    const reader = await bucket.open('one', { from: 0, length: chunk })
    if (reader === undefined) throw new Error('there is none')
    return reader
  }

  it('asks for the first bytes alone, then for some megabytes at a time', async () => {
    const reader = await opened(bucketOf())
    expect((await readAll(reader)).equals(bytes)).to.equal(true)
    const eight = 8 * chunk
    expect(ranges()).to.deep.equal([
      `bytes=0-${chunk - 1}`,
      `bytes=${chunk}-${chunk + eight - 1}`,
      `bytes=${chunk + eight}-${chunk + 2 * eight - 1}`,
      `bytes=${chunk + 2 * eight}-${bytes.length - 1}`,
    ])
    reader.close()
  })

  it('goes on where it broke off, as often as that happens', async () => {
    storage.next(isA('GET'), ...[700_000, 3_000_000, 1, 5].map(truncatedAt => ({ truncatedAt })))
    const reader = await opened(bucketOf())
    expect((await readAll(reader)).equals(bytes)).to.equal(true)
    expect(ranges().slice(0, 2)).to.deep.equal([`bytes=0-${chunk - 1}`, `bytes=700000-${700_000 + 8 * chunk - 1}`])
    reader.close()
  })

  it('gives up on one that always breaks off', async () => {
    storage.next(isA('GET'), ...Array.from({ length: 40 }, () => ({ truncatedAt: 1 })))
    const reader = await opened(bucketOf())
    expect((await problemOf(reader.read(0, chunk))).kind).to.equal('away')
    expect(ranges()).to.have.length(6)
  })

  it('may ask for two stretches at once, or go back', async () => {
    const reader = await opened(bucketOf())
    const [a, b] = await Promise.all([reader.read(0, chunk), reader.read(chunk, chunk)])
    expect(a.equals(bytes.subarray(0, chunk)) && b.equals(bytes.subarray(chunk, 2 * chunk))).to.equal(true)
    expect((await reader.read(5, 10)).equals(bytes.subarray(5, 15))).to.equal(true)
    expect(await reader.read(bytes.length, chunk)).to.deep.equal(Buffer.alloc(0))
    reader.close()
    expect((await problemOf(reader.read(0, 1))).message).to.equal('documents/one is not read any more')
  })

  it('takes no other bytes for those it asked for', async () => {
    const bucket = bucketOf()
    const wrong: Fault[] = [
      { headers: { 'content-range': `bytes 5-${chunk + 4}/${bytes.length}` } },
      { headers: { 'content-range': `bytes 0-${chunk - 2}/${bytes.length}` } },
      { headers: { 'content-range': undefined } },
      { status: 416, headers: { 'content-range': `bytes */${bytes.length}` } },
      { body: 'x'.repeat(chunk + 1) },
    ]
    for (const fault of wrong) {
      storage.next(isA('GET'), fault)
      expect((await problemOf(opened(bucket))).kind).to.equal('refused')
    }
  })

  it('knows how long it is, when it is empty or not there too, and says when it is gone', async () => {
    const bucket = bucketOf()
    const reader = await opened(bucket)
    expect(reader.sizeBytes).to.equal(bytes.length)
    storage.objects.set('documents/empty', Buffer.alloc(0))
    expect((await bucket.open('empty', { from: 0, length: 10 }))?.sizeBytes).to.equal(0)
    expect(await bucket.open('none', { from: 0, length: 10 })).to.equal(undefined)
    storage.objects.delete('documents/one')
    expect((await problemOf(reader.read(chunk, chunk))).kind).to.equal('missing')
  })

  it('takes the whole from a storage that knows no ranges', async () => {
    storage.objects.set('documents/little', Buffer.from('little'))
    storage.next(isA('GET'), { body: 'little' })
    const reader = await bucketOf().open('little', { from: 0, length: 100 })
    expect(String(await reader?.read(0, 100))).to.equal('little')
  })

  it('reads no faster than it is asked to, and goes on after a long pause', async () => {
    const reader = await opened(bucketOf({ timeoutMs: 100 }))
    await reader.read(0, chunk)
    await reader.read(chunk, chunk)
    await systemClock.sleep(300)
    expect((await reader.read(2 * chunk, chunk)).equals(bytes.subarray(2 * chunk, 3 * chunk))).to.equal(true)
    reader.close()
  })
})

function uploadOf(bytes: Buffer) {
  return {
    sizeBytes: bytes.length,
    read: async (position: number, length: number) => bytes.subarray(position, position + length),
  }
}
