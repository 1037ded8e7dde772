import { createHash, randomBytes } from 'node:crypto'
import { open, stat, truncate } from 'node:fs/promises'
import { expect } from 'chai'
import { type Files, systemFiles } from '../../ports/files.js'
import { DocumentSpoilt } from '../../repository/contents.js'
import { headerBytes } from '../../repository/segments/record.js'
import { chunkBytes } from '../../soap/message.js'
import {
  aRepository,
  aRequest,
  bytesFrom,
  closeRepositories,
  codesOf,
  large,
  repositoryUniqueId,
  small,
  type TestOptions,
  uniqueIdOf,
} from './a-repository.js'
import { aRegistry } from './fake-registry.js'

afterEach(closeRepositories)

/** A repository that holds these documents. */
async function holding(contents: Buffer[], options: TestOptions = {}) {
  const repository = await aRepository(options)
  const request = await aRequest(repository.spool, contents)
  expect((await repository.submit(request)).status).to.equal('Success')
  const uniqueIds = request.submission.documentEntries.map(entry => entry.uniqueId ?? '')
  return { repository, uniqueIds, patientId: request.submission.documentEntries[0]?.patientId }
}

describe('ITI-43 Retrieve Document Set', () => {
  it('hands out many documents, each with its type, size, bytes and patient [TF-2:3.43.4.1.3]', async () => {
    const contents = [small(), large(), Buffer.alloc(0), randomBytes(3 * chunkBytes), small()]
    const { repository, uniqueIds, patientId } = await holding(contents)
    const response = await repository.retrieve(...uniqueIds)
    expect(response.status).to.equal('Success')
    expect(response.documents).to.have.length(5)
    for (const [at, document] of response.documents.entries()) {
      expect(document).to.include({ mimeType: 'application/pdf', sizeBytes: contents[at]?.length, patientId })
      expect(document).to.include({ repositoryUniqueId, documentUniqueId: uniqueIds[at] })
      expect(await bytesFrom(document.open())).to.deep.equal(contents[at])
    }
  })

  it('uses memory again without mixing what is under way', async () => {
    const contents = [
      randomBytes(3 * chunkBytes + 70_000),
      randomBytes(3 * chunkBytes + 10),
      randomBytes(2 * chunkBytes),
    ]
    const { repository, uniqueIds } = await holding(contents)
    const { documents } = await repository.retrieve(...uniqueIds)
    const streams = documents.map(document => document.open({ reusing: true }) as AsyncGenerator<Buffer>)
    const got: Buffer[][] = streams.map(() => [])
    for (let open = streams.length; open > 0; ) {
      open = 0
      for (const [at, stream] of streams.entries()) {
        const { value, done } = await stream.next()
        if (done === true) continue
        open += 1
        got[at]?.push(Buffer.from(value))
      }
    }
    expect(got.map(pieces => Buffer.concat(pieces))).to.deep.equal(contents)
    // Once more, for an answer that is sent again.
    expect(await bytesFrom(documents[0]!.open())).to.deep.equal(contents[0])
  })

  it('leaves alone what was under way when somebody broke off', async () => {
    const { repository, uniqueIds } = await holding([randomBytes(2 * chunkBytes)])
    const [broken] = (await repository.retrieve(...uniqueIds)).documents
    const stream = broken!.open({ reusing: true }) as AsyncGenerator<Buffer>
    const underWay = (await stream.next()).value as Buffer
    const before = Buffer.from(underWay)
    await stream.return(undefined)
    const [document] = (await repository.retrieve(...uniqueIds)).documents
    const kept: Buffer[] = []
    for await (const piece of document!.open({ reusing: true })) kept.push(piece as Buffer)
    expect(kept.some(piece => piece.buffer === underWay.buffer)).to.equal(false)
    expect(underWay).to.deep.equal(before)
  })

  it('refuses as unknown what the registry tells nobody, where that is wanted [CH-EPR deletionStatus]', async () => {
    const { repository, uniqueIds } = await holding([small(), large()], { config: { untoldDocuments: 'refused' } })
    const told = await repository.retrieve(...uniqueIds)
    expect([told.status, told.documents.length]).to.deep.equal(['Success', 2])

    const { registry } = repository
    registry.entries = registry.entries.filter(({ uniqueId }) => uniqueId !== uniqueIds[0])
    const one = await repository.retrieve(...uniqueIds)
    expect([one.status, codesOf(one)]).to.deep.equal(['PartialSuccess', ['XDSDocumentUniqueIdError']])
    expect(one.documents.map(({ documentUniqueId }) => documentUniqueId)).to.deep.equal([uniqueIds[1]])
    const unheard = await repository.retrieve('2.999.404')
    const words = (context = '') => context.replace(/"[^"]*"|trace \w+/g, '')
    expect(words(one.errors[0]?.codeContext)).to.equal(words(unheard.errors[0]?.codeContext))

    registry.away = true
    const silent = await repository.retrieve(...uniqueIds)
    expect([silent.status, codesOf(silent)]).to.deep.equal([
      'Failure',
      ['XDSRegistryNotAvailable', 'XDSRegistryNotAvailable'],
    ])
  })

  it('asks the registry nothing where nothing is hidden', async () => {
    const { repository, uniqueIds } = await holding([small()])
    repository.registry.entries = []
    expect((await repository.retrieve(...uniqueIds)).status).to.equal('Success')
    expect(repository.registry.queries).to.equal(0)
  })

  it('answers each request, also when one is there twice', async () => {
    const { repository, uniqueIds } = await holding([large()])
    const { documents } = await repository.retrieve(uniqueIds[0]!, uniqueIds[0]!)
    const both = await Promise.all(documents.map(document => bytesFrom(document.open())))
    expect(both[0]).to.have.length(200_000).and.to.deep.equal(both[1])
  })

  it('gives the same bytes each time a document is opened', async () => {
    const { repository, uniqueIds } = await holding([large()])
    const [document] = (await repository.retrieve(uniqueIds[0]!)).documents
    expect(await bytesFrom(document!.open())).to.deep.equal(await bytesFrom(document!.open()))
  })

  it('answers PartialSuccess when some are there and some are not [TF-2:3.43.4.2.2]', async () => {
    const { repository, uniqueIds } = await holding([small()])
    const response = await repository.retrieve(uniqueIds[0]!, '1.2.3', '1.2.4')
    expect(response.status).to.equal('PartialSuccess')
    expect(response.documents).to.have.length(1)
    expect(codesOf(response)).to.deep.equal(['XDSDocumentUniqueIdError', 'XDSDocumentUniqueIdError'])
    expect(response.errors.map(({ location }) => location)).to.deep.equal(['1.2.3', '1.2.4'])
  })

  it('answers Failure when none is there [TF-2:3.43.4.2.2]', async () => {
    const repository = await aRepository()
    const response = await repository.retrieve("1.2.3'; DROP TABLE document; --")
    expect(response).to.deep.include({ status: 'Failure', documents: [] })
    expect(codesOf(response)).to.deep.equal(['XDSDocumentUniqueIdError'])
  })

  it('knows no other repository [TF-2:3.43.5]', async () => {
    const { repository, uniqueIds } = await holding([small()])
    const response = await repository.retrieve({ repositoryUniqueId: '1.2.3', documentUniqueId: uniqueIds[0]! })
    expect(codesOf(response)).to.deep.equal(['XDSUnknownRepositoryId'])
    expect(response.errors[0]?.location).to.equal(uniqueIds[0])
  })

  it('takes its own id also as a URN', async () => {
    const { repository, uniqueIds } = await holding([small()])
    const urn = `urn:oid:${repositoryUniqueId}`
    const response = await repository.retrieve({ repositoryUniqueId: urn, documentUniqueId: uniqueIds[0]! })
    expect(response.status).to.equal('Success')
  })

  it('knows no other community, and echoes its own only where it was named [TF-2:3.43.4.2.2]', async () => {
    const home = 'urn:oid:2.999.7'
    const { repository, uniqueIds } = await holding([small()], { config: { homeCommunityId: home } })
    const asked = { repositoryUniqueId, documentUniqueId: uniqueIds[0]! }
    const foreign = await repository.retrieve({ ...asked, homeCommunityId: 'urn:oid:2.999.8' })
    expect(codesOf(foreign)).to.deep.equal(['XDSUnknownCommunity'])
    const ours = await repository.retrieve({ ...asked, homeCommunityId: home }, asked)
    expect(ours.documents.map(document => document.homeCommunityId)).to.deep.equal([home, undefined])
  })

  it('refuses a request for nothing [TF-2:3.43.4.1.3]', async () => {
    const repository = await aRepository()
    const response = await repository.retrieve()
    expect(response).to.deep.include({ status: 'Failure', documents: [] })
    expect(codesOf(response)).to.deep.equal(['XDSRepositoryError'])
  })

  it('answers beside the others a DocumentRequest that names no repository or no document [TF-2:3.43.4.1.3]', async () => {
    const { repository, uniqueIds } = await holding([small()])
    const response = await repository.retrieve(
      uniqueIds[0]!,
      { repositoryUniqueId: '', documentUniqueId: '1.2.3' },
      { repositoryUniqueId, documentUniqueId: '' },
      { repositoryUniqueId: '', documentUniqueId: '' },
    )
    expect(response.status).to.equal('PartialSuccess')
    expect(response.errors.map(({ errorCode, location }) => [errorCode, location])).to.deep.equal([
      ['XDSUnknownRepositoryId', '1.2.3'],
      ['XDSDocumentUniqueIdError', 'DocumentRequest number 3'],
      ['XDSUnknownRepositoryId', 'DocumentRequest number 4'],
    ])
    expect(response.errors[0]?.codeContext).to.match(
      /RepositoryUniqueId: expected 2[.0-9]+, found nothing \[ITI TF-2:3\.43\.4\.1\.3\]/,
    )
    expect(response.errors[1]?.codeContext).to.match(
      /DocumentUniqueId: expected .*, found nothing \[ITI TF-2:3\.43\.4\.1\.3\]/,
    )
  })

  it('tells of an id of any length in bounds', async () => {
    const repository = await aRepository()
    const [error] = (await repository.retrieve('9'.repeat(100_000))).errors
    expect(error?.codeContext.length).to.be.lessThan(500)
    expect(error?.location?.length).to.be.lessThan(300)
  })

  it('is bounded in the number of documents asked for, and names those that it does not hand out [TF-2:3.43.4.1.3]', async () => {
    const repository = await aRepository()
    repository.context.config.limits.attachments = 2
    const response = await repository.retrieve('1', '2', '3')
    expect(response).to.deep.include({ status: 'Failure', documents: [] })
    expect(response.errors.map(({ errorCode, location }) => [errorCode, location])).to.deep.equal([
      ['XDSTooManyResults', '1'],
      ['XDSTooManyResults', '2'],
      ['XDSTooManyResults', '3'],
    ])
    expect((await repository.retrieve(...Array<string>(5_000).fill('1'))).errors).to.have.length(500)
  })
})

describe('a spoilt document', () => {
  for (const [title, bytes] of [
    ['small', small()],
    ['large', large()],
  ] as const) {
    it(`is an error and not a broken answer when it is ${title}`, async () => {
      const { repository, uniqueIds } = await holding([bytes])
      await spoil(repository, 100)
      const response = await repository.retrieve(uniqueIds[0]!)
      expect(response).to.deep.include({ status: 'Failure', documents: [] })
      expect(codesOf(response)).to.deep.equal(['XDSRepositoryError'])
      expect(repository.alarms).to.have.length(1)
      expect(repository.alarms[0]).to.include({ kind: 'document spoilt', documentUniqueId: uniqueIds[0] })
    })
  }

  it('breaks off at the chunk that is spoilt, after right bytes only', async () => {
    const content = randomBytes(3 * chunkBytes + 17)
    for (const at of [chunkBytes, 2 * chunkBytes - 1, 3 * chunkBytes + 16]) {
      const { repository, uniqueIds } = await holding([content])
      await spoil(repository, at)
      const { documents } = await repository.retrieve(uniqueIds[0]!)
      const { received, problem } = await readAll(documents[0]!.open())
      expect(problem).to.be.instanceOf(DocumentSpoilt)
      expect(received).to.deep.equal(content.subarray(0, Math.floor(at / chunkBytes) * chunkBytes))
      expect(repository.alarms.map(({ kind }) => kind)).to.deep.equal(['document spoilt'])
    }
  })

  it('is found when its file is cut short, too long, or gone', async () => {
    const damages = [
      (path: string) => truncate(path, chunkBytes),
      (path: string) => truncate(path, 4 * chunkBytes),
      (path: string) => systemFiles.remove(path),
    ]
    for (const damage of damages) {
      const { repository, uniqueIds } = await holding([randomBytes(2 * chunkBytes)])
      await damage((await repository.files())[0]!)
      expect(codesOf(await repository.retrieve(uniqueIds[0]!))).to.deep.equal(['XDSRepositoryError'])
    }
  })

  it('is replaced by an identical copy that another submission has left', async () => {
    const bytes = large()
    const { repository, uniqueIds } = await holding([bytes])
    const [uniqueId] = uniqueIds
    const [path] = await repository.files()
    await repository.submit(await aRequest(repository.spool, bytes, { documentEntry: { uniqueId } }))
    await flip(path!, 5)
    expect(await repository.content(uniqueId!)).to.deep.equal(bytes)
    expect(repository.alarms).to.have.length(1)
  })

  it('does not keep the others from being handed out', async () => {
    const contents = [small(), large()]
    const { repository, uniqueIds } = await holding(contents)
    // Where several processes share a folder the small one has a file too.
    const sizes = await Promise.all((await repository.files()).map(async path => ({ path, ...(await stat(path)) })))
    const [largest] = sizes.sort((one, other) => other.size - one.size)
    await flip(largest!.path, 0)
    const response = await repository.retrieve(...uniqueIds)
    expect(response.status).to.equal('PartialSuccess')
    expect(await bytesFrom(response.documents[0]!.open())).to.deep.equal(contents[0])
  })
})

describe('a document on its way out', () => {
  it('is read one chunk ahead and never more, 64 MiB of it', async () => {
    const counting = countingFiles()
    const repository = await aRepository({ ports: { files: counting.files } })
    const request = await aRequest(repository.spool, Buffer.alloc(0))
    const { content, sha256 } = await spooled(repository, 64)
    const documents = [
      { id: request.documents[0]!.id, content: { attachment: { contentId: 'a', contentType: 'b', content } } },
    ]
    expect((await repository.submit({ ...request, documents })).status).to.equal('Success')
    const [document] = (await repository.retrieve(uniqueIdOf(request))).documents
    const hash = createHash('sha256')
    let taken = 0
    for await (const piece of document!.open()) {
      hash.update(piece)
      taken += 1
      expect(counting.reads() - taken).to.be.within(0, 1)
    }
    expect(hash.digest('hex')).to.equal(sha256)
    expect(counting.open()).to.equal(0)
  })

  it('is closed when the one who reads goes away', async () => {
    const counting = countingFiles()
    const { repository, uniqueIds } = await holding([randomBytes(4 * chunkBytes)], { ports: { files: counting.files } })
    const [document] = (await repository.retrieve(uniqueIds[0]!)).documents
    for await (const piece of document!.open()) {
      expect(piece).to.have.length(chunkBytes)
      break
    }
    let pieces = 0
    for await (const _ of document!.open()) if (++pieces === 2) break
    expect(counting.open()).to.equal(0)
  })

  it('does not read ahead in every one of many streams', async () => {
    const counting = countingFiles()
    const { repository, uniqueIds } = await holding([randomBytes(3 * chunkBytes)], { ports: { files: counting.files } })
    const before = counting.reads()
    const streams = []
    for (let at = 0; at < 40; at++) {
      const [document] = (await repository.retrieve(uniqueIds[0]!)).documents
      const stream = (document!.open() as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
      await stream.next()
      await stream.next()
      streams.push(stream)
    }
    // The first chunk of each is read before its answer, the second now, the third ahead of time by some.
    expect(counting.reads() - before).to.equal(40 + 40 + 8)
    for (const stream of streams) await stream.return?.()
    expect(counting.open()).to.equal(0)
  })
})

describe('what the system cannot do for the moment', () => {
  const failing = { code: '' }
  const fail = () => Promise.reject(Object.assign(new Error(failing.code), { code: failing.code }))
  const files: Files = {
    ...systemFiles,
    open: path => (failing.code === '' ? systemFiles.open(path) : fail()),
    change: path => (failing.code === '' ? systemFiles.change(path) : fail()),
  }
  afterEach(() => {
    failing.code = ''
  })

  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'ESTALE', 'ETIMEDOUT']) {
    it(`is not told as damage of a document: ${code} [TF-2:3.43.4.1.3]`, async () => {
      const { repository, uniqueIds } = await holding([small(), large()], { ports: { files } })
      // What was opened before is no more.
      await repository.close()
      const again = await aRepository({ folder: repository.folder, ports: { files } })
      failing.code = code
      const { status, errors } = await again.retrieve(...uniqueIds)
      expect(status).to.equal('Failure')
      for (const { errorCode, codeContext } of errors) {
        expect(errorCode).to.equal('XDSRepositoryError')
        expect(codeContext).to.contain('cannot be read at the moment; ask for it again later')
      }
      expect(again.alarms.map(({ kind }) => kind)).to.deep.equal(['document unreadable', 'document unreadable'])
      expect(again.alarms[0]?.detail).to.match(new RegExp(`documents cannot be read now: .+ \\(${code}\\)$`))
      failing.code = ''
      expect((await again.retrieve(...uniqueIds)).status).to.equal('Success')
    })
  }

  it('lets no submission go whose registry has not spoken yet', async () => {
    const registry = aRegistry()
    registry.mishaps = Array.from({ length: 100 }, () => 'swallowed' as const)
    const repository = await aRepository({ registry, ports: { files }, timeoutMs: 50 })
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    expect((await repository.submit(request)).status).to.equal('Failure')
    await repository.close()
    const again = await aRepository({ folder: repository.folder, registry, ports: { files } })
    registry.mishaps = []
    failing.code = 'EMFILE'
    await again.resolve()
    expect(await again.rows('submission')).to.equal(1)
    failing.code = ''
    await again.resolve()
    expect(await again.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect(again.alarms.filter(({ kind }) => kind === 'document lost' || kind === 'document spoilt')).to.deep.equal([])
  })
})

type Repository = Awaited<ReturnType<typeof aRepository>>

/** Changes one bit of the only document, wherever it is kept. */
async function spoil(repository: Repository, at: number): Promise<void> {
  const [path] = await repository.files()
  if (path !== undefined) return flip(path, at)
  const [segment] = await repository.segments()
  await flip(segment!, headerBytes + at)
}

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at)
  buffer[0]! ^= 1
  await file.write(buffer, 0, 1, at)
  await file.close()
}

async function readAll(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const all: Uint8Array[] = []
  try {
    for await (const piece of pieces) all.push(piece)
    return { received: Buffer.concat(all), problem: undefined }
  } catch (problem) {
    return { received: Buffer.concat(all), problem }
  }
}

/** A document of that many MiB, made piece by piece. */
async function spooled({ spool }: Repository, mebibytes: number) {
  const writer = spool.receive()
  const hash = createHash('sha256')
  const piece = randomBytes(chunkBytes)
  for (let at = 0; at < mebibytes; at++) {
    piece.writeUInt32LE(at)
    hash.update(piece)
    await writer.write(piece)
  }
  return { content: await writer.end(), sha256: hash.digest('hex') }
}

/** The file system, with a count of reads and of files that are open for reading. */
function countingFiles() {
  let reads = 0
  let opened = 0
  const files: Files = {
    ...systemFiles,
    async open(path) {
      const file = await systemFiles.open(path)
      opened += 1
      return {
        ...file,
        read(position, length) {
          reads += 1
          return file.read(position, length)
        },
        async close() {
          opened -= 1
          await file.close()
        },
      }
    },
  }
  return { files, reads: () => reads, open: () => opened }
}
