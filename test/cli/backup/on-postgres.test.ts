// Backups of a deployment whose registry and repository keep their databases on a PostgreSQL server, restored into other databases there.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BackupOptions, backup } from '../../../cli/backup/backup.js'
import type { Manifest } from '../../../cli/backup/folder.js'
import { type RestoreOptions, restore } from '../../../cli/backup/restore.js'
import { getDocuments } from '../../../cli/documents/stored-queries.js'
import type { Failure } from '../../../cli/failure.js'
import { fsck } from '../../../cli/fsck/fsck.js'
import type { Report } from '../../../cli/fsck/report.js'
import { prepare } from '../../../cli/services/prepare.js'
import type { TlsIdentity } from '../../../ports/network.js'
import { type Ports, systemPorts } from '../../../ports/ports.js'
import { packageRoot } from '../../../ports/processes.js'
import { contentToSend } from '../../../transactions/submission-codec.js'
import { provideAndRegisterDocumentSet, registryStoredQuery } from '../../../transactions/xds.js'
import { until } from '../../house/waiting.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { anEntry } from '../../repository/a-repository.js'
import { testCredentials } from '../../s3/a-bucket.js'
import { aStorage } from '../../s3/fake-storage.js'
import { aSubmission } from '../../samples/submission.js'
import { type Cluster, needsPostgres, theCluster } from '../../store/postgres/a-cluster.js'
import { aSource, type Kept } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'
import { whileRemoving } from './removed-meanwhile.js'

describe('carnet backup and carnet restore, databases on PostgreSQL', function () {
  this.timeout(120_000)

  let cluster: Cluster
  let folder: string
  let running: RunningDeployment
  let source: ReturnType<typeof aSource>
  let registry: string

  before(async function () {
    needsPostgres(this)
    cluster = await theCluster()
    folder = await systemPorts.files.temporaryFolder('carnet-backup-postgres-')
    const data = join(folder, 'first')
    const { configFile } = await prepare(data, aContext())
    registry = await cluster.create()
    const config = JSON.parse(readFileSync(configFile, 'utf8'))
    config.registry.database = urlOf(registry)
    config.repository.database = urlOf(await cluster.create())
    writeFileSync(configFile, JSON.stringify(config))
    running = await aDeployment({}, data)
    source = aSource(running)
  })
  const closing: (() => Promise<void>)[] = []
  after(async () => {
    for (const close of closing) await close()
    source?.close()
    await running?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  const aContext = (ports: Ports = systemPorts) => ({ ports, terminal: playedTerminal(folder) })
  const urlOf = (database: string) => `postgres://carnet@127.0.0.1:${cluster.port}/${database}`
  const nextSecond = () => systemPorts.clock.sleep(1_000)

  const failureOf = (work: Promise<unknown>): Promise<Failure> =>
    work.then(
      () => expect.fail('it did not fail'),
      problem => problem,
    )

  async function backedUp(to: string, options: Partial<BackupOptions> = {}, ports?: Ports) {
    const context = aContext(ports)
    await backup({ to, data: running.folder, withKeys: true, ...options }, context)
    const name = generationsIn(to).at(-1) ?? ''
    return { name, said: context.terminal.printed.join('\n') }
  }

  const generationsIn = (to: string) =>
    existsSync(join(folder, to))
      ? readdirSync(join(folder, to))
          .filter(each => /Z$/.test(each))
          .sort()
      : []

  const manifestOf = (to: string, name: string): Manifest =>
    JSON.parse(readFileSync(join(folder, to, name, 'manifest.json'), 'utf8'))

  async function targets(): Promise<{ registryDatabase: string; repositoryDatabase: string }> {
    return { registryDatabase: urlOf(await cluster.create()), repositoryDatabase: urlOf(await cluster.create()) }
  }

  async function restored(to: string, data: string, options: Partial<RestoreOptions> = {}): Promise<string> {
    const context = aContext()
    await restore(to, { data, verify: true, ...(await targets()), ...options }, context)
    return context.terminal.printed.join('\n')
  }

  /** Starts it, and looks whether all is there that was acknowledged before; what `carnet fsck` finds besides. */
  async function examined(data: string, before: readonly Kept[]): Promise<Report['found']> {
    const again = await aDeployment({}, join(folder, data))
    const consumer = aSource(again)
    try {
      for (const { uniqueId, bytes } of before)
        expect((await consumer.retrieve(uniqueId))?.equals(bytes), uniqueId).to.equal(true)
      const terminal = playedTerminal(folder)
      await fsck({ data: again.folder, rate: '1000', bytes: true, json: true }, { ports: systemPorts, terminal })
      await consumer.submit()
      return (JSON.parse(terminal.printed.join('\n')) as Report).found
    } finally {
      consumer.close()
      await again.close()
    }
  }

  it('are a drill: what was acknowledged before each backup under load began is there, in databases that were empty', async () => {
    for (let count = 0; count < 5; count += 1) await source.submit(randomBytes(count % 2 === 0 ? 2_000 : 200_000))
    const made: { name: string; before: Kept[] }[] = []
    let isLoading = true
    const load = async () => {
      while (isLoading) await source.submit(randomBytes(3_000))
    }
    const loads = [load(), load(), load()]
    try {
      for (let count = 0; count < 2; count += 1) {
        const before = [...source.acknowledged]
        made.push({ name: (await backedUp('drill')).name, before })
        await nextSecond()
      }
    } finally {
      isLoading = false
    }
    await Promise.all(loads)
    for (const { name, before } of made) {
      const { tables = [], databases, elsewhere } = manifestOf('drill', name)
      expect(tables.map(each => each.service)).to.deep.equal(['registry', 'repository'])
      expect(databases.map(each => each.service)).to.deep.equal(['patient-index', 'audit'])
      expect(elsewhere).to.deep.equal([])
      const said = await restored('drill', `of-${name}`, { at: name })
      expect(said).to.contain('verified: all is as it was backed up')
      const known = new Set(before.map(each => each.uniqueId))
      const found = await examined(`of-${name}`, before)
      // What was submitted after the beginning may be in the repository alone. Nothing is in the registry alone.
      expect(found.filter(({ kind, uniqueId = '' }) => kind !== 'no entry' || known.has(uniqueId))).to.deep.equal([])
    }
  })

  it('keep nothing again that has not changed, encrypted or not, in a folder or a bucket', async () => {
    const keys = join(folder, 'backup-keys.json')
    writeFileSync(keys, JSON.stringify({ current: 'a', keys: { a: randomBytes(32).toString('base64') } }))
    await cluster.run(
      `INSERT INTO assigning_authorities SELECT '2.999.' || n || '.' || md5(n::text) FROM generate_series(1, 60000) n`,
      registry,
    )
    const storage = await aStorage()
    closing.push(() => storage.close())
    writeFileSync(join(folder, 's3.json'), JSON.stringify(testCredentials))
    writeFileSync(join(folder, 'storage.json'), JSON.stringify({ endpoint: storage.endpoint, credentials: 's3.json' }))
    for (const [to, options] of [
      ['incremental', {}],
      ['incremental-encrypted', { encryptionKeys: keys }],
      ['s3://bucket/backups', { storage: 'storage.json', encryptionKeys: keys }],
    ] as const) {
      const earlier = [await source.submit()]
      const first = await backedUp(to, options)
      await nextSecond()
      await source.submit()
      storage.seen.splice(0)
      const second = await backedUp(to, options)
      const [whole, more] = [first, second].map(({ said }) => newIn(said))
      expect(whole, to).to.be.greaterThan(2)
      expect(more, to).to.be.below((whole ?? 0) / 3)
      const puts = storage.seen.filter(({ method, path }) => method === 'PUT' && path.includes('/pieces/'))
      if (to.startsWith('s3')) expect(puts.length).to.be.within(1, 40)
      const data = `of-${to.replace(/\W+/g, '-')}`
      await restore(to, { verify: true, ...options }, aContext())
      await restored(to, data, options)
      // Its content is the same wherever it was; that it serves is seen once.
      if (to.startsWith('s3')) expect(await examined(data, earlier)).to.deep.equal([])
    }
  })

  it('go on after a kill -9, which leaves no backup and holds nothing at the server', async () => {
    const script = join(packageRoot, 'scripts', 'carnet.js')
    const child = spawn(
      process.execPath,
      [script, 'backup', '--to', join(folder, 'killed'), '--data', running.folder],
      {
        stdio: 'ignore',
      },
    )
    const ended = new Promise(resolve => child.once('exit', resolve))
    await until(
      () => existsSync(join(folder, 'killed', 'pieces')) || child.exitCode !== null,
      'it is under way',
      60_000,
    )
    child.kill('SIGKILL')
    await ended
    expect(generationsIn('killed')).to.deep.equal([])
    const open = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${registry}' AND xact_start < now() - interval '3 seconds'`
    await until(async () => (await cluster.run(open))[0]?.count === 0, 'nothing is held at the server')
    const before = [...source.acknowledged]
    await backedUp('killed')
    await restored('killed', 'after-a-kill')
    expect(await examined('after-a-kill', before.slice(-10))).to.deep.equal([])
  })

  it('go on at once after a kill -9 on the way to a bucket, which leaves nothing that somebody could read', async () => {
    for (let count = 0; count < 3; count += 1) await source.submit()
    const storage = await aStorage()
    closing.push(() => storage.close())
    writeFileSync(join(folder, 's3.json'), JSON.stringify(testCredentials))
    writeFileSync(join(folder, 'killed.json'), JSON.stringify({ endpoint: storage.endpoint, credentials: 's3.json' }))
    const to = 's3://bucket/killed'
    const script = join(packageRoot, 'scripts', 'carnet.js')
    const child = spawn(
      process.execPath,
      [script, 'backup', '--to', to, '--storage', 'killed.json', '--data', running.folder],
      { stdio: 'ignore', cwd: folder },
    )
    let hasEnded = false
    const ended = new Promise(resolve => child.once('exit', resolve)).then(() => {
      hasEnded = true
    })
    // In the midst of all: what comes before the documents has been received and is on its way.
    while (!hasEnded && ![...storage.objects.keys()].some(key => key.includes('/documents/')))
      await systemPorts.clock.sleep(2)
    const names = openedBy(child.pid ?? 0)
    expect(names.filter(name => name.includes('carnet-nameless')).length).to.be.greaterThan(0)
    child.kill('SIGKILL')
    await ended
    expect(
      names
        .map(name => name.replace(/ \(deleted\)$/, ''))
        .filter(name => existsSync(name) && name.includes('carnet-nameless')),
    ).to.deep.equal([])
    expect([...storage.objects.keys()]).to.include('killed/carnet-backup.lease')
    const began = performance.now()
    await backedUp(to, { storage: 'killed.json' })
    // As long as that the lease of one at work elsewhere is waited for.
    expect(performance.now() - began).to.be.below(60_000)
    expect([...storage.objects.keys()]).to.not.include('killed/carnet-backup.lease')
    await restore(to, { verify: true, storage: 'killed.json' }, aContext())
  })

  it('find a damaged piece, restore nothing of it, and leave the database empty', async () => {
    await source.submit()
    await backedUp('damaged')
    const pieces = readdirSync(join(folder, 'damaged', 'pieces'), { recursive: true, withFileTypes: true })
      .filter(each => each.isFile())
      .map(each => join(each.parentPath, each.name))
    const path = pieces.at(-1) ?? ''
    const whole = readFileSync(path)
    const spoilt = Buffer.from(whole)
    spoilt[whole.length - 2]! ^= 1
    writeFileSync(path, spoilt)
    expect((await failureOf(restore('damaged', { verify: true }, aContext()))).reason).to.equal('refused')
    const into = await targets()
    const failure = await failureOf(restore('damaged', { data: 'of-damaged', ...into }, aContext()))
    expect(failure.message).to.match(/is damaged.*nothing is restored/)
    expect(existsSync(join(folder, 'of-damaged'))).to.equal(false)
    writeFileSync(path, whole)
    // Into the very same ones: nothing stayed there.
    await restored('damaged', 'of-damaged', into)
  })

  it('overwrite no database, and say what is missing', async () => {
    await backedUp('careful')
    const one = urlOf(await cluster.create())
    const message = async (options: Partial<RestoreOptions>) =>
      (await failureOf(restore('careful', { data: 'of-careful', ...options }, aContext()))).message
    expect(await message({})).to.contain('--registry-database postgres://')
    expect(await message({ registryDatabase: one })).to.contain('--repository-database postgres://')
    expect(await message({ registryDatabase: one, repositoryDatabase: one })).to.contain('name two')
    expect(await message({ registryDatabase: urlOf(registry), repositoryDatabase: one })).to.match(
      /registry: the database .* is not empty .* nothing is overwritten/,
    )
    const nowhere = 'postgres://carnet@127.0.0.1:1/none'
    expect(await message({ registryDatabase: nowhere, repositoryDatabase: one })).to.contain('ECONNREFUSED')
    expect(existsSync(join(folder, 'of-careful'))).to.equal(false)
  })

  it('give no answer again to what came between the registry and the repository, which is registered when it is sent again', async () => {
    const entry = anEntry()
    const submission = aSubmission({ documentEntries: [entry] })
    const content = contentToSend({ contentType: entry.mimeType, sizeBytes: 4, open: () => [Buffer.from('late')] })
    const documents = [{ id: entry.entryUUID, content }]
    const send = (by: ReturnType<typeof aSource>, url: string) =>
      by.caller.call(provideAndRegisterDocumentSet, { submission, documents }, { url })
    const network = {
      ...systemPorts.network,
      httpClient(tls?: TlsIdentity) {
        const client = systemPorts.network.httpClient(tls)
        const call: typeof client.call = async asked => {
          if (asked.url.endsWith('/repository/admin/backup/database')) await send(source, running.urls.repository)
          return client.call(asked)
        }
        return { ...client, call }
      },
    }
    await backedUp('between', {}, { ...systemPorts, network })
    expect(await restored('between', 'of-between')).to.contain('1 submissions came while the backup was made')
    const again = await aDeployment({}, join(folder, 'of-between'))
    const sender = aSource(again)
    const described = () =>
      sender.caller.call(registryStoredQuery, getDocuments(entry.uniqueId ?? ''), { url: again.urls.registry })
    try {
      expect((await described()).response.result?.documentEntries).to.deep.equal([])
      expect((await send(sender, again.urls.repository)).response.status).to.equal('Success')
      expect((await described()).response.result?.documentEntries).to.have.length(1)
    } finally {
      sender.close()
      await again.close()
    }
  })

  it('do not bring back what is removed while they are made', async () => {
    const [going, staying] = [await source.submit(randomBytes(150_000)), await source.submit(randomBytes(150_000))]
    const { name } = await whileRemoving(going.uniqueId, running, ports => backedUp('removing', {}, ports))
    expect(manifestOf('removing', name).removedMeanwhile).to.have.length(1)
    await restored('removing', 'of-removing')
    const found = await examined('of-removing', [staying])
    expect(found.map(({ kind, uniqueId }) => [kind, uniqueId])).to.deep.equal([['no document', going.uniqueId]])
  })
})

/** Files that a process has open, by the names that they have or had. */
function openedBy(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap(each => {
    try {
      return [readlinkSync(join(folder, each))]
    } catch {
      return []
    }
  })
}

/** Of both databases, in MiB. */
function newIn(said: string): number {
  return [...said.matchAll(/of which ([\d.]+) MiB new/g)].reduce((sum, [, number]) => sum + Number(number), 0)
}
