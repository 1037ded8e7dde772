import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { deferred } from '../../ports/promises.js'
import { StoreFull } from '../../store/failures.js'
import { until } from '../house/waiting.js'
import {
  again,
  aRepository,
  aRequest,
  closeRepositories,
  codesOf,
  small,
  type TestOptions,
  uniqueIdOf,
} from './a-repository.js'
import { error } from './fake-registry.js'

afterEach(closeRepositories)

const dayMs = 86_400_000

/** A repository with one submission registered, and the same submission at hand to be sent again. */
async function afterOne(options: TestOptions = {}) {
  const repository = await aRepository(options)
  const bytes = small()
  const request = await aRequest(repository.spool, bytes)
  const sender = { partner: 'hospital', messageID: 'urn:uuid:first' }
  repository.registry.warnings = [error('XDSExtraMetadataNotSaved', 'x', 'Warning')]
  const response = await repository.submit(request, sender)
  expect(response.status).to.equal('Success')
  const resend = async (other: { partner?: string; messageID?: string } = {}) =>
    repository.submit(await again(repository.spool, request, bytes), { ...sender, ...other })
  return { repository, bytes, request, response, resend, sent: repository.registry.sent }
}

const strict = { config: { resubmission: 'strict' } } as const
const replay = { config: { resubmission: 'replay' } } as const

describe('a submission whose outcome finds no room', () => {
  it('is not called refused, for it is kept and will be registered', async () => {
    const repository = await aRepository(replay)
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    const { registered } = repository.context.documents
    repository.context.documents.registered = () => Promise.reject(new StoreFull('no space is left'))
    const problem = await repository.submit(request, { messageID: 'm' }).catch((thrown: unknown) => thrown)
    expect(problem).to.be.instanceOf(StoreFull)
    expect((problem as Error).message).to.contain('may yet be registered, and sending it again is safe')
    repository.context.documents.registered = registered
    await repository.resolve()
    const response = await repository.submit(await again(repository.spool, request, bytes), { messageID: 'm' })
    expect(response.status).to.equal('Success')
    expect(repository.registry.entries).to.have.length(1)
  })
})

describe('a submission sent again', () => {
  for (const [mode, options] of [
    ['strict', strict],
    ['replay', replay],
  ] as const) {
    it(`gets the first answer again when the message is the same (${mode})`, async () => {
      const { repository, resend, response, sent } = await afterOne(options)
      expect(await resend()).to.deep.equal(response)
      expect(sent).to.have.length(1)
      expect(await repository.rows('submission')).to.equal(1)
    })

    it(`follows the normal rules after a failure (${mode})`, async () => {
      const repository = await aRepository(options)
      const bytes = small()
      const request = await aRequest(repository.spool, bytes)
      repository.registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
      expect((await repository.submit(request, { messageID: 'm' })).status).to.equal('Failure')
      repository.registry.refusal = undefined
      const second = await repository.submit(await again(repository.spool, request, bytes), { messageID: 'm' })
      expect(second.status).to.equal('Success')
    })

    it(`waits for the outcome of the first while that is under way, and gives it (${mode})`, async () => {
      const repository = await aRepository(options)
      const { promise: held, resolve: letGo } = deferred<void>()
      repository.registry.onArrival = () => held
      const bytes = small()
      const request = await aRequest(repository.spool, bytes)
      const resends = await Promise.all([1, 2, 3].map(() => again(repository.spool, request, bytes)))
      let waiting = 0
      const { settlements } = repository.context
      const { outcome } = settlements
      settlements.outcome = (...asked) => {
        waiting += 1
        return outcome(...asked).finally(() => {
          waiting -= 1
        })
      }
      const answers = [request, ...resends].map(each => repository.submit(each))
      await until(() => waiting === 3, 'the others wait for its outcome')
      letGo()
      expect((await Promise.all(answers)).map(({ status }) => status)).to.deep.equal(Array(4).fill('Success'))
      expect(repository.registry.sent).to.have.length(1)
      expect(await repository.rows('document')).to.equal(1)
    })
  }

  it('is for the registry to judge when the message is another (strict) [TF-2:3.42.4.1.3.3.7]', async () => {
    const { repository, resend, sent, request, bytes } = await afterOne(strict)
    expect(codesOf(await resend({ messageID: 'urn:uuid:second' }))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
    expect(sent).to.have.length(2)
    expect(await repository.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect(await repository.rows('document')).to.equal(1)
  })

  it('gets the first answer again inside the window, and is stored once (replay)', async () => {
    const { repository, resend, response, sent } = await afterOne(replay)
    expect(await resend({ messageID: 'urn:uuid:second' })).to.deep.equal(response)
    expect(sent).to.have.length(1)
    expect(await repository.rows('document')).to.equal(1)
  })

  for (const [title, days, code] of [
    ['just inside', 6.99, undefined],
    ['after', 7.01, 'XDSDuplicateUniqueIdInRegistry'],
  ] as const) {
    it(`is judged ${title} the window of seven days (replay)`, async () => {
      let nowMs = 1_800_000_000_000
      const clock = { ...systemClock, now: () => nowMs }
      const { resend, response } = await afterOne({ ...replay, ports: { clock } })
      nowMs += days * dayMs
      const second = await resend({ messageID: 'urn:uuid:second' })
      if (code === undefined) expect(second).to.deep.equal(response)
      else expect(codesOf(second)).to.deep.equal([code])
    })
  }

  for (const messageID of ['urn:uuid:first', 'urn:uuid:second']) {
    it(`is another's when another partner sends it, message ${messageID}`, async () => {
      const { resend } = await afterOne(replay)
      expect(codesOf(await resend({ partner: 'clinic', messageID }))).to.deep.equal(['XDSDuplicateUniqueIdInRegistry'])
    })
  }

  it('is another when a Document came with it that nobody can keep', async () => {
    const { repository, bytes, request } = await afterOne(replay)
    const more = { ...(await again(repository.spool, request, bytes)), faultyDocuments: [{ number: 2, id: '' }] }
    expect(codesOf(await repository.submit(more, { messageID: 'urn:uuid:first' }))).to.deep.equal([
      'XDSMissingDocumentMetadata',
      'XDSDuplicateUniqueIdInRegistry',
    ])
  })

  it('is another when its bytes are others', async () => {
    const { repository, request } = await afterOne(replay)
    const other = await again(repository.spool, request, small())
    expect(codesOf(await repository.submit(other, { messageID: 'urn:uuid:first' }))).to.deep.equal([
      'XDSNonIdenticalHash',
      'XDSDuplicateUniqueIdInRegistry',
    ])
  })

  it('is not answered to another partner, who may have guessed it', async () => {
    const { repository, request, bytes } = await afterOne(replay)
    const other = await again(repository.spool, request, bytes)
    expect(codesOf(await repository.submit(other, { partner: 'another', messageID: 'urn:uuid:second' }))).to.deep.equal(
      ['XDSDuplicateUniqueIdInRegistry'],
    )
  })

  it('is another when its metadata are others', async () => {
    const { repository, request, bytes } = await afterOne(replay)
    const other = await again(repository.spool, request, bytes)
    other.submission.documentEntries[0]!.title = [{ value: 'Another title' }]
    expect(codesOf(await repository.submit(other, { messageID: 'urn:uuid:first' }))).to.deep.equal([
      'XDSDuplicateUniqueIdInRegistry',
    ])
  })

  it('gets the outcome of the first though that comes between two looks at it', async () => {
    const repository = await aRepository(strict)
    const { documents } = repository.context
    const { promise: held, resolve: letGo } = deferred<void>()
    repository.registry.onArrival = () => held
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    const first = repository.submit(request)
    await until(() => repository.registry.sent.length > 0)
    const { submission } = documents
    documents.submission = async id => {
      const seen = await submission(id)
      documents.submission = submission
      letGo()
      await first
      return seen
    }
    const second = await repository.submit(await again(repository.spool, request, bytes))
    expect([second, second.status]).to.deep.equal([await first, 'Success'])
    expect(repository.registry.sent).to.have.length(1)
  })

  it('answers XDSRegistryBusy when the first is not settled in time', async () => {
    const repository = await aRepository({ timeoutMs: 300 })
    const { promise: held, resolve: letGo } = deferred<void>()
    repository.registry.onArrival = () => held
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    const first = repository.submit(request)
    await until(() => repository.registry.sent.length > 0)
    const second = await repository.submit(await again(repository.spool, request, bytes))
    expect(codesOf(second)).to.deep.equal(['XDSRegistryBusy'])
    letGo()
    await first
  })

  it('joins the resolution of a first one whose answer was lost', async () => {
    const repository = await aRepository({ timeoutMs: 400 })
    const bytes = small()
    const request = await aRequest(repository.spool, bytes)
    repository.registry.mishaps = ['hang']
    expect(codesOf(await repository.submit(request))).to.deep.equal(['XDSRegistryNotAvailable'])
    repository.context.config.registry.timeoutMs = 20_000
    const resent = await again(repository.spool, request, bytes)
    const [second] = await Promise.all([repository.submit(resent), repository.resolve()])
    expect(second.status).to.equal('Success')
    expect(repository.registry.entries).to.have.length(1)
    expect(await repository.rows('document')).to.equal(1)
  })
})
