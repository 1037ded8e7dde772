// A deployment with its documents in a folder, an object storage that is played, and `carnet documents` between them.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { documentPlaces } from '../../../cli/operations/document-places.js'
import { moveDocuments } from '../../../cli/operations/move-documents.js'
import { prepare } from '../../../cli/services/prepare.js'
import { systemPorts } from '../../../ports/ports.js'
import { until } from '../../house/waiting.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { testCredentials } from '../../s3/a-bucket.js'
import { aStorage, type FakeStorage } from '../../s3/fake-storage.js'
import { aSource } from '../a-source.js'
import { giveCertificates } from '../certificates-once.js'
import { playedTerminal } from '../played-terminal.js'

const to = 's3://bucket/documents'

describe('carnet documents', function () {
  this.timeout(120_000)

  let folder: string
  let storage: FakeStorage
  let running: RunningDeployment
  let source: ReturnType<typeof aSource>

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-move-')
    storage = await aStorage()
    await giveCertificates(folder)
    await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
    writeFileSync(join(folder, 's3.json'), JSON.stringify(testCredentials))
    configure({ objectStorage: objectStorage() })
    await start()
  })
  afterEach(async () => {
    await stop()
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function configure(settings: object): void {
    const file = join(folder, 'carnet.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...config, repository: { ...config.repository, ...settings } }))
  }

  const objectStorage = (patienceMs = 30_000) => ({
    ...{ endpoint: storage.endpoint, credentials: 's3.json', timeoutMs: 10_000, patienceMs },
  })

  async function start(): Promise<void> {
    running = await aDeployment({}, folder)
    source = aSource(running)
  }

  async function stop(): Promise<void> {
    source?.close()
    await running?.close()
  }

  async function ran(
    command: (context: { ports: typeof systemPorts; terminal: ReturnType<typeof playedTerminal> }) => Promise<void>,
  ) {
    const terminal = playedTerminal(folder)
    const clock = { ...systemPorts.clock, sleep: async () => {} }
    const failure = await command({ ports: { ...systemPorts, clock }, terminal }).then(
      () => '',
      (problem: Error) => problem.message,
    )
    return { printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n'), failure }
  }

  const move = (where = to) => ran(context => moveDocuments({ data: folder, to: where, rate: '1000' }, context))
  const places = () => ran(context => documentPlaces({ data: folder }, context))
  const objects = () => [...storage.objects.keys()].filter(key => !key.endsWith('.json'))
  /** Of large documents, one each. */
  const files = () =>
    readdirSync(join(folder, 'documents'), { recursive: true, withFileTypes: true }).filter(
      entry => entry.isFile() && /^[0-9a-f-]{36}$/.test(entry.name),
    )

  async function submitted(): Promise<void> {
    for (const bytes of [randomBytes(2_000), randomBytes(150_000), randomBytes(1_500_000)]) await source.submit(bytes)
  }

  async function areServed(): Promise<void> {
    for (const { uniqueId, bytes } of source.acknowledged) {
      expect((await source.retrieve(uniqueId))?.equals(bytes), uniqueId).to.equal(true)
    }
  }

  it('shows where they are, moves them to a bucket and back while they are served', async () => {
    await submitted()
    expect((await places()).printed).to.match(/^place +documents +size\n[- ]+\n/)
    const there = await move()
    expect(there.printed).to.equal(`moved 3 documents to ${to}, 1.6 MiB`)
    expect(there.complained).to.match(/^New documents still go to .*documents: change repository.documents/)
    expect([objects().length, files().length]).to.deep.equal([3, 0])
    expect((await places()).printed).to.match(/s3:\/\/bucket\/documents +3 +1\.6 MiB$/)
    await areServed()
    expect((await move()).printed).to.equal(`moved 0 documents to ${to}, 0.0 MiB`)
    const back = await move('folder')
    expect([back.printed, back.complained]).to.deep.equal(['moved 3 documents to folder, 1.6 MiB', ''])
    expect(objects()).to.deep.equal([])
    await areServed()
  })

  it('goes on where it was, also in a repository that was started again with the bucket in its settings', async () => {
    await submitted()
    const refused = { status: 403, code: 'AccessDenied' }
    storage.next(({ method, path }) => method === 'PUT' && !path.endsWith('.json'), refused, refused, refused)
    const stopped = await move()
    expect(stopped.failure).to.match(
      /^Nothing can be moved now \(.*AccessDenied.*\)\. 0 documents were moved; run it again to go on\.$/,
    )
    await areServed()
    const { acknowledged } = source
    await stop()
    configure({ documents: to })
    await start()
    source.acknowledged.push(...acknowledged)
    await submitted()
    expect(objects()).to.have.length(3)
    const moved = await move()
    expect([moved.printed, moved.complained, moved.failure]).to.deep.equal([
      `moved 3 documents to ${to}, 1.6 MiB`,
      '',
      '',
    ])
    await areServed()
    expect(files()).to.deep.equal([])
  })

  it('says what was left, and where it cannot go', async () => {
    await submitted()
    const large = files().map(entry => join(entry.parentPath, entry.name))
    const damaged = large.find(path => readFileSync(path).length === 150_000) ?? ''
    if (damaged !== '') writeFileSync(damaged, Buffer.alloc(150_000))
    const { failure, complained } = await move()
    expect(failure).to.equal('1 documents were left; run it again to go on.')
    expect(complained).to.match(/is damaged: chunk 1 of 1 is not as it was received/)
    expect((await move('/elsewhere')).failure).to.match(/knows no way to \/elsewhere/)
  })

  it('is not ready while the storage of its documents is away, and says why', async () => {
    await stop()
    configure({ documents: to, objectStorage: objectStorage(1_000) })
    await start()
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${running.healthPorts.repository}/readyz`)
      const { checks } = (await answer.json()) as { checks: { name: string; ok: boolean; reason: string }[] }
      return { status: answer.status, check: checks.find(({ name }) => name === 'object storage') }
    }
    expect(await ready()).to.deep.equal({
      status: 200,
      check: { name: 'object storage', ok: true, reason: 'it answers' },
    })
    storage.next(() => true, ...slowFor(100))
    const { response } = await source.send(randomBytes(2_000))
    expect(response.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRepositoryError'])
    const away = await ready()
    expect([away.status, away.check?.ok]).to.deep.equal([503, false])
    // Asked again, as it is on a slow machine, it has no body to say SlowDown in.
    expect(away.check?.reason).to.match(/HTTP 503/)
    storage.forget()
    await until(async () => (await source.send(randomBytes(2_000))).response.status === 'Success', 'it keeps documents')
    expect((await ready()).status).to.equal(200)
  })
})

const slowFor = (times: number) => Array.from({ length: times }, () => ({ status: 503, code: 'SlowDown' }))
