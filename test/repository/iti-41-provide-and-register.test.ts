import { expect } from 'chai'
import { decodeSubmission } from '../../metadata/submission.js'
import { systemFiles } from '../../ports/files.js'
import { systemNetwork } from '../../ports/network/system-network.js'
import { deferred } from '../../ports/promises.js'
import { registryOverSoap } from '../../repository/registration/registry-over-soap.js'
import { openCaller } from '../../server/caller.js'
import { parseXml } from '../../soap/xml.js'
import { StoreFull } from '../../store/failures.js'
import { until } from '../house/waiting.js'
import { drip } from '../ports/dripping.js'
import {
  aRepository,
  aRequest,
  closeRepositories,
  codesOf,
  filesOfSmall,
  large,
  repositoryUniqueId,
  sha1,
  small,
  uniqueIdOf,
} from './a-repository.js'
import { isOnPostgres } from './engines.js'
import { error } from './fake-registry.js'

afterEach(closeRepositories)

describe('ITI-41 Provide and Register Document Set-b', () => {
  for (const [size, bytesOf] of [
    ['small', small],
    ['large', large],
  ] as const) {
    it(`keeps a ${size} document, completes its metadata and registers it [TF-2:3.41.4.1.3.2]`, async () => {
      const repository = await aRepository()
      const bytes = bytesOf()
      const request = await aRequest(repository.spool, bytes)
      const uniqueId = uniqueIdOf(request)
      let retrievableBefore: Buffer | undefined
      repository.registry.onArrival = async () => {
        retrievableBefore = await repository.content(uniqueId)
      }
      const response = await repository.submit(request)
      expect(response).to.deep.equal({ status: 'Success', errors: [] })
      const [entry] = decodeSubmission(parseXml(repository.registry.sent[0]!.body)).documentEntries
      expect(entry).to.include({ hash: sha1(bytes), size: String(bytes.length), repositoryUniqueId })
      expect(retrievableBefore).to.deep.equal(bytes)
      expect(await repository.content(uniqueId)).to.deep.equal(bytes)
      expect(await repository.audit()).to.deep.equal(['ITI-41 0', 'ITI-42 0'])
    })
  }

  it('takes a document of no bytes', async () => {
    const repository = await aRepository()
    const request = await aRequest(repository.spool, Buffer.alloc(0))
    expect((await repository.submit(request)).status).to.equal('Success')
    expect(repository.registry.entries[0]).to.include({ hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709', size: '0' })
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(Buffer.alloc(0))
  })

  it('takes documents that came inside the envelope, small and large', async () => {
    const repository = await aRepository()
    const contents = [small(), large()]
    const request = await aRequest(repository.spool, [Buffer.alloc(0), Buffer.alloc(0)])
    const inline = request.documents.map(({ id }, at) => ({ id, content: { inline: contents[at]! } }))
    expect((await repository.submit({ ...request, documents: inline })).status).to.equal('Success')
    for (const [at, entry] of request.submission.documentEntries.entries()) {
      expect(await repository.content(entry.uniqueId!)).to.deep.equal(contents[at])
    }
    expect(await repository.files()).to.have.length(1 + filesOfSmall)
  })

  it('takes a submission without documents', async () => {
    const repository = await aRepository()
    const request = await aRequest(repository.spool, [], { documentEntries: [] })
    expect((await repository.submit(request)).status).to.equal('Success')
  })

  it('keeps hash and size as they were sent where they are right, in either case of hex [TF-2:3.41.4.1.3.2]', async () => {
    const repository = await aRepository()
    const bytes = small()
    const hash = sha1(bytes).toUpperCase()
    const request = await aRequest(repository.spool, bytes, {
      documentEntry: { hash, size: String(bytes.length), repositoryUniqueId: '2.999.9' },
    })
    expect((await repository.submit(request)).status).to.equal('Success')
    expect(repository.registry.entries[0]).to.include({ hash, repositoryUniqueId })
  })

  it('never makes a file name of what a sender chose', async () => {
    const repository = await aRepository()
    // No XML holds the last one, and no server.
    const uniqueId = `../../../etc/passwd${isOnPostgres ? '' : '\u0000'}`
    await repository.submit(await aRequest(repository.spool, large(), { documentEntry: { uniqueId } }))
    const [path] = await repository.files()
    expect(path).to.match(/documents\/([0-9a-f]{2})\/([0-9a-f]{2})\/\1\2[0-9a-f]{4}-[0-9a-f-]{27}$/)
    expect(await repository.content(uniqueId)).to.have.length(200_000)
  })

  it("puts the registry's warnings into a Success, with its own [TF-2:3.41.4.1.3.2]", async () => {
    const repository = await aRepository()
    repository.registry.warnings = [error('XDSExtraMetadataNotSaved', 'a slot', 'Warning')]
    const request = await aRequest(repository.spool, small())
    request.submission.findings.push({
      ...{ code: 'XDSExtraMetadataNotSaved', severity: 'Warning', object: 'DocumentEntry a', rule: 'r' },
      ...{ expected: 'known schemes', found: 'another' },
    })
    const response = await repository.submit(request)
    expect(response.status).to.equal('Success')
    expect(response.errors.map(({ severity }) => severity)).to.deep.equal(['Warning', 'Warning'])
  })

  describe('when the registry refuses', () => {
    it('relays its errors and warnings and leaves nothing behind [TF-2:3.41.4.1.3.2]', async () => {
      const repository = await aRepository()
      repository.registry.refusal = [
        error('XDSUnknownPatientId', 'nobody'),
        error('XDSExtraMetadataNotSaved', 'x', 'Warning'),
      ]
      const request = await aRequest(repository.spool, [small(), large()])
      const response = await repository.submit(request)
      expect(response).to.deep.equal({ status: 'Failure', errors: repository.registry.refusal })
      expect(await repository.content(uniqueIdOf(request))).to.equal(undefined)
      expect([await repository.rows('document'), await repository.rows('submission')]).to.deep.equal([0, 0])
      expect(await repository.files()).to.deep.equal([])
      expect(await repository.audit()).to.deep.equal(['ITI-41 8', 'ITI-42 8'])
    })

    it('never touches the bytes that an earlier identical document uses', async () => {
      const repository = await aRepository()
      const bytes = large()
      const first = await aRequest(repository.spool, bytes)
      await repository.submit(first)
      repository.registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
      const second = await aRequest(repository.spool, bytes, { documentEntry: { uniqueId: uniqueIdOf(first) } })
      expect((await repository.submit(second)).status).to.equal('Failure')
      expect(await repository.content(uniqueIdOf(first))).to.deep.equal(bytes)
      expect(await repository.files()).to.have.length(1)
    })
  })

  describe('when the registry cannot be reached', () => {
    it('answers XDSRegistryNotAvailable after the time given, and keeps nothing [TF-3:4.2.4.1]', async () => {
      const repository = await aRepository({ timeoutMs: 500 })
      repository.registry.away = true
      const response = await repository.submit(await aRequest(repository.spool, [small(), large()]))
      expect(codesOf(response)).to.deep.equal(['XDSRegistryNotAvailable'])
      const context = response.errors[0]?.codeContext
      expect(context).to.contain('did not take it, and nothing was kept: ').and.contain('connection refused')
      expect(repository.registry.sent.length).to.be.greaterThan(1)
      expect(await repository.rows('document')).to.equal(0)
      expect(await repository.files()).to.deep.equal([])
      expect(await repository.audit()).to.deep.equal(['ITI-41 8', 'ITI-42 8'])
    })

    it('tries again meanwhile, with the same message', async () => {
      const repository = await aRepository()
      repository.registry.mishaps = ['unreachable', 'unreachable']
      const response = await repository.submit(await aRequest(repository.spool, small()))
      expect(response.status).to.equal('Success')
      const { sent } = repository.registry
      expect(sent).to.have.length(3)
      expect(sent[2]).to.deep.equal(sent[0])
    })
  })

  describe('when an answer of the registry is lost', () => {
    it('sends the very same ITI-42 again and gives the answer to that', async () => {
      const repository = await aRepository()
      repository.registry.mishaps = ['lost']
      const request = await aRequest(repository.spool, small())
      expect((await repository.submit(request)).status).to.equal('Success')
      expect(repository.registry.sent[1]).to.deep.equal(repository.registry.sent[0])
      expect(repository.registry.entries).to.have.length(1)
      expect(await repository.audit()).to.deep.equal(['ITI-41 0', 'ITI-42 8', 'ITI-42 0'])
    })

    it('asks a registry that takes that for a duplicate whether the submission is there', async () => {
      const repository = await aRepository()
      repository.registry.remembers = false
      repository.registry.mishaps = ['lost']
      const request = await aRequest(repository.spool, large(), { submissionSet: { uniqueId: "2.999.5^it's" } })
      expect(await repository.submit(request)).to.deep.equal({ status: 'Success', errors: [] })
      expect(repository.registry.queries).to.equal(1)
      expect(await repository.content(uniqueIdOf(request))).to.have.length(200_000)
    })

    it('believes a refusal once the registry says that it holds no such submission', async () => {
      const repository = await aRepository()
      repository.registry.mishaps = ['swallowed']
      repository.registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
      const response = await repository.submit(await aRequest(repository.spool, small()))
      expect(codesOf(response)).to.deep.equal(['XDSUnknownPatientId'])
      expect(await repository.rows('document')).to.equal(0)
    })

    it('does not take a submission set of others under the same uniqueId for its own', async () => {
      const repository = await aRepository()
      const first = await aRequest(repository.spool, small())
      await repository.submit(first)
      const { uniqueId } = first.submission.submissionSets[0]!
      repository.registry.mishaps = ['swallowed']
      const second = await aRequest(repository.spool, small(), { submissionSet: { uniqueId } })
      expect(codesOf(await repository.submit(second))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
      expect(await repository.content(uniqueIdOf(second))).to.equal(undefined)
    })

    it('keeps what may be registered and says so; it is settled later', async () => {
      const repository = await aRepository({ timeoutMs: 300 })
      repository.registry.mishaps = ['hang']
      const request = await aRequest(repository.spool, small())
      const response = await repository.submit(request)
      expect(codesOf(response)).to.deep.equal(['XDSRegistryNotAvailable'])
      expect(response.errors[0]?.codeContext).to.contain('may yet be registered')
      expect(await repository.content(uniqueIdOf(request))).to.have.length(2_000)
      repository.context.config.registry.timeoutMs = 20_000
      await repository.resolve()
      expect(await repository.context.documents.pending(10)).to.deep.equal([])
      expect(await repository.content(uniqueIdOf(request))).to.have.length(2_000)
      expect(repository.registry.entries).to.have.length(1)
    })

    it('is bounded in time also when the registry keeps the connection busy', async () => {
      const repository = await aRepository({ timeoutMs: 200 })
      const { ports } = repository.context
      const busy = await systemNetwork.serveHttp({ host: '127.0.0.1', port: 0 }, (_, reply) =>
        drip(reply, { 'content-type': 'application/soap+xml' }),
      )
      const caller = openCaller({ tls: { key: '', cert: '', ca: '' }, ports: { ...ports, network: systemNetwork } })
      try {
        const url = `http://127.0.0.1:${busy.port}/registry`
        repository.context.registry = registryOverSoap({ caller, url, ports })
        const response = await repository.submit(await aRequest(repository.spool, small()))
        expect(codesOf(response)).to.deep.equal(['XDSRegistryNotAvailable'])
      } finally {
        caller.close()
        await busy.close(0)
      }
    })

    it('does not read a busy registry as one that has refused', async () => {
      const repository = await aRepository({ timeoutMs: 300 })
      repository.registry.mishaps = ['swallowed']
      repository.registry.refusal = [error('XDSRegistryBusy', 'later')]
      const request = await aRequest(repository.spool, small())
      expect(codesOf(await repository.submit(request))).to.deep.equal(['XDSRegistryNotAvailable'])
      expect(await repository.context.documents.pending(10)).to.have.length(1)
    })
  })

  describe('one uniqueId, one content', () => {
    it('refuses other bytes under a registered uniqueId, naming both hashes and the earlier time [TF-2:3.41.4.1.3.2]', async () => {
      const repository = await aRepository()
      const [first, other] = [small(), large()]
      const request = await aRequest(repository.spool, first)
      await repository.submit(request)
      const response = await repository.submit(
        await aRequest(repository.spool, other, { documentEntry: { uniqueId: uniqueIdOf(request) } }),
      )
      expect(codesOf(response)).to.deep.equal(['XDSNonIdenticalHash', 'XDSNonIdenticalSize'])
      expect(response.errors[0]?.codeContext)
        .to.contain(sha1(first))
        .and.contain(sha1(other))
        .and.match(/20\d\d-\d\d-\d\dT/)
      expect(repository.registry.sent).to.have.length(1)
      expect(await repository.files()).to.have.length(filesOfSmall)
    })

    it('keeps one content only when two arrive at the same instant', async () => {
      const repository = await aRepository()
      const first = await aRequest(repository.spool, small())
      const uniqueId = uniqueIdOf(first)
      const second = await aRequest(repository.spool, large(), { documentEntry: { uniqueId } })
      let kept = 0
      repository.registry.onArrival = async () => {
        kept = Math.max(kept, (await repository.context.documents.documents(uniqueId)).length)
      }
      const answers = await Promise.all([first, second].map(request => repository.submit(request)))
      expect(answers.map(({ status }) => status).sort()).to.deep.equal(['Failure', 'Success'])
      expect(kept).to.equal(1)
      expect(repository.registry.sent).to.have.length(1)
    })

    it('waits for the outcome of other bytes that are under way, then refuses', async () => {
      const { repository, first, letGo } = await withOneUnderWay()
      const second = repository.submit(
        await aRequest(repository.spool, large(), { documentEntry: { uniqueId: first.uniqueId } }),
      )
      letGo()
      expect((await first.response).status).to.equal('Success')
      expect(codesOf(await second)).to.include('XDSNonIdenticalHash')
      expect(await repository.content(first.uniqueId)).to.deep.equal(first.bytes)
    })

    it('takes the other bytes when the first are refused', async () => {
      const { repository, first, letGo } = await withOneUnderWay()
      const bytes = large()
      const second = repository.submit(
        await aRequest(repository.spool, bytes, { documentEntry: { uniqueId: first.uniqueId } }),
      )
      repository.registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
      repository.registry.onArrival = () => {
        repository.registry.refusal = undefined
      }
      letGo()
      expect((await first.response).status).to.equal('Failure')
      expect((await second).status).to.equal('Success')
      expect(await repository.content(first.uniqueId)).to.deep.equal(bytes)
    })

    it('answers XDSRepositoryBusy when that takes too long', async () => {
      const { repository, first, letGo } = await withOneUnderWay(300)
      const response = await repository.submit(
        await aRequest(repository.spool, small(), { documentEntry: { uniqueId: first.uniqueId } }),
      )
      expect(codesOf(response)).to.deep.equal(['XDSRepositoryBusy'])
      letGo()
      await first.response
    })
  })

  describe('when there is no room', () => {
    for (const [call, code] of [
      ['renameAndSync', 'ENOSPC'],
      ['renameAndSync', 'EDQUOT'],
      ['renameAndSync', 'EMFILE'],
      ['makeFolder', 'ENOSPC'],
    ] as const) {
      it(`ends as out of resources and leaves nothing behind (${code} of ${call})`, async () => {
        const fail = () => Promise.reject(Object.assign(new Error('full'), { code }))
        const isOfDocument = (path: string) => /\/documents\/[0-9a-f]{2}\//.test(path)
        const files = {
          ...systemFiles,
          renameAndSync: call === 'renameAndSync' ? fail : systemFiles.renameAndSync,
          makeFolder: (path: string) =>
            call === 'makeFolder' && isOfDocument(path) ? fail() : systemFiles.makeFolder(path),
        }
        const repository = await aRepository({ ports: { files } })
        const request = await aRequest(repository.spool, [small(), large()])
        const problem = await repository.submit(request).then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        expect(problem).to.be.instanceOf(StoreFull)
        expect(await repository.rows('document')).to.equal(0)
        expect(await repository.files()).to.deep.equal([])
        expect(repository.registry.sent).to.deep.equal([])
      })
    }
  })

  it('registers nothing that could not be committed', async () => {
    const repository = await aRepository()
    const no = isOnPostgres
      ? 'ALTER TABLE document ADD CONSTRAINT no CHECK (size < 0)'
      : "CREATE TRIGGER no BEFORE INSERT ON document BEGIN SELECT RAISE(ABORT, 'no'); END"
    await repository.sql(no)
    const problem = await repository
      .submit(await aRequest(repository.spool, large()))
      .catch((thrown: unknown) => thrown)
    expect(problem).to.be.instanceOf(Error)
    expect(repository.registry.sent).to.deep.equal([])
    expect(await repository.files()).to.deep.equal([])
  })

  it('is bounded in the number of documents', async () => {
    const repository = await aRepository()
    repository.context.config.limits.attachments = 2
    const response = await repository.submit(await aRequest(repository.spool, [small(), small(), small()]))
    expect(codesOf(response)).to.deep.equal(['XDSRepositoryError'])
  })
})

/** One submission whose ITI-42 is held up until `letGo`. */
async function withOneUnderWay(timeoutMs = 5_000) {
  const repository = await aRepository({ timeoutMs })
  const { promise: held, resolve: letGo } = deferred<void>()
  const bytes = small()
  const request = await aRequest(repository.spool, bytes)
  repository.registry.onArrival = () => held
  const response = repository.submit(request)
  await until(() => repository.registry.sent.length === 1)
  return { repository, letGo, first: { request, bytes, response, uniqueId: uniqueIdOf(request) } }
}
