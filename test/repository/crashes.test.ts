import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { systemFiles } from '../../ports/files.js'
import { startResolver } from '../../repository/registration/resolver.js'
import { StoreAway } from '../../store/failures.js'
import { until } from '../house/waiting.js'
import {
  again,
  aRepository,
  aRequest,
  closeRepositories,
  filesOfSmall,
  large,
  type Sender,
  small,
  type TestOptions,
  type TestRepository,
  uniqueIdOf,
} from './a-repository.js'
import { error } from './fake-registry.js'

afterEach(closeRepositories)

/** How often the work has come to where it stops. */
let stops = 0

function never(): Promise<never> {
  stops += 1
  return new Promise<never>(() => {})
}

/** Where the process ends, and what there must be once the next one has settled things. */
const points: {
  title: string
  options?: TestOptions
  /** Makes the work stop for ever at this point. */
  stop(repository: TestRepository): void
  becomes: 'registered' | 'nothing'
}[] = [
  {
    title: 'while the documents are put in their place',
    stop({ context }) {
      context.documents.begin = never
    },
    becomes: 'nothing',
  },
  {
    title: 'before the ITI-42 is sent',
    stop({ context }) {
      context.registry = { ...context.registry, register: never }
    },
    becomes: 'registered',
  },
  {
    title: 'after the ITI-42 has arrived, before it is answered',
    stop({ context, registry }) {
      const register = registry.register
      context.registry = {
        ...registry,
        async register(itI42, call) {
          await register(itI42, call)
          return never()
        },
      }
    },
    becomes: 'registered',
  },
  {
    title: 'after the answer Success, before its commit',
    stop({ context }) {
      context.documents.registered = never
    },
    becomes: 'registered',
  },
  {
    title: 'after the answer Failure, before its commit',
    stop({ context, registry }) {
      registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
      context.documents.drop = never
    },
    becomes: 'nothing',
  },
  {
    title: 'after the commit of a refusal, before its files are removed',
    options: { ports: { files: { ...systemFiles, remove: never } } },
    stop({ registry }) {
      registry.refusal = [error('XDSUnknownPatientId', 'nobody')]
    },
    becomes: 'nothing',
  },
]

describe('when the process ends', () => {
  for (const remembers of [true, false]) {
    for (const { title, options, stop, becomes } of points) {
      it(`${title}: ${becomes} (the registry ${remembers ? 'remembers' : 'forgets'} messages)`, async () => {
        const before = await aRepository(options)
        const { registry } = before
        registry.remembers = remembers
        const contents = [small(), large()]
        const request = await aRequest(before.spool, contents)
        stop(before)
        stops = 0
        let answered = false
        void before.submit(request).then(() => {
          answered = true
        })
        await until(() => stops > 0, 'the work comes to where it stops')
        await settled(before)
        expect(answered).to.equal(false)

        const after = await aRepository({ folder: before.folder, registry })
        await after.swept
        await after.resolve()
        expect(await after.context.documents.pending(10)).to.deep.equal([])
        const uniqueIds = request.submission.documentEntries.map(entry => entry.uniqueId ?? '')
        const kept = await Promise.all(uniqueIds.map(after.content))
        expect(kept).to.deep.equal(becomes === 'registered' ? contents : [undefined, undefined])
        expect(await after.files()).to.have.length(becomes === 'registered' ? 1 + filesOfSmall : 0)
        expect(registry.entries.map(entry => entry.uniqueId)).to.deep.equal(becomes === 'registered' ? uniqueIds : [])
      })
    }
  }

  it('while a document arrives: its bytes are thrown away', async () => {
    const before = await aRepository()
    const writer = before.spool.receive()
    await writer.write(large())
    await writer.end()
    expect(await before.files()).to.have.length(1)
    const after = await aRepository({ folder: before.folder })
    expect(await after.files()).to.deep.equal([])
  })

  it('before the source is answered: the same message gets the answer then', async () => {
    const before = await aRepository()
    const bytes = large()
    const request = await aRequest(before.spool, bytes)
    const sender = { messageID: 'urn:uuid:first' }
    const response = await before.submit(request, sender)
    const after = await aRepository({ folder: before.folder, registry: before.registry })
    expect(await after.submit(await again(after.spool, request, bytes), sender)).to.deep.equal(response)
    expect(await after.content(uniqueIdOf(request))).to.deep.equal(bytes)
  })

  it('the sweep leaves registered documents, foreign files and those just being placed alone', async () => {
    const before = await aRepository()
    const bytes = large()
    const request = await aRequest(before.spool, bytes)
    await before.submit(request)
    const [path] = await before.files()
    const foreign = [join(path!, '..', 'notes.txt'), join(before.documentsFolder, 'README')]
    for (const file of foreign) await writeFile(file, 'mine')
    const after = await aRepository({ folder: before.folder })
    expect(await after.swept).to.equal(0)
    expect(await after.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect(await after.files()).to.include.members(foreign)
  })
})

describe('the resolver', () => {
  it('keeps a submission while the registry is away, and settles it when that is back', async () => {
    const { before, uniqueId, bytes } = await leftRegistering()
    const after = await aRepository({ folder: before.folder, registry: before.registry })
    before.registry.away = true
    await after.resolve()
    expect(await after.context.documents.pending(10)).to.have.length(1)
    expect(await after.content(uniqueId)).to.deep.equal(bytes)
    before.registry.away = false
    await after.resolve()
    expect(await after.context.documents.pending(10)).to.deep.equal([])
    expect((await after.audit()).slice(1)).to.deep.equal(['ITI-42 8', 'ITI-42 0'])
  })

  it('sends exactly what was sent before, with the assertion that came with it', async () => {
    const { before } = await leftRegistering('lost', { security: '<wsse:Security>"Ö"</wsse:Security>' })
    const after = await aRepository({ folder: before.folder, registry: before.registry })
    await after.resolve()
    const { sent } = before.registry
    expect(sent).to.have.length(2)
    expect(sent[1]).to.deep.equal(sent[0])
    expect(sent[0]?.security).to.equal('<wsse:Security>"Ö"</wsse:Security>')
    const kept = await after.sql('SELECT iti42_body, iti42_security FROM submission')
    expect(kept.map(row => Object.values(row))).to.deep.equal([[null, null]])
  })

  it('does not register a document whose bytes are lost', async () => {
    const { before, uniqueId } = await leftRegistering('swallowed')
    for (const file of await before.files()) await systemFiles.remove(file)
    const after = await aRepository({ folder: before.folder, registry: before.registry })
    await after.resolve()
    expect(before.registry.entries).to.deep.equal([])
    expect(await after.content(uniqueId)).to.equal(undefined)
    expect(await after.rows('submission')).to.equal(0)
    expect(after.alarms.map(({ kind }) => kind)).to.deep.equal(['document spoilt'])
  })

  it('raises an alarm when the registry holds a document whose bytes are lost', async () => {
    const { before } = await leftRegistering('lost')
    for (const file of await before.files()) await systemFiles.remove(file)
    const after = await aRepository({ folder: before.folder, registry: before.registry })
    await after.resolve()
    expect(await after.rows('submission')).to.equal(1)
    expect(after.alarms.map(({ kind }) => kind)).to.deep.equal(['document spoilt', 'document lost'])
  })

  it('raises no alarm each second while its database is away, of which the service tells', async () => {
    const repository = await aRepository()
    for (const [problem, alarms] of [
      [new StoreAway('away'), []],
      [new Error('a mistake'), ['resolver failed']],
    ] as const) {
      const documents = { ...repository.context.documents, pending: () => Promise.reject(problem) }
      const resolver = startResolver({ ...repository.context, documents })
      expect(await resolver.run().catch(failure => failure)).to.equal(problem)
      await resolver.close()
      expect(repository.alarms.map(({ kind }) => kind)).to.deep.equal(alarms)
    }
  })

  it('leaves alone what a handler is at work on', async () => {
    const repository = await aRepository()
    let letGo = () => {}
    repository.registry.onArrival = () =>
      new Promise<void>(resolve => {
        letGo = resolve
      })
    const response = repository.submit(await aRequest(repository.spool, small()))
    await until(() => repository.registry.sent.length === 1, 'it is on its way to the registry')
    await repository.resolve()
    expect(repository.registry.sent).to.have.length(1)
    letGo()
    expect((await response).status).to.equal('Success')
  })
})

/** A submission whose ITI-42 was lost on its way, or its answer, when the process ended. */
async function leftRegistering(mishap: 'lost' | 'swallowed' = 'lost', sender: Sender = {}) {
  const before = await aRepository({ timeoutMs: 50 })
  before.registry.mishaps = [mishap]
  const bytes = large()
  const request = await aRequest(before.spool, bytes)
  await before.submit(request, sender)
  expect(await before.context.documents.pending(10)).to.have.length(1)
  return { before, bytes, uniqueId: uniqueIdOf(request) }
}

/** Gives the work time to come to where it stops. */
async function settled(repository: TestRepository): Promise<void> {
  let last = ''
  for (let still = 0; still < 4; ) {
    await new Promise(resolve => setTimeout(resolve, 10))
    const state = JSON.stringify([
      await repository.rows('document'),
      repository.registry.sent.length,
      await repository.files(),
    ])
    still = state === last ? still + 1 : 0
    last = state
  }
}
