// A restore drill: a backup under load, made into another data folder, started there; and what a backup and a restore promise besides.
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BackupOptions, backup } from '../../../cli/backup/backup.js'
import { type Manifest, readManifest } from '../../../cli/backup/folder.js'
import { restore } from '../../../cli/backup/restore.js'
import { openVault } from '../../../cli/backup/vault.js'
import type { Failure } from '../../../cli/failure.js'
import { fsck } from '../../../cli/fsck/fsck.js'
import type { Report } from '../../../cli/fsck/report.js'
import { personShow } from '../../../cli/patients/person.js'
import { prepare } from '../../../cli/services/prepare.js'
import { systemPorts } from '../../../ports/ports.js'
import { openCaller } from '../../../server/caller.js'
import { patientRecordAdded } from '../../../transactions/hl7v3/patient-feed.js'
import { id, maja } from '../../patient-index/a-patient-index.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { testCredentials } from '../../s3/a-bucket.js'
import { aStorage, type FakeStorage } from '../../s3/fake-storage.js'
import { aSource } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'
import { whileRemoving } from './removed-meanwhile.js'

describe('carnet backup and carnet restore', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let source: ReturnType<typeof aSource>
  let folder: string
  let storage: FakeStorage

  before(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-backup-')
    storage = await aStorage()
    running = await aDeployment()
    source = aSource(running)
  })
  after(async () => {
    source?.close()
    await running?.close()
    await storage?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const aContext = () => ({ ports: systemPorts, terminal: playedTerminal(folder) })

  async function backedUp(to: string, options: Partial<BackupOptions> = {}) {
    const context = aContext()
    await backup({ to, data: running.folder, ...options }, context)
    const generations = readdirSync(join(folder, to)).filter(name => /Z$/.test(name))
    const name = generations.sort().at(-1)!
    const newest = join(folder, to, name)
    const vault = await openVault(join(folder, to), options.encryptionKeys, context)
    const manifest = await readManifest({ folder: join(folder, to), vault, context }, name)
    return { manifest, generations, newest, said: context.terminal.printed.join('\n') }
  }

  async function startedIn(
    data: string,
    work: (again: RunningDeployment, consumer: ReturnType<typeof aSource>) => Promise<void>,
  ): Promise<void> {
    const again = await aDeployment({}, join(folder, data))
    const consumer = aSource(again)
    try {
      await work(again, consumer)
    } finally {
      consumer.close()
      await again.close()
    }
  }

  async function examined({ folder: data }: RunningDeployment): Promise<Report['found']> {
    const terminal = playedTerminal(folder)
    await fsck({ data, rate: '1000', bytes: true, json: true }, { ports: systemPorts, terminal })
    return (JSON.parse(terminal.printed.join('\n')) as Report).found
  }

  /** Names of one second would be one name. */
  const nextSecond = () => systemPorts.clock.sleep(1_000)

  async function failureOf(work: Promise<unknown>): Promise<Failure> {
    return work.then(
      () => expect.fail('it did not fail'),
      problem => problem,
    )
  }

  function filesIn(path: string): string[] {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
  }

  it('is a drill: what was acknowledged before a backup under load began is there where it is restored', async () => {
    for (let count = 0; count < 5; count += 1) await source.submit(randomBytes(count % 2 === 0 ? 2_000 : 200_000))
    const before = [...source.acknowledged]
    const hospital = openCaller({ tls: running.partner, ports: systemPorts })
    const record = { messageId: { root: '2.999.5', extension: 'm' }, patientIds: [id('1')], person: maja }
    await hospital.call(patientRecordAdded, record, { url: running.urls.patientIndex })
    hospital.close()
    let isLoading = true
    const load = async () => {
      while (isLoading) await source.submit(randomBytes(100_000))
    }
    const loads = [load(), load()]
    const { manifest } = await backedUp('drill', { withKeys: true }).finally(() => {
      isLoading = false
    })
    await Promise.all(loads)
    expect(source.acknowledged.length, 'submissions while it was made').to.be.greaterThan(before.length)
    expect(manifest.damaged).to.deep.equal([])

    const context = aContext()
    await restore('drill', { data: 'restored', verify: true }, context)
    expect(context.terminal.printed.at(-1)).to.equal('verified: all is as it was backed up')
    await startedIn('restored', async (again, consumer) => {
      const terminal = playedTerminal(folder)
      await personShow(id('1'), { data: again.folder }, { ports: systemPorts, terminal })
      expect(terminal.printed.join('\n')).to.contain('Müller, Maja Anna')
      for (const { uniqueId, bytes } of before)
        expect((await consumer.retrieve(uniqueId))?.equals(bytes)).to.equal(true)
      // What was submitted after the beginning may be in the repository alone. Nothing is in the registry alone.
      const found = await examined(again)
      const known = new Set(before.map(({ uniqueId }) => uniqueId))
      expect(found.filter(({ kind, uniqueId = '' }) => kind !== 'no entry' || known.has(uniqueId))).to.deep.equal([])
    })
  })

  it('does not bring back what is removed while it is made, and names it', async () => {
    const [going, staying] = [await source.submit(randomBytes(150_000)), await source.submit(randomBytes(150_000))]
    await whileRemoving(going.uniqueId, running, ports =>
      backup({ to: 'removing', data: running.folder, withKeys: true }, { ports, terminal: playedTerminal(folder) }),
    )
    const [generation] = readdirSync(join(folder, 'removing')).filter(name => /Z$/.test(name))
    const manifest = JSON.parse(
      readFileSync(join(folder, 'removing', generation!, 'manifest.json'), 'utf8'),
    ) as Manifest
    expect(manifest.removedMeanwhile).to.have.length(1)
    await restore('removing', { data: 'of-removing', verify: true }, aContext())
    await startedIn('of-removing', async (again, consumer) => {
      expect(await consumer.retrieve(going.uniqueId)).to.equal(undefined)
      expect((await consumer.retrieve(staying.uniqueId))?.equals(staying.bytes)).to.equal(true)
      const found = (await examined(again)).map(({ kind, uniqueId }) => [kind, uniqueId])
      expect(found).to.deep.equal([['no document', going.uniqueId]])
    })
  })

  it('has documents as they were received, whatever encrypts them, and needs no key to be restored', async () => {
    const data = join(folder, 'encrypted')
    await prepare(data, aContext())
    const file = join(data, 'carnet.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(
      join(data, 'keys.json'),
      JSON.stringify({ current: '1', keys: { 1: randomBytes(32).toString('base64') } }),
    )
    writeFileSync(
      file,
      JSON.stringify({ ...config, repository: { ...config.repository, encryption: { keys: 'keys.json' } } }),
    )
    const encrypted = await aDeployment({}, data)
    const from = aSource(encrypted)
    const kept = [await from.submit(randomBytes(150_000)), await from.submit(randomBytes(2_000))]
    await backup({ to: 'of-encrypted', data }, aContext())
    from.close()
    await encrypted.close()
    await restore('of-encrypted', { data: 'decrypted', verify: true }, aContext())
    await startedIn('decrypted', async (_, consumer) => {
      for (const { uniqueId, bytes } of kept) expect((await consumer.retrieve(uniqueId))?.equals(bytes)).to.equal(true)
    })
  })

  it('keeps nothing again that a backup before has, encrypted or not, and restores the earlier one from the later', async () => {
    const encryptionKeys = join(folder, 'backup-keys.json')
    writeFileSync(encryptionKeys, JSON.stringify({ current: 'a', keys: { a: randomBytes(32).toString('base64') } }))
    for (const options of [{}, { encryptionKeys }]) {
      const to = `incremental-${Object.keys(options).length}`
      const { uniqueId, bytes } = await source.submit(randomBytes(150_000))
      const earlier = await backedUp(to, options)
      const first = new Map(filesIn(join(folder, to, 'documents')).map(path => [path, statSync(path)]))
      const wholeBytes = statSync(join(earlier.newest, 'registry.sqlite')).size
      await nextSecond()
      await source.submit(randomBytes(150_000))
      const { manifest, generations } = await backedUp(to, options)
      expect(generations).to.have.length(2)
      for (const [path, { ino, mtimeMs }] of first) expect(statSync(path)).to.include({ ino, mtimeMs })
      expect(manifest.documents.count).to.equal(first.size + 1)
      expect(filesIn(earlier.newest).filter(path => path.endsWith('.sqlite'))).to.deep.equal([])
      expect(statSync(join(earlier.newest, 'registry.delta')).size).to.be.below(wholeBytes)
      const data = `of-${to}`
      await restore(to, { at: generations[0], data, verify: true, ...options }, aContext())
      await startedIn(data, async (_, consumer) => {
        expect((await consumer.retrieve(uniqueId))?.equals(bytes)).to.equal(true)
      })
    }
    const refused = await failureOf(restore('incremental-1', { verify: true }, aContext()))
    expect(refused.message).to.contain('is encrypted; name the file of its keys with --encryption-keys')
    const mixed = await failureOf(backup({ to: 'incremental-0', data: running.folder, encryptionKeys }, aContext()))
    expect(mixed.message).to.contain('is not encrypted')
  })

  it('makes them in a bucket: what is there is not sent again, and each is restored from there', async () => {
    const { endpoint } = storage
    writeFileSync(join(folder, 's3.json'), JSON.stringify(testCredentials))
    writeFileSync(join(folder, 'storage.json'), JSON.stringify({ endpoint, credentials: 's3.json' }))
    const [to, at] = ['s3://bucket/backups', { storage: 'storage.json' }]
    const earlier = await source.submit(randomBytes(150_000))
    const backUp = async (options: Partial<BackupOptions> = {}) => {
      const context = aContext()
      await backup({ to, data: running.folder, ...at, ...options }, context)
      return context.terminal.printed.join('\n')
    }
    const documents = () => [...storage.objects.keys()].filter(key => key.startsWith('backups/documents/'))
    expect(await backUp()).to.match(
      /backup +s3:\/\/bucket\/backups\/\d{8}T\d{6}Z\nverify it: .* --storage storage.json/,
    )
    const first = documents()
    await nextSecond()
    const later = await source.submit(randomBytes(150_000))
    storage.seen.splice(0)
    await backUp()
    expect(documents()).to.have.length(first.length + 1)
    const puts = storage.seen.filter(({ method, path }) => method === 'PUT' && path.includes('/documents/'))
    expect(puts).to.have.length(1)
    const generations = [...storage.objects.keys()].flatMap(
      key => /^backups\/([^/]+)\/manifest.json$/.exec(key)?.[1] ?? [],
    )
    expect(generations).to.have.length(2)
    expect([...storage.objects.keys()]).to.include(`backups/${generations.sort()[0]}/registry.delta`)

    const data = 'of-bucket'
    await restore(to, { at: generations[0]!, verify: true, ...at }, aContext())
    await restore(to, { data, verify: true, ...at }, aContext())
    const digests = filesIn(join(folder, data, 'documents')).map(path => sha256Of(readFileSync(path)))
    for (const { bytes } of [earlier, later]) expect(digests).to.include(sha256Of(bytes))

    // One that was broken off on its way there is no backup, and goes with the next.
    storage.objects.set('backups/20200101T000000Z/registry.sqlite', randomBytes(10))
    await nextSecond()
    await backUp({ keep: '1' })
    const left = new Set([...storage.objects.keys()].map(key => key.split('/')[1]))
    expect([...left].filter(name => /^\d/.test(name ?? ''))).to.have.length(1)
    await restore(to, { verify: true, ...at }, aContext())
    const [key = ''] = documents()
    const spoilt = Buffer.from(storage.objects.get(key) ?? [])
    spoilt[0]! ^= 1
    storage.objects.set(key, spoilt)
    expect((await failureOf(restore(to, { verify: true, ...at }, aContext()))).reason).to.equal('refused')
    storage.next(() => true, ...Array.from({ length: 50 }, () => ({ status: 403, code: 'AccessDenied' })))
    expect((await failureOf(restore(to, { verify: true, ...at }, aContext()))).message).to.contain('AccessDenied')
  })

  it('says what is missing or wrong of a bucket', async () => {
    const message = async (to: string, options: Partial<BackupOptions> = {}) =>
      (await failureOf(backup({ to, data: running.folder, ...options }, aContext()))).message
    expect(await message('s3://bucket')).to.contain('name a bucket and a prefix')
    expect(await message('s3://bucket/backups')).to.contain('--storage FILE')
    writeFileSync(join(folder, 'far.json'), JSON.stringify({ endpoint: 'http://s3.example.org', credentials: 'c' }))
    const far = await message('s3://bucket/backups', { storage: 'far.json' })
    expect(far).to.contain('must begin with https://')
    writeFileSync(join(folder, 'odd.json'), JSON.stringify({ endpoint: 'https://s3.example.org', secret: 'c' }))
    const odd = await message('s3://bucket/backups', { storage: 'odd.json' })
    expect(odd).to.contain('credentials is missing').and.contain('secret is no setting of an object storage')
  })

  it('keeps as many backups as it is told to, and the documents that these name', async () => {
    await backedUp('pruned')
    await nextSecond()
    const { generations, newest } = await backedUp('pruned', { keep: '1' })
    expect(generations).to.deep.equal([newest.split('/').at(-1)])
    const context = aContext()
    await restore('pruned', { verify: true }, context)
    expect(context.terminal.printed.at(-1)).to.equal('verified: all is as it was backed up')
  })

  it('makes the newest by name also where a clock was ahead once, and does not prune it', async () => {
    const clock = { ...systemPorts.clock, now: () => systemPorts.clock.now() + 2 * 86_400_000 }
    const ahead = { ports: { ...systemPorts, clock }, terminal: playedTerminal(folder) }
    await backup({ to: 'ahead', data: running.folder }, ahead)
    const [first] = readdirSync(join(folder, 'ahead')).filter(name => /Z$/.test(name))
    const terminal = playedTerminal(folder)
    await backup({ to: 'ahead', data: running.folder, keep: '1' }, { ports: systemPorts, terminal })
    expect(terminal.complained.join()).to.contain(`there is a backup ${first}: see which is wrong`)
    const left = readdirSync(join(folder, 'ahead')).filter(name => /Z$/.test(name))
    expect(left).to.have.length(1)
    expect(left[0]! > first!).to.equal(true)
    const restored = aContext()
    await restore('ahead', { verify: true }, restored)
    expect(restored.terminal.printed[0]).to.contain(`begun ${new Date().toISOString().slice(0, 10)}`)
    // And within one second.
    await backup({ to: 'ahead', data: running.folder }, aContext())
    await backup({ to: 'ahead', data: running.folder }, aContext())
    expect(readdirSync(join(folder, 'ahead')).filter(name => /Z$/.test(name))).to.have.length(3)
  })

  it('is made though the one before is damaged, and says so', async () => {
    const { newest } = await backedUp('damaged-before')
    writeFileSync(join(newest, 'manifest.json'), '{"format": 1, "began')
    const terminal = playedTerminal(folder)
    const problem = await failureOf(
      backup({ to: 'damaged-before', data: running.folder }, { ports: systemPorts, terminal }),
    )
    expect(problem.message).to.contain('manifest.json cannot be read: this backup is damaged')
    expect(terminal.printed.some(line => line.startsWith('backup '))).to.equal(true)
    await restore('damaged-before', { verify: true }, aContext())
    rmSync(newest, { recursive: true })
    await backup({ to: 'damaged-before', data: running.folder, keep: '1' }, aContext())
  })

  it('leaves nothing of one for which there is no room, and says what to do', async () => {
    const create: typeof systemPorts.files.create = async (path, options) => {
      const file = await systemPorts.files.create(path, options)
      const isFull = path.includes('repository.sqlite')
      const full = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
      return isFull ? { ...file, write: full } : file
    }
    const ports = { ...systemPorts, files: { ...systemPorts.files, create } }
    const work = backup({ to: 'no-room', data: running.folder }, { ports, terminal: playedTerminal(folder) })
    expect((await failureOf(work)).message).to.contain('by removing the oldest backups there')
    expect(readdirSync(join(folder, 'no-room')).filter(name => /Z/.test(name))).to.deep.equal([])
    await backup({ to: 'no-room', data: running.folder }, aContext())
  })

  it('takes keys only when it is told to, and lets nobody else read what it has', async () => {
    const without = await backedUp('without-keys')
    expect(filesIn(without.newest).filter(path => /\.(key|p12)$/.test(path))).to.deep.equal([])
    expect(without.manifest.left.join()).to.match(/\d+ files with keys/)
    const { newest } = await backedUp('with-keys', { withKeys: true })
    expect(filesIn(newest).some(path => path.endsWith('registry.key'))).to.equal(true)
    for (const path of filesIn(join(folder, 'with-keys'))) {
      if (!path.endsWith('.lock')) expect(statSync(path).mode & 0o077, path).to.equal(0)
    }
  })

  it('finds one flipped bit of a document, of a database and of the configuration', async () => {
    await source.submit(randomBytes(150_000))
    const { newest } = await backedUp('flipped')
    const [document] = filesIn(join(folder, 'flipped', 'documents'))
    for (const path of [document!, join(newest, 'registry.sqlite'), join(newest, 'config', 'carnet.json')]) {
      const whole = readFileSync(path)
      const spoilt = Buffer.from(whole)
      spoilt[whole.length >> 1]! ^= 1
      writeFileSync(path, spoilt)
      expect((await failureOf(restore('flipped', { verify: true }, aContext()))).reason).to.equal('refused')
      writeFileSync(path, whole)
    }
    await restore('flipped', { verify: true }, aContext())
    rmSync(document!)
    expect((await failureOf(restore('flipped', { data: 'of-flipped' }, aContext()))).reason).to.equal('refused')
  })

  it('overwrites nothing', async () => {
    await backedUp('careful')
    const failure = await failureOf(restore('careful', { data: running.folder }, aContext()))
    expect(failure.message).to.contain('nothing is overwritten')
  })

  it('makes none among the documents that it is a backup of, nor in the data folder of any deployment', async () => {
    const kept = join(running.folder, 'documents')
    symlinkSync(running.folder, join(folder, 'elsewhere'))
    for (const to of [running.folder, kept, join(kept, 'deeper'), join(folder, 'elsewhere')])
      expect((await failureOf(backup({ to, data: running.folder }, aContext()))).message).to.contain(
        'is the data folder of a deployment',
      )
    mkdirSync(join(folder, 'of-others'))
    writeFileSync(join(folder, 'of-others', 'carnet.json'), '{}')
    writeFileSync(join(folder, 'a-file'), '')
    const message = async (to: string) => (await failureOf(backup({ to, data: running.folder }, aContext()))).message
    expect(await message('of-others')).to.contain('is the data folder of a deployment')
    expect(await message('a-file')).to.contain('a-file is no folder')
    expect(readdirSync(running.folder).filter(name => /Z/.test(name))).to.deep.equal([])
  })

  it('is for administrators, and written down', async () => {
    const { cert, key } = {
      cert: join(running.folder, 'certs', 'client.pem'),
      key: join(running.folder, 'certs', 'client.key'),
    }
    const failure = await failureOf(backup({ to: 'refused', data: running.folder, cert, key }, aContext()))
    expect(failure.message).to.contain('take a copy of the database: its certificate needs the role admin')
    const left = readdirSync(join(folder, 'refused')).filter(name => /Z$/.test(name))
    expect(left).to.deep.equal([])
  })
})

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
