// Several registry processes over one database: what must hold holds between them too.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { aDocumentEntry, aSubmission, samplePatientId } from '../../samples/submission.js'
import { needsPostgres, theCluster } from '../../store/postgres/a-cluster.js'
import { anyStatus, ihe, quote, registryOver, type TestRegistry } from '../a-registry.js'
import { openOnPostgres } from '../engines.js'
import type { Counted, Race } from './racer.js'

const racers = Number(process.env.CARNET_RACERS ?? 1_000)

describe('two registry processes over one database', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let database: string

  before(async function () {
    needsPostgres(this)
    const engine = await openOnPostgres(ihe, systemPorts)
    database = engine.database
    registry = registryOver(engine)
    await registry.addPatient(samplePatientId)
  })
  after(() => registry?.close())

  it(`take one of ${racers} submissions of one uniqueId [ITI TF-2:3.42.4.1.3.3.7]`, async () => {
    const audited = await registry.audited()
    const uniqueId = '2.999.7.1'
    expect(await raced({ uniqueId })).to.deep.equal({ Success: 1, XDSDuplicateUniqueIdInRegistry: racers - 1 })
    const found = await registry.found('GetSubmissionSetAndContents', { $XDSSubmissionSetUniqueId: quote(uniqueId) })
    expect([found.submissionSets.length, found.documentEntries.length, found.associations.length]).to.deep.equal([
      1, 1, 1,
    ])
    expect(await registry.audited()).to.equal(audited + 1)
    await isWhole()
  })

  it(`let one of ${racers / 5} replacements win: the old is Deprecated exactly if there is a new one [ITI TF-2:3.42.4.1.3.5]`, async () => {
    const original = aDocumentEntry()
    await registry.register(aSubmission({ documentEntries: [original] }))
    const answers = await raced({ replaces: original.entryUUID }, racers / 5)
    expect(answers).to.deep.equal({ Success: 1, XDSRegistryDeprecatedDocumentError: racers / 5 - 1 })
    const { documentEntries } = await registry.found('GetRelatedDocuments', {
      $XDSDocumentEntryEntryUUID: quote(original.entryUUID),
      $AssociationTypes: "('urn:ihe:iti:2007:AssociationType:RPLC')",
    })
    expect(
      documentEntries.map(entry => [entry.entryUUID === original.entryUUID, entry.availabilityStatus]),
    ).to.have.deep.members([
      [true, 'Deprecated'],
      [false, 'Approved'],
    ])
    await isWhole()
  })

  /** Half of the attempts in each process, all at once. */
  async function raced(race: Omit<Race, 'database' | 'port' | 'times'>, times = racers): Promise<Counted> {
    const children = [0, 1].map(() => fork(fileURLToPath(new URL('./racer.js', import.meta.url)), { execArgv: [] }))
    const told = children.map(nextMessages)
    const { port } = await theCluster()
    for (const child of children) child.send({ ...race, database, port, times: times / 2 } satisfies Race)
    await Promise.all(told.map(messages => messages()))
    for (const child of children) child.send('go')
    const counts = (await Promise.all(told.map(messages => messages()))) as Counted[]
    await Promise.all(children.map(child => (child.exitCode === null ? once(child, 'exit') : undefined)))
    const all: Counted = {}
    for (const count of counts) for (const [name, times] of Object.entries(count)) all[name] = (all[name] ?? 0) + times
    return all
  }

  /** Every key leads to an object and every object has its ways; ends are there; nothing has a key twice. */
  async function isWhole(): Promise<void> {
    const [counts] = await registry.sql<Record<string, number>>(
      `SELECT (SELECT count(*) FROM entry_uuids) AS routes,
        (SELECT count(*) FROM document_entries) + (SELECT count(*) FROM submission_sets) + (SELECT count(*) FROM folders)
          + (SELECT count(*) FROM associations) AS objects,
        (SELECT sum(objects)::bigint FROM patients) AS keys,
        (SELECT count(*) FROM associations a WHERE NOT EXISTS (SELECT 1 FROM entry_uuids u WHERE u.object = a.source)
          OR NOT EXISTS (SELECT 1 FROM entry_uuids u WHERE u.object = a.target)) AS loose`,
    )
    expect(counts).to.deep.equal({ routes: counts?.objects, objects: counts?.objects, keys: counts?.objects, loose: 0 })
    const found = await registry.found('FindDocuments', {
      $XDSDocumentEntryPatientId: quote(samplePatientId),
      $XDSDocumentEntryStatus: anyStatus,
    })
    expect(new Set(found.documentEntries.map(({ entryUUID }) => entryUUID)).size).to.equal(found.documentEntries.length)
  }
})

/** Messages in their order; a child that ends without one is a failure. */
function nextMessages(child: ChildProcess): () => Promise<unknown> {
  const waiting: ((message: unknown) => void)[] = []
  const heard: unknown[] = []
  child.on('message', message => {
    const hear = waiting.shift()
    if (hear === undefined) heard.push(message)
    else hear(message)
  })
  return () =>
    new Promise((resolve, reject) => {
      if (heard.length > 0) return resolve(heard.shift())
      waiting.push(resolve)
      child.once('exit', code => reject(new Error(`a racer ended with code ${code}`)))
    })
}
