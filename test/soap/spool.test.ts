import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { type Files, systemFiles } from '../../ports/files.js'
import { systemRandomness } from '../../ports/randomness.js'
import { isChunk } from '../../soap/chunk-digests.js'
import { chunkBytes, type Spooled } from '../../soap/message.js'
import { type OpenSpool, openSpool, SpoolFull, type SpoolWriter } from '../../soap/spool.js'
import { bytesIn, folder } from './wire.js'

const place = folder()
after(() => place.remove())

function receive(options: Partial<OpenSpool> = {}): SpoolWriter {
  return openSpool({ files: systemFiles, randomness: systemRandomness, folder: place.path, ...options }).receive()
}

async function spooled(pieces: Uint8Array[], options: Partial<OpenSpool> = {}): Promise<Spooled> {
  const writer = receive(options)
  for (const piece of pieces) await writer.write(piece)
  return writer.end()
}

const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest()

function expected(bytes: Buffer) {
  return {
    sizeBytes: bytes.length,
    sha1: digest('sha1', bytes).toString('hex'),
    sha256: digest('sha256', bytes).toString('hex'),
    chunks: Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, () => true),
  }
}

/** What is told of the content, and of each chunk of the bytes whether it is what the content's digest says. */
function facts({ sizeBytes, sha1, sha256, chunkDigests }: Spooled, bytes: Buffer) {
  const count = Math.ceil(bytes.length / chunkBytes)
  const chunks = Array.from({ length: count }, (_, index) =>
    isChunk(bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes), index, chunkDigests),
  )
  return { sizeBytes, sha1, sha256, chunks }
}

function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  for (let at = 0; at < sizeBytes; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff
  return bytes
}

describe('soap/spool', () => {
  it('takes nothing more for a document that was given up: its memory may be another one’s', async () => {
    const given = receive()
    const pending = given.write(noise(1_000_000))
    await given.abort()
    const next = receive()
    await next.write(noise(70_000))
    const outcome = await Promise.resolve(pending).then(
      () => 'written',
      problem => String(problem),
    )
    expect(outcome).to.match(/ended before|written/)
    expect(() => given.write(noise(10))).to.throw('ended before')
    const content = await next.end()
    expect(content.sha256).to.equal(digest('sha256', noise(70_000)).toString('hex'))
    const kept = await bytesIn(content)
    expect(kept.equals(noise(70_000))).to.equal(true)
    await content.discard()
    expect(place.left()).to.deep.equal([])
  })

  it('keeps small contents in memory as long as there is room for all, and others in files', async () => {
    const spool = openSpool({
      ...{ files: systemFiles, randomness: systemRandomness, folder: place.path },
      mostInMemoryBytes: 100,
    })
    const one = async () => {
      const writer = spool.receive()
      await writer.write(noise(30))
      await writer.write(noise(30))
      return writer.end()
    }
    const [first, second] = [await one(), await one()]
    expect([first.path, second.bytes]).to.deep.equal([undefined, undefined])
    expect(second.sizeBytes).to.equal(60)
    await first.discard()
    await first.discard()
    const cut = spool.receive()
    await cut.write(noise(90))
    await cut.abort()
    const third = await one()
    expect(third.path).to.equal(undefined)
    await second.discard()
    expect(place.left()).to.deep.equal([])
  })

  for (const sizeBytes of [0, 1, 65_536]) {
    it(`keeps ${sizeBytes} bytes in memory`, async () => {
      const bytes = noise(sizeBytes)
      const content = await spooled([bytes])
      expect(facts(content, bytes)).to.deep.equal(expected(bytes))
      expect(content.bytes).to.deep.equal(bytes)
      expect(content.path).to.equal(undefined)
      expect(place.left()).to.deep.equal([])
    })
  }

  for (const sizeBytes of [65_537, 262_144, 262_145, chunkBytes, chunkBytes + 1, 3 * chunkBytes + 5]) {
    it(`keeps ${sizeBytes} bytes in a file only we may read`, async () => {
      const bytes = noise(sizeBytes)
      const content = await spooled([bytes.subarray(0, 10), bytes.subarray(10, 70_000), bytes.subarray(70_000)])
      expect(facts(content, bytes)).to.deep.equal(expected(bytes))
      expect(content.bytes).to.equal(undefined)
      expect(await bytesIn(content)).to.deep.equal(bytes)
      expect(place.left()).to.have.length(1)
      await content.discard()
      await content.discard()
      expect(place.left()).to.deep.equal([])
    })
  }

  it('gives the same facts however the bytes come', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.constantFrom(0, 1000, 65_536, Number.MAX_SAFE_INTEGER),
        async (lengths, inMemoryBytes) => {
          const bytes = noise(lengths.reduce((sum, length) => sum + length, 0))
          let at = 0
          const pieces = lengths.map(length => {
            at += length
            return bytes.subarray(at - length, at)
          })
          const content = await spooled(pieces, { inMemoryBytes })
          expect(facts(content, bytes)).to.deep.equal(expected(bytes))
          expect(bytes.equals(await bytesIn(content))).to.equal(true)
          await content.discard()
        },
      ),
      { numRuns: 30 },
    )
  })

  it('copies what it keeps, for the block it came in is used again', async () => {
    for (const sizeBytes of [100, 70_000]) {
      const piece = Buffer.alloc(sizeBytes, 'a')
      const writer = receive()
      await writer.write(piece)
      piece.fill('b')
      const content = await writer.end()
      expect((await bytesIn(content)).equals(Buffer.alloc(sizeBytes, 'a'))).to.equal(true)
      await content.discard()
    }
  })

  it('moves its file where it is to stay; discarding does nothing any more', async () => {
    const content = await spooled([noise(100_000)])
    await content.keepAs(`${place.path}/kept`)
    await content.discard()
    expect(place.left()).to.deep.equal(['kept'])
    await systemFiles.remove(`${place.path}/kept`)
  })

  it('is done with even where its file cannot be removed, and gives its part of the budget back', async () => {
    const files: Files = {
      ...systemFiles,
      remove: () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' })),
    }
    let used = 0
    const budget = {
      take(bytes: number) {
        used += bytes
        return true
      },
      give(bytes: number) {
        used -= bytes
      },
    }
    const content = await spooled([noise(100_000)], { files, budget })
    expect(used).to.equal(100_000)
    await content.discard()
    const aborted = receive({ files, budget })
    await aborted.write(noise(300_000))
    await aborted.abort()
    expect(used).to.equal(0)
    expect(place.left()).to.have.length(2)
    for (const left of place.left()) await systemFiles.remove(`${place.path}/${left}`)
  })

  it('leaves nothing behind when it is aborted', async () => {
    for (const sizeBytes of [0, 100, 70_000, 1_000_000]) {
      const writer = receive()
      await writer.write(noise(sizeBytes))
      await writer.abort()
      expect(place.left()).to.deep.equal([])
    }
  })
})

describe('soap/spool: back-pressure and bounds', () => {
  /** A disk that finishes a write only when told to. */
  function slowFiles() {
    const waiting: (() => void)[] = []
    let heldBytes = 0
    const files: Files = {
      ...systemFiles,
      async create(path, options) {
        const file = await systemFiles.create(path, options)
        return {
          ...file,
          async write(data) {
            heldBytes += data.byteLength
            await new Promise<void>(resolve => waiting.push(resolve))
            heldBytes -= data.byteLength
            await file.write(data)
          },
        }
      },
    }
    return { files, waiting, held: () => heldBytes }
  }
  const turn = () => new Promise(resolve => setTimeout(resolve, 5))

  it('makes the connection wait for a slow disk, with two blocks in memory', async () => {
    const { files, waiting, held } = slowFiles()
    const writer = receive({ files })
    const bytes = noise(3_000_000)
    let taken = 0
    const sending = (async () => {
      for (let at = 0; at < bytes.length; at += 16_384) {
        await writer.write(bytes.subarray(at, at + 16_384))
        taken = at + 16_384
      }
      return writer.end()
    })()
    await turn()
    expect(taken).to.be.within(262_144, 540_000)
    expect(held()).to.be.at.most(262_144)
    let done = false
    void sending.then(() => {
      done = true
    })
    while (!done) {
      for (const release of waiting.splice(0)) release()
      await turn()
    }
    const content = await sending
    expect(facts(content, bytes)).to.deep.equal(expected(bytes))
    expect((await bytesIn(content)).equals(bytes)).to.equal(true)
    await content.discard()
  })

  it('takes from the budget what goes to files, and gives it back', async () => {
    let used = 0
    const budget = {
      take(bytes: number) {
        if (used + bytes > 150_000) return false
        used += bytes
        return true
      },
      give(bytes: number) {
        used -= bytes
      },
    }
    const small = await spooled([noise(60_000)], { budget })
    expect(used).to.equal(0)
    await small.discard()
    const one = await spooled([noise(100_000)], { budget })
    expect(used).to.equal(100_000)
    const writer = receive({ budget })
    const problem = await (async () => writer.write(noise(70_000)))().catch(found => found)
    expect(problem).to.be.instanceOf(SpoolFull)
    expect(problem.message).to.include('too many bytes are under way')
    await writer.abort()
    expect(used).to.equal(100_000)
    await one.discard()
    await one.discard()
    expect(used).to.equal(0)
    const kept = await spooled([noise(100_000)], { budget })
    await kept.keepAs(`${place.path}/kept`)
    expect(used).to.equal(0)
    await systemFiles.remove(`${place.path}/kept`)
    expect(place.left()).to.deep.equal([])
  })

  for (const [code, words] of [
    ['ENOSPC', 'the disk is full'],
    ['EMFILE', 'too many files are open'],
    ['EDQUOT', 'quota'],
    ['EIO', 'the disk reports an error'],
  ] as const) {
    for (const operation of ['create', 'write', 'close'] as const) {
      it(`says so when ${operation} fails with ${code}, and leaves nothing behind`, async () => {
        const fail = () => Promise.reject(Object.assign(new Error(`${code}: /secret/path`), { code }))
        const files: Files = {
          ...systemFiles,
          async create(path, options) {
            if (operation === 'create') return fail()
            const file = await systemFiles.create(path, options)
            return { ...file, [operation]: () => (operation === 'close' ? file.close().then(fail) : fail()) }
          },
        }
        let used = 0
        const budget = {
          take(bytes: number) {
            used += bytes
            return true
          },
          give: (bytes: number) => {
            used -= bytes
          },
        }
        const writer = receive({ files, budget })
        const problem = await (async () => {
          for (let count = 0; count < 80; count += 1) await writer.write(noise(16_384))
          await writer.end()
        })().catch(found => found)
        expect(problem).to.be.instanceOf(SpoolFull)
        expect(problem.message).to.include(words).and.not.include('secret')
        await writer.abort().catch(() => {})
        expect(used).to.equal(0)
        expect(place.left()).to.deep.equal([])
      })
    }
  }
})
