// Several repository processes on one database and one place of documents: nothing that one remembers is unknown to another, and what one
// leaves half done that ends another one brings to its end. docs/decisions/0260.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { assertSameRepository } from '../../../repository/postgres/identity.js'
import { repositoryMigrations } from '../../../repository/postgres/migrations.js'
import { openPostgres } from '../../../store/postgres/open-postgres.js'
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
  until,
} from '../a-repository.js'
import { besideOnPostgres } from '../engines.js'

afterEach(closeRepositories)

const never = () => new Promise<never>(() => {})

async function two(options: TestOptions = {}): Promise<[TestRepository, TestRepository]> {
  const one = await aRepository({ ...options, engine: besideOnPostgres })
  return [one, await beside(one)]
}

function beside({ folder, registry }: TestRepository, options: TestOptions = {}): Promise<TestRepository> {
  return aRepository({ ...options, folder, registry, engine: besideOnPostgres })
}

describe('two repository processes', function () {
  this.timeout(60_000)
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
  this.timeout(60_000)
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
