// Whole deployments from their backups: what is removed or encrypted meanwhile, backups upon backups, and those in a bucket.
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BackupOptions, backup } from '../../../cli/backup/backup.js'
import type { Manifest } from '../../../cli/backup/folder.js'
import { restore } from '../../../cli/backup/restore.js'
import { prepare } from '../../../cli/services/prepare.js'
import { aDeployment } from '../../peers/a-deployment.js'
import { testCredentials } from '../../s3/a-bucket.js'
import { aStorage, type FakeStorage } from '../../s3/fake-storage.js'
import { aSource } from '../a-source.js'
import { giveCertificates } from '../certificates-once.js'
import { playedTerminal } from '../played-terminal.js'
import { aDrill, type Drill, failureOf, filesIn, nextSecond } from './a-drill.js'
import { whileRemoving } from './removed-meanwhile.js'

describe('carnet restore of a whole deployment', function () {
  this.timeout(300_000)

  let drill: Drill
  let { folder, running, source, aContext, backedUp, startedIn, examined } = {} as Drill
  let storage: FakeStorage

  before(async () => {
    storage = await aStorage()
    drill = await aDrill()
    ;({ folder, running, source, aContext, backedUp, startedIn, examined } = drill)
  })
  after(async () => {
    await drill?.close()
    await storage?.close()
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
    await giveCertificates(data)
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
    // A start there makes certificates of its own, since the keys of the others were not in the backup.
    expect((await prepare(join(folder, 'decrypted'), aContext())).made).to.include('certs/ca.pem')
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
})

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
