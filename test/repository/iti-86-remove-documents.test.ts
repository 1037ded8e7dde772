import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { AuditRecord } from '../../atna-audit/message.js'
import { systemFiles } from '../../ports/files.js'
import type { ProvideAndRegisterRequest } from '../../transactions/xds-messages.js'
import { until } from '../house/waiting.js'
import {
  again,
  anEntry,
  aRepository,
  aRequest,
  bytesFrom,
  closeRepositories,
  codesOf,
  large,
  repositoryUniqueId,
  small,
  type TestOptions,
  type TestRepository,
  uniqueIdOf,
} from './a-repository.js'

afterEach(closeRepositories)

async function submitted(repository: TestRepository, bytes: Buffer): Promise<ProvideAndRegisterRequest> {
  const request = await aRequest(repository.spool, bytes)
  expect((await repository.submit(request)).status).to.equal('Success')
  return request
}

describe('ITI-86 at the repository', () => {
  for (const [size, made] of Object.entries({ small, large })) {
    it(`removes a ${size} document: nobody retrieves it any more [ITI TF-2:3.86.4.1.3]`, async () => {
      const repository = await aRepository()
      const uniqueId = uniqueIdOf(await submitted(repository, made()))
      expect(await repository.remove(uniqueId)).to.deep.include({ status: 'Success', errors: [] })
      expect(codesOf(await repository.retrieve(uniqueId))).to.deep.equal(['XDSDocumentUniqueIdError'])
      expect(await repository.files()).to.deep.equal([])
      expect(
        await Promise.all(['document', 'submission', 'removal'].map(table => repository.rows(table as 'document'))),
      ).to.deep.equal([0, 0, 0])
    })
  }

  it('leaves its bytes in no file of the data folder: database, log, free pages, documents [ITI TF-2:3.86.4.1.3]', async () => {
    const repository = await aRepository()
    const contents = Array.from({ length: 24 }, (_, number) =>
      randomBytes([300, 2_000, 9_000, 200_000][number % 4] ?? 0),
    )
    const requests: ProvideAndRegisterRequest[] = []
    for (const bytes of contents) requests.push(await submitted(repository, bytes))
    const removed = contents.filter((_, number) => number % 3 < 2)
    expect(await readable(repository, removed)).to.equal(removed.length)
    for (const [number, request] of requests.entries()) {
      if (number % 3 < 2) expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
    }
    await until(async () => (await readable(repository, removed)) === 0, 'they are in no file any more')
    const kept = contents.filter((_, number) => number % 3 === 2)
    // What shares a segment with much that went is brought to another meanwhile.
    await until(async () => (await readable(repository, kept)) === kept.length, 'the others are there')
  }).timeout(60_000)

  it('removes every copy that several submissions keep under one uniqueId [ITI TF-2:3.86.4.1.3]', async () => {
    const repository = await aRepository()
    const bytes = large()
    const first = await submitted(repository, bytes)
    for (let copies = 1; copies < 6; copies++) {
      const documentEntries = [anEntry({ uniqueId: uniqueIdOf(first) })]
      expect((await repository.submit(await aRequest(repository.spool, bytes, { documentEntries }))).status).to.equal(
        'Success',
      )
    }
    expect(await repository.files()).to.have.length(6)
    expect((await repository.remove(uniqueIdOf(first))).status).to.equal('Success')
    expect(await repository.files()).to.deep.equal([])
    expect(await repository.content(uniqueIdOf(first))).to.equal(undefined)
  })

  it('leaves the other documents of a submission as they are [ITI TF-2:3.86.4.1.3]', async () => {
    const repository = await aRepository()
    const contents = [small(), large()]
    const request = await aRequest(repository.spool, contents)
    await repository.submit(request)
    const [first, second] = request.submission.documentEntries.map(({ uniqueId }) => uniqueId ?? '') as [string, string]
    await repository.remove(first)
    expect(await repository.content(first)).to.equal(undefined)
    expect(await repository.content(second)).to.deep.equal(contents[1])
    expect(await repository.rows('submission')).to.equal(1)
  })

  it('says what was not removed and why, and removes the rest [ITI TF-2:3.86.4.2]', async () => {
    const repository = await aRepository()
    const uniqueId = uniqueIdOf(await submitted(repository, small()))
    const response = await repository.remove(
      '2.25.404',
      { repositoryUniqueId: '2.999.404', documentUniqueId: uniqueId },
      { homeCommunityId: 'urn:oid:2.999.404', repositoryUniqueId, documentUniqueId: uniqueId },
      uniqueId,
      '',
    )
    expect(response.status).to.equal('PartialSuccess')
    expect(codesOf(response)).to.deep.equal([
      'XDSDocumentUniqueIdError',
      'XDSUnknownRepositoryId',
      'XDSDocumentUniqueIdError',
    ])
    expect(response.errors.map(({ location }) => location)).to.deep.equal([
      '2.25.404',
      uniqueId,
      'DocumentRequest number 5',
    ])
    expect(await repository.content(uniqueId)).to.equal(undefined)
  })

  it('refuses another community where its own is known [ITI TF-2:3.86.4.2]', async () => {
    const repository = await aRepository({ config: { homeCommunityId: 'urn:oid:2.999.1' } })
    const bytes = small()
    const uniqueId = uniqueIdOf(await submitted(repository, bytes))
    const elsewhere = { homeCommunityId: 'urn:oid:2.999.404', repositoryUniqueId, documentUniqueId: uniqueId }
    const response = await repository.remove(elsewhere)
    expect([response.status, ...codesOf(response)]).to.deep.equal(['Failure', 'XDSUnknownCommunity'])
    expect(await repository.content(uniqueId)).to.deep.equal(bytes)
  })

  it('refuses a request for nothing, and one for more than its bound [ITI TF-2:3.86.4.1.3]', async () => {
    const repository = await aRepository()
    const { attachments } = repository.context.config.limits
    for (const documents of [[], Array.from({ length: attachments + 1 }, () => '2.25.1')]) {
      const response = await repository.remove(...documents)
      expect([response.status, ...codesOf(response)]).to.deep.equal(['Failure', 'XDSRepositoryError'])
    }
  })

  it('takes a document that is named twice once, and one asked for again as unknown [ITI TF-2:3.86.4.1.3]', async () => {
    const repository = await aRepository()
    const uniqueId = uniqueIdOf(await submitted(repository, small()))
    expect(await repository.remove(uniqueId, uniqueId)).to.deep.include({ status: 'Success', errors: [] })
    const response = await repository.remove(uniqueId)
    expect([response.status, ...codesOf(response)]).to.deep.equal(['Failure', 'XDSDocumentUniqueIdError'])
  })

  it('does not remove what is still being registered [ITI TF-2:3.86.4.2]', async () => {
    const repository = await aRepository()
    let letGo = () => {}
    repository.registry.onArrival = () =>
      new Promise<void>(resolve => {
        letGo = resolve
      })
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    const answer = repository.submit(request)
    await until(() => repository.registry.sent.length === 1)
    expect(codesOf(await repository.remove(uniqueIdOf(request)))).to.deep.equal(['XDSRemoveDocumentsError'])
    letGo()
    expect((await answer).status).to.equal('Success')
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect((await repository.remove(uniqueIdOf(request))).status).to.equal('Success')
  })

  for (const [size, made] of Object.entries({ small, large })) {
    it(`keeps every copy of a ${size} document that is being registered again [ITI TF-2:3.86.4.2]`, async () => {
      const repository = await aRepository()
      const bytes = made()
      const uniqueId = uniqueIdOf(await submitted(repository, bytes))
      let letGo = () => {}
      repository.registry.onArrival = () =>
        new Promise<void>(resolve => {
          letGo = resolve
        })
      const documentEntries = [anEntry({ uniqueId })]
      const answer = repository.submit(await aRequest(repository.spool, bytes, { documentEntries }))
      await until(() => repository.registry.sent.length === 2)
      expect(codesOf(await repository.remove(uniqueId))).to.deep.equal(['XDSRemoveDocumentsError'])
      expect(await repository.rows('document')).to.equal(2)
      letGo()
      expect((await answer).status).to.equal('Success')
      expect(await repository.content(uniqueId)).to.deep.equal(bytes)
      expect((await repository.remove(uniqueId)).status).to.equal('Success')
      expect(await repository.rows('document')).to.equal(0)
    })
  }

  it('says so when the bytes cannot be removed, and keeps the document [ITI TF-2:3.86.4.2]', async () => {
    let refuses = true
    let stuck = ''
    const files = {
      ...systemFiles,
      async remove(path: string) {
        if (refuses && path === stuck) throw new Error('EPERM: operation not permitted')
        await systemFiles.remove(path)
      },
    }
    const repository = await aRepository({ ports: { files } })
    const bytes = large()
    const uniqueId = uniqueIdOf(await submitted(repository, bytes))
    stuck = (await repository.files())[0] ?? ''
    const other = uniqueIdOf(await submitted(repository, small()))
    const response = await repository.remove(uniqueId, other)
    expect([response.status, ...codesOf(response)]).to.deep.equal(['PartialSuccess', 'XDSRemoveDocumentsError'])
    expect(repository.alarms.map(({ kind, documentUniqueId }) => [kind, documentUniqueId])).to.deep.equal([
      ['document not removed', uniqueId],
    ])
    expect(await repository.content(uniqueId)).to.deep.equal(bytes)
    refuses = false
    expect((await repository.remove(uniqueId)).status).to.equal('Success')
    expect(await repository.files()).to.deep.equal([])
  })

  it('keeps out of reach what is gone and might come back, until it is gone for good [ITI TF-2:3.86.4.2]', async () => {
    let synced = 0
    let fails = true
    const files = {
      ...systemFiles,
      async syncFolder(path: string) {
        if (/\/[0-9a-f]{2}\/[0-9a-f]{2}$/.test(path)) synced += 1
        if (synced > 1 && fails) throw new Error('EIO: i/o error')
        await systemFiles.syncFolder(path)
      },
    }
    const repository = await aRepository({ ports: { files } })
    const uniqueId = uniqueIdOf(await submitted(repository, large()))
    synced = 1
    const response = await repository.remove(uniqueId)
    expect(codesOf(response)).to.deep.equal(['XDSRemoveDocumentsError'])
    expect(await repository.content(uniqueId)).to.equal(undefined)
    expect(repository.alarms.map(({ kind }) => kind)).to.deep.equal(['document not removed'])
    fails = false
    const before = synced
    expect((await repository.remove(uniqueId)).status).to.equal('Success')
    expect([await repository.rows('document'), synced]).to.deep.equal([0, before + 1])
  })

  it('lets a retrieval that has begun come to its end, or breaks it off; it never spoils it [ITI TF-2:3.43.4.1.3]', async () => {
    const repository = await aRepository()
    const bytes = randomBytes(5_000_000)
    const uniqueId = uniqueIdOf(await submitted(repository, bytes))
    const [document] = (await repository.retrieve(uniqueId)).documents
    const pieces = (document!.open() as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    const begun: Uint8Array[] = []
    for (let count = 0; count < 2; count++) begun.push((await pieces.next()).value as Uint8Array)
    expect((await repository.remove(uniqueId)).status).to.equal('Success')
    const rest = await bytesFrom({ [Symbol.asyncIterator]: () => pieces })
    expect(Buffer.concat([...begun, rest]).equals(bytes)).to.equal(true)
    expect(repository.alarms).to.deep.equal([])
  })

  it('breaks off a retrieval whose bytes went before they were read, without an alarm [ITI TF-2:3.43.4.1.3]', async () => {
    const repository = await aRepository()
    const uniqueId = uniqueIdOf(await submitted(repository, randomBytes(3_000_000)))
    const [document] = (await repository.retrieve(uniqueId)).documents
    await repository.remove(uniqueId)
    let failure: unknown
    await bytesFrom(document!.open()).catch(problem => {
      failure = problem
    })
    expect((failure as Error).name).to.equal('DocumentGone')
    expect(repository.alarms).to.deep.equal([])
  })

  it('writes one record for each outcome and each patient, with the removal itself [ITI TF-2:3.86.5]', async () => {
    const repository = await aRepository()
    const first = uniqueIdOf(await submitted(repository, small()))
    const second = uniqueIdOf(await submitted(repository, small()))
    await repository.remove(first, '2.25.404', second)
    expect((await repository.audit()).filter(record => record.startsWith('ITI-86'))).to.deep.equal([
      'ITI-86 0',
      'ITI-86 8',
    ])
  })

  describe('and the same submission sent again', () => {
    async function removedAndSentAgain(resubmission: 'strict' | 'replay', messageID: string) {
      const repository = await aRepository({ config: { resubmission } })
      const bytes = small()
      const request = await aRequest(repository.spool, bytes)
      await repository.submit(request, { messageID: 'urn:uuid:first' })
      await repository.remove(uniqueIdOf(request))
      // As ITI-62 leaves the registry.
      repository.registry.forget()
      const response = await repository.submit(await again(repository.spool, request, bytes), { messageID })
      return { repository, response, content: await repository.content(uniqueIdOf(request)), bytes }
    }

    for (const messageID of ['urn:uuid:first', 'urn:uuid:second']) {
      it(`is a new one with strict (${messageID}) [ITI TF-2:3.86.4.1.3]`, async () => {
        const { response, content, bytes } = await removedAndSentAgain('strict', messageID)
        expect(response.status).to.equal('Success')
        expect(content).to.deep.equal(bytes)
      })

      it(`is refused with replay: nothing comes back that was erased (${messageID}) [ITI TF-2:3.86.4.1.3]`, async () => {
        const { repository, response, content } = await removedAndSentAgain('replay', messageID)
        expect(codesOf(response)).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
        expect(response.errors[0]?.codeContext).to.contain('removed at')
        expect(content).to.equal(undefined)
        expect(repository.registry.sent).to.have.length(1)
      })
    }

    it('is judged by what it was answered since, once it is there again [ITI TF-2:3.86.4.1.3]', async () => {
      const { repository, response } = await removedAndSentAgain('strict', 'urn:uuid:second')
      expect(response.status).to.equal('Success')
      expect(await repository.rows('removed_submission')).to.equal(1)
      expect(await repository.rows('submission')).to.equal(1)
    })
  })
})

/** Where the process ends in the middle of a removal; the next one finishes it. */
const points: { title: string; options?: TestOptions; stop(repository: TestRepository): void }[] = [
  {
    title: 'once the documents are out of reach',
    options: { ports: { files: { ...systemFiles, remove: () => new Promise<never>(() => {}) } } },
    stop() {},
  },
  {
    title: 'once the bytes of files are removed, before the rows are',
    stop({ context }) {
      context.documents.endRemoval = () => new Promise<never>(() => {})
    },
  },
]

describe('when the process ends during a removal', () => {
  for (const { title, options, stop } of points) {
    it(`${title}: the next start finishes it, and writes it down [ITI TF-2:3.86.4.1.3]`, async () => {
      const before = await aRepository(options)
      // What a start finishes would wait its turn behind a removal that never ends.
      await before.swept
      const contents = [small(), large()]
      const request = await aRequest(before.spool, contents)
      await before.submit(request)
      const uniqueIds = request.submission.documentEntries.map(({ uniqueId }) => uniqueId ?? '')
      stop(before)
      let answered = false
      void before.remove(...uniqueIds).then(() => {
        answered = true
      })
      await until(async () => (await before.rows('removal')) === 2)
      await new Promise(resolve => setTimeout(resolve, 50))
      expect(answered).to.equal(false)
      expect(codesOf(await before.retrieve(...uniqueIds))).to.deep.equal([
        'XDSDocumentUniqueIdError',
        'XDSDocumentUniqueIdError',
      ])

      const after = await aRepository({ folder: before.folder, registry: before.registry })
      await after.swept
      expect(
        await Promise.all(['document', 'submission', 'removal'].map(table => after.rows(table as 'document'))),
      ).to.deep.equal([0, 0, 0])
      expect(await after.files()).to.deep.equal([])
      const told = await after.sql<{ record: string }>('SELECT record FROM test_audit ORDER BY id')
      const records = told.map(({ record }) => JSON.parse(record) as AuditRecord)
      const [removal, ...more] = records.filter(({ eventTypeCode }) => eventTypeCode?.[0] === 'ITI-86')
      expect([removal?.outcome, more]).to.deep.equal([0, []])
      const [patient, ...documents] = removal?.objects ?? []
      const trace = documents.pop()
      expect([patient?.typeCode, trace?.typeCode]).to.deep.equal([1, 4])
      expect(documents.map(({ id }) => id)).to.have.members(uniqueIds)
    })
  }

  it('keeps out of reach what it cannot remove at the next start either, and says so [ITI TF-2:3.86.4.2]', async () => {
    const before = await aRepository({
      ports: { files: { ...systemFiles, remove: () => new Promise<never>(() => {}) } },
    })
    await before.swept
    const request = await submitted(before, large())
    void before.remove(uniqueIdOf(request))
    await until(async () => (await before.rows('removal')) === 1)
    const refusing = {
      ...systemFiles,
      async remove(): Promise<never> {
        throw new Error('EPERM: operation not permitted')
      },
    }
    const after = await aRepository({ folder: before.folder, registry: before.registry, ports: { files: refusing } })
    await after.swept.catch(() => {})
    expect(await after.rows('removal')).to.equal(1)
    expect(await after.content(uniqueIdOf(request))).to.equal(undefined)
    expect([...new Set(after.alarms.map(({ kind }) => kind))]).to.deep.equal(['document not removed'])
    const third = await aRepository({ folder: before.folder, registry: before.registry })
    await third.swept
    expect([await third.rows('removal'), await third.files()]).to.deep.equal([0, []])
  })
})

/** Nothing of a file that has got another name meanwhile. */
async function bytesThere(file: string): Promise<Buffer> {
  return readFile(file).catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return Buffer.alloc(0)
    throw problem
  })
}

/** How many of the contents stand in a file: any stretch of 64 bytes counts. */
async function readable({ folder }: TestRepository, contents: readonly Buffer[]): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const all = await Promise.all(files.map(bytesThere))
  const stretches = (bytes: Buffer) =>
    Array.from({ length: Math.floor(bytes.length / 64) }, (_, at) => bytes.subarray(at * 64, at * 64 + 64))
  const isIn = (bytes: Buffer) =>
    (bytes.length > 10_000 ? stretches(bytes).filter((_, at) => at % 100 === 0) : stretches(bytes)).some(stretch =>
      all.some(file => file.includes(stretch)),
    )
  return contents.filter(isIn).length
}
