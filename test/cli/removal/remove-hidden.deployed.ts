// A document whose deletion was requested in the Swiss EPR: nobody finds it, and an administrator removes it, former versions too.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { DocumentEntry } from '../../../metadata/model.js'
import { systemPorts } from '../../../ports/ports.js'
import { type Caller, openCaller } from '../../../server/caller.js'
import { updateDocumentSet } from '../../../transactions/metadata-update.js'
import { removeDocuments } from '../../../transactions/remove.js'
import { retrieveDocumentSet } from '../../../transactions/xds.js'
import { aUuid } from '../../samples/submission.js'
import { aSwissSubmission, deletionStatus } from '../../samples/swiss.js'
import { giveCertificates } from '../certificates-once.js'
import { asking, freePortBase, type Started, saying, start } from '../started.js'

const patient = 'DEMO-1^^^&2.999.1&ISO'

describe('carnet remove and carnet sweep under ch-epr', function () {
  this.timeout(300_000)

  let data: string
  let base: number
  let running: Started

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'carnet-remove-hidden-'))
    await giveCertificates(data)
    base = await freePortBase()
    running = start('--data', data, '--port-base', String(base), '--profile', 'ch-epr')
    await running.says(/^ready$/m)
  })

  after(async () => {
    running?.child.kill('SIGKILL')
    await running?.ended
    rmSync(data, { recursive: true, force: true })
  })

  const say = (...args: string[]) => saying(...args, '--data', data)
  const ask = (...args: string[]) => asking(...args, '--data', data)
  const listed = async (...flags: string[]) =>
    JSON.parse(await ask('query', '--patient', patient, '--json', ...flags)) as DocumentEntry[]
  const found = async (uniqueId: string, ...flags: string[]) =>
    (await say('query', '--patient', patient, '--status', 'all', ...flags)).said.includes(uniqueId)
  const isReadable = (words: string) =>
    readdirSync(data, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .some(entry => bytesIn(join(entry.parentPath, entry.name)).includes(`the text of ${words}`))

  async function submitted(words: string): Promise<DocumentEntry> {
    const file = join(data, '..', `${words}-${base}.txt`)
    writeFileSync(file, `the text of ${words}`)
    const said = await ask('submit', file, '--patient', patient)
    rmSync(file)
    const uniqueId = /^uniqueId +(\S+)$/m.exec(said)?.[1]
    return (await listed()).find(entry => entry.uniqueId === uniqueId)!
  }

  /** A version that asks for the deletion, as a patient's portal would send it. */
  async function deletionRequested(entry: DocumentEntry): Promise<void> {
    const kept = entry.extraMetadata.filter(({ name }) => name !== deletionStatus)
    const wish = { name: deletionStatus, values: [`${deletionStatus}:deletionRequested`] }
    const submission = aSwissSubmission({
      submissionSet: { patientId: patient },
      documentEntry: {
        ...entry,
        ...{ entryUUID: aUuid(), logicalID: entry.entryUUID, identifierIds: {}, extraMetadata: [...kept, wish] },
      },
    })
    for (const association of submission.associations) association.previousVersion = '1'
    const { response } = await by('client', caller => caller.call(updateDocumentSet, submission, at('registry')))
    expect(response.status, JSON.stringify(response.errors)).to.equal('Success')
  }

  /** What is said against it. */
  async function retrieved({ uniqueId: documentUniqueId = '', repositoryUniqueId = '' }: DocumentEntry) {
    const documents = [{ documentUniqueId, repositoryUniqueId }]
    const { response } = await by('client', async caller => {
      const answer = await caller.call(retrieveDocumentSet, { documents }, at('repository'))
      for (const { open } of answer.response.documents) for await (const _ of open());
      return answer
    })
    return response.errors.map(({ errorCode }) => errorCode)
  }

  const at = (service: 'registry' | 'repository') => ({
    url: `https://localhost:${base + (service === 'registry' ? 1 : 2)}/${service}`,
  })

  async function by<Result>(role: string, work: (caller: Caller) => Promise<Result>): Promise<Result> {
    const read = (name: string) => readFileSync(join(data, 'certs', name))
    const tls = { key: read(`${role}.key`), cert: read(`${role}.pem`), ca: read('ca.pem') }
    const caller = openCaller({ tls, ports: systemPorts })
    try {
      return await work(caller)
    } finally {
      caller.close()
    }
  }

  it('find what is hidden, and leave nothing of it, former versions included [CH-EPR deletionStatus]', async () => {
    const entry = await submitted('hidden')
    const { uniqueId = '' } = entry
    expect(await retrieved(entry)).to.deep.equal([])
    await deletionRequested(entry)
    expect(await found(uniqueId)).to.equal(false)
    expect(await found(uniqueId, '--hidden')).to.equal(true)
    expect(await retrieved(entry)).to.deep.equal(['XDSDocumentUniqueIdError'])
    expect(await ask('sweep', '--patient', patient)).to.contain('no half-done removal was found')

    const said = await ask('remove', uniqueId, '--yes')
    expect(said.match(/^remove {3}DocumentEntry /gm)).to.have.length(2)
    expect(said.match(/^remove {3}SubmissionSet /gm)).to.have.length(2)
    expect(said).to.contain('done; nothing is left of it')
    expect(await found(uniqueId, '--hidden')).to.equal(false)
    expect(isReadable('hidden')).to.equal(false)
    expect((await say('retrieve', uniqueId, '-o', join(data, 'x'))).code).to.equal(1)
  })

  it('write down who has looked past the domain [ITI TF-2:3.18.5.1]', async () => {
    const records = JSON.parse(await ask('audit', 'tail', '--json', '--limit', '500')) as unknown[]
    // As the registry tells it: whoever asked tells its own side.
    const told = records.map(record => JSON.stringify(record)).filter(record => record.includes('carnet-registry'))
    const looks = told.filter(record => record.includes('$CarnetHidden'))
    expect(looks.length).to.be.above(0)
    for (const look of looks)
      expect(look)
        .to.contain('ITI-18')
        .and.to.match(/"admin"|CN=admin/)
  })

  it('take all versions along with the one that was named [XDS Metadata Update]', async () => {
    const entry = await submitted('named')
    await deletionRequested(entry)
    const [latest] = (await listed('--hidden')).filter(({ uniqueId }) => uniqueId === entry.uniqueId)
    expect(latest?.entryUUID).to.be.a('string').and.not.equal(entry.entryUUID)
    const said = await ask('remove', latest!.entryUUID, '--yes')
    expect(said.match(/^remove {3}DocumentEntry /gm)).to.have.length(2)
    expect(await found(entry.uniqueId ?? '', '--hidden')).to.equal(false)
    expect(isReadable('named')).to.equal(false)
  })

  it('find a hidden entry whose document is gone, and take it away [CH-EPR deletionStatus]', async () => {
    const entry = await submitted('empty')
    await deletionRequested(entry)
    const { uniqueId: documentUniqueId = '', repositoryUniqueId = '' } = entry
    const documents = [{ documentUniqueId, repositoryUniqueId }]
    await by('admin', caller => caller.call(removeDocuments, { documents }, at('repository')))
    expect(await ask('sweep', '--patient', patient)).to.contain(`uniqueId ${entry.uniqueId}`)
    await ask('sweep', '--patient', patient, '--repair', '--yes')
    expect(await found(documentUniqueId, '--hidden')).to.equal(false)
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
