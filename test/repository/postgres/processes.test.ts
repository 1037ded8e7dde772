// Several repository processes on one database and one place of documents: nothing that one remembers is unknown to another, and what one
// leaves half done that ends another one brings to its end. docs/decisions/0260.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { assertSameRepository } from '../../../repository/postgres/identity.js'
import { repositoryMigrations } from '../../../repository/postgres/migrations.js'
import { openPostgres } from '../../../store/postgres/open-postgres.js'
import { until } from '../../house/waiting.js'
import { needsPostgres, theCluster } from '../../store/postgres/a-cluster.js'
import {
  again,
  aRepository,
  aRequest,
  closeRepositories,
  codesOf,
  large,
  small,
  type TestOptions,
  type TestRepository,
  uniqueIdOf,
} from '../a-repository.js'
import { anObjectStorage } from '../an-object-storage.js'
import { besideOnPostgres } from '../engines.js'

afterEach(closeRepositories)

const busy = 'another process is at work on this document; try again a little later'
const never = () => new Promise<never>(() => {})

async function two(options: TestOptions = {}): Promise<[TestRepository, TestRepository]> {
  const one = await aRepository({ ...options, engine: besideOnPostgres })
  return [one, await beside(one, options)]
}

function beside({ folder, registry }: TestRepository, options: TestOptions = {}): Promise<TestRepository> {
  return aRepository({ ...options, folder, registry, engine: besideOnPostgres })
}

describe('two repository processes', function () {
  this.timeout(120_000)
  before(function () {
    needsPostgres(this)
  })

  it('hand out what the other has taken in, and answer what is sent again as the other did', async () => {
    const [one, other] = await two()
    const bytes = large()
    const request = await aRequest(one.spool, bytes)
    const sender = { messageID: 'urn:uuid:first' }
    const response = await one.submit(request, sender)
    expect(response.status).to.equal('Success')
    expect(await other.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect(await other.submit(await again(other.spool, request, bytes), sender)).to.deep.equal(response)
    expect(one.registry.sent).to.have.length(1)
  })

  it('keep one content under one uniqueId', async () => {
    const [one, other] = await two()
    const request = await aRequest(one.spool, small())
    await one.submit(request)
    const another = await aRequest(other.spool, large(), { documentEntry: { uniqueId: uniqueIdOf(request) } })
    expect(codesOf(await other.submit(another))).to.include('XDSNonIdenticalHash')
  })

  it('register once what comes to both at the same time, and both give its outcome', async () => {
    const [one, other] = await two()
    const bytes = large()
    const request = await aRequest(one.spool, bytes)
    let letGo = () => {}
    one.registry.onArrival = () =>
      new Promise<void>(resolve => {
        letGo = resolve
      })
    const sender = { messageID: 'urn:uuid:both' }
    const first = one.submit(request, sender)
    await until(() => one.registry.sent.length === 1)
    const second = other.submit(await again(other.spool, request, bytes), sender)
    await new Promise(resolve => setTimeout(resolve, 400))
    letGo()
    expect((await second).status).to.equal('Success')
    expect(await first).to.deep.equal(await second)
    expect([one.registry.sent.length, await one.rows('submission')]).to.deep.equal([1, 1])
  })

  it('leave alone what the other is at work on, and settle it once that one is gone', async () => {
    const [one, other] = await two()
    const bytes = large()
    const request = await aRequest(one.spool, bytes)
    let arrivals = 0
    one.context.registry = {
      ...one.registry,
      register: () => {
        arrivals += 1
        return never()
      },
    }
    void one.submit(request)
    await until(() => arrivals === 1)
    await other.resolve()
    expect(one.registry.sent).to.have.length(0)
    await one.die()
    await other.resolve()
    expect(one.registry.sent).to.have.length(1)
    expect(await other.content(uniqueIdOf(request))).to.deep.equal(bytes)
    expect(await other.context.documents.pending(10)).to.deep.equal([])
  })

  it('leave the bytes alone that the other is putting, and remove them once that one is gone', async () => {
    const [one, other] = await two()
    let begun = 0
    one.context.documents.begin = () => {
      begun += 1
      return never()
    }
    void one.submit(await aRequest(one.spool, [small(), large()]))
    await until(() => begun === 1)
    const whileItLives = await beside(other)
    expect(await whileItLives.swept).to.equal(0)
    expect(await other.files()).to.have.length(2)
    await one.die()
    const afterwards = await beside(other)
    expect(await afterwards.swept).to.equal(2)
    expect(await other.files()).to.deep.equal([])
  })

  it('keep nothing of a submission whose bytes the other has removed, having taken its process for gone', async () => {
    const [one, other] = await two()
    const begin = one.context.documents.begin
    const hasDied = new Promise<void>(resolve => {
      one.context.documents.begin = async (...submission) => {
        await one.die()
        await (await beside(other)).swept
        resolve()
        return begin(...submission)
      }
    })
    const problem = await one.submit(await aRequest(one.spool, large())).catch((thrown: Error) => thrown.name)
    await hasDied
    expect(problem).to.equal('StoreAway')
    expect([await other.rows('document'), one.registry.sent.length, await other.files()]).to.deep.equal([0, 0, []])
  })

  it('do not drop what the other looks after now', async () => {
    const [one, other] = await two()
    const { registry } = one
    one.context.registry = {
      ...registry,
      async register(itI42, call) {
        await one.die()
        await other.resolve()
        registry.refusal = [{ errorCode: 'XDSRegistryError', severity: 'Error', codeContext: 'twice' } as never]
        return registry.register({ ...itI42, messageID: 'urn:uuid:another' }, call)
      },
    }
    const request = await aRequest(one.spool, large())
    const response = await one.submit(request)
    expect(codesOf(response)).to.deep.equal(['XDSRegistryNotAvailable'])
    expect(await other.content(uniqueIdOf(request))).to.have.length(200_000)
  })

  it('remove a document once, whoever is asked, and finish what the other has left half done [ITI TF-2:3.86.4.1.3]', async () => {
    const [one, other] = await two()
    const requests = await Promise.all([small(), large()].map(bytes => aRequest(one.spool, bytes)))
    for (const request of requests) await one.submit(request)
    const [first = '', second = ''] = requests.map(uniqueIdOf)
    const answers = await Promise.all([one.remove(first), other.remove(first)])
    expect(answers.map(({ status }) => status)).to.include('Success')
    expect(await other.content(first)).to.equal(undefined)

    one.context.documents.endRemoval = never
    void one.remove(second)
    await until(async () => (await one.rows('removal')) === 1)
    await one.die()
    await other.context.removals.finish()
    expect([await other.rows('removal'), await other.rows('document'), await other.files()]).to.deep.equal([0, 0, []])
  })

  it('leave a document where the other has moved it meanwhile', async () => {
    const objects = await anObjectStorage()
    try {
      const [one, other] = await two({ objects })
      const bytes = [small(), large()]
      const request = await aRequest(one.spool, bytes)
      await one.submit(request)
      const before = await one.context.documents.placed('', 10)
      // The other reads the rows, and comes to putting its copies when this one is done.
      const stale = new Map(
        await Promise.all(before.map(async ({ id }) => [id, await other.context.documents.document(id)] as const)),
      )
      const documentNow = other.context.documents.document
      other.context.documents.document = async id => stale.get(id)
      const move = { ids: before.map(({ id }) => id), to: 's3://bucket/documents', bytesPerSecond: 1e12 }
      expect((await one.context.moves.begin(move)()).done).to.equal(2)
      const answer = await other.context.moves.begin(move)()
      expect(answer.left.map(({ why }) => why)).to.deep.equal(Array(2).fill(busy))
      other.context.documents.document = documentNow
      for (const [at, { uniqueId = '' }] of request.submission.documentEntries.entries())
        expect(await other.content(uniqueId)).to.deep.equal(bytes[at])
      expect([objects.keys().length, await one.files(), other.alarms]).to.deep.equal([2, [], []])
    } finally {
      await closeRepositories()
      await objects.close()
    }
  })

  it('move documents side by side, each of them once', async () => {
    const objects = await anObjectStorage()
    try {
      const [one, other] = await two({ objects })
      const bytes = Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? large() : small()))
      const request = await aRequest(one.spool, bytes)
      await one.submit(request)
      const ids = (await one.context.documents.placed('', 20)).map(({ id }) => id)
      for (const to of ['s3://bucket/documents', 'folder', 's3://bucket/moved']) {
        const move = { ids, to, bytesPerSecond: 1e12 }
        await Promise.all([one, other].map(({ context }) => context.moves.begin(move)()))
        expect((await one.context.moves.begin(move)()).left).to.deep.equal([])
        expect(objects.keys().filter(key => !to.endsWith(key.split('/', 1)[0]!))).to.deep.equal([])
      }
      for (const [at, { uniqueId = '' }] of request.submission.documentEntries.entries())
        expect(await one.content(uniqueId)).to.deep.equal(bytes[at])
      expect([objects.keys().length, await one.files()]).to.deep.equal([12, []])
      expect(await one.sql('SELECT * FROM loose_content')).to.deep.equal([])
    } finally {
      await closeRepositories()
      await objects.close()
    }
  })

  it('remove a document when the other has ended its copy of it [ITI TF-2:3.86.4.1.3]', async () => {
    const objects = await anObjectStorage({ timeoutMs: 300 })
    try {
      const [one, other] = await two({ objects })
      const request = await aRequest(one.spool, large())
      await one.submit(request)
      const ids = (await one.context.documents.placed('', 10)).map(({ id }) => id)
      objects.storage.next(({ method, path }) => method === 'PUT' && path.includes(ids[0] ?? '-'), { silent: true })
      const moving = other.context.moves.begin({ ids, to: 's3://bucket/documents', bytesPerSecond: 1e12 })()
      await until(() =>
        objects.storage.seen.some(({ method, path }) => method === 'PUT' && path.includes(ids[0] ?? '-')),
      )
      expect((await one.remove(uniqueIdOf(request))).status).to.equal('Success')
      expect([objects.keys(), await one.files()]).to.deep.equal([[], []])
      expect((await moving).left).to.deep.equal([])
      expect(await one.sql('SELECT * FROM loose_content')).to.deep.equal([])
    } finally {
      await closeRepositories()
      await objects.close()
    }
  })

  it('clear away what can be reached, though something else cannot', async () => {
    const [one, other] = await two()
    const left = "('00000000-0000-0000-0000-000000000001', 's3:gone/away')"
    await one.sql(`INSERT INTO loose_content SELECT l.id, l.place, 1 FROM (VALUES ${left}) l(id, place)`)
    let begun = 0
    one.context.documents.begin = () => {
      begun += 1
      return never()
    }
    void one.submit(await aRequest(one.spool, large()))
    await until(() => begun === 1)
    await one.die()
    await (await beside(other)).swept.catch(() => {})
    expect(await other.files()).to.deep.equal([])
    expect(await other.sql('SELECT place FROM loose_content')).to.deep.equal([{ place: 's3:gone/away' }])
  })

  it('clear away what was arriving at one that is gone, and only that', async () => {
    const [one, other] = await two()
    const arriving = async ({ spool }: TestRepository) => {
      const writer = spool.receive()
      await writer.write(large())
      await writer.end()
    }
    await arriving(one)
    await arriving(other)
    await one.die()
    await beside(other)
    expect(await other.files()).to.have.length(1)
  })
})

describe('the database of several repository processes', function () {
  this.timeout(120_000)
  before(function () {
    needsPostgres(this)
  })

  const opened = async (database: string) =>
    openPostgres(
      { server: (await theCluster()).server(database), migrations: repositoryMigrations, connections: 2 },
      systemPorts,
    )

  it('is made once when two start on it at the same time', async () => {
    const database = await (await theCluster()).create()
    const stores = await Promise.all([opened(database), opened(database), opened(database)])
    const [row] = await stores[0]!.look(session =>
      session.query<{ count: number }>('SELECT count(*) AS count FROM carnet_migrations'),
    )
    expect(row?.count).to.equal(repositoryMigrations.length)
    for (const store of stores) await store.close()
  })

  it('takes no process with another repositoryUniqueId, or with a folder of its own in the place of the shared one', async () => {
    const store = await opened(await (await theCluster()).create())
    const folders = await Promise.all([1, 2].map(() => systemPorts.files.temporaryFolder('carnet-shared-')))
    const settings = (repositoryUniqueId: string, documents: string | undefined) =>
      ({ repositoryUniqueId, documents, database: 'postgres://carnet@localhost/x' }) as never
    const started = (repositoryUniqueId: string, documents: string | undefined) =>
      assertSameRepository(store, settings(repositoryUniqueId, documents), systemPorts).then(
        () => 'started',
        (problem: Error) => problem.message,
      )
    try {
      const both = [started('2.999.1', folders[0]), started('2.999.1', folders[0])]
      expect(await Promise.all(both)).to.deep.equal(['started', 'started'])
      expect(await started('2.999.2', folders[0])).to.match(/^repository\.database is that of the repository 2\.999\.1/)
      expect(await started('2.999.1', folders[1])).to.contain('mount that folder there')
      expect(await started('2.999.1', folders[0])).to.equal('started')
    } finally {
      await store.close()
      for (const folder of folders) await systemPorts.files.removeFolder(folder)
    }
  })
})
