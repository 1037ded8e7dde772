// Registry, repository and audit of running services, in which something is broken; and what `carnet fsck` says and does.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { stretchOf, termKey } from '../../../atna-audit/repository/term-keys.js'
import { term } from '../../../atna-audit/repository/terms.js'
import { backup } from '../../../cli/backup/backup.js'
import type { Failure } from '../../../cli/failure.js'
import { type FsckOptions, fsck } from '../../../cli/fsck/fsck.js'
import { settleFound } from '../../../cli/fsck/repair.js'
import type { Examination, Report } from '../../../cli/fsck/report.js'
import { phrase, startOfSlot } from '../../../metadata/phrases.js'
import { systemPorts } from '../../../ports/ports.js'
import { openCaller } from '../../../server/caller.js'
import { connect } from '../../../store/sqlite-driver.js'
import { removeDocuments } from '../../../transactions/remove.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { aSource } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet fsck', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let source: ReturnType<typeof aSource>
  let folder: string

  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-fsck-')
    running = await aDeployment()
    source = aSource(running)
  })
  afterEach(async () => {
    source?.close()
    await running?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** As seen two minutes later: what is under way now has been settled for long by then. */
  const later = { ...systemPorts.clock, now: () => Date.now() + 120_000 }

  async function examined(options: Partial<FsckOptions> = {}) {
    const terminal = playedTerminal(folder)
    const context = { ports: { ...systemPorts, clock: later }, terminal }
    await fsck({ data: running.folder, rate: '1000', bytes: true, json: true, ...options }, context)
    const report = JSON.parse(terminal.printed.join('\n')) as Report
    return { report, kinds: report.found.map(({ kind }) => kind), exitCode: terminal.exitCode }
  }

  async function largeDocument(): Promise<{ uniqueId: string; path: string }> {
    const { uniqueId } = await source.submit(randomBytes(150_000))
    const documents = join(running.folder, 'documents')
    const [path] = readdirSync(documents, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /^[0-9a-f-]{36}$/.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
    return { uniqueId, path: path! }
  }

  function flip(path: string): void {
    const bytes = readFileSync(path)
    bytes[77_777]! ^= 4
    writeFileSync(path, bytes)
  }

  /** The audit service has what waited for it. */
  async function untilAudited(): Promise<void> {
    for (let tries = 0; tries < 400; tries += 1) {
      const { report } = await examined({ bytes: false })
      if (!report.found.some(({ kind }) => kind === 'no audit')) return
      await systemPorts.clock.sleep(50)
    }
  }

  it('finds that all agrees', async () => {
    for (let count = 0; count < 5; count += 1) await source.submit(randomBytes(count % 2 === 0 ? 2_000 : 150_000))
    await untilAudited()
    const { report, exitCode } = await examined()
    expect(report.found).to.deep.equal([])
    expect(report.looked).to.include({ documents: 5, entries: 5 })
    expect(report.looked.bytes).to.equal(3 * 2_000 + 2 * 150_000)
    expect(exitCode).to.equal(0)
  })

  it('says before it reads anything that a place is not there, or is for --repair alone', async () => {
    for (const options of [{ report: 'nowhere/report.json' }, { repair: true, from: 'nowhere' }, { from: '.' }]) {
      const failure = (await examined(options).catch(problem => problem)) as Failure
      expect(failure.reason).to.equal('usage')
    }
  })

  it('finds one flipped bit, and puts the document back from a backup', async () => {
    const { uniqueId, path } = await largeDocument()
    await backup({ to: 'backups', data: running.folder }, { ports: systemPorts, terminal: playedTerminal(folder) })
    await untilAudited()
    flip(path)
    const found = await examined()
    expect(found.kinds).to.deep.equal(['damaged'])
    expect(found.report.found[0]).to.include({ uniqueId })
    expect(found.exitCode).to.equal(1)

    const withoutBackup = await examined({ repair: true })
    expect(withoutBackup.report.found[0]?.repaired).to.equal(undefined)
    const repaired = await examined({ repair: true, from: 'backups' })
    expect(repaired.report.found[0]?.repaired).to.equal('its bytes are back from the backup')
    expect(repaired.exitCode).to.equal(0)
    expect((await examined()).kinds).to.deep.equal([])
    expect((await source.retrieve(uniqueId))?.length).to.equal(150_000)
  })

  it('does not put back what is damaged in the backup too', async () => {
    const { path } = await largeDocument()
    await backup({ to: 'backups', data: running.folder }, { ports: systemPorts, terminal: playedTerminal(folder) })
    flip(path)
    const id = path.split('/').at(-1)!
    flip(join(folder, 'backups', 'documents', id.slice(0, 2), id.slice(2, 4), id))
    const { report } = await examined({ repair: true, from: 'backups' })
    const [found] = report.found.filter(({ kind }) => kind === 'damaged')
    expect(found?.repaired).to.equal(undefined)
    expect(found?.words).to.contain('not the bytes that were received')
  })

  it('finds a document that is missing, and one half of a removal', async () => {
    const { path } = await largeDocument()
    const half = await source.submit()
    const admin = openCaller({ tls: await running.identity('admin'), ports: systemPorts })
    const documents = [{ repositoryUniqueId: running.repositoryUniqueId, documentUniqueId: half.uniqueId }]
    await admin.call(removeDocuments, { documents }, { url: running.urls.repository })
    admin.close()
    rmSync(path)
    await untilAudited()
    const { report } = await examined()
    expect(report.found.map(({ kind, uniqueId }) => [kind, uniqueId])).to.deep.include.members([
      ['no document', half.uniqueId],
    ])
    expect(report.found.filter(({ kind }) => kind === 'damaged')).to.have.length(1)
  })

  it('finds documents without entries, entries that say other bytes, and missing audit records', async () => {
    const [first, second, third] = [await source.submit(), await source.submit(), await source.submit()]
    await untilAudited()
    const registry = await connect(join(running.folder, 'registry.sqlite'))
    const key = (entryUUID: string) =>
      registry.prepare('SELECT object FROM document_entries WHERE entry_uuid = ?').get(entryUUID) as { object: number }
    const { object } = key(first.entryUUID)
    for (const table of ['document_entries', 'unique_ids'])
      registry.prepare(`DELETE FROM ${table} WHERE object = ?`).run(object)
    registry
      .prepare('UPDATE fragments SET body = CAST(replace(body, ?, ?) AS BLOB) WHERE object = ?')
      .run(`${phrase(startOfSlot('size'))}2000`, `${phrase(startOfSlot('size'))}2001`, key(second.entryUUID).object)
    registry.close()
    const audit = await connect(join(running.folder, 'audit.sqlite'))
    const { traceId } = (await examined()).report.found.find(({ uniqueId }) => uniqueId === first.uniqueId) ?? {}
    const traceTerm = termKey(stretchOf(Date.now()), term('trace', traceId!))
    audit.prepare('DELETE FROM audit_term WHERE term = ?').run(traceTerm)
    audit.close()
    const { report } = await examined()
    const found = report.found.map(({ kind, uniqueId, traceId }) => [kind, uniqueId ?? traceId])
    expect(found).to.have.deep.members([
      ['no entry', first.uniqueId],
      ['no audit', traceId],
      ['other bytes', second.uniqueId],
    ])
    expect(JSON.stringify(report)).not.to.contain(third.uniqueId)
  })

  it('has settled what was left half done, and says of each whether it is', async () => {
    const asked: string[] = []
    const report = {
      found: [
        ...['one', 'two'].map(traceId => ({ kind: 'unsettled', traceId, words: '' })),
        { kind: 'half removed', documentId: 'three', words: '' },
      ],
    } as unknown as Report
    const source = {
      async slow(url: string) {
        asked.push(url)
        return { pending: [{ submissionId: 's', receivedMs: 0, traceId: 'two' }], halfRemoved: [] }
      },
    }
    const deployment = { urls: { repository: 'https://r/repository' } }
    await settleFound({ report, source, deployment } as unknown as Examination)
    expect(asked).to.deep.equal(['https://r/repository/admin/examine/settle'])
    expect(report.found.map(({ repaired }) => repaired)).to.deep.equal(['settled', undefined, 'settled'])
  })
})
