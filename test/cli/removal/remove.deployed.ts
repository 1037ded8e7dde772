// Removal as a Document Administrator does it, over mutual TLS: the commands, and what is left when a half of it was not done.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { DocumentEntry } from '../../../metadata/model.js'
import { systemPorts } from '../../../ports/ports.js'
import { type Caller, openCaller } from '../../../server/caller.js'
import { SoapFault } from '../../../soap/fault.js'
import { removeDocuments, removeMetadata } from '../../../transactions/remove.js'
import { registryStoredQuery } from '../../../transactions/xds.js'
import type { QueryResult, RegistryResponse } from '../../../transactions/xds-messages.js'
import { giveCertificates } from '../certificates-once.js'
import { asking, freePortBase, type Started, saying, startedReady } from '../started.js'

const patient = 'DEMO-1^^^&2.999.1&ISO'

describe('carnet remove and carnet sweep', function () {
  this.timeout(300_000)

  let folder: string
  let data: string
  let base: number
  let running: Started

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-remove-'))
    data = join(folder, 'data')
    await giveCertificates(data)
    base = await freePortBase()
    const began = await started()
    began.child.kill('SIGTERM')
    await began.ended
    // In development any certificate of the own CA may remove; here nobody but those who are listed for it.
    const file = join(data, 'carnet.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"mode": "development"', '"mode": "production"'))
    running = await started()
  })

  const started = () => startedReady(data, base)

  after(async () => {
    running?.child.kill('SIGKILL')
    await running?.ended
    rmSync(folder, { recursive: true, force: true })
  })

  const say = (...args: string[]) => saying(...args, '--data', data)
  const ask = (...args: string[]) => asking(...args, '--data', data)

  async function submitted(words: string): Promise<DocumentEntry> {
    const file = join(folder, `${words}.txt`)
    writeFileSync(file, `the text of ${words}`)
    const said = await ask('submit', file, '--patient', patient)
    const [entry] = await entriesOf(/^uniqueId +(\S+)$/m.exec(said)?.[1])
    return entry!
  }

  const entriesOf = async (uniqueId = '') => {
    const look = { $XDSDocumentEntryUniqueId: `('${uniqueId}')` }
    return (await asked('urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4', look)).documentEntries
  }
  const isFound = async ({ uniqueId }: DocumentEntry) => (await entriesOf(uniqueId)).length > 0

  /** Whether its text stands in a file of the data folder. */
  const isReadable = (words: string) =>
    readdirSync(data, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .some(entry => bytesIn(join(entry.parentPath, entry.name)).includes(`the text of ${words}`))

  /** Another administrator's software. */
  async function withCaller<Result>(role: string, work: (caller: Caller) => Promise<Result>): Promise<Result> {
    const read = (name: string) => readFileSync(join(data, 'certs', name))
    const tls = { key: read(`${role}.key`), cert: read(`${role}.pem`), ca: read('ca.pem') }
    const caller = openCaller({ tls, ports: systemPorts })
    try {
      return await work(caller)
    } finally {
      caller.close()
    }
  }

  const registry = () => ({ url: `https://localhost:${base + 1}/registry` })

  function asked(id: string, parameters: Record<string, string>): Promise<QueryResult> {
    const slots = Object.entries(parameters).map(([name, value]) => ({ name, values: [value] }))
    return withCaller('admin', async caller => {
      const { response } = await caller.call(registryStoredQuery, { id, returnType: 'LeafClass', slots }, registry())
      expect(response.errors).to.deep.equal([])
      return response.result!
    })
  }

  /** The Associations of an entry, and the SubmissionSet that it leaves empty. */
  async function joinedTo({ entryUUID }: DocumentEntry): Promise<string[]> {
    const { associations } = await asked('urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155', { $uuid: `('${entryUUID}')` })
    return associations.flatMap(each => [each.entryUUID, each.sourceObject])
  }

  async function half(which: 'metadata' | 'document', entry: DocumentEntry, role = 'admin'): Promise<RegistryResponse> {
    const entryUUIDs = [entry.entryUUID, ...(await joinedTo(entry))]
    const { repositoryUniqueId = '', uniqueId: documentUniqueId = '' } = entry
    const documents = [{ repositoryUniqueId, documentUniqueId }]
    const repository = { url: `https://localhost:${base + 2}/repository` }
    return withCaller(role, async caller =>
      which === 'metadata'
        ? (await caller.call(removeMetadata, { entryUUIDs }, registry())).response
        : (await caller.call(removeDocuments, { documents }, repository)).response,
    )
  }

  it('shows what would go, and removes nothing without --yes', async () => {
    const entry = await submitted('shown')
    const said = await ask('remove', entry.uniqueId ?? '')
    expect(said)
      .to.match(/remove {3}DocumentEntry .*\(as asked\)/)
      .and.match(/remove {3}SubmissionSet .*without a member/)
    expect(said).to.contain(`the document ${entry.uniqueId}`).and.to.contain('--yes')
    expect(await isFound(entry)).to.equal(true)
  })

  it('removes metadata and document, so that no file of the deployment holds the text [ITI TF-2:3.62.4.1.3, 3.86.4.1.3]', async () => {
    const entry = await submitted('erased')
    expect(isReadable('erased')).to.equal(true)
    const said = await ask('remove', entry.uniqueId ?? '', '--yes')
    expect(said).to.contain('done; nothing is left of it')
    expect(await isFound(entry)).to.equal(false)
    const { code, complained } = await say('retrieve', entry.uniqueId ?? '', '-o', join(folder, 'x'))
    expect(code, complained).to.equal(1)
    expect(isReadable('erased')).to.equal(false)
    expect(readdirSync(join(data, 'removals'))).to.deep.equal([])
    const again = await say('remove', entry.uniqueId ?? '', '--yes')
    expect(again.code).to.equal(1)
    expect(again.complained).to.contain('it may be gone already')
  })

  it('lets nobody remove without the role admin [ITI TF-2:3.62.2, 3.86.2]', async () => {
    const entry = await submitted('kept')
    for (const which of ['metadata', 'document'] as const) {
      let refusal: unknown
      await half(which, entry, 'client').catch(problem => {
        refusal = problem
      })
      expect(refusal).to.be.instanceOf(SoapFault)
    }
    expect(await isFound(entry)).to.equal(true)
  })

  it('says that nobody has an id, and removes nothing', async () => {
    const { code, complained } = await say('remove', 'urn:uuid:00000000-0000-4000-8000-000000000000', '--yes')
    expect(code).to.equal(1)
    expect(complained).to.contain('has no entry, submission set or folder')
  })

  it('goes on where a removal was interrupted: after the metadata, and before', async () => {
    const [first, second] = [await submitted('interrupted first'), await submitted('interrupted second')]
    expect((await half('metadata', first)).status).to.equal('Success')
    const journal = (entry: DocumentEntry, objects: string[]) => ({
      objects,
      entries: [entry.entryUUID],
      documents: [{ uniqueId: entry.uniqueId, repositoryUniqueId: entry.repositoryUniqueId }],
    })
    const write = (name: string, content: object) =>
      writeFileSync(join(data, 'removals', `${name}.json`), JSON.stringify(content))
    write('1', journal(first, [first.entryUUID, ...['urn:uuid:00000000-0000-4000-8000-000000000001']]))
    write('2', journal(second, [second.entryUUID, ...(await joinedTo(second))]))
    expect(await ask('remove', '--resume')).to.match(/interrupted: .*\n.*interrupted: .*\n.*--resume --yes/)
    expect(await ask('remove', '--resume', '--yes')).to.contain('done; nothing is left of it')
    for (const entry of [first, second]) expect(await isFound(entry)).to.equal(false)
    for (const words of ['interrupted first', 'interrupted second']) expect(isReadable(words)).to.equal(false)
    expect(await ask('remove', '--resume')).to.contain('no removal was interrupted')
  })

  it('finds and repairs documents without metadata, and metadata without document', async () => {
    const others = [await submitted('whole')]
    const [orphan, empty] = [await submitted('orphan'), await submitted('empty')]
    expect((await half('metadata', orphan)).status).to.equal('Success')
    expect((await half('document', empty)).status).to.equal('Success')
    const found = await ask('sweep', '--patient', patient)
    expect(found).to.contain(`no metadata   document ${orphan.uniqueId}`)
    expect(found).to.contain(`no document   DocumentEntry ${empty.entryUUID}`)
    expect(found).to.contain('2 found; nothing was removed')
    expect(isReadable('orphan')).to.equal(true)
    await ask('sweep', '--patient', patient, '--repair', '--yes')
    expect(isReadable('orphan')).to.equal(false)
    expect(await isFound(empty)).to.equal(false)
    for (const entry of others) expect(await isFound(entry)).to.equal(true)
    expect(await ask('sweep', '--patient', patient)).to.contain('no half-done removal was found')
  })
})

/** Nothing of a file that services have done with meanwhile. */
function bytesIn(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw problem
  }
}
