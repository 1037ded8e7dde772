// A restore drill: a backup under load, made into another data folder, started there; and what a backup and a restore promise besides.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BackupOptions, backup } from '../../../cli/backup/backup.js'
import { restore } from '../../../cli/backup/restore.js'
import { personShow } from '../../../cli/patients/person.js'
import { systemPorts } from '../../../ports/ports.js'
import { openCaller } from '../../../server/caller.js'
import { patientRecordAdded } from '../../../transactions/hl7v3/patient-feed.js'
import { id, maja } from '../../patient-index/a-patient-index.js'
import { playedTerminal } from '../played-terminal.js'
import { aDrill, type Drill, failureOf, filesIn, nextSecond } from './a-drill.js'

describe('carnet backup and carnet restore', function () {
  this.timeout(120_000)

  let drill: Drill
  let { folder, running, source, aContext, backedUp, startedIn, examined } = {} as Drill

  before(async () => {
    drill = await aDrill()
    ;({ folder, running, source, aContext, backedUp, startedIn, examined } = drill)
  })
  after(async () => {
    await drill?.close()
  })

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
